#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Races between heartbeat clients, in real time and on two processors: many threads use the
# same clients, the host stuns the machine, and requests are slow or fail. No client that beats
# before its deadline may expire, and each client that does not beat has to expire.
# heartbeat_race.c makes the checks. The number RACE_SEED (default 1) selects the random
# operations. The window of the module (ha_window_s) is only 6 s, so that the tests take less
# time. The HA agent only logs that it would reset the guest.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_race is built" program heartbeat_race
# The tests run over the backdoor, on a host without VMCI sockets, and then over VMCI sockets.
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
