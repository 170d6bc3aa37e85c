# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for the scripts in tests/unit. Source this file at the top of the tree. It sources
# ktap.sh, and makes the directory $work, which is removed at the end.

. tests/lib/ktap.sh

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# device NAME: builds tests/unit/NAME.c as $work/device.so. A program that preloads it
# (LD_PRELOAD) gets a simulated device of the module.
device() {
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -fPIC -shared -Iuapi \
		-o "$work/device.so" "tests/unit/$1.c" -ldl
}
