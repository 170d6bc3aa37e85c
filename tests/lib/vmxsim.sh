# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# For suites that start guests; source it at the top of the tree. It sources ktap.sh, makes
# the directory $work of the suite, and defines run().

. tests/lib/ktap.sh

work=$(mktemp -d) || exit 1
# A trace that a suite has requested is kept beside the others.
trap '[ ! -e "$work/trace" ] || mv "$work/trace" "${VMXSIM_LOG_DIR:-$work}/suite.trace"
	rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run OPTION... -- COMMAND...: runs vmxsim; sets $status, $out and $err. The exact bytes of
# the output are in $work/out and $work/err.
run() {
	vmxsim run "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(tr -d '\000' <"$work/out")
	err=$(tr -d '\000' <"$work/err")
}

# refused NAME WANT OPTION...: vmxsim ends with status 125 and WANT in its message, without
# output of a guest.
refused() {
	refused_name=$1
	refused_want=$2
	shift 2
	run "$@"
	expect "$refused_name: status" 125 "$status"
	contains "$refused_name: message" "$refused_want" "$err"
	expect "$refused_name: no output" "" "$out"
}
