#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The cost of reading one statistic: the instructions that callgrind counts, and the
# shared libraries that are loaded.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/unit.sh
plan 14

LIMIT=1200000

# count WORD...: prints the number of instructions of vmguest with WORDs.
count() {
	LD_PRELOAD=$work/device.so valgrind --tool=callgrind \
		--callgrind-out-file="$work/callgrind" --log-file="$work/log" \
		"$work/vmguest/vmguest" "$@" >"$work/out" 2>&1
	sed -n 's/^summary: \([0-9]*\).*/\1/p' "$work/callgrind"
}

# within NAME WORD...: expects that vmguest with WORDs needs at most LIMIT instructions.
within() {
	within_name=$1
	shift
	counted=$(count "$@")
	check "$within_name: $counted instructions, $LIMIT at most" \
		test "${counted:-none}" -le $LIMIT
}

check "vmguest is built" make -s -C tools/vmguest O="$work/vmguest"
check "the library that replaces the device is built" device lean_device
within "vmguest stat of one statistic" stat mem/ballooned_mb
expect "vmguest stat of one statistic: the answer is right" "mem/ballooned_mb         1012 MB" "$(cat "$work/out")"
within "vmguest stat of one statistic in JSON" stat --json mem/ballooned_mb
check "vmguest stat of one statistic in JSON: the answer is right" grep -q '"value":.*1012' "$work/out"
within "vmguest --version" --version
ldd "$work/vmguest/vmguest" >"$work/libraries"
check "the loader lists the shared libraries" grep -q libc.so "$work/libraries"
check "vmguest loads at most four shared libraries" test "$(wc -l <"$work/libraries")" -le 4
for library in microhttpd ncurses gnutls systemd kmod; do
	prints "vmguest does not load lib$library" "" "grep lib$library" cat "$work/libraries"
done
finish
