#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The same on QEMU 10.0: the judge, the module's files, and the VMCI device.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

VMXSIM_QEMU=$(tests/lib/qemu10) || {
	not_ok "QEMU 10.0 is at hand" "tests/lib/qemu10 failed"
	finish
}
export VMXSIM_QEMU
contains "QEMU is 10.0" "version 10.0" "$("$VMXSIM_QEMU" --version)"

for suite in judge sysfs hypercalls vmci_device; do
	tests/lib/run-in-guest tests/guest/$suite.suite >"$work/out" 2>"$work/err"
	out=$(cat "$work/out")
	err=$(cat "$work/err")
	adopt $suite
done
finish
