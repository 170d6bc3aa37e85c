#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# An installed system works without a further step: the module by udev, rights, the
# exporter for Prometheus, containers, and open-vm-tools beside the module.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# Called through on_each_release.
# shellcheck disable=SC2317
test_services() {
	default=$(ls "$(tests/lib/debs "$release")"/vmguestlib-default_*.deb)
	boot services --add "$default:/opt/live/"
}

on_each_release test_services
finish
