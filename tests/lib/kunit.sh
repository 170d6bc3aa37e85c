# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for suites that run the KUnit tests. Source this file after ktap.sh.

# kunit_cases FILE: prints "ok SUITE: CASE" or "not ok SUITE: CASE" for each test case in the
# log FILE. Before a case that has failed, it prints lines that begin with "#" and explain the
# failure. The last line says whether all suites have ended.
kunit_cases() {
	awk '
	/^1\.\.[0-9]+$/ { planned = substr($1, 4) }
	/^(not )?ok / { ended++ }
	/^    # Subtest: / { suite = $3 }
	/^    (not )?ok [0-9]+ / {
		verdict = sub(/^    not ok [0-9]+ (- )?/, "") ? "not ok" : "ok"
		sub(/^    ok [0-9]+ (- )?/, "")
		if (verdict == "not ok")
			printf "%s", why
		print verdict " " suite ": " $0
		why = ""
		next
	}
	/EXPECTATION FAILED|ASSERTION FAILED/ { left = 4 }
	left-- > 0 || /^        not ok / { sub(/^ */, ""); why = why "#" $0 "\n" }
	END {
		if (planned && ended == planned)
			print "ok all suites came to their end"
		else
			print "not ok all suites came to their end"
	}' "$1"
}

# kunit_planned: prints the number of results that adopt_kunit adds: one for each test case in
# the sources, and one for the end of all suites.
kunit_planned() {
	echo $(($(cat tests/kunit/*_test.c | grep -cE "KUNIT_CASE(_PARAM)?\(") + 1))
}

# adopt_kunit NAME FILE: adds the test cases in the log FILE to the results of this suite.
adopt_kunit() {
	kunit_why=
	kunit_results=$(kunit_cases "$2")
	while read -r kunit_line; do
		case $kunit_line in
		"#"*) kunit_why="$kunit_why${kunit_line#\#}
" ;;
		"ok "*)
			ok "$1: ${kunit_line#ok }"
			;;
		*"came to their end")
			not_ok "$1: ${kunit_line#not ok }" "$(tail -n 40 "$2")"
			;;
		*)
			not_ok "$1: ${kunit_line#not ok }" "$kunit_why"
			kunit_why=
			;;
		esac
	done <<EOF
$kunit_results
EOF
}
