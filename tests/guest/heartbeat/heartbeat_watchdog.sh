#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# /dev/watchdogN after an expiry on which the host does not act.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program heartbeat_watchdog
run_program heartbeat_watchdog --fast-time --set vmxsim.ha.action=log
run --add "$work/heartbeat_watchdog:/tests/heartbeat_watchdog" --fast-time \
	--add /usr/bin/vmware-rpctool --set vmxsim.ha.action=log \
	--module-param nowayout=1 -- /tests/heartbeat_watchdog nowayout
adopt nowayout
finish
