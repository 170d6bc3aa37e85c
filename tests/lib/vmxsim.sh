# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for suites that start guests. Source this file at the top of the tree. It sources
# ktap.sh, and makes the directory $work, which is removed at the end.

. tests/lib/ktap.sh

work=$(mktemp -d) || exit 1
# If the suite has requested a trace, the trace is kept with the other logs.
trap '[ ! -e "$work/trace" ] || mv "$work/trace" "${VMXSIM_LOG_DIR:-$work}/suite.trace"
	rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run OPTION... -- COMMAND...: runs COMMAND in a guest (vmxsim run). Sets $status, $out and
# $err. $work/out and $work/err have the exact bytes of the output.
run() {
	vmxsim run "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(tr -d '\000' <"$work/out")
	err=$(tr -d '\000' <"$work/err")
}

# refused NAME WANT OPTION...: checks that vmxsim run refuses OPTIONs: it ends with status 125
# and a message that contains WANT, and there is no output of a guest.
refused() {
	refused_name=$1
	refused_want=$2
	shift 2
	run "$@"
	expect "$refused_name: status" 125 "$status"
	contains "$refused_name: message" "$refused_want" "$err"
	expect "$refused_name: no output" "" "$out"
}
