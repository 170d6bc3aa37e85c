#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The instructions that enter the virtual host: port I/O, VMCALL and VMMCALL. Programs of 64 and
# 32 bits (hypercall_insn.c) use each instruction, and the module uses the instruction that the
# kernel has chosen. An instruction that the processor does not offer must fail with SIGILL.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

cc -O2 -static -pthread -o "$work/insn" tests/guest/host/hypercall_insn.c &&
	cc -m32 -fno-pie -no-pie -fomit-frame-pointer -O2 -static -pthread -o "$work/insn32" \
		tests/guest/host/hypercall_insn.c || exit 1

# The script that runs in the guest, with INSN as $1. Status 132 means that a program got SIGILL,
# and 139 means SIGSEGV.
cat >"$work/programs" <<'E2'
for insn in port vmmcall vmcall; do
	su user -c "/insn version $insn" >/dev/null 2>&1
	echo "$insn $?"
done
chmod u+s /insn
su user -c "/insn version port" 2>/dev/null
chmod u-s /insn
/insn echo "$1" 20000
su user -c "/insn echo $1 5" 2>&1
for insn in port "$1"; do
	su user -c "/insn32 version $insn" && /insn32 echo "$insn" 10000
done
/insn readonly "$1" 2>/dev/null
echo "readonly $?"
for number in 1 10 17 19 20 45 68 91; do
	[ "$(/insn command "$1" $number | cut -c1-26)" = "$(/insn command port $number | cut -c1-26)" ] ||
		echo "command $number differs"
done
/insn mix "$1" 4 2000
mhz=$(printf %d "0x$(/insn command "$1" 1 | cut -c1-8)")
hz=$(printf %d "0x$(/insn command "$1" 45 | cut -c1-8)")
echo "speed $((hz / 1000000 - mhz))"
echo "memory $(printf %d "0x$(/insn command "$1" 20 | cut -c1-8)")"
E2

# by HYPERCALL INSN VMMCALL VMCALL: runs the script in a guest whose CPUID offers the
# instruction INSN. HYPERCALL is the value of the key vmxsim.cpuid.hypercall for INSN. VMMCALL and
# VMCALL are the expected statuses of the programs that use these instructions.
by() {
	run --no-module --smp 2 --set vmxsim.cpuid.hypercall="$1" --set memsize=640 \
		--add "$work/insn:/insn" --add "$work/insn32:/insn32" --add "$work/programs:/programs" -- sh /programs "$2"
	expect "$2: status" 0 "$status"
	expect "$2: programs" "port 0
vmmcall $3
vmcall $4
version 6
echo of 20000 bytes
echo of 5 bytes
version 6
echo of 10000 bytes
version 6
echo of 10000 bytes
readonly 139
16000 calls
speed 0
memory 640" "$out"
}

# The host serves the requests of the module with each instruction that a kernel can choose.
test_kernel() {
	for hypercall in 0 1 2; do
		run --set vmxsim.cpuid.hypercall=$hypercall --set vmxsim.transport.vmci=FALSE -- \
			sh -c 'dmesg | sed -n "s/.*vmware: //p" | head -n 1
			cat /sys/class/misc/vmguestlib/transport
			test "$(cat /sys/class/misc/vmguestlib/elapsed_ms)" -gt 0 && echo served'
		expect "module with hypercall mode $hypercall: served over the backdoor" "hypercall mode: 0x0$hypercall
backdoor
served" "$out"
	done
}

test_no_ring3() {
	run --no-module --no-ring3 --set vmxsim.cpuid.hypercall=2 \
		--add "$work/insn:/insn" -- sh -c '
		for insn in port vmcall; do /insn version $insn; echo $?; done'
	expect "--no-ring3: programs are refused" "139
132" "$out"
	run --no-ring3 --set vmxsim.cpuid.hypercall=2 --set vmxsim.transport.vmci=FALSE -- \
		sh -c 'test "$(cat /sys/class/misc/vmguestlib/elapsed_ms)" -gt 0'
	expect "--no-ring3: the module is served" 0 "$status"
}

# An old host offers only port I/O. vmxsim ends with an error if the configuration is invalid.
test_defaults() {
	run --no-module --set vmxsim.host=6.0 -- sh -c 'dmesg | grep -c "mode: 0x00"'
	expect "old host: port I/O" 1 "$out"
	refused "invalid value of vmxsim.cpuid.hypercall" "from 0 to 2" --set vmxsim.cpuid.hypercall=3 -- true
}

by 0 port 132 132
by 1 vmmcall 0 132
by 2 vmcall 132 0
test_kernel
test_no_ring3
test_defaults
finish
