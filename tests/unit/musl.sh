#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
# Tier: more
#
# The user space with musl in place of glibc: everything is compiled without a warning.
# Programs are linked unless they need a library that Debian has for glibc only.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
plan 11

tests/lib/packages musl-tools >&2

# Headers of the kernel and of libraries. They do not depend on the C library.
mkdir "$work/include"
for header in linux asm asm-generic cjson libkmod.h microhttpd.h curses.h ncurses.h \
	ncurses_dll.h unctrl.h ncursesw systemd; do
	for place in /usr/include "/usr/include/$(gcc -print-multiarch)"; do
		[ ! -e "$place/$header" ] || ln -sfn "$place/$header" "$work/include/$header"
	done
done
flags="-O2 -Werror -idirafter $work/include"

check "libraries and the SDK's programs" make -s -C userlib O="$work/userlib" CC=musl-gcc \
	CFLAGS="$flags"
for program in vmguestlibtest vmware-appmonitor appmonitor-sample; do
	contains "$program is linked with musl" ld-musl \
		"$(readelf -l "$work/userlib/$program" 2>&1 | grep interpreter)"
done
check "a program runs" env LD_LIBRARY_PATH="$work/userlib" "$work/userlib/vmguestlibtest" -h
# vmguest cannot be linked, because libraries for musl are missing. With -k make goes on.
make -s -k -C tools/vmguest O="$work/vmguest" CC=musl-gcc CFLAGS="$flags" \
	>"$work/log" 2>&1
expect "vmguest: each file is compiled" "$(make -s -n -C tools/vmguest O="$work/none" 2>/dev/null |
	grep -c -- ' -c -o ')" "$(find "$work/vmguest" -name '*.o' | wc -l)"
prints "vmguest: only a library is missing" "" \
	"grep -E 'undefined reference|error:' | grep -v 'ld returned'" cat "$work/log"

# symbols NM-OPTION... FILE...: prints the names of the symbols.
symbols() {
	nm "$@" 2>/dev/null | awk 'NF > 1 { sub(/@.*/, "", $NF); print $NF }' | sort -u
}

# Every symbol that is wanted must come from an object, from musl or from a library.
lib=/usr/lib/$(gcc -print-multiarch)
symbols -u "$work"/vmguest/*.o >"$work/wanted"
{
	symbols --defined-only "$work"/vmguest/*.o
	symbols --defined-only "$(musl-gcc -print-file-name=libc.a)"
	symbols -D --defined-only "$lib"/libcjson.so "$lib"/libkmod.so \
		"$lib"/libmicrohttpd.so "$lib"/libsystemd.so "$lib"/libncursesw.so.6 "$lib"/libtinfo.so.6
	symbols --defined-only "$(gcc -print-libgcc-file-name)"
	echo _GLOBAL_OFFSET_TABLE_
} | sort -u >"$work/had"
check "vmguest: the functions are seen" grep -qx printf "$work/wanted"
prints "vmguest: every function is there" "" cat comm -23 "$work/wanted" "$work/had"
make -s -k -C tools/vmxsim O="$work/vmxsim" CC=musl-gcc CFLAGS="$flags" \
	>"$work/log" 2>&1
prints "vmxsim: only a library is missing" "" \
	"grep -E 'undefined reference|error:' | grep -v 'ld returned'" cat "$work/log"
check "vmxsim: the guest's first process" test -x "$work/vmxsim/init"
finish
