#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Heartbeats in real time, on two processors. The module sends beats for a window of 6 s,
# which makes the suite short. Another RACE_SEED (1) makes other races.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program heartbeat_race
# The tests run over both transports: the backdoor and VMCI sockets.
for vmci in FALSE TRUE; do
	run --smp 2 --timeout 300 --set vmxsim.ha.action=log \
		--set vmxsim.transport.vmci=$vmci --set vmxsim.ha.window=30 \
		--module-param ha_window_s=6 --add /usr/bin/vmware-rpctool \
		--add "$work/heartbeat_race:/tests/heartbeat_race" -- \
		env "RACE_SEED=${RACE_SEED:-1}" /tests/heartbeat_race
	adopt heartbeat_race
	expect "the kernel reports no fault" 0 "$status"
done
finish
