# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: the checks that take minutes, for make check-more. The functions are called
# through check. The findings that are switched off are in .clang-tidy, with reasons.
# smatch is not used, because Debian has no package of it.
# Lists are meant to be split. tests/lint sets some of the variables. Text in single quotes
# is for another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# Two scripts are left out, because they need OCaml, which takes 200 MB. One looks for
# errors in a driver of batteries. The other looks for 0 in place of NULL, which sparse also
# reports.
semantic_patches() {
	each 'file=$1
	if grep -q "^@ *script:ocaml\|^@initialize:ocaml" "$file"; then exit; fi
	# "warning: line N: should NAME be a metavariable?" is about the script.
	spatch -D report --no-show-diff --very-quiet --cocci-file "$file" \
		$(sed -n "s|^//.*Options:||p" "$file") -I uapi -I kmod --dir kmod 2>&1 |
		grep -vE "^warning: line|^ *$" || :' \
		$(find "$source/scripts/coccinelle" -name '*.cocci' | sort)
}

# The headers were configured for gcc. Features that only gcc has are switched off, so that
# the result does not fit the kernel. It is compiled and never loaded.
build_with_clang() {
	build clang "$1" CC=clang W=1 CONFIG_CC_IS_GCC= CONFIG_GCC_VERSION=0 \
		CONFIG_CC_IS_CLANG=y CONFIG_RETHUNK= CONFIG_SLS= \
		CONFIG_FTRACE_MCOUNT_USE_CC= \
		CONFIG_CC_HAS_AUTO_VAR_INIT_ZERO_ENABLER=y \
		CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough
}

user_space() {
	cppcheck --quiet --std=c11 --enable=warning,portability,performance \
		--inline-suppr --error-exitcode=1 \
		-j 2 -Iuapi -Iuserlib -Iuserlib/include -Itools/vmxsim \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

analyzer() {
	each "gcc -O2 -fanalyzer $user_flags -c -o /dev/null \"\$1\"" \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

# Each file is checked by a process of its own, because the analyzer of clang 14 mixes up the
# files of one process.
tidy() {
	each "clang-tidy --quiet \"\$1\" -- $user_flags 2>/dev/null" \
		$(tracked 'userlib/*.c' 'tools/*.c')
}

check "the kernel's semantic patches (coccinelle)" semantic_patches
# The headers of this release compile with clang and these settings.
release=$(tests/lib/kernel --headers default) || exit 1
check "module: clang, W=1" build_with_clang "$release"
check "cppcheck of user space" user_space
check "gcc -fanalyzer of user space" analyzer
check "clang-tidy of user space" tidy
