#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# In an installed system the packages work without configuration. udev loads the module, users
# have their rights, Prometheus reads the exporter, containers get statistics, and open-vm-tools
# works together with the module.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# on_each_release calls this function.
# shellcheck disable=SC2317
test_services() {
	default=$(ls "$(tests/lib/debs "$release")"/vmguestlib-default_*.deb)
	boot services --add "$default:/opt/live/"
}

on_each_release test_services
finish
