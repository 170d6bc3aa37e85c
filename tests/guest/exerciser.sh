#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whatever a program may do, at random (exerciser.c): with a friendly host, and with a
# hostile one. FUZZ_CALLS of each, or FUZZ_SECONDS; FUZZ_SEED makes others.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program exerciser

# exerciser HOST OPTION...
exerciser() {
	exerciser_host=$1
	shift
	run "$@" --set vmxsim.ha.action=log --timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/exerciser:/tests/exerciser" -- \
		env "FUZZ_CALLS=${FUZZ_CALLS:-10000}" "FUZZ_SEED=${FUZZ_SEED:-1}" \
		"FUZZ_SECONDS=${FUZZ_SECONDS:-0}" /tests/exerciser "$exerciser_host"
	adopt "$exerciser_host"
	expect "$exerciser_host: the kernel has nothing to say" 0 "$status"
	sed -n 's/^# \([0-9].*\)/# \1/p' "$work/out"
}

exerciser friendly --smp 2
# Where silence takes no time.
exerciser hostile --fast-time
finish
