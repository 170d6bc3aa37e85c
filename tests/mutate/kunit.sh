# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Runs the suites of KUnit with a mutation within a second: only the objects that depend on
# the changed file are compiled, with kbuild's own commands, and linked with the other
# objects. Source this file. The caller sets $tree, the copy of the sources, and $kunit, the folder
# of the built files.
# shellcheck disable=SC2154

kunit_place=drivers/misc/vmguestlib

# kunit_build: builds everything and copies it.
kunit_build() {
	kunit_source=$(tests/lib/kernel-source default) || return
	rm -rf "$kunit"
	tests/kunit/run --keep "$kunit" default >"$tree/kunit.log" 2>&1 || return
	(cd "$kunit" && ar t vmlinux.a | grep -v "^$kunit_place/" >kernel.objects &&
		ar t vmlinux.a | grep "^$kunit_place/" >our.objects &&
		find . -name lib.a >kernel.libs)
}

# kunit_objects FILE: prints the objects that depend on FILE.
kunit_objects() {
	(cd "$kunit/$kunit_place" && grep -lF "/$kunit_place/$1" kmod/.*.cmd tests/kunit/.*.cmd) |
		sed 's|/\.|/|; s|\.cmd$||'
}

# kunit_compile OBJECT: compiles OBJECT from $tree with the command of kbuild.
kunit_compile() {
	command=$(sed -n "1s|^[^:]*:= ||p" "$kunit/$kunit_place/${1%/*}/.${1##*/}.cmd" |
		sed "s|\.\./|$kunit_source/|g; s|$kunit_source/$kunit_place|$tree|g")
	(cd "$kunit" && eval "$command")
}

# Options that scripts/link-vmlinux.sh adds to a link of User Mode Linux
kunit_link() {
	(cd "$kunit" && gcc -no-pie -Wl,-rpath,/lib -Wl,--wrap,malloc -Wl,--wrap,free \
		-Wl,--wrap,calloc -Wl,-m,elf_x86_64 -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Wl,--script=arch/um/kernel/vmlinux.lds -o mutant \
		-Wl,--whole-archive @kernel.objects @our.objects init/version-timestamp.o \
		-Wl,--no-whole-archive -Wl,--start-group @kernel.libs \
		-Wl,--end-group -lutil -lrt -lpthread)
}

# kunit_run: returns 0 if all suites pass, 1 if one fails or the kernel does not end.
kunit_run() {
	timeout -k 1 20 "$kunit/mutant" mem=256M console=tty kunit_shutdown=halt \
		</dev/null >"$tree/kunit.log" 2>&1 || :
	(. tests/lib/kunit.sh && kunit_cases "$tree/kunit.log") >"$tree/results"
	! grep -q '^not ok' "$tree/results"
}

# kunit_try FILE...: returns 0 if all suites pass with these files of $tree, 1 if not, and 2
# if the build fails.
kunit_try() {
	objects=$(for file; do kunit_objects "$file"; done)
	for object in $objects; do
		cp -p "$kunit/$kunit_place/$object" "$kunit/$kunit_place/$object.whole"
	done
	status=0
	for object in $objects; do
		kunit_compile "$object" || status=2
	done >"$tree/build.log" 2>&1
	[ $status != 0 ] || kunit_link >>"$tree/build.log" 2>&1 || status=2
	[ $status != 0 ] || kunit_run || status=1
	for object in $objects; do
		mv "$kunit/$kunit_place/$object.whole" "$kunit/$kunit_place/$object"
	done
	return $status
}
