#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Tests of the libraries, without a guest: the rules of wire-protocol chapter 8 under sanitizers,
# the exported names, the headers and the installed files.
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

# result NAME COMMAND...: runs COMMAND as the test NAME. If COMMAND fails, its output becomes
# diagnostic lines.
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

# exports LIBRARY SYMBOLS: succeeds if LIBRARY exports exactly SYMBOLS.
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

# constants DIRECTORY FLAG: prints the constants that vm_basic_types.h in DIRECTORY defines.
constants() {
	{
		echo '#include <stdio.h>'
		echo '#include "vm_basic_types.h"'
		printf '%s\n' '#define P(c) printf(#c " %d %lld\n", (int)sizeof(c), (long long)(c));'
		printf '%s\n' '#define S(c) printf(#c " %s\n", c);'
		echo 'int main(void) { S(FMT64) S(FMTSZ) S(FMTPD)'
		for constant in FALSE TRUE 'IS_BOOL(2)' 'CONST64(5)' 'CONST64U(5)' vm_x86_64 \
			vm_x86_any vm_64bit; do
			echo "P($constant)"
		done
		for type in INT8 UINT8 INT16 UINT16 INT32 UINT32 INT64 UINT64; do
			echo "P(MIN_$type) P(MAX_$type)"
		done
		printf '#ifdef VM_HAS_INT128\n%s\n#endif\n' \
			'P(MAX_INT128 >> 64) P(MAX_UINT128 >> 100) P(MIN_INT128 >> 100)'
		for macro in VM_X86_32 VM_X86_64 VM_X86_ANY VM_32BIT VM_64BIT; do
			printf '#ifdef %s\nputs("%s");\n#endif\n' "$macro" "$macro"
		done
		echo 'return 0; }'
	} >"$build/constants.c"
	# The header of open-vm-tools causes warnings.
	cc "$2" -w -I"$1" -o "$build/constants" "$build/constants.c" && "$build/constants"
}

# The constants have to be the same as in the header of Debian's open-vm-tools-dev.
same_constants() {
	constants "$include/vmGuestLib" "$1" >"$build/ours" &&
		constants /usr/include/vmGuestLib "$1" >"$build/theirs" &&
		diff "$build/theirs" "$build/ours"
}

# pkgconfig NAME LIBRARY INCLUDE: pkg-config is right after the installed tree was moved.
pkgconfig() {
	PKG_CONFIG_PATH=$PWD/lib64/pkgconfig
	export PKG_CONFIG_PATH
	set -- "$@" "$(pkg-config --cflags --libs "$1" |
		sed 's|/lib64/pkgconfig/\.\./\.\.||g; s/ *$//')"
	[ "$4" = "-I$PWD/include/$3 -L$PWD/lib64 -l$2" ] &&
		[ "$(pkg-config --define-prefix --variable=libdir "$1")" = "$PWD/lib64" ] &&
		[ "$(pkg-config --modversion "$1")" = \
			"$(sed -n 's/^API_VERSION := //p' "$root/tools/build.mk")" ] &&
		! grep -q @ "lib64/pkgconfig/$1.pc"
}

needs() {
	readelf -d "$1" | grep -q "NEEDED.*\[$2\]"
}

# serves FUNCTION LIBRARY SDK-NAME: programs can be linked with each file of the library.
serves() {
	printf 'int %s(int);\nint main(void) { %s(1); return 0; }\n' "$1" "$1" >calls.c
	cc -o by_soname calls.c -Wl,--no-undefined -Llib64 -l"$2" &&
		cc -o by_sdk_name calls.c -Llib64 -l"$3" &&
		cc -static -o static calls.c -Llib64 -l"$2" &&
		cc -m32 -o narrow calls.c -Llib32 -l"$2" &&
		cc -m32 -o narrow_sdk calls.c -Llib32 -l"$3" &&
		needs by_soname "lib$2.so.0" && needs by_sdk_name "lib$3.so" &&
		needs narrow_sdk "lib$3.so" &&
		LD_LIBRARY_PATH=lib64 ./by_soname && LD_LIBRARY_PATH=lib64 ./by_sdk_name &&
		LD_LIBRARY_PATH=lib32 ./narrow_sdk && ./static
}

# sonames DIRECTORY: each library is a file whose SONAME is its own name.
sonames() {
	for file in libguestlib.so.0 libappmonitor.so.0 libvmGuestLib.so libappmonitorlib.so; do
		readelf -d "$1/$file" | grep -q "SONAME.*\[$file\]" || return
	done
	[ ! -L "$1/libvmGuestLib.so" ] && [ ! -L "$1/libappmonitorlib.so" ]
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
		finds_its_library vmguestlibtest &&
		finds_its_library vmware-appmonitor &&
		finds_its_library appmonitor-sample &&
		mv "$destination/opt/sdk" "$destination/moved" && cd "$destination/moved" &&
		pkgconfig vmguestlib guestlib vmGuestLib &&
		pkgconfig appmonitor appmonitor libappmonitor &&
		[ "$(find include -name '*.h' | wc -l)" = 7 ] &&
		cmp include/linux/vmguestlib.h "$root/uapi/linux/vmguestlib.h" &&
		[ -s share/man/man1/vmware-appmonitor.1 ] &&
		[ -s share/man/man1/vmguestlibtest.1 ] &&
		[ -s share/man/man1/appmonitor-sample.1 ] &&
		sonames lib64 && sonames lib32 &&
		serves VMGuestLib_GetErrorText guestlib vmGuestLib &&
		serves VMGuestAppMonitor_IsEnabled appmonitor appmonitorlib
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

# refuses ARGUMENT...: succeeds if the status is 2 and standard error has a message.
refuses() {
	LD_LIBRARY_PATH=$build/lib "$build/lib/vmguestlibtest" "$@" \
		>"$build/stdout" 2>"$build/stderr"
	[ $? = 2 ] && [ ! -s "$build/stdout" ] && [ -s "$build/stderr" ]
}

sample_arguments() {
	refuses -n 0 && refuses -n -1 && refuses -n 1x && refuses -n '' &&
		refuses -n 99999999999999999999 && refuses -i x &&
		refuses -i -1 && refuses -i nan && refuses -i 1e9 &&
		refuses -i 0x1 && refuses -i ' 1' && refuses -i +1 && refuses -i . &&
		refuses -i && refuses -q && refuses word
}

# If help cannot be written, the programs fail.
full_disk() {
	for program in vmguestlibtest appmonitor-sample; do
		LD_LIBRARY_PATH=$build/lib "$build/lib/$program" -h >/dev/full
		[ $? = 1 ] || return
	done
}

mkdir -p "$build"
printf "KTAP version 1\n1..28\n"
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
result "libguestlib exports 45 names and nothing else" exports "$build/lib/libguestlib.so.0" symbols
result "libvmGuestLib exports 45 names and nothing else" \
	exports "$build/lib/libvmGuestLib.so" symbols
result "libguestlib exports 45 names and nothing else, 32 bits" \
	exports "$build/lib/32/libguestlib.so.0" symbols
result "libappmonitor exports 7 names and nothing else" \
	exports "$build/lib/libappmonitor.so.0" appmonitor_symbols
result "libappmonitor exports 7 names and nothing else, 32 bits" \
	exports "$build/lib/32/libappmonitor.so.0" appmonitor_symbols
result "headers as C89" every_header cc -x c -std=c89
result "headers as C89, 32 bits" every_header cc -m32 -x c -std=c89
result "headers as C++98" every_header c++ -x c++ -std=c++98
result "headers as C++17" every_header c++ -x c++ -std=c++17
result "constants are those of open-vm-tools" same_constants -m64
result "constants are those of open-vm-tools, 32 bits" same_constants -m32
result "headers refuse kernel code" header_in_kernel
result "installed files serve both names" installed
result "man page describes every command" man_page
result "vmguestlibtest refuses wrong arguments" sample_arguments
result "programs fail if help cannot be written" full_disk
exit "$failed"
