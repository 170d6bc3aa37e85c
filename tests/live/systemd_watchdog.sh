#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# systemd uses the module's watchdog device with RuntimeWatchdogSec=. After a crash of systemd or
# of the kernel, the HA agent resets the machine, and systemd arms the watchdog again. reboot,
# kexec and poweroff cause no reset.
# Timeout: 3600
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# on_each_release calls this function.
# shellcheck disable=SC2317
test_watchdog() {
	boot systemd_watchdog --survive-reset --set vmxsim.ha.minUpTime=0 \
		--trace "$work/trace"
	expect "$release: resets by the agent in all boots" 2 \
		"$(grep -c '"event":"ha","detail":"reset ' "$work/trace")"
	# 123 is a reset by the agent, and 124 is the timeout of vmxsim.
	check "$release: poweroff ends the run" test "$status" != 123 -a "$status" != 124
}

on_each_release test_watchdog
finish
