#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmxsim works with newer versions of QEMU: some other suites run with each version, and the
# virtual clock that skips idle time works.
# Kernels: matrix
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

test_suites() {
	for suite in ovt_clients sysfs hypercalls vmci_device; do
		tests/lib/run-in-guest tests/guest/*/$suite.suite >"$work/out" 2>"$work/err"
		out=$(cat "$work/out")
		err=$(cat "$work/err")
		adopt "QEMU $1: $suite"
	done
}

test_time() {
	run --no-module --fast-time -- sh -c 'sleep 600; cut -d. -f1 /proc/uptime'
	check "QEMU $1: the virtual clock skips idle time" test "${out:-0}" -ge 600
}

# test_qemu VERSION SUITE: runs the suites on the QEMU of Debian's release SUITE.
test_qemu() {
	VMXSIM_QEMU=$(tests/lib/qemu "$2") || {
		not_ok "QEMU $1 is available" "tests/lib/qemu $2 failed"
		return
	}
	export VMXSIM_QEMU
	contains "the version of QEMU is $1" "version $1" "$("$VMXSIM_QEMU" --version)"
	test_suites "$1"
	test_time "$1"
}

test_qemu 10.0 trixie
test_qemu 11.1 trixie-backports
finish
