#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# What the module sends to the host when the machine reboots, powers off, panics or is
# suspended, and after a boot if the host still expects the heartbeats of the boot before.
# The suite also tests the module parameters for heartbeats, and the state of the watchdog
# device in the files of the kernel's watchdog core.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_client is built" program heartbeat_client

# guest SCRIPT OPTION...: runs SCRIPT in a guest, which may be reset by the HA agent. Sets
# $status and $out, and writes the trace to $work/trace.
guest() {
	guest_script=$1
	shift
	rm -f "$work/trace"
	run --fast-time --timeout 300 --trace "$work/trace" \
		--set vmxsim.ha.sampling=0 --set vmxsim.ha.minUpTime=0 \
		--add /usr/bin/vmware-rpctool \
		--add "$work/heartbeat_client:/heartbeat_client" "$@" -- \
		sh -c "$guest_script"
}

# Commands of the guest that arm a client, which beats until the machine goes down
armed='/heartbeat_client app 20000 stop 5000 for 1000000 >/dev/null & sleep 5; '

# history: prints the events of the HA agent in the trace, in order. Each event has two words:
# what happened, and the cause. The first event of a boot is the OK of the module, see
# test_state_across_reset().
history() {
	sed -n 's/.*"event":"ha","detail":"\([^"]*\)".*/\1/p' "$work/trace" |
		tr '\n' ',' | sed 's/,$//'
}

test_reboot() {
	guest "[ \$VMXSIM_BOOT = 1 ] || { sleep 300; exit 7; }; $armed reboot -f; sleep 100" \
		--survive-reset
	expect "reboot: status of the second boot" 7 "$status"
	expect "reboot: monitoring is disabled before, and the agent makes no reset" \
		"ok request,enabled request,green beat,disabled request,gray disable,reboot guest,ok request" \
		"$(history)"
	guest "$armed poweroff -f; sleep 100"
	expect "power off: status" 125 "$status"
	expect "power off: monitoring is disabled before" \
		"ok request,enabled request,green beat,disabled request,gray disable" "$(history)"
}

# A host that keeps vSphere HA application monitoring enabled across a reset expects the heartbeats
# of the boot before.
# The module disables monitoring when it is loaded, so that the host does not reset a guest
# without a client.
test_enabled_across_reset() {
	guest "[ \$VMXSIM_BOOT = 1 ] || {
			cd /sys/class/misc/vmguestlib/heartbeat; cat enabled
			/heartbeat_client app 20000 stop 5000 for 100000 V >/dev/null &
			sleep 5; cat found_enabled; wait; cat enabled found_enabled
			sleep 600; exit 7; }
		/heartbeat_client app 20000 need-reset 5000 for 10000 kill >/dev/null
		sleep 100" --survive-reset --set vmxsim.quirk.enableAcrossReset=TRUE --set vmxsim.ha.window=300
	expect "enabled across a reset: the module has disabled monitoring, and found_enabled is 0" "0
0
0
0" "$out"
	expect "enabled across a reset: status of the second boot" 7 "$status"
	expect "enabled across a reset: one reset" \
		"ok request,enabled request,green beat,needReset request,reset needReset,reboot agent,gray reboot,ok request,disabled request,enabled request,green beat,disabled request,gray disable" \
		"$(history)"

	guest "[ \$VMXSIM_BOOT = 1 ] || { sleep 2000; exit 7; }
		/heartbeat_client app 20000 stop 5000 for 10000 kill >/dev/null
		sleep 2000" --survive-reset --set vmxsim.quirk.enableAcrossReset=TRUE --set vmxsim.ha.window=300
	expect "enabled across a reset, no client: status of the second boot" 7 "$status"
	expect "enabled across a reset, no client: one reset" \
		"ok request,enabled request,green beat,red window,reset red,reboot agent,gray reboot,ok request,disabled request" \
		"$(history)"
}

# A host that keeps the application state across a reset would reset the machine again after
# minUpTime. The module posts OK when it is loaded, also if no client is armed.
test_state_across_reset() {
	guest "[ \$VMXSIM_BOOT = 1 ] || { sleep 2000; exit 7; }
		/heartbeat_client app 20000 need-reset 5000 for 10000 kill >/dev/null
		sleep 2000" --survive-reset --set vmxsim.quirk.stateAcrossReset=TRUE \
		--set vmxsim.ha.minUpTime=60
	expect "state kept across a reset: status of the second boot" 7 "$status"
	expect "state kept across a reset: one reset" \
		"ok request,enabled request,green beat,needReset request,red window,reset needReset,reboot agent,gray reboot,disabled reboot,ok request" \
		"$(history)"
}

# The host gives one malformed answer while the module is loaded. The module must nevertheless
# find the reason why monitoring is enabled. If another program sends heartbeats, monitoring
# stays enabled. If an earlier boot has left monitoring enabled, the module disables it.
test_boot_with_a_malformed_answer() {
	guest 'ask() { vmware-rpctool "$1" >/dev/null; }
		load() {
			ask "vmxsim.fault match=GuestAppMonitor.Cmd.$1 truncate 1"
			modprobe vmguestlib
			sleep 5
			cat /sys/class/misc/vmguestlib/heartbeat/enabled
			rmmod vmguestlib
		}
		ask GuestAppMonitor.Cmd.Enable
		ask GuestAppMonitor.Cmd.MarkActive
		load GetAppStatus
		sleep 40
		load IsEnabled' --no-module --set vmxsim.ha.action=log
	expect "malformed answers: enabled with a program's heartbeats, and disabled without" "1
0" "$out"
}

panic='echo 2 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger; sleep 100'

# panic_action is set at run time in the first guest, and when the module is loaded in the
# second one.
test_panic() {
	guest "$armed echo need-reset >/sys/module/vmguestlib/parameters/panic_action; $panic"
	expect "panic, need-reset: status" 126 "$status"
	expect "panic, need-reset: the state is posted, and the host resets" \
		"ok request,enabled request,green beat,needReset request,reset needReset" \
		"$(history)"
	guest "$armed $panic" --module-param panic_action=none
	expect "panic, none: status" 126 "$status"
	expect "panic, none: nothing is posted" "ok request,enabled request,green beat" \
		"$(history)"
}

# The machine is suspended to memory ("mem"), because its real-time clock cannot wake the machine
# from "freeze". QEMU wakes the machine by a reset, which the host reports as "reboot guest".
test_suspend() {
	guest "$armed echo +5 >/sys/class/rtc/rtc0/wakealarm
		echo mem >/sys/power/state && sleep 100
		cat /sys/class/misc/vmguestlib/heartbeat/missed"
	expect "suspend: status" 0 "$status"
	expect "suspend: disabled before, enabled after" \
		"ok request,enabled request,green beat,disabled request,gray disable,reboot guest,enabled request,green beat,ok request" \
		"$(history)"
	expect "suspend: no deadline was missed" 0 "$out"

	guest "$armed echo +9 >/sys/class/rtc/rtc0/wakealarm
		vmware-rpctool 'vmxsim.fault match=GuestAppMonitor.Cmd. times=1000 truncate 1' >/dev/null
		echo mem >/sys/power/state && sleep 1
		dmesg | grep -o 'the host did not confirm that heartbeats end'"
	expect "suspend, and Disable fails: status" 0 "$status"
	expect "suspend, and Disable fails: logged" \
		"the host did not confirm that heartbeats end" "$out"

	guest "$armed
		vmware-rpctool 'vmxsim.fault match=GuestAppMonitor.Cmd. times=1000 truncate 1' >/dev/null
		echo 60 >/sys/class/misc/vmguestlib/heartbeat/pause_s
		dmesg | grep -o 'cannot disable heartbeats' | head -n 1"
	expect "pause, and Disable fails: logged" \
		"cannot disable heartbeats" "$out"
}

test_parameters() {
	guest '
		try() {
			modprobe vmguestlib "$1" 2>/dev/null && echo "takes $1" && rmmod vmguestlib
		}
		for value in 2 3 3600 3601 0 -1 x; do try ha_window_s=$value; done
		for value in none need-reset x needReset; do try panic_action=$value; done
		for value in 0 1 x; do try watchdog=$value; try nowayout=$value; done
		modprobe vmguestlib ha_window_s=9 watchdog=0
		cat /sys/class/misc/vmguestlib/heartbeat/interval_ms
		ls /dev/watchdog0 2>/dev/null
		cd /sys/module/vmguestlib/parameters
		for value in bad need-reset none; do
			echo $value 2>/dev/null >panic_action; cat panic_action
		done
		cat ha_window_s watchdog
		echo 12 2>/dev/null >ha_window_s; cat ha_window_s
		/heartbeat_client app 20000 stop 5000 for 60500 V >/dev/null' \
		--no-module --set vmxsim.ha.window=9
	expect "parameters of the module" "takes ha_window_s=3
takes ha_window_s=3600
takes panic_action=none
takes panic_action=need-reset
takes watchdog=0
takes nowayout=0
takes watchdog=1
takes nowayout=1
3000
none
need-reset
none
9
N
9" "$out"
	expect "a beat every third of the window" 21 \
		"$(grep -c '"request":"GuestAppMonitor.Cmd.MarkActive"' "$work/trace")"
	expect "a beat every third of the window: no reset" \
		"ok request,enabled request,green beat,disabled request,gray disable" "$(history)"
}

test_nowayout() {
	guest 'cd /sys/class/misc/vmguestlib/heartbeat
		watchdog -F -T 20 -t 5 /dev/watchdog0 & sleep 30
		echo 10 2>/dev/null >pause_s || echo busy; cat pause_s
		kill $!; wait; sleep 1; cat clients; sleep 1000' \
		--module-param nowayout=1
	expect "nowayout: no pause, and no way to stop" "busy
0
1" "$out"
	expect "nowayout: reset" 123 "$status"

	# nowayout is set while the watchdog runs, through the watchdog core's file in sysfs.
	guest 'cd /sys/class/misc/vmguestlib/heartbeat
		watchdog -F -T 20 -t 5 /dev/watchdog0 & sleep 30
		echo 10 >pause_s && cat pause_s; echo 0 >pause_s
		echo 1 >/sys/class/watchdog/watchdog0/nowayout
		echo 10 2>/dev/null >pause_s || echo busy; cat pause_s'
	expect "nowayout set later: a pause before, and none afterwards" "10
busy
0" "$out"
}

test_watchdog() {
	guest 'cd /sys/class/watchdog/watchdog0 && cat identity min_timeout max_timeout timeout bootstatus nowayout
		watchdog -F -T 3600 -t 5 /dev/watchdog0 & sleep 9
		cat timeout; left=$(cat timeleft); [ $left -gt 3590 ] && [ $left -lt 3600 ] && echo left
		rmmod vmguestlib 2>/dev/null || echo in use
		kill $!; wait; sleep 1; cat state
		cat /sys/class/misc/vmguestlib/heartbeat/enabled
		vmware-rpctool "vmxsim.set vmxsim.ha.known FALSE"
		watchdog -F /dev/watchdog0 2>/dev/null || echo cannot
		rmmod vmguestlib && echo gone'
	expect "the watchdog in the files of the watchdog core" "VMware HA heartbeat
1
3600
30
0
0
3600
left
in use
inactive
0

cannot
gone" "$out"
}

test_reboot
test_enabled_across_reset
test_state_across_reset
test_boot_with_a_malformed_answer
test_panic
test_suspend
test_parameters
test_nowayout
test_watchdog
finish
