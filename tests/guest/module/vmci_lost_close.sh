#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# A caller closes a connection, and needs a new connection before the module's worker has run. The
# worker must still close the old connection. If the old connection stayed open, the kernel would
# crash when the driver of the VMCI device is unbound. The caller is a real-time task on one
# processor, or an ordinary task on two processors.
# Kernels: all
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# Commands of the guest: the write to the parameter closes the connection, and the read needs a
# new connection. The driver of the device is unbound while the worker connects. After the reset of
# the first connection, the module uses only the backdoor for 4 s, so the guest sleeps for 6 s. In
# the sleep of 0.5 s at the end, the worker closes the connection.
unbind_while_connecting='
	parameter=/sys/module/vmguestlib/parameters/transport
	transport=/sys/class/misc/vmguestlib/transport
	driver=/sys/bus/pci/drivers/vmw_vmci
	function=$(basename "$(ls -d $driver/0*)")
	vmware-rpctool "vmxsim.fault connreset 1" >/dev/null
	cat $transport
	sleep 6
	echo auto >$parameter
	cat $transport >/dev/null
	echo $function >$driver/unbind
	cat $transport
	echo $function >$driver/bind
	tries=0
	while [ "$(cat $transport)" = backdoor ] && [ $tries -lt 60 ]; do
		tries=$((tries + 1))
		sleep 1
	done
	cat $transport
	echo backdoor >$parameter
	sleep 0.5
	echo "$(sed -n "s/^vmw_vsock_vmci_transport [0-9]* \([0-9]*\) .*/\1/p" /proc/modules) in use"'

# unbind NAME OPTION...: runs a guest, and checks which transports it has used.
unbind() {
	name=$1
	shift
	run --add /usr/bin/vmware-rpctool --add "$(command -v chrt):/opt/chrt" "$@"
	expect "$name: the kernel reports no fault" 0 "$status"
	expect "$name: the module uses the backdoor, then VMCI sockets, and leaves no connection open" \
		"backdoor backdoor vsock 0 in use" "$(echo "$out" | paste -sd " ")"
}

unbind "a real-time caller, one processor" -- /opt/chrt -f 50 sh -c "$unbind_while_connecting"
unbind "two processors" --smp 2 -- sh -c "$unbind_while_connecting"
finish
