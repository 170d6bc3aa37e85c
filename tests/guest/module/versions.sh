#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# During an upgrade, the loaded module may have another version than the libraries and programs.
# The programs of the last release must work with the module of this tree, and the programs of
# this tree with the module of the last release.
# Tier: more
# Timeout: 1800
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# version_of: prints the version in the dkms.conf at standard input.
version_of() {
	sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p'
}

# The last release is the last commit that wrote an earlier version into dkms.conf.
this=$(version_of <dkms.conf)
release=
for commit in $(git log --format=%H -G'^PACKAGE_VERSION=' -- dkms.conf 2>/dev/null); do
	before=$(git show "$commit:dkms.conf" | version_of)
	[ "$before" = "$this" ] || {
		release=$commit
		break
	}
done
[ "$release" ] || skip_all "no release before $this: this tree has no history"
plan 7

old=build/release
new=$PWD
kernel=$(tests/lib/kernel --headers "${VMXSIM_KERNEL:-default}")
if [ "$(cat $old/commit 2>/dev/null)" != "$release" ]; then
	rm -rf $old
	mkdir -p $old
	git archive "$release" | tar -x -C $old
	echo "$release" >$old/commit
fi
check "release $before: programs and module" make -s -C $old stage "module-$kernel"
expect "the module of the release has its version" "$before" \
	"$(modinfo -F version "$old/build/kmod/$kernel/vmguestlib.ko")"
expect "the module of this tree has the version of this tree" "$(tools/version)" \
	"$(modinfo -F version "build/kmod/$kernel/vmguestlib.ko")"

# serves NAME PROGRAMS MODULE VERSIONS: checks that the programs of the tree PROGRAMS work with
# the module of the tree MODULE. VERSIONS has the versions of both, one per line.
serves() {
	rm -rf "$work/vmxsim"
	cp -a build/vmxsim "$work/vmxsim"
	rm -f "$work/vmxsim/stage" "$work/vmxsim/kmod"
	ln -s "$2/build/stage" "$work/vmxsim/stage"
	ln -s "$3/build/kmod" "$work/vmxsim/kmod"
	"$work/vmxsim/vmxsim" run --set sched.cpu.max=1234 -- sh -c '
		vmguest --version | sed "s/.* //"
		cat /sys/module/vmguestlib/version
		set -- $(vmguest stat cpu/limit_mhz)
		echo $2
		vmguest heartbeat run --name app --timeout 5 -- sh -c "
			vmguest heartbeat list | grep -c ^app"
		vmware-appmonitor enable && vmware-appmonitor markActive && vmware-appmonitor disable
		echo $?
		set -- $(vmguestlibtest -n 1 | grep "^CpuLimitMHz")
		echo $2' >"$work/out" 2>"$work/err"
	expect "$1: status" 0 $?
	expect "$1: statistics, heartbeats, the SDK" "$4
1234
1
0
1234" "$(cat "$work/out")"
}

serves "programs of $before, module of this tree" "$new/$old" "$new" "$before
$(tools/version)"
serves "programs of this tree, module of $before" "$new" "$new/$old" "$(tools/version)
$before"
finish
