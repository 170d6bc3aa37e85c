#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Many callers at once (stress.c), running and waiting, also while transports change. With
# SWEEP_MINUTES each test lasts that long; another SWEEP_SEED chooses other calls.
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program stress

seed=${SWEEP_SEED:-1}
echo "# seed $seed"

# stress NAME OPTION... -- ARGUMENT...
stress() {
	stress_name=$1
	shift
	live "$@"
	adopt "$stress_name"
	expect "$stress_name: the kernel reports no fault" 0 "$status"
}

live() {
	run --set vmxsim.ha.action=log --timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/stress:/tests/stress" "$@"
}

settings="SWEEP_CALLS=${SWEEP_CALLS:-2500} SWEEP_MINUTES=${SWEEP_MINUTES:-0} SWEEP_SEED=$seed"
# A list.
# shellcheck disable=SC2086
stress stress --smp 2 -- env $settings /tests/stress
# The same list.
# shellcheck disable=SC2086
stress suspend --smp 2 -- env $settings /tests/stress suspend
for processors in 1 2; do
	# A list, as above.
	# shellcheck disable=SC2086
	stress "transports, $processors processors" --smp $processors --add /usr/bin/vmware-rpctool \
		-- env $settings /tests/stress transports
	# A list, as above.
	# shellcheck disable=SC2086
	live --smp $processors --survive-reset -- env $settings /tests/stress shutdown
	expect "a restart in a flood, $processors processors" 0 "$status"
done
finish
