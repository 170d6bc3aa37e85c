#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Every file of the device in sysfs has a description in kmod/docs/ABI. The kernel's script
# get_abi.pl, which runs in a guest, searches for files without a description.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
plan 2

documents=kmod/docs/ABI/testing
tool=$(tests/lib/kernel-source default)/scripts/get_abi.pl

# perl_files: prints the names of the files that perl loads for get_abi.pl.
perl_files() {
	perl -e '
		open(my $tool, "<", shift) or die;
		eval join("", grep { /^use / } <$tool>);
		require Pod::Text::Termcap; # Pod::Usage may want it
		die $@ if $@;
		print "$_\n" for grep { m{^/} } values %INC, @DynaLoader::dl_shared_objects' "$tool"
}

# undocumented DIR: prints the files of the device that have no description in DIR, without dev,
# uevent and power, which belong to the driver core. The module is loaded without its watchdog
# device, because the files of that device belong to the watchdog core.
undocumented() {
	set -- "$1" --add "$tool:/get_abi.pl" --add "$(command -v perl):/usr/bin/perl"
	for file in $(perl_files | sort -u); do
		set -- "$@" --add "$file"
	done
	for file in "$1"/*; do
		set -- "$@" --add "$file:/abi/${file##*/}"
	done
	shift
	run --timeout 300 --module-param watchdog=0 "$@" -- sh -c '
		perl /get_abi.pl --dir /abi --search-string misc/vmguestlib/ undefined'
	[ "$status" = 0 ] || {
		echo "status $status: $out $err"
		return 1
	}
	printf '%s\n' "$out" | grep -vE '/vmguestlib/(dev|uevent|power/.*) not found' || :
}

prints "every file of the device is documented" "" cat undocumented "$documents"

# If the description of session_id is removed, get_abi.pl has to report this file. This shows
# that the test above can fail.
mkdir "$work/less"
for file in "$documents"/*; do
	sed '/^What:.*vmguestlib\/session_id$/d' "$file" >"$work/less/${file##*/}"
done
expect "the tool reports a file that is not documented" \
	"/sys/devices/virtual/misc/vmguestlib/session_id not found." \
	"$(undocumented "$work/less")"
finish
