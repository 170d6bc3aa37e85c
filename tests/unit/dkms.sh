#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make install-dkms: DKMS builds the module from the installed source. DKMS uses
# directories of this suite, so that nothing of this machine changes.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
plan 10

version=$(tools/version)
release=$(tests/lib/kernel --headers default)
mkdir "$work/source" "$work/dkms" "$work/install"
check "the source is installed" make -s install-dkms DESTDIR="$work/source" DKMSDIR=

# do_dkms COMMAND [RELEASE]: called through check. sign_file names a program that does not exist.
# With a program for signing, DKMS would create a key in the system's folder.
# shellcheck disable=SC2317
do_dkms() {
	sign_file=$work/none dkms "$1" -m vmguestlib -v "$version" -k "${2:-$release}" -a x86_64 \
		--dkmstree "$work/dkms" --sourcetree "$work/source" \
		--installtree "$work/install" >"$work/log" 2>&1 || {
		dkms_status=$?
		cat "$work/log" "$work/dkms/vmguestlib/$version/build/make.log"
		return "$dkms_status"
	} 2>/dev/null
}

# Called through check.
# shellcheck disable=SC2317
skipped() {
	do_dkms build "$1" >"$work/said"
	status=$?
	cat "$work/said"
	[ "$status" = 77 ] && [ ! -e "$work/dkms/vmguestlib/$version/$1" ]
}

before=$(find /lib/modules /usr/src /var/lib/dkms -newer "$work/source" 2>/dev/null)
check "dkms add" do_dkms add
check "dkms build" do_dkms build
ko=$(find "$work/dkms/vmguestlib/$version/$release" -name 'vmguestlib.ko*' | head -n 1)
contains "the module is for the kernel of dkms build" "$release " "$(modinfo -F vermagic "$ko")"
expect "the module has the package's version" "$version" "$(modinfo -F version "$ko")"
contains "the module has the alias of a VMware machine" "dmi:*:svnVMware*" \
	"$(modinfo -F alias "$ko")"
# DKMS's exit status for "skipped" is 77. Skipping needs no kernel headers.
for old in 4.19.0-27-amd64 5.4.0-1-amd64 5.9.0-5-amd64; do
	check "dkms: $old is too old, and skipped" skipped "$old"
done
expect "nothing of this machine was touched" "$before" \
	"$(find /lib/modules /usr/src /var/lib/dkms -newer "$work/source" 2>/dev/null)"
finish
