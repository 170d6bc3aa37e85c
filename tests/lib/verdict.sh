# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for scripts that run tests/run several times and add up the results. The verdict
# of a run is its last line, "N passed, N failed". If suites were left out, ", N skipped"
# follows. Source this file.

passed=0
failed=0
left_out=0

# count_verdict FILE: adds the last verdict in FILE to the sums. Without a verdict, the run has
# failed.
count_verdict() {
	verdict=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$1" | tail -n 1)
	[ "$verdict" ] || verdict="0 passed, 1 failed"
	# The numbers and words are meant to be split.
	# shellcheck disable=SC2086
	set -- $verdict
	passed=$((passed + $1))
	failed=$((failed + $3))
	left_out=$((left_out + ${5:-0}))
}

# say_verdict: prints the sums as a verdict. Succeeds if nothing has failed.
say_verdict() {
	verdict="$passed passed, $failed failed"
	[ "$left_out" = 0 ] || verdict="$verdict, $left_out skipped"
	echo "$verdict"
	[ "$failed" = 0 ]
}

out_of_time() {
	[ "${TESTS_UNTIL-}" ] && [ "$(date +%s)" -ge "$TESTS_UNTIL" ]
}

# from_turn: prints the lines of its input in rotation. TESTS_TURN chooses the first one.
from_turn() {
	awk -v turn="${TESTS_TURN:-0}" '{ line[NR - 1] = $0 }
		END { for (i = 0; i < NR; i++) print line[(turn + i) % NR] }'
}
