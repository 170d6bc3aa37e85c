#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make install, into a separate root that has the programs of this machine: programs find
# the files that are installed in /usr/local, and make uninstall leaves none of them.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh

tests/lib/packages python3 >&2
files=$work/files
# /usr/local has the folders that it has on a new machine.
for folder in bin etc games include lib sbin share/man src; do
	mkdir -p "$files/usr/local/$folder"
done

# inside COMMAND...: runs COMMAND with this machine's /usr and the new /usr/local.
inside() {
	# The inner shell expands the variables.
	# shellcheck disable=SC2016
	unshare --mount sh -euc '
		files=$1
		shift
		new=$files/../new
		mkdir -p "$new"
		mount -t tmpfs tmpfs "$new"
		mkdir "$new/usr" "$new/etc" "$new/proc" "$new/tmp" "$new/dev"
		for folder in bin sbin lib lib32 lib64 libx32; do
			[ ! -e "/usr/$folder" ] || ln -s "usr/$folder" "$new/$folder"
		done
		mount --bind /usr "$new/usr"
		mount --bind "$files/usr/local" "$new/usr/local"
		mount --bind /dev "$new/dev"
		mount -t proc proc "$new/proc"
		cp -R /etc/ld.so.conf /etc/ld.so.conf.d /etc/alternatives "$new/etc"
		cp "$files"/../programs/* "$new/tmp" 2>/dev/null || :
		chroot "$new" /sbin/ldconfig
		exec env -u LD_LIBRARY_PATH PATH=/usr/local/bin:/usr/bin:/usr/sbin \
			chroot "$new" "$@"
	' sh "$files" "$@"
}

names="libvmGuestLib.so libguestlib.so.0 libappmonitorlib.so libappmonitor.so.0"
before=$(cd "$files" && find . | sort)
check "make install" make -s install DESTDIR="$files"
mkdir "$work/programs"
cat >"$work/loads.c" <<'EOF'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	struct link_map *map;

	if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map)) {
		puts(dlerror());
		return 1;
	}
	puts(map->l_name);
	return 0;
}
EOF
cc -o "$work/programs/loads" "$work/loads.c"
for name in $names; do
	expect "dlopen of $name" "/usr/local/lib/$name" "$(inside /tmp/loads "$name" 2>&1)"
	case $name in
	*[gG]uest[lL]ib*) function=VMGuestLib_GetErrorText ;;
	*) function=VMGuestAppMonitor_IsEnabled ;;
	esac
	expect "ctypes: $name" "/usr/local/lib/$name" "$(inside /usr/bin/python3 -c "
import ctypes
ctypes.CDLL('$name').$function
print([line.split()[-1] for line in open('/proc/self/maps') if '$name' in line][0])" 2>&1 |
		sed 's/\.0\.0$//')"
	linked=${name%.so*}
	linked=${linked#lib}
	printf 'int %s(int);\nint main(void) { %s(1); return 0; }\n' $function $function \
		>"$work/calls.c"
	check "a program is linked with $linked" cc -o "$work/programs/calls" "$work/calls.c" \
		-L"$files/usr/local/lib" -l"$linked"
	contains "a program that is linked with $linked finds it" "$name => /usr/local/lib/$name" \
		"$(inside /usr/bin/ldd /tmp/calls)"
done
expect "ctypes.util.find_library" libvmGuestLib.so "$(inside /usr/bin/python3 -c "
import ctypes.util
print(ctypes.util.find_library('vmGuestLib'))" 2>&1)"

check "<linux/vmguestlib.h> as C89" sh -c "echo '#include <linux/vmguestlib.h>' |
	cc -std=c89 -Wpedantic -Werror -isystem '$files/usr/local/include' -x c -c -o /dev/null -"
version=$(tools/version)
for program in "vmguest --version" "vmware-appmonitor --version"; do
	# A list, meant to be split.
	# shellcheck disable=SC2086
	contains "$program" " $version" "$(inside /usr/local/bin/$program)"
done
contains "udev finds the watchdog by its identity" 'SYMLINK+="watchdog_vmware"' \
	"$(cat "$files/usr/local/lib/udev/rules.d/60-vmguestlib.rules")"
expect "the group in the udev rule is the one that sysusers.d creates" \
	"$(sed -n 's/.*KERNEL=="\([a-z]*\)", GROUP="[$]kernel".*/\1/p' \
		"$files/usr/local/lib/udev/rules.d/60-vmguestlib.rules")" \
	"$(awk '$1 == "g" { print $2 }' "$files/usr/local/lib/sysusers.d/vmguestlib.conf")"
if command -v udevadm >/dev/null && udevadm verify --help >/dev/null 2>&1; then
	check "udev takes the rule" udevadm verify --resolve-names=never \
		"$files/usr/local/lib/udev/rules.d/60-vmguestlib.rules"
fi
expect "every parameter is in the example for modprobe.d" \
	"$(sed -n 's/^module_param[a-z_]*(\([a-z_]*\),.*/\1/p' kmod/*.c | sort)" \
	"$(sed -n 's/^#options vmguestlib \([a-z_]*\)=.*/\1/p' \
		"$files/usr/local/share/doc/vmguestlib/examples/modprobe.d/vmguestlib.conf" |
		grep -v '^$' | sort)"

cp tools/etc/settle "$work/programs/"
# settled PREFIX: prints the folders that are not searched, each after the variable of make that
# changes it, from the warnings of the program settle.
settled() {
	inside /tmp/settle "$1/lib/sysusers.d" "$1/lib/udev/rules.d" "$1/lib/systemd/system" 2>&1 |
		sed -n "s/^\(.*\) is not searched for .*: install with \(.*\)=.*/\2 \1/p"
}
for prefix in /usr /usr/local; do
	expect "udev and systemd search the folders of PREFIX=$prefix" "" "$(settled $prefix)"
done
expect "udev and systemd do not search the folders of PREFIX=/opt" \
	"UDEVDIR /opt/lib/udev/rules.d
UNITDIR /opt/lib/systemd/system" "$(settled /opt)"

# Parts of the tree: make install in a part installs the same files at the same places.
for part in userlib tools/vmguest; do
	check "make -C $part install" make -s -C $part install DESTDIR="$work/part"
done
expect "each part installs its files with the same PREFIX as the whole tree" "" \
	"$(cd "$work/part" && find . ! -type d | while read -r file; do
		cmp -s "$file" "$files/$file" || [ -L "$file" ] || echo "$file"; done)"

# make install-links replaces no file of others.
mkdir -p "$files/usr/bin"
echo theirs >"$files/usr/bin/vmware-toolbox-cmd"
check "make install-links replaces no existing file" sh -c \
	"! make -s install-links DESTDIR='$files' && grep -q theirs '$files/usr/bin/vmware-toolbox-cmd'"
expect "make install-links makes the link to the library" /usr/local/lib/libguestlib.so.0 \
	"$(readlink "$files/usr/lib64/libguestlib.so.0")"
rm "$files/usr/bin/vmware-toolbox-cmd"
check "make install-links makes both links" make -s install-links DESTDIR="$files"
check "make install-links succeeds again" make -s install-links DESTDIR="$files"

# The module's source and the virtual host are installed by targets of their own.
check "make install-dkms" make -s install-dkms DESTDIR="$files"
check "make install-vmxsim" make -s install-vmxsim DESTDIR="$files"
java=$files/usr/local/share/doc/libvmguestlib-java/api
mkdir -p "$files/usr/local/share/java" "$java"
touch "$java/index.html" "$files/usr/local/share/java/vmGuestLibJava.jar" \
	"$files/usr/local/lib/libvmGuestLibJava.so"
check "make uninstall" make -s uninstall DESTDIR="$files"
rmdir "$files/usr/lib64" "$files/usr/bin" "$files/usr/src"
expect "make uninstall leaves no file" "$before" "$(cd "$files" && find . | sort)"
check "make uninstall succeeds again" make -s uninstall DESTDIR="$files"

# Settings that no part can use are refused before anything is written.
for setting in "PREFIX=/opt/my folder" PREFIX=usr "LIBDIR=/usr/lib 64" DKMSDIR=src \
		"DESTDIR=$work/a root" DESTDIR=root; do
	make -s install DESTDIR="$work/refused" "$setting" >"$work/said" 2>&1
	expect "make install $setting fails" 2 $?
	contains "make install $setting: the error" \
		"${setting%%=*}=\"${setting#*=}\" is no absolute path, or has a space" \
		"$(cat "$work/said")"
	expect "make install $setting writes nothing" "" \
		"$(ls -d "$work/refused" "$work/a" root userlib/root 2>/dev/null)"
done

mkdir "$work/other"
check "make install with slashes at the end" \
	make -s install install-links DESTDIR="$work/other/" PREFIX=/opt/our//
expect "PREFIX: no path has two slashes" "" "$(grep -rl '/opt/our//' "$work/other"
	find "$work/other" -lname '*//*')"
check "make uninstall without the slashes" \
	make -s uninstall DESTDIR="$work/other" PREFIX=/opt/our
expect "PREFIX: neither a file nor its folder stays" "" \
	"$(find "$work/other" ! -type d; ls "$work/other/opt")"
finish
