#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The virtual host's model of the vSphere HA agent: the agent resets a guest whose heartbeats are
# missing, or which requests a reset, at the right time. The agent does not reset other guests.
# The module is not loaded. The guest sends its requests by vmware-rpctool from open-vm-tools.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh

# run_rpctool OPTION...: runs a guest that has vmware-rpctool and no module. The options set two
# delays of the agent to 0: the random one of a sample, and the one after power on (minUpTime).
run_rpctool() {
	run --no-module --set vmxsim.ha.sampling=0 --set vmxsim.ha.minUpTime=0 \
		--add /usr/bin/vmware-rpctool "$@"
}

test_survived() {
	run_rpctool --fast-time --survive-reset --timeout 600 --trace "$work/trace" \
		--add tests/lib/ktap.sh:/tests/ktap.sh \
		--add tests/lib/guest.sh:/tests/guest.sh \
		--add tests/guest/heartbeat/ha_model.guest:/tests/ha_model -- sh /tests/ha_model
	adopt "agent"
	expect "agent: status of the last boot" 0 "$status"
	prints "agent: each reset ended its boot" "" "grep survived" cat "$work/out"
	expect "trace: resets" "reset red
reset needReset" "$(traced 'reset [a-zA-Z]*')"
	# The agent writes no event to the trace for a heartbeat. The last heartbeat before the
	# first reset is the second request MarkActive.
	beat=$(sed -n 's/^{"t_us":\([0-9]*\),.*Cmd.MarkActive.*/\1/p' "$work/trace" |
		sed -n 2p)
	red=$(trace_time 'red window')
	reset=$(trace_time 'reset red')
	check "trace: the reset is 60 s after the beat" \
		test $((reset - beat)) -ge 60000000 -a $((reset - beat)) -lt 60010000
	expect "trace: the reset is 30 s after red" 30000000 $((reset - red))
}

# traced REGEX: prints the parts of the agent's events that match REGEX, one per line.
traced() {
	sed -n 's/.*"event":"ha","detail":"\('"$1"'\)".*/\1/p' "$work/trace"
}

# trace_time DETAIL: prints the time of the first event DETAIL of the agent, in microseconds.
trace_time() {
	sed -n 's/^{"t_us":\([0-9]*\),"event":"ha","detail":"'"$1"'".*/\1/p' \
		"$work/trace" | head -n 1
}

# Commands of the guest that begin monitoring, with one heartbeat
monitored='rpc() { vmware-rpctool "GuestAppMonitor.Cmd.$1"; }; rpc Enable; rpc MarkActive'

# The agent also resets a guest that runs in real time (without --fast-time), with several
# processors.
test_reset() {
	run_rpctool --smp 2 --set vmxsim.ha.window=2 --set vmxsim.ha.failureInterval=1 \
		-- sh -c "$monitored; sleep 30; echo survived"
	expect "reset: status" 123 "$status"
	expect "reset: output" "0
0" "$out"
	contains "reset: message" "the HA agent reset the guest" "$err"
	contains "reset: names the log" "the guest's log is in " "$err"

	run_rpctool --fast-time -- sh -c "$monitored; exit 5"
	expect "ended before the reset: status" 5 "$status"

	# The agent also resets a guest whose kernel has panicked.
	run_rpctool --fast-time --append panic=0 --trace "$work/trace" \
		--set vmxsim.ha.window=1 --set vmxsim.ha.failureInterval=1 -- \
		sh -c "$monitored; echo c >/proc/sysrq-trigger"
	expect "panic: status" 126 "$status"
	expect "panic: reset" "reset red" "$(traced 'reset [a-zA-Z]*')"
}

# vmxsim distinguishes a reboot or power off by the guest from a reset by the agent.
test_own() {
	run_rpctool --fast-time -- sh -c "$monitored; reboot -f; sleep 100"
	expect "reboot: status" 125 "$status"
	run_rpctool --fast-time --survive-reset -- \
		sh -c "[ \$VMXSIM_BOOT = 2 ] && exit 8; $monitored; reboot -f; sleep 100"
	expect "survived reboot: status" 8 "$status"
	run_rpctool --fast-time --survive-reset --set vmxsim.ha.window=1 \
		--set vmxsim.ha.failureInterval=1 -- \
		sh -c "[ \$VMXSIM_BOOT = 2 ] && poweroff -f; $monitored; sleep 100"
	expect "poweroff after a reset: status" 125 "$status"
	contains "poweroff after a reset: message" "stopped before COMMAND ended" "$err"
}

test_survived
test_reset
test_own
finish
