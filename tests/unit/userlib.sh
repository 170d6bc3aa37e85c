#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Everything about libguestlib that needs no guest: the rules of chapter 8 under
# sanitizers, the exported names, the headers, the installed files.
# The tests are functions that result() calls; the lists are meant to be split.
# shellcheck disable=SC2317,SC2086
set -u

root=$(readlink -f "$(dirname "$0")/../..")
build=$root/build/tests/unit/userlib
tests=$root/tests/unit/userlib
warnings="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
include=$root/userlib/include/vmGuestLib
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
		-I"$root/userlib" -I"$include" -I"$root/tests/unit" "$wrap" \
		-o "$binary" "$tests/$1.c" "$tests/fake.c" \
		"$root"/userlib/*.c -lpthread || return
	timeout 120 "$binary"
}

exports() {
	nm -D --defined-only "$1" | sed 's/^[^ ]* [^ ]* //' | LC_ALL=C sort \
		>"$build/exports"
	grep -v '^#' "$tests/symbols" | diff - "$build/exports"
}

every_header() {
	for header in "$include"/*.h; do
		printf '#include "%s"\nint not_empty;\n' "$header" |
			"$@" -Wall -Wextra -pedantic -Werror -I"$include" \
				-c -o /dev/null - || return
	done
}

header_in_kernel() {
	! echo '#include "includeCheck.h"' |
		cc -D__KERNEL__ -I"$include" -x c -c -o /dev/null - 2>&1
}

installed() {
	destination=$build/installed
	rm -rf "$destination"
	make -s -C "$root/userlib" O="$build/lib" DESTDIR="$destination" \
		PREFIX=/opt/sdk LIBDIR=/opt/sdk/lib64 install install-lib32 &&
		cd "$destination/opt/sdk" &&
		grep -qx 'libdir=/opt/sdk/lib64' lib64/pkgconfig/vmguestlib.pc &&
		grep -qx 'includedir=/opt/sdk/include' \
			lib64/pkgconfig/vmguestlib.pc &&
		grep -q -- ' -lguestlib$' lib64/pkgconfig/vmguestlib.pc &&
		! grep -q @ lib64/pkgconfig/vmguestlib.pc &&
		[ "$(find . -name '*.h' | wc -l)" = 4 ] &&
		cc -o by_soname "$root/tools/vmguestlibtest.c" -Wl,--no-undefined \
			-Iinclude/vmGuestLib -I"$root/userlib" -Llib64 -lguestlib &&
		cc -o by_sdk_name "$root/tools/vmguestlibtest.c" \
			-Iinclude/vmGuestLib -I"$root/userlib" -Llib64 -lvmGuestLib &&
		cc -static -o static "$root/tools/vmguestlibtest.c" \
			-Iinclude/vmGuestLib -I"$root/userlib" -Llib64 -lguestlib &&
		cc -m32 -o narrow "$root/tools/vmguestlibtest.c" \
			-Iinclude/vmGuestLib -I"$root/userlib" -Llib32 -lguestlib &&
		readelf -d bin/vmguestlibtest |
			grep -q "RUNPATH.*\[/opt/sdk/lib64\]" &&
		LD_LIBRARY_PATH=lib64 ./by_soname -h >/dev/null &&
		LD_LIBRARY_PATH=lib64 ./by_sdk_name -h >/dev/null &&
		./static -h >/dev/null
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
for program in handle_test stat_get_test threads_test; do
	result "$program under ASan and UBSan" \
		sanitized "$program" address,undefined
	result "$program under TSan" sanitized "$program" thread
done
result "library builds without a warning" make -s -C "$root/userlib" \
	O="$build/lib" CFLAGS="-O2 -Werror" clean all lib32
result "45 names and nothing else" exports "$build/lib/libguestlib.so.0"
result "45 names and nothing else, 32 bits" \
	exports "$build/lib/32/libguestlib.so.0"
result "headers as C89" every_header cc -x c -std=c89
result "headers as C89, 32 bits" every_header cc -m32 -x c -std=c89
result "headers as C++98" every_header c++ -x c++ -std=c++98
result "headers as C++17" every_header c++ -x c++ -std=c++17
result "headers refuse kernel code" header_in_kernel
result "installed files serve both names" installed
result "vmguestlibtest refuses wrong arguments" sample_arguments
echo "1..$count"
exit "$failed"
