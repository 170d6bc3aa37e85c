# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: checks the kernel module and its interface with the kernel's own tools. The
# functions are called through check.
# Lists are meant to be split. tests/lint sets some of the variables. Text in single quotes
# is for awk, sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# Each file must get "total: 0 errors, 0 warnings".
checkpatch() {
	wrong=0
	: >"$out/checks"
	for file in Kbuild $(tracked kmod/'*.[ch]' kmod/'*.mk' uapi/'*.h'); do
		perl "$source/scripts/checkpatch.pl" --no-tree --strict \
			--show-types --terse -f "$file" >"$out/checkpatch" 2>&1
		grep -E ': (ERROR|WARNING):' "$out/checkpatch" && wrong=1
		grep -q '^total: 0 errors, 0 warnings' "$out/checkpatch" ||
			[ ! -s "$out/checkpatch" ] || wrong=1
		grep ': CHECK:' "$out/checkpatch" >>"$out/checks"
	done
	return $wrong
}

# The messages CHECK of checkpatch() must be exactly those of tests/lint.d/checks.
known_checks() {
	sed 's/^\([^:]*\):[0-9]*: CHECK:\([A-Z_]*\):.*/\1 \2/' "$out/checks" |
		LC_ALL=C sort | uniq -c | sed 's/^ *//' >"$out/checks.counted"
	grep -v '^#' tests/lint.d/checks | diff - "$out/checks.counted" && return
	cat "$out/checks"
	return 1
}

check "checkpatch --strict: no error, no warning" checkpatch
check "checkpatch --strict: the messages CHECK are those of tests/lint.d/checks" known_checks
check "kernel-doc: no warning" silent \
	perl "$source/scripts/kernel-doc" -none $(tracked kmod/'*.[ch]' uapi)
check "only kmod/compat checks the version of the kernel" none \
	grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' kmod uapi --exclude-dir=compat
for kernel in $KERNELS; do
	release=$(tests/lib/kernel --headers "$kernel") || exit 1
	check "module for $kernel: W=1 and sparse" \
		build "kmod-$release" "$release" W=1 C=2 CF=-D__CHECK_ENDIAN__
done
