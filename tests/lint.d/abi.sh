# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: compares the interfaces that programs use with the texts in tests/abi. The
# functions are called through check. To change an interface, store the new text, which
# the failed check has left in build/lint/interface.
# Lists are meant to be split. tests/lint sets some of the variables. Text in single quotes
# is for awk, sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# The header must compile without other headers, for 64 and 32 bits, and in C and C++.
compiles_alone() {
	for flags in "-std=c89 -m64" "-std=c89 -m32" "-x c++ -std=c++98 -m64" \
		"-x c++ -std=c++98 -m32"; do
		echo '#include <linux/vmguestlib.h>' |
			gcc -x c $flags -Iuapi -Wall -Wextra -Wpedantic -Wpadded -Werror \
				-fsyntax-only - || return 1
	done
}

# The compiler writes the numbers into its assembler output, so that no program has to run.
emit='
	function emit(what, value) {
		printf "asm volatile(\"\\n@ %s %%c0\" : : \"i\"(%s));\n", what, value
	}
	BEGIN { print "void interface(void);\nvoid interface(void)\n{" }
	END { print "}" }'

# emitted FLAG...: prints the numbers in the assembler output of a compilation with FLAGs.
emitted() {
	gcc "$@" -fno-pic -include stddef.h -S -o - "$out/interface.c" |
		sed -n 's/^@ //p'
}

# Prints every number of the header, and the offset and size of every member.
kernel_interface() {
	awk "$emit"'
		/^#define VMGUESTLIB_[A-Z0-9_]+[ \t]/ { emit($2, $2) }
		/^\tVMGUESTLIB_[A-Z0-9_]+/ {
			name = $1; sub(/,$/, "", name); emit(name, name)
		}
		/^struct [a-z_0-9]+ \{/ { type = $1 " " $2; emit(type, "sizeof(" type ")") }
		/^}/ { type = "" }
		type && /^\t[a-z_].*;/ {
			name = $0
			sub(/;.*/, "", name); sub(/\[.*/, "", name); sub(/.*[ \t]/, "", name)
			emit(type " " name " at", "offsetof(" type ", " name ")")
			emit(type " " name " size", "sizeof(((" type " *)0)->" name ")")
		}' uapi/linux/vmguestlib.h >"$out/interface.c"
	emitted "$1" -Iuapi -include linux/vmguestlib.h
}

# The functions take no structures, so their prototypes and types describe the ABI.
# libabigail would store thousands of generated lines for the same.
headers="userlib/include/vmGuestLib/vm_basic_types.h
	userlib/include/vmGuestLib/vmSessionId.h userlib/include/vmGuestLib/vmGuestLib.h
	userlib/include/libappmonitor/vmGuestAppMonitorLib.h"

library_interface() {
	for header in $headers; do
		gcc -aux-info "$out/prototypes" -fsyntax-only -x c "$header" || return 1
		sed -n 's|^/\* userlib/[^ ]* \*/ extern ||p' "$out/prototypes"
	done
}

# Prints every number, and the size and sign of every type. A handle is a pointer.
library_numbers() {
	awk "$emit"'
		/^#define (FALSE|TRUE) / { emit($2, $2) }
		/^\t[A-Z_]+ = [0-9]+,?$/ { emit($1, $1) }
		/^(typedef .*|}) [*A-Za-z0-9]+;$/ {
			name = $NF; sub(/;/, "", name)
			if (sub(/^\*/, "", name)) {
				emit(name " pointers", "sizeof(" name ") / sizeof(void *)")
			} else {
				emit(name " size", "sizeof(" name ")")
				emit(name " signed", "(" name ")-1 < 0")
			}
		}' $headers >"$out/interface.c"
	emitted "$1" $(printf ' -include %s' $headers)
}

# kept NAME COMMAND...: succeeds if COMMAND prints the text of tests/abi/NAME, which must
# not be empty.
kept() {
	stored=tests/abi/$1
	shift
	"$@" >"$out/interface" && [ -s "$out/interface" ] &&
		diff "$stored" "$out/interface"
}

check "uapi header: compiles alone and has no holes, with 32 and 64 bits, in C and C++" \
	compiles_alone
for bits in 64 32; do
	check "uapi header: layout and numbers for $bits bits are those stored" \
		kept vmguestlib.h kernel_interface -m$bits
done
check "headers of the libraries: the functions are those stored" \
	kept libraries library_interface
for bits in 64 32; do
	check "headers of the libraries: numbers and types for $bits bits are those stored" \
		kept library_numbers library_numbers -m$bits
done
check "sysfs documentation is well-formed" silent \
	perl "$source/scripts/get_abi.pl" --dir kmod/docs/ABI validate
