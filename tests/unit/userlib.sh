#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Everything about the libraries that needs no guest: the rules of chapter 8 under
# sanitizers, the exported names, the headers, the installed files.
# The tests are functions that result() calls; the lists are meant to be split.
# shellcheck disable=SC2317,SC2086
set -u

root=$(readlink -f "$(dirname "$0")/../..")
build=$root/build/tests/unit/userlib
tests=$root/tests/unit/userlib
warnings="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
include=$root/userlib/include
wrapped=open,close,ioctl,malloc,calloc,realloc
count=0
failed=0

# result NAME COMMAND...: one test, with what it prints as diagnostics.
result() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$build/output" 2>&1; then
		echo "ok $count $name"
	else
		failed=1
		sed 's/^/# /' "$build/output"
		echo "not ok $count $name"
	fi
}

sanitized() {
	binary=$build/$1-${2%%,*}
	wrap=-Wl,--wrap=$(echo $wrapped | sed 's/,/,--wrap=/g')
	cc -std=gnu11 -g -O1 $warnings -Werror -fsanitize="$2" \
		-fno-sanitize-recover=undefined -I"$root/uapi" \
		-I"$root/userlib" -I"$include/vmGuestLib" \
		-I"$include/libappmonitor" -I"$root/tests/unit" \
		-DVERSION='"tested"' "$wrap" -o "$binary" "$tests/$1.c" "$tests/fake.c" \
		"$root"/userlib/*.c -lpthread || return
	timeout 120 "$binary"
}

# exports LIBRARY SYMBOLS
exports() {
	nm -D --defined-only "$1" | sed 's/^[^ ]* [^ ]* //' | LC_ALL=C sort \
		>"$build/exports"
	grep -v '^#' "$tests/$2" | diff - "$build/exports"
}

every_header() {
	for header in "$include"/*/*.h; do
		printf '#include "%s"\nint not_empty;\n' "$header" |
			"$@" -Wall -Wextra -pedantic -Werror -I"${header%/*}" \
				-c -o /dev/null - || return
	done
}

header_in_kernel() {
	! echo '#include "includeCheck.h"' |
		cc -D__KERNEL__ -I"$include/vmGuestLib" -x c -c -o /dev/null - 2>&1
}

# pkgconfig NAME LIBRARY
pkgconfig() {
	grep -qx 'libdir=/opt/sdk/lib64' "lib64/pkgconfig/$1.pc" &&
		grep -qx 'includedir=/opt/sdk/include' "lib64/pkgconfig/$1.pc" &&
		grep -q -- " -l$2\$" "lib64/pkgconfig/$1.pc" &&
		! grep -q @ "lib64/pkgconfig/$1.pc"
}

# serves PROGRAM LIBRARY SDK-NAME: it can be built with each of the files.
serves() {
	source="$root/tools/$1.c -Iinclude/vmGuestLib -Iinclude/libappmonitor
		-I$root/userlib"
	cc -o by_soname $source -Wl,--no-undefined -Llib64 -l"$2" &&
		cc -o by_sdk_name $source -Llib64 -l"$3" &&
		cc -static -o static $source -Llib64 -l"$2" &&
		cc -m32 -o narrow $source -Llib32 -l"$2" &&
		LD_LIBRARY_PATH=lib64 ./by_soname -h >/dev/null &&
		LD_LIBRARY_PATH=lib64 ./by_sdk_name -h >/dev/null &&
		./static -h >/dev/null
}

finds_its_library() {
	readelf -d "bin/$1" | grep -q "RUNPATH.*\[/opt/sdk/lib64\]"
}

installed() {
	destination=$build/installed
	rm -rf "$destination"
	make -s -C "$root/userlib" O="$build/lib" DESTDIR="$destination" \
		PREFIX=/opt/sdk LIBDIR=/opt/sdk/lib64 install install-lib32 &&
		cd "$destination/opt/sdk" &&
		pkgconfig vmguestlib guestlib &&
		pkgconfig appmonitor appmonitor &&
		[ "$(find include -name '*.h' | wc -l)" = 5 ] &&
		[ -s share/man/man1/vmware-appmonitor.1 ] &&
		[ -s share/man/man1/vmguestlibtest.1 ] &&
		[ -s share/man/man1/appmonitor-sample.1 ] &&
		serves vmguestlibtest guestlib vmGuestLib &&
		serves appmonitor-sample appmonitor appmonitorlib &&
		finds_its_library vmguestlibtest &&
		finds_its_library vmware-appmonitor &&
		finds_its_library appmonitor-sample
}

man_page() {
	page=$root/tools/man/vmware-appmonitor.1
	"$build/lib/vmware-appmonitor" --help |
		sed -n "s/^  \\([a-zA-Z][a-zA-Z]*\\)  *[^ ].*/\\1/p" >"$build/commands"
	[ "$(wc -l <"$build/commands")" = 6 ] || return
	while read -r word; do
		grep -q "^\.It Cm $word" "$page" || {
			echo "$word is not described"
			return 1
		}
	done <"$build/commands"
}

# refuses ARGUMENT...: exit status 2 and a word about it on standard error
refuses() {
	LD_LIBRARY_PATH=$build/lib "$build/lib/vmguestlibtest" "$@" \
		>"$build/stdout" 2>"$build/stderr"
	[ $? = 2 ] && [ ! -s "$build/stdout" ] && [ -s "$build/stderr" ]
}

sample_arguments() {
	refuses -n 0 && refuses -n -1 && refuses -n 1x && refuses -n '' &&
		refuses -n 99999999999999999999 && refuses -i x &&
		refuses -i -1 && refuses -i nan && refuses -i 1e9 &&
		refuses -i && refuses -q && refuses word
}

mkdir -p "$build"
echo "KTAP version 1"
for program in handle_test stat_get_test threads_test appmonitor_test \
	appmonitor_threads_test appmonitor_command_test \
	appmonitor_sample_test; do
	result "$program under ASan and UBSan" \
		sanitized "$program" address,undefined
done
for program in handle_test stat_get_test threads_test \
	appmonitor_threads_test; do
	result "$program under TSan" sanitized "$program" thread
done
result "libraries build without a warning" make -s -C "$root/userlib" \
	O="$build/lib" CFLAGS="-O2 -Werror" clean all lib32
result "45 names and nothing else" exports "$build/lib/libguestlib.so.0" symbols
result "45 names and nothing else, 32 bits" \
	exports "$build/lib/32/libguestlib.so.0" symbols
result "7 names and nothing else" \
	exports "$build/lib/libappmonitor.so.0" appmonitor_symbols
result "7 names and nothing else, 32 bits" \
	exports "$build/lib/32/libappmonitor.so.0" appmonitor_symbols
result "headers as C89" every_header cc -x c -std=c89
result "headers as C89, 32 bits" every_header cc -m32 -x c -std=c89
result "headers as C++98" every_header c++ -x c++ -std=c++98
result "headers as C++17" every_header c++ -x c++ -std=c++17
result "headers refuse kernel code" header_in_kernel
result "installed files serve both names" installed
result "man page describes every command" man_page
result "vmguestlibtest refuses wrong arguments" sample_arguments
echo "1..$count"
exit "$failed"
