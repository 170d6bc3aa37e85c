#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# After a crash of the kernel while an application is monitored, Debian's kdump-tools saves a
# dump, and the HA agent does not reset the machine before the dump is saved.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# on_each_release calls this function.
# shellcheck disable=SC2317
test_kdump() {
	boot kdump --survive-reset --mem 1536 --append "nokaslr crashkernel=384M" \
		--set vmxsim.ha.minUpTime=0 --trace "$work/trace"
	contains "$release: the crash kernel disables application monitoring" \
		"disabled request" "$(grep '"event":"ha"' "$work/trace")"
}

on_each_release test_kdump
finish
