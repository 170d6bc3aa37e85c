#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest heartbeat run, on a host whose HA agent resets the guest. A monitored command that
# fails or hangs causes a reset. There is no reset if the command ends without an error, if the
# command is started again in time, or if its check succeeds again in time. The suite waits
# 20 minutes of the guest's virtual clock for a reset.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh

check "the program notifier is built" program notifier

# guest SCRIPT: runs SCRIPT in a guest, and then lets the guest sleep for 1200 s. This time is
# longer than all windows and deadlines, so a reset would come before it has passed.
guest() {
	printf '%s\n' "$1" "sleep 1200" "echo survived" >"$work/script"
	run --fast-time --timeout 300 --add "$work/notifier:/notifier" \
		--add "$work/script:/script" -- sh /script
}

# reset NAME SCRIPT: checks that the agent resets a guest that runs SCRIPT.
reset() {
	guest "$2"
	expect "$1: the guest is reset" 123 "$status"
	prints "$1: the script does not run to its end" "" "grep survived" cat "$work/out"
}

# survives NAME SCRIPT: checks that the agent does not reset a guest that runs SCRIPT.
survives() {
	guest "$2"
	expect "$1: the guest survives: status" 0 "$status"
	expect "$1: the guest survives" survived "$(tail -n 1 "$work/out")"
}

# Each application is monitored for 10 to 60 s before it fails or hangs.
reset "a crash" 'vmguest heartbeat run sh -c "sleep 20; kill -ABRT \$\$"'
reset "a status other than 0" 'vmguest heartbeat run --on-expire need-reset sh -c "sleep 20; exit 1"'
reset "vmguest is killed" 'vmguest heartbeat run sleep 1000 &
sleep 20
kill -KILL $!'
reset "a check that fails" 'touch /well
vmguest heartbeat run --timeout 20 --check "test -e /well" sleep 3000 &
sleep 60
rm /well'
reset "a service that hangs" \
	'vmguest heartbeat run --notify --timeout 20 /notifier READY=1 10000 WATCHDOG=1 3000000'
survives "a clean end" 'vmguest heartbeat run sleep 100'
survives "a signal that was passed on" 'vmguest heartbeat run sleep 3000 &
sleep 100
kill $!'
# A reset comes at least 60 s after the last heartbeat. The application is started again 20 s after
# its failure, and the check below succeeds again 30 s after it began to fail.
survives "a restart before the reset" 'vmguest heartbeat run --name app sh -c "sleep 50; exit 1"
sleep 20
vmguest heartbeat run --name app sleep 600'
survives "a check that succeeds again before the reset" 'touch /well
vmguest heartbeat run --timeout 20 --check "test -e /well" sleep 900 &
sleep 60
rm /well
sleep 30
touch /well'
finish
