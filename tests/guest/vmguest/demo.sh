#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The demonstration tests/demo: the script succeeds and shows all parts that it announces. It
# fails on a host on which a part cannot work.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# shown NAME TEXT: checks that a line of the demonstration contains TEXT.
shown() {
	check "$1" grep -qF -- "$2" "$work/out"
}

test_success() {
	tests/demo >"$work/out" 2>"$work/err" </dev/null
	status=$?
	expect "status" 0 $status
	expect "nothing on standard error" "" "$(cat "$work/err")"
	shown "detection" "Hypervisor detected: VMware"
	shown "open-vm-tools' detection" "VMware software version 6 (good)"
	shown "device" /dev/vmguestlib
	expect "every number is in the tables" 35 \
		"$(grep -cE '^(cpu/|mem/|host/|elapsed)[a-z_]+ +[0-9]+ +[0-9]+' "$work/out")"
	check "four routes agree on the limit" \
		grep -qE '^cpu/limit_mhz +2000 +2000 +2000 +2000$' "$work/out"
	shown "resource pool" host/user/production
	check "vmguest: statistics with units" \
		grep -qE '^cpu/limit_mhz +2000 MHz$' "$work/out"
	check "vmguest: the doctor finds the host" \
		grep -qE '^ok +statistics +38 statistics are given' "$work/out"
	check "vmguest: top" grep -qE '^ +contention +[0-9.]+ %' "$work/out"
	shown "waiting" "waiting in poll(): session 0x"
	shown "woken" "woken            : session 0x"
	shown "error of sysfs" "cat: read error: Remote I/O error"
	shown "error of the ioctl" "demo: GET_INFO: Remote I/O error"
	shown "error of the library" "UpdateInfo: VMware Guest API is not enabled"
	shown "the dead application's name" "heartbeat client database expired"
	shown "the machine is back" "... and the machine is back: boot 2."
	check "parts are shorter than a screen" awk '
		/^===/ { if (n > 24) exit 1; n = 0 } { n++ } END { exit n > 24 }' "$work/out"
	check "no line is wider than a screen" awk 'length > 80 { exit 1 }' "$work/out"
}

# On a host on which a part cannot work, the demonstration must fail.
test_failure() {
	mkdir "$work/bin" "$work/broken" "$work/broken/build"
	cp -r tests uapi "$work/broken/"
	mkdir "$work/broken/build/vmxsim"
	cat >"$work/broken/build/vmxsim/vmxsim" <<-END
		#!/bin/sh
		shift
		exec "$root/build/vmxsim/vmxsim" run --set vmxsim.stat.cpuUsedMs=unavailable "\$@"
	END
	chmod +x "$work/broken/build/vmxsim/vmxsim"
	"$work/broken/tests/demo" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	expect "a statistic is missing: status" 1 $status
	shown "a statistic is missing: says so" "*** the demo failed"
}

test_success
test_failure
finish
