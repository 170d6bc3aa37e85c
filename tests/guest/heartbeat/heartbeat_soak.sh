#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Four applications run for SOAK_HOURS (2) of virtual time. Then applications die:
# SOAK_DEATHS (100) times, and SOAK_SLOW (20) times more over each transport while the host
# answers in 0 to 3 s. Another SOAK_SEED (1) makes other random events.
#
# The time of the agent also runs while the machine is stunned for up to 60 s, so its
# failure interval is 60 s. An option keeps the kernel of the guest from reporting the lost
# time.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program heartbeat_soak

# soak WHAT AMOUNT OPTION...
soak() {
	soak_what=$1
	soak_amount=$2
	shift 2
	run --fast-time "$@" --set vmxsim.ha.action=log \
		--set vmxsim.ha.failureInterval=60 \
		--set vmxsim.ha.sampling=0 --set vmxsim.ha.minUpTime=0 \
		--append "nosoftlockup rcupdate.rcu_cpu_stall_suppress=1" \
		--timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/heartbeat_soak:/tests/heartbeat_soak" -- \
		/tests/heartbeat_soak "$soak_what" "$soak_amount" "${SOAK_SEED:-1}"
	adopt "$soak_what $soak_amount$*"
	sed -n 's/^# \([0-9].*,.*\)/# \1/p' "$work/out"
}

soak moves $((${SOAK_HOURS:-2} * 3600))
soak deaths "${SOAK_DEATHS:-100}"
soak slow "${SOAK_SLOW:-20}" --module-param transport=vsock
soak slow "${SOAK_SLOW:-20}" --set vmxsim.transport.vmci=FALSE
finish
