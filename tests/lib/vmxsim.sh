# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# For suites that drive guests; source it at the top of the tree. Gives ktap.sh,
# a directory $work of the suite's own and run().

. tests/lib/ktap.sh

work=$(mktemp -d) || exit 1
# A trace that a suite asked for is kept where the others are.
trap '[ ! -e "$work/trace" ] || mv "$work/trace" "${VMXSIM_LOG_DIR:-$work}/suite.trace"
	rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run OPTION... -- COMMAND...: leaves $status, $out and $err, and the last two
# in $work/out and $work/err byte by byte.
run() {
	vmxsim run "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(tr -d '\000' <"$work/out")
	err=$(tr -d '\000' <"$work/err")
}

# refused NAME WANT OPTION...: status 125, WANT in the message, and no guest's
# output.
refused() {
	refused_name=$1
	refused_want=$2
	shift 2
	run "$@"
	expect "$refused_name: status" 125 "$status"
	contains "$refused_name: message" "$refused_want" "$err"
	expect "$refused_name: no output" "" "$out"
}
