#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The module can be loaded and unloaded while programs open the device and read sysfs, and it
# cannot be unloaded while the device is open (unload.c). modprobe loads the module by the DMI alias
# of a VMware machine. Loading fails with an invalid parameter, and in a machine that is not a
# VMware virtual machine.
# Kernels: all
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

# unload.c counts the channels of the backdoor.
program unload && run_program unload --set vmxsim.transport.vmci=FALSE --smp 2 --timeout 300

# The modprobe of busybox does not accept an alias with a slash, so the guest gets the modprobe of
# the package kmod.
modprobe=$(PATH=$PATH:/usr/sbin:/sbin command -v modprobe)

test_alias() {
	run --no-module --add "$modprobe:/opt/modprobe" -- sh -c '/opt/modprobe "$(cat /sys/class/dmi/id/modalias)"
		grep -o "^vmguestlib" /proc/modules; test -c /dev/vmguestlib && echo device
		rmmod vmguestlib
		for value in 0 -1 3600001 x; do
			modprobe vmguestlib min_interval_ms=$value 2>/dev/null &&
				echo "takes $value"
			grep -c "^vmguestlib " /proc/modules
		done
		for value in 1 3600000; do
			modprobe vmguestlib min_interval_ms=$value
			cat /sys/module/vmguestlib/parameters/min_interval_ms
			rmmod vmguestlib
		done'
	expect "the alias loads the module" "vmguestlib
device" "$(echo "$out" | head -n 2)"
	expect "invalid values of min_interval_ms are refused" "0 0 0 0" \
		"$(echo "$out" | sed -n 3,6p | xargs)"
	expect "limits of min_interval_ms are accepted" "1 3600000" \
		"$(echo "$out" | tail -n +7 | xargs)"
	expect "alias and parameters: status" 0 "$status"
}

# load_on_changed_machine SED: boots a guest without VMware's CPUID leaves, and tries to load the
# module. vmxsim starts QEMU through a wrapper, which applies the sed script SED to each argument.
# The guest has no VMCI device, and its programs may not use the backdoor. Both need the virtual
# host, which one script SED removes.
load_on_changed_machine() {
	cat >"$work/qemu" <<-END
		#!/bin/sh
		for argument; do
			shift
			set -- "\$@" "\$(printf '%s\n' "\$argument" | sed -e '$1')"
		done
		exec ${VMXSIM_QEMU:-qemu-system-x86_64} "\$@"
	END
	chmod +x "$work/qemu"
	VMXSIM_QEMU=$work/qemu run --set vmxsim.transport.vmci=FALSE \
		--set hypervisor.cpuid.v0=FALSE --set vmxsim.cpuid.hypercall=0 \
		--no-module --no-ring3 --add "$modprobe:/opt/modprobe" -- sh -c '
		dmesg -c >/dev/null
		modprobe vmguestlib || echo "status $?"
		/opt/modprobe "$(cat /sys/class/dmi/id/modalias)" 2>/dev/null
		grep -c "^vmguestlib " /proc/modules; ls /dev/vmguestlib
		dmesg | grep -i "vmguestlib\|vmware" | grep -v "taints kernel\|signature"'
}

test_foreign() {
	load_on_changed_machine 's/manufacturer=VMware,, Inc./manufacturer=Other/; s/VMware/Other/g'
	contains "no VMware machine: modprobe reports ENODEV" "No such device" "$err"
	contains "no VMware machine: no device" "/dev/vmguestlib: No such file" "$err"
	expect "no VMware machine: refused without a log message" "status 1
0" "$out"
	load_on_changed_machine 's/^max,-hypervisor,/max,/'
	expect "VMware's strings on another hypervisor: refused without a log message" "status 1
0" "$out"
	contains "VMware's strings on another hypervisor: modprobe reports ENODEV" "No such device" "$err"
	# Replace the option -plugin FILE by -name x: QEMU runs without the virtual host.
	no_host='s/^-plugin$/-name/; s/^.*vmxsim-[0-9]*\.so,.*/x/'
	load_on_changed_machine "$no_host; s/vmport=on/vmport=off/"
	expect "VMware's strings without backdoor: refused without a log message" "status 1
0" "$out"
	contains "VMware's strings without backdoor: modprobe reports ENODEV" "No such device" "$err"
}

test_alias
test_foreign
finish
