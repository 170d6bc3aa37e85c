#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make demo and the core suites (with the line "# Kernels: all"), in a clean root of the other
# stable release of Debian: 13 on a machine with 12, else 12. The commands are those that a user
# types.
# Tier: more
# Timeout: 5400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh

other=trixie
! grep -q '^VERSION_CODENAME=trixie' /etc/os-release || other=bookworm
core=$(grep -l "^# Kernels: all" tests/guest/*/*.sh tests/guest/*/*.suite |
	sed "s|.*/||; s/\.[a-z]*$//")
# The lists are meant to be split.
# shellcheck disable=SC2086
plan $(($(echo $core | wc -w) + 2))

# The copy of the tree keeps the built files of the two releases apart.
tree=$root/build/$other
mkdir -p "$tree"
rm -rf "$tree/tests"
tools/files | tar -c -T - | tar -x -C "$tree"
cd "$tree" || exit 1

unset VMXSIM_KERNEL VMXSIM_QEMU KERNELS TMPDIR VMXSIM_LOG_DIR RUN_SUITE_LIMITED
there() {
	../../tests/lib/chroot --clean "$other" "$@"
}

check "make demo" there make demo
check "make deps all stage modules" there make deps all stage modules
# The list is meant to be split.
# shellcheck disable=SC2086
there tests/run $core >run.log 2>&1
for suite in $core; do
	lines=$(grep -E "^$suite([+@][^ ]*)? .* passed" run.log)
	if [ "$lines" ] && ! echo "$lines" | grep -qv " 0 failed "; then
		ok "$suite"
	else
		not_ok "$suite" "$lines
$(grep -aE -A 30 "^$suite([+@][^ ]*)?: see" run.log)"
	fi
done
finish
