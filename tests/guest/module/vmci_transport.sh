#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The virtual host's VMCI device together with other features of this host, without the module.
# If the configuration switches the device off, the device is missing. If not, the device works
# after a reset of the guest, with a virtual clock that skips idle time, and with two processors.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

program vmci_cid

test_none() {
	run --no-module --set vmxsim.transport.vmci=FALSE --add "$work/vmci_cid:/vmci_cid" \
		-- sh -c 'cat /sys/bus/pci/devices/*/vendor | grep -c 0x15ad
			grep -c vmw_ /proc/modules; /vmci_cid'
	expect "switched off: no function, no drivers, no sockets" "0
0
No such file or directory" "$out"
}

# The guest is reset while a program has a connection. After the reset, the kernel's first queue
# pair has the handle of the old queue pair, which the device must have forgotten. The sleeps of
# 1000 s keep the connection and the guest until the HA agent resets the guest.
test_reset() {
	run --no-module --survive-reset --set vmxsim.ha.window=3 \
		--set vmxsim.ha.failureInterval=1 --set vmxsim.ha.minUpTime=0 \
		--set vmxsim.ha.sampling=0 --add /usr/bin/vmware-rpctool \
		--add "$work/vmci_cid:/vmci_cid" -- sh -c '
			if [ "$VMXSIM_BOOT" = 2 ]; then
				/vmci_cid 7 </dev/null
				exit
			fi
			vmware-rpctool "GuestAppMonitor.Cmd.Enable" >/dev/null
			(sleep 1000) | /vmci_cid 7
			sleep 1000'
	expect "after a reset: status" 0 "$status"
	expect "after a reset while connected, a program connects again" "connected
connected
left" "$out"
}

# The virtual clock skips the sleep of 100 s between the two connections.
test_fast_time() {
	run --no-module --fast-time --add "$work/vmci_cid:/vmci_cid" -- \
		sh -c '/vmci_cid 7 </dev/null; sleep 100; /vmci_cid 7 </dev/null'
	expect "idle time is skipped: the connection" "connected
left
connected
left" "$out"
}

test_two_processors() {
	run --no-module --smp 2 --add "$work/vmci_cid:/vmci_cid" -- sh -c '
		for i in 1 2 3 4 5 6 7 8; do
			for j in 1 2 3 4; do /vmci_cid 7 </dev/null; done &
		done
		wait' </dev/null
	expect "two processors: all programs connect and leave" "32 connected 32 left" \
		"$(echo "$out" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = " " }')"
}

test_none
test_reset
test_fast_time
test_two_processors
finish
