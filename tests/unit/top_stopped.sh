#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest top ends at a signal, even on a terminal that takes no more output. The suite
# vmguest_top tests the output of vmguest top.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh
plan 6

check "vmguest is built" flock build make -s -C tools/vmguest
check "the library that replaces the device is built" device lean_device
check "the program service is built" program service -lutil

# stopped SIGNAL STATUS: types Ctrl+S at the first output, then sends SIGNAL.
stopped() {
	: >"$work/out"
	# The inner shell expands the variables.
	# shellcheck disable=SC2016
	"$work/service" defaults "$work/service" terminal "$(printf '\023')" \
		env TERM=xterm LD_PRELOAD="$work/device.so" sh -c \
		'echo $$ >"$0"; exec build/vmguest/vmguest top -d 0.1' "$work/pid" >"$work/out" &
	# Wait until there is output and no more output comes.
	before=0
	until [ "$before" != 0 ] && [ "$before" = "$(stat -c %s "$work/out")" ]; do
		before=$(stat -c %s "$work/out")
		sleep 0.5
	done
	kill "-$1" "$(cat "$work/pid")"
	for _ in $(seq 100); do
		kill -0 "$(cat "$work/pid")" 2>/dev/null || break
		sleep 0.2
	done
	! kill -0 "$(cat "$work/pid")" 2>/dev/null || kill -KILL "$(cat "$work/pid")"
	wait $!
	expect "vmguest top ends at SIG$1" "$2" $?
}

stopped TERM 143
stopped INT 130
stopped HUP 129
finish
