#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's kdump-tools saves a dump after a crash of the kernel while an application is
# monitored, and the HA agent does not reset the machine meanwhile.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# Called through on_each_release.
# shellcheck disable=SC2317
test_kdump() {
	boot kdump --survive-reset --mem 1536 --append "nokaslr crashkernel=384M" \
		--set vmxsim.ha.minUpTime=0 --trace "$work/trace"
	contains "$release: the crash kernel says that no heartbeats will come" \
		"disabled request" "$(grep '"event":"ha"' "$work/trace")"
}

on_each_release test_kdump
finish
