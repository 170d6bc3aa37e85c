#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The manual pages: their form, and whether they speak of all that there is.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/ktap.sh

man=tools/man

# speaks PAGE WORD: the page, as it is read, has the word.
speaks() {
	mandoc -T ascii "$1" | sed 's/.\x08//g' | grep -qwF -- "$2"
}

# all_in PAGE WORD...
all_in() {
	page=$1
	shift
	[ $# -gt 0 ] || echo "nothing to look for"
	for word; do
		speaks "$page" "$word" || echo "$word"
	done
}

for page in "$man"/*.[1-9]; do
	check "${page##*/}: form" mandoc -T lint -W warning "$page"
done
# The lists are meant to be split.
# shellcheck disable=SC2046
{
	expect "vmguestlib.4: every parameter of the module" "" \
		"$(all_in $man/vmguestlib.4 $(sed -n \
			's/^module_param[a-z_]*(\([a-z_]*\),.*/\1/p' kmod/*.c))"
	expect "vmguestlib.4: every request" "" \
		"$(all_in $man/vmguestlib.4 $(sed -n \
			's/^#define \(VMGUESTLIB_IOC_[A-Z_]*\)[[:space:]]*_IO(.*/\1/p' \
			uapi/linux/vmguestlib.h))"
	expect "VMGuestLib.3: every function" "" \
		"$(all_in $man/VMGuestLib.3 $(grep ^VMGuestLib tests/unit/userlib/symbols))"
	expect "VMGuestAppMonitor.3: every function" "" \
		"$(all_in $man/VMGuestAppMonitor.3 $(grep ^VMGuestAppMonitor \
			tests/unit/userlib/appmonitor_symbols))"
}
finish
