#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Tests of tests/run with a tree of small suites: suites that have to fail do so, skipped
# suites are counted, and the order of the suites depends on the commit. Only a kernel that is
# not packaged has the status with which tests/matrix skips a kernel.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh
plan 33

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$tree/tests/unit" "$tree/tests/guest" "$tree/tests/lint.d"
cp -r tests/run tests/lib "$tree/tests/"
mkdir "$tree/tools"
cp tools/files "$tree/tools/"
unset TESTS_UNTIL TESTS_END TESTS_TURN TESTS_LOGS SUITE_TIMEOUT RUN_SUITE_LIMITED

# suite NAME: writes a suite; its commands come from standard input.
suite() {
	{ echo "#!/bin/sh" && cat; } >"$tree/tests/unit/$1.sh"
	chmod +x "$tree/tests/unit/$1.sh"
}

# in_tree COMMAND...: runs COMMAND in the small tree.
in_tree() {
	(cd "$tree" && KERNELS=none "$@" 2>&1)
}

# verdict: prints the last line of a run of all suites. forget: removes all suites.
verdict() {
	in_tree tests/run | tail -n 1
}

forget() {
	rm -f "$tree"/tests/unit/*
}

# fails NAME REASON: expects that the suite on standard input fails and prints REASON.
fails() {
	forget
	suite one
	contains "$1" "$2" "$(in_tree tests/run)"
	expect "$1: verdict" "1 failed" "$(verdict | sed 's/.*, //')"
}

suite one <<-'END'
	. tests/lib/ktap.sh
	plan 2
	check "one" true
	skip "two" "not here"
	finish
END
expect "a suite that passes" "1 passed, 0 failed" "$(verdict)"

fails "a test that fails" "not ok 1 - one" <<-'END'
	printf '1..1\nnot ok 1 - one\n'
	exit 1
END
fails "a test that vanishes" "2 tests planned, 1 ran" <<-'END'
	. tests/lib/ktap.sh
	plan 2
	check "one" true
	finish
END
fails "a suite that dies" "ended without a plan" <<-'END'
	echo "ok 1 - one"
END
fails "a suite that dies after its plan" "3 tests planned, 1 ran, status 7" <<-'END'
	printf '1..3\nok 1 - one\n'
	exit 7
END
fails "no test" "no test ran" <<-'END'
	echo "1..0"
END
fails "Bail out!" "Bail out! no device" <<-'END'
	printf '1..1\nok 1 - one\n'
	echo "Bail out! no device"
END
fails "an error at the end" "ended with status 3" <<-'END'
	printf '1..1\nok 1 - one\n'
	exit 3
END
fails "a command that dies in front of a filter" "failed: cat $tree/none" <<-END
	. tests/lib/ktap.sh
	prints "nothing is there" "" "grep nothing" cat "$tree/none"
	finish
END
fails "a command that dies, and whose output several tests compare" "got:  failed: cat $tree/none" <<-END
	. tests/lib/ktap.sh
	expect "nothing is there" "" "\$(filtered "grep nothing" cat "$tree/none")"
	finish
END
fails "a filter that dies" "failed with status 2: grep -q" <<-'END'
	. tests/lib/ktap.sh
	prints "nothing is there" "" "grep -q" echo nothing
	finish
END

forget
expect "no suite at all" "no suite was chosen" "$(verdict)"

# Four suites: a and b of the tier "check", c and d of the tier "more"
for name in a b c d; do
	case $name in
	c) tier="# Tier: more" ;;
	d) tier="# Tier: more, first" ;;
	*) tier="# A comment" ;;
	esac
	suite $name <<-END
		$tier
		printf '1..1\nok 1 - one\n'
	END
done
expect "the suites of the tier check" "a b" "$(in_tree tests/run --tier check --list | xargs)"
expect "the suites of the tier more" "d c" "$(in_tree tests/run --tier more --list | xargs)"
# d always comes first. TESTS_TURN is 1 modulo 3, so the others begin with the second one.
expect "the order for a commit" "d b c a" \
	"$(in_tree env TESTS_TURN=268435456 tests/run --list | xargs)"
expect "suites for which no time is left are skipped" "0 passed, 0 failed, 4 skipped" \
	"$(in_tree env TESTS_UNTIL=1 tests/run | tail -n 1)"
suite a <<-'END'
	printf '1..1\nok 1 - one\n'
	exec sleep 600
END
expect "ended for lack of time" "0 passed, 0 failed, 1 skipped" \
	"$(in_tree env TESTS_END=$(($(date +%s) + 2)) tests/run a | tail -n 1)"
expect "ended for being too long" "1 passed, 1 failed" \
	"$(in_tree env SUITE_TIMEOUT=1 tests/run a | tail -n 1)"

# Lint fails if a tree has no file of a kind. The list of files comes with or without Git.
cat >"$tree/tests/lint.d/tree.sh" <<-'END'
	check "nothing is wrong" silent cat $(tracked "*.none") /dev/null
END
cp tests/lint "$tree/tests/"
mkdir "$tree/bin"
printf '#!/bin/sh\necho /\n' >"$tree/tests/lib/kernel-source"
contains "lint without a list of files" "not ok 2 every list of files has files" \
	"$(in_tree tests/lint tree)"
touch "$tree/a.none"
contains "lint without Git" "ok 2 every list of files has files" \
	"$(in_tree tests/lint tree)"
contains "lint with a Git that fails" "not ok 2 every list of files has files" \
	"$(mkdir "$tree/.git" && in_tree env GIT_DIR=/nowhere tests/lint tree)"

# status_of_kernel STATUS: prints the exit status of tests/lib/kernel if apt-cache finds no
# kernel, and apt-get ends with STATUS.
status_of_kernel() {
	printf '#!/bin/sh\nexit %s\n' "$1" >"$tree/bin/apt-get"
	printf '#!/bin/sh\n' >"$tree/bin/apt-cache"
	chmod +x "$tree/bin/apt-get" "$tree/bin/apt-cache"
	in_tree env PATH="$tree/bin:$PATH" XDG_CACHE_HOME="$tree/cache" tests/lib/kernel 9.9 >/dev/null
	echo $?
}
expect "status of a kernel that is not packaged" 3 "$(status_of_kernel 0)"
expect "status of a kernel if a called program has status 3" 125 "$(status_of_kernel 3)"
finish
