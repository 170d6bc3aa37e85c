#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# A connection that is closed and wanted again before its worker runs is nevertheless
# closed: with a real-time caller on one processor, and with any caller on two.
# Kernels: all
# Variables in single quotes are the guest's.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# The write to the parameter closes the connection, the read wants a new one, and the
# device loses its driver while the worker connects.
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

# unbind NAME OPTION...
unbind() {
	name=$1
	shift
	run --add /usr/bin/vmware-rpctool --add "$(command -v chrt):/opt/chrt" "$@"
	expect "$name: the kernel reports no fault" 0 "$status"
	expect "$name: the backdoor meanwhile, VMCI sockets again, and nothing left open" \
		"backdoor backdoor vsock 0 in use" "$(echo "$out" | paste -sd " ")"
}

unbind "a real-time caller, one processor" -- /opt/chrt -f 50 sh -c "$unbind_while_connecting"
unbind "two processors" --smp 2 -- sh -c "$unbind_while_connecting"
finish
