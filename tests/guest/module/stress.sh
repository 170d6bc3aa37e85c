#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# 64 threads make all kinds of calls at once, in real time, while processors are removed, a
# program tries to unload the module, the machine is suspended or restarted, or transports
# change. No call may be refused, the kernel must report no fault, and requests must be served
# after the calls have ended. stress.c makes the checks.
#
# A test ends when it has made SWEEP_CALLS (default 2500) calls and SWEEP_MINUTES (default 0)
# minutes have passed. The number SWEEP_SEED (default 1) selects the calls.
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program stress is built" program stress

seed=${SWEEP_SEED:-1}
echo "# seed $seed"

# stress NAME OPTION... -- COMMAND...: runs COMMAND in a guest, and adopts its results as NAME.
stress() {
	stress_name=$1
	shift
	live "$@"
	adopt "$stress_name"
	expect "$stress_name: the kernel reports no fault" 0 "$status"
}

# live OPTION... -- COMMAND...: runs COMMAND in a guest that has the program stress. The HA agent
# only logs that it would reset the guest.
live() {
	run --set vmxsim.ha.action=log --timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/stress:/tests/stress" "$@"
}

settings="SWEEP_CALLS=${SWEEP_CALLS:-2500} SWEEP_MINUTES=${SWEEP_MINUTES:-0} SWEEP_SEED=$seed"
# The settings are meant to be split into words, here and below.
# shellcheck disable=SC2086
stress stress --smp 2 -- env $settings /tests/stress
# The settings are meant to be split.
# shellcheck disable=SC2086
stress suspend --smp 2 -- env $settings /tests/stress suspend
for processors in 1 2; do
	# The settings are meant to be split.
	# shellcheck disable=SC2086
	stress "transports, $processors processors" --smp $processors --add /usr/bin/vmware-rpctool \
		-- env $settings /tests/stress transports
	# The settings are meant to be split.
	# shellcheck disable=SC2086
	live --smp $processors --survive-reset -- env $settings /tests/stress shutdown
	expect "the guest restarts during a flood of calls, $processors processors: status" 0 "$status"
done
finish
