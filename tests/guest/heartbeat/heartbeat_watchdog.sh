#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The module's watchdog device, /dev/watchdogN: its timeouts, and how its client is armed again
# after the client has expired. A ping of a restarted daemon arms the client. A ping of the
# program that pinged last before the expiry does not. If the parameter nowayout is set, only an
# administrator can end the expiry. The HA agent only logs that it would reset the guest.
# heartbeat_watchdog.c makes the checks.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_watchdog is built" program heartbeat_watchdog
run_program heartbeat_watchdog --fast-time --set vmxsim.ha.action=log
run --add "$work/heartbeat_watchdog:/tests/heartbeat_watchdog" --fast-time \
	--add /usr/bin/vmware-rpctool --set vmxsim.ha.action=log \
	--module-param nowayout=1 -- /tests/heartbeat_watchdog nowayout
adopt nowayout
finish
