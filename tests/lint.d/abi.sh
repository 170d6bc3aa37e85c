# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lint: what programs rely on, against what is stored in tests/abi. The functions are
# called through check. Whoever means to change an interface stores the new text, which
# the failed check has left in build/lint/interface.
# Lists are meant to be split; variables come from lint, single quotes are of awk,
# sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# The same header must do alone, for both word sizes and both languages.
compiles_alone() {
	for flags in "-std=gnu90 -m64" "-std=gnu90 -m32" "-x c++ -m64"; do
		echo '#include <linux/vmguestlib.h>' |
			gcc -x c $flags -Iuapi -Wall -Wextra -Wpadded -Werror \
				-fsyntax-only - || return 1
	done
}

# Every number of the header, and offset and size of every member. The compiler writes
# them into its assembler output, so that nothing has to run.
kernel_interface() {
	awk '
		function tell(what, value) {
			printf "asm volatile(\"\\n@ %s %%c0\" : : \"i\"(%s));\n", what, value
		}
		BEGIN {
			print "#include <stddef.h>\n#include <linux/vmguestlib.h>"
			print "void interface(void);\nvoid interface(void)\n{"
		}
		/^#define VMGUESTLIB_[A-Z0-9_]+[ \t]/ { tell($2, $2) }
		/^\tVMGUESTLIB_[A-Z0-9_]+/ {
			name = $1; sub(/,$/, "", name); tell(name, name)
		}
		/^struct [a-z_0-9]+ \{/ { type = $1 " " $2; tell(type, "sizeof(" type ")") }
		/^}/ { type = "" }
		type && /^\t[a-z_].*;/ {
			name = $0
			sub(/;.*/, "", name); sub(/\[.*/, "", name); sub(/.*[ \t]/, "", name)
			tell(type " " name " at", "offsetof(" type ", " name ")")
			tell(type " " name " size", "sizeof(((" type " *)0)->" name ")")
		}
		END { print "}" }' uapi/linux/vmguestlib.h >"$out/interface.c"
	gcc "$1" -fno-pic -Iuapi -S -o - "$out/interface.c" | sed -n 's/^@ //p'
}

# What the headers declare, with types.
library_interface() {
	for header in userlib/include/vmGuestLib/vmGuestLib.h \
		userlib/include/libappmonitor/vmGuestAppMonitorLib.h; do
		gcc -aux-info "$out/prototypes" -fsyntax-only -x c "$header" || return 1
		sed -n 's|^/\* userlib/[^ ]* \*/ extern ||p' "$out/prototypes"
	done
}

# kept NAME COMMAND...: what COMMAND prints is what tests/abi/NAME has, and something.
kept() {
	stored=tests/abi/$1
	shift
	"$@" >"$out/interface" && [ -s "$out/interface" ] &&
		diff "$stored" "$out/interface"
}

check "uapi header: alone, without holes, 32 and 64 bits, C and C++" compiles_alone
for bits in 64 32; do
	check "uapi header: layout and numbers for $bits bits are those stored" \
		kept vmguestlib.h kernel_interface -m$bits
done
check "headers of the libraries: the functions are those stored" \
	kept libraries library_interface
check "sysfs documentation is well-formed" silent \
	perl "$source/scripts/get_abi.pl" --dir kmod/docs/ABI validate
