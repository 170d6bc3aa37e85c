# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# For scripts of tests/unit; source it at the top of the tree. Gives ktap.sh, and a
# directory $work that is removed at the end.

. tests/lib/ktap.sh

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# device NAME: builds tests/unit/NAME.c as $work/device.so, which programs preload in place
# of a device of the module.
device() {
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -fPIC -shared -Iuapi \
		-o "$work/device.so" "tests/unit/$1.c" -ldl
}
