#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The KUnit tests of the module (tests/kunit), which run as a module in a debug kernel. The checks
# of this kernel find faults of memory and of locks that the tests do not find.
# Kernels: debug
# Tier: more, first
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/kunit.sh
. tests/lib/kunit.sh
plan $(($(kunit_planned) + 3))

release=$(tests/lib/debug-kernel "$VMXSIM_KERNEL")
kernels=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels
check "the module with the KUnit tests is built" make -s kunit-module KDIR="$kernels/$release/build" UBSAN_SANITIZE=y
# vmxsim has loaded vmguestlib, and with it the modules on which vmguestlib depends. The KUnit
# module needs the same modules.
run --append kunit.enable=1 \
	--add "build/kunit/$release/vmguestlib_kunit.ko:/vmguestlib_kunit.ko" -- sh -c '
	rmmod vmguestlib && dmesg -c >/dev/null
	insmod /vmguestlib_kunit.ko && rmmod vmguestlib_kunit
	echo status $?
	dmesg'
contains "loaded and unloaded" "status 0" "$out"
# KUnit prints no plan for the suites of a module, so this script prints their number.
{
	echo "1..$(find tests/kunit -name "*_test.c" | wc -l)"
	sed "s/^\[[^]]*\] //" "$work/out"
} >"$work/log"
adopt_kunit "$VMXSIM_KERNEL" "$work/log"
expect "the kernel reports no fault" 0 "$status"
finish
