# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: checks programs, libraries, tests and scripts. The functions are called through
# check. The findings that are switched off are in .clang-tidy, with reasons.
# Lists are meant to be split; variables come from lint, single quotes are of awk,
# sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

shell_files() {
	for file in $(tracked); do
		head -n 1 "$file" | grep -qE '^#!/bin/sh|^# shellcheck shell=sh' &&
			echo "$file"
	done
}

# SC2317 reports functions that are called through check as unreachable.
check "shellcheck" shellcheck -x -e SC2317 $(shell_files)
