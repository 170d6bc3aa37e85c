#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# A fuzzer: several threads make random calls on /dev/vmguestlib and on the files in sysfs, once
# with a host that works and once with a host that has random faults. Each call has to succeed,
# or to fail with an error that is documented for this call. The kernel must report no fault.
# exerciser.c describes the checks.
#
# A run ends after FUZZ_CALLS (default 10000) calls, or after FUZZ_SECONDS seconds if this
# variable is set. With the host that has faults, the run also waits until the module has made
# FUZZ_REQUESTS (default 0) requests. The number FUZZ_SEED (default 1) selects the calls.
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program exerciser is built" program exerciser

seed=${FUZZ_SEED:-1}
# exerciser HOST REQUESTS OPTION...: runs the program with a HOST that works (friendly) or has
# random faults (hostile), and prints the totals of the program. The HA agent only logs that it
# would reset the guest.
exerciser() {
	exerciser_host=$1
	exerciser_requests=$2
	shift 2
	run "$@" --set vmxsim.ha.action=log --timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/exerciser:/tests/exerciser" -- \
		env "FUZZ_CALLS=${FUZZ_CALLS:-10000}" "FUZZ_SEED=$seed" \
		"FUZZ_REQUESTS=$exerciser_requests" \
		"FUZZ_SECONDS=${FUZZ_SECONDS:-0}" /tests/exerciser "$exerciser_host"
	adopt "$exerciser_host, seed $seed"
	expect "$exerciser_host: the kernel reports no fault" 0 "$status"
	sed -n 's/^# \([0-9].*\)/# \1/p' "$work/out"
}

exerciser friendly 0 --smp 2
# With a virtual clock that skips idle time, a test does not have to wait for timeouts.
exerciser hostile "${FUZZ_REQUESTS:-0}" --fast-time
finish
