# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lint: the kernel module and its interface, by the kernel's own means. The
# functions are called through check. smatch is no package of Debian.
# Lists are meant to be split; variables come from lint, single quotes are of awk,
# sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# "total: 0 errors, 0 warnings" is the bar.
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

# Those that checkpatch() saw; one that is gone leaves the list, too.
known_checks() {
	sed 's/^\([^:]*\):[0-9]*: CHECK:\([A-Z_]*\):.*/\1 \2/' "$out/checks" |
		LC_ALL=C sort | uniq -c | sed 's/^ *//' >"$out/checks.counted"
	grep -v '^#' tests/lint.d/checks | diff - "$out/checks.counted" && return
	cat "$out/checks"
	return 1
}

# Two scripts are written for OCaml, which is not worth its 200 MB: they look for
# errors in a driver of batteries, and for 0 in place of NULL, as sparse does.
semantic_patches() {
	each 'file=$1
	if grep -q "^@ *script:ocaml\|^@initialize:ocaml" "$file"; then exit; fi
	# "warning: line N: should NAME be a metavariable?" is about the script.
	spatch -D report --no-show-diff --very-quiet --cocci-file "$file" \
		$(sed -n "s|^//.*Options:||p" "$file") -I uapi -I kmod --dir kmod 2>&1 |
		grep -vE "^warning: line|^ *$" || :' \
		$(find "$source/scripts/coccinelle" -name '*.cocci' | sort)
}

# build TREE RELEASE MAKE-ARGUMENT...: a warning is a failure.
build() {
	tree=$out/$1
	headers=/lib/modules/$2/build
	shift 2
	mkdir -p "$tree"
	cp -pR Kbuild dkms.conf kmod uapi "$tree/"
	make -C "$headers" M="$PWD/$tree" clean >/dev/null
	make -j2 -C "$headers" M="$PWD/$tree" "$@" modules \
		>"$out/build" 2>&1 || { cat "$out/build"; return 1; }
	none grep -E 'warning|error' "$out/build"
}

# The headers were configured for gcc. What they offer to it alone is switched
# off, so this module is for looking at, not for loading.
build_with_clang() {
	build clang "$1" CC=clang W=1 CONFIG_CC_IS_GCC= CONFIG_GCC_VERSION=0 \
		CONFIG_CC_IS_CLANG=y CONFIG_RETHUNK= CONFIG_SLS= \
		CONFIG_FTRACE_MCOUNT_USE_CC= \
		CONFIG_CC_HAS_AUTO_VAR_INIT_ZERO_ENABLER=y \
		CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough
}

check "checkpatch --strict: no error, no warning" checkpatch
check "checkpatch --strict: no check but those that are listed" known_checks
check "kernel-doc: no warning" silent \
	perl "$source/scripts/kernel-doc" -none $(tracked kmod/'*.[ch]' uapi)
check "kernel versions are known in kmod/compat only" none \
	grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' kmod uapi --exclude-dir=compat
check "the kernel's semantic patches (coccinelle)" semantic_patches
for kernel in $KERNELS; do
	release=$(tests/lib/kernel --headers "$kernel") || exit 1
	check "module for $kernel: W=1 and sparse" \
		build "kmod-$release" "$release" W=1 C=2 CF=-D__CHECK_ENDIAN__
done
# Headers that clang finds right with these settings.
release=$(tests/lib/kernel --headers 6.1) || exit 1
check "module for 6.1: clang, W=1" build_with_clang "$release"
