#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Random operations of programs (exerciser.c), with a correct host and with a hostile
# one. Each run makes FUZZ_CALLS calls or lasts FUZZ_SECONDS; the hostile host has to
# answer FUZZ_REQUESTS or more. Another FUZZ_SEED chooses other operations.
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program exerciser

seed=${FUZZ_SEED:-1}
# exerciser HOST REQUESTS OPTION...
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
# In virtual time, a host that does not answer takes no time.
exerciser hostile "${FUZZ_REQUESTS:-0}" --fast-time
finish
