#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The amount of work that the module does must stay small. It is measured by counts, which do not
# depend on the speed of the machine. frugal.c counts function calls, wake-ups, allocations and
# hypercalls while the module is idle, has one heartbeat client, or takes snapshots. tests/bench
# counts requests and wake-ups with very many readers and with very many programs that sleep in
# poll().
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program frugal is built" program frugal
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
