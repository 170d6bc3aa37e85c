# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: checks scripts with shellcheck.
# Lists are meant to be split. tests/lint sets some of the variables.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

shell_files() {
	for file in $(tracked); do
		head -n 1 "$file" | grep -qE '^#!/bin/sh|^# shellcheck shell=sh' &&
			echo "$file"
	done
}

# SC2317 reports functions that are called through check as unreachable.
check "shellcheck" shellcheck -x -e SC2317 $(shell_files)
