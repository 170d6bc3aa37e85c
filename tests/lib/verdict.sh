# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Sums of the verdicts of several runs of tests/run; source it.

passed=0
failed=0
left_out=0

# count_verdict FILE: adds the last verdict in FILE; a run without a verdict has failed.
count_verdict() {
	verdict=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$1" | tail -n 1)
	[ "$verdict" ] || verdict="0 passed, 1 failed"
	# Numbers and words, meant to be split.
	# shellcheck disable=SC2086
	set -- $verdict
	passed=$((passed + $1))
	failed=$((failed + $3))
	left_out=$((left_out + ${5:-0}))
}

# say_verdict: prints the last line of a run; its status is that of the run.
say_verdict() {
	verdict="$passed passed, $failed failed"
	[ "$left_out" = 0 ] || verdict="$verdict, $left_out skipped"
	echo "$verdict"
	[ "$failed" = 0 ]
}

out_of_time() {
	[ "${TESTS_UNTIL-}" ] && [ "$(date +%s)" -ge "$TESTS_UNTIL" ]
}

# from_turn: prints the lines of its input, beginning with the one that TESTS_TURN chooses.
from_turn() {
	awk -v turn="${TESTS_TURN:-0}" '{ line[NR - 1] = $0 }
		END { for (i = 0; i < NR; i++) print line[(turn + i) % NR] }'
}
