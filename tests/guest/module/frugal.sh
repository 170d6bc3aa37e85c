#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The cost of the module, in counts: while it is idle, with one client, for a snapshot
# (frugal.c), and with very many readers and sleepers (tests/bench).
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program frugal
run --fast-time --timeout 600 --module-param transport=backdoor \
	--add "$work/frugal:/tests/frugal" -- /tests/frugal
adopt frugal
expect "the kernel reports no fault" 0 "$status"

for row in processes sleepers; do
	BENCH_OUT=$work/bench BENCH_ROWS=$row KERNELS=${VMXSIM_KERNEL:-default} tests/bench/run \
		>"$work/out" 2>"$work/err"
	expect "$row: status" 0 $?
	expect "$row: no target is missed" "$(grep -c ': met$' "$work/out") targets judged, 0 missed" \
		"$(tail -n 1 "$work/out")"
	check "$row: targets are judged" grep -q ': met$' "$work/out"
done
finish
