# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions that print test results as KTAP. Source this file, on this machine or in a guest.
#
#	plan 3
#	check "device is there" test -c /dev/vmguestlib
#	expect "one processor" 1 "$(nproc)"
#	prints "no module" "" "grep vmguestlib" cat /proc/modules
#	finish

ktap_count=0
ktap_failed=0
ktap_plan=

echo "KTAP version 1"

# plan N: prints the number of tests before the first one, so that a missing test is found.
plan() {
	ktap_plan=$1
	echo "1..$1"
}

# skip_all REASON: ends the suite without a test, and replaces the plan.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# ok NAME: the test NAME has passed.
ok() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1"
}

# not_ok NAME [REASON]: the test NAME has failed.
not_ok() {
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
	echo "not ok $ktap_count $1"
}

# skip NAME REASON: the test NAME was not run.
skip() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1 # SKIP $2"
}

# check NAME COMMAND...: passes if COMMAND succeeds. The output of COMMAND explains a failure.
check() {
	ktap_name=$1
	shift
	if ktap_output=$("$@" 2>&1); then
		ok "$ktap_name"
	else
		not_ok "$ktap_name" "failed: $*
$ktap_output"
	fi
}

# expect NAME WANT GOT: passes if GOT is equal to WANT.
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "want: $2
got:  $3"
	fi
}

# prints NAME WANT FILTER COMMAND...: passes if COMMAND succeeds, and FILTER makes WANT from its
# output. FILTER is a shell pipeline for eval, such as a grep that may find nothing. An expect
# with "$(COMMAND | FILTER)" would not show that COMMAND has failed.
prints() {
	ktap_name=$1
	ktap_want=$2
	ktap_filter=$3
	shift 3
	if ! ktap_output=$("$@"); then
		not_ok "$ktap_name" "failed: $*
$ktap_output"
		return
	fi
	ktap_status=0
	ktap_got=$(printf '%s' "${ktap_output:+$ktap_output
}" | eval "$ktap_filter") || ktap_status=$?
	if [ "$ktap_status" -gt 1 ]; then
		not_ok "$ktap_name" "failed with status $ktap_status: $ktap_filter"
	else
		expect "$ktap_name" "$ktap_want" "$ktap_got"
	fi
}

# filtered FILTER COMMAND...: prints what FILTER makes from the output of COMMAND. If COMMAND
# fails, the function prints "failed: COMMAND" instead. A pipeline would not show that COMMAND has
# failed.
filtered() {
	filtered_by=$1
	shift
	if filtered_output=$("$@"); then
		printf '%s' "${filtered_output:+$filtered_output
}" | eval "$filtered_by"
	else
		echo "failed: $*"
	fi
}

# contains NAME WANT GOT: passes if GOT contains WANT.
contains() {
	case $3 in
	*"$2"*) ok "$1" ;;
	*) not_ok "$1" "want: ...$2...
got:  $3" ;;
	esac
}

# finish: ends the suite. It prints a plan if the suite has not done so. A suite that ends
# without finish fails, because it has no plan, or fewer results than its plan.
finish() {
	[ -n "$ktap_plan" ] || echo "1..$ktap_count"
	[ "$ktap_failed" = 0 ] && [ "${ktap_plan:-$ktap_count}" = "$ktap_count" ]
	exit
}
