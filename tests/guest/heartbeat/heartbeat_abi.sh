#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The requests of /dev/vmguestlib for heartbeats and application monitoring: valid and invalid
# arguments, errors, states of clients, and the files in sysfs. Two programs make the checks in
# a guest: heartbeat_abi.c tries the arguments of each request, and heartbeat_rules.c tries the
# rules for clients. Both programs are built for 64 and 32 bits. The guest has a virtual clock
# that skips idle time, and the HA agent only logs that it would reset the guest.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

for program in heartbeat_abi heartbeat_rules; do
	for flags in "" "-m32 -static"; do
		# The flags are meant to be split into words.
		# shellcheck disable=SC2086
		check "$program is built $flags" program $program $flags
		run_program $program --fast-time --set vmxsim.ha.action=log
	done
done
finish
