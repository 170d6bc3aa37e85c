#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The requests about heartbeats and application monitoring: arguments, errors, states and
# files of sysfs. The programs are built for 64 and 32 bits.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

for program in heartbeat_abi heartbeat_rules; do
	for flags in "" "-m32 -static"; do
		# A list, meant to be split.
		# shellcheck disable=SC2086
		check "built $flags" program $program $flags
		run_program $program --fast-time --set vmxsim.ha.action=log
	done
done
finish
