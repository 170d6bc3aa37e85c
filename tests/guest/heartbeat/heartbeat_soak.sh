#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# A long run of four monitored applications. While all applications beat before their deadlines,
# the HA agent must not act. The module has to notice the death of an application.
# heartbeat_soak.c makes the checks, in three parts:
#
#   moves	no application dies for SOAK_HOURS (default 2) hours of the virtual clock, while
#		the machine is moved and stunned, and connections are lost
#   deaths	an application dies and starts again, SOAK_DEATHS (default 100) times
#   slow	an application hangs and starts again, SOAK_SLOW (default 20) times over each
#		transport, while the host takes 0 to 3 s for an answer
#
# The number SOAK_SEED (default 1) selects all random events.
#
# A stun lasts up to 60 s, and the clock of the HA agent runs during a stun. The failure interval
# of the agent is therefore 60 s. The arguments of --append keep the guest's kernel from
# reporting a stun as a lockup.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_soak is built" program heartbeat_soak

# soak PART AMOUNT OPTION...: runs a part in a guest, and prints its totals.
soak() {
	soak_part=$1
	soak_amount=$2
	shift 2
	run --fast-time "$@" --set vmxsim.ha.action=log \
		--set vmxsim.ha.failureInterval=60 \
		--set vmxsim.ha.sampling=0 --set vmxsim.ha.minUpTime=0 \
		--append "nosoftlockup rcupdate.rcu_cpu_stall_suppress=1" \
		--timeout "${SUITE_TIMEOUT:-900}" \
		--add "$work/heartbeat_soak:/tests/heartbeat_soak" -- \
		/tests/heartbeat_soak "$soak_part" "$soak_amount" "${SOAK_SEED:-1}"
	adopt "$soak_part $soak_amount$*"
	sed -n 's/^# \([0-9].*,.*\)/# \1/p' "$work/out"
}

soak moves $((${SOAK_HOURS:-2} * 3600))
soak deaths "${SOAK_DEATHS:-100}"
soak slow "${SOAK_SLOW:-20}" --module-param transport=vsock
soak slow "${SOAK_SLOW:-20}" --set vmxsim.transport.vmci=FALSE
finish
