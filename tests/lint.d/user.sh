# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lint: programs, libraries, tests and scripts. The functions are called through
# check. What a tool is told not to report is in .clang-tidy, with the reasons.
# Lists are meant to be split; variables come from lint, single quotes are of awk,
# sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

shell_files() {
	for file in $(tracked); do
		head -n 1 "$file" | grep -qE '^#!/bin/sh|^# shellcheck shell=sh' &&
			echo "$file"
	done
}

user_space() {
	cppcheck --quiet --std=c11 --enable=warning,portability,performance \
		--inline-suppr --error-exitcode=1 \
		-j 2 -Iuapi -Iuserlib/include -Itools/vmxsim \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

analyzer() {
	each "gcc -O2 -fanalyzer $user_flags -c -o /dev/null \"\$1\"" \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

# One process for each file: the analyzer of clang 14 mixes them up.
tidy() {
	each "clang-tidy --quiet \"\$1\" -- $user_flags 2>/dev/null" \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

# SC2317 takes what is called through check for unreachable.
check "shellcheck" shellcheck -x -e SC2317 $(shell_files)
check "cppcheck of user space" user_space
check "gcc -fanalyzer of user space" analyzer
check "clang-tidy of user space" tidy
