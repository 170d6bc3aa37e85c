#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The demonstration tests/demo: the script succeeds, and its output has the text of each part. The
# script fails on a host on which a part cannot work.
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
	expect "the demonstration ends with status 0" 0 $status
	expect "the demonstration writes nothing on standard error" "" "$(cat "$work/err")"
	shown "kernel log: VMware is detected" "Hypervisor detected: VMware"
	shown "vmware-checkvm detects VMware" "VMware software version 6 (good)"
	shown "the device is listed" /dev/vmguestlib
	expect "the tables have all numbers" 35 \
		"$(grep -cE '^(cpu/|mem/|host/|elapsed)[a-z_]+ +[0-9]+ +[0-9]+' "$work/out")"
	check "four ways to read the limit agree" \
		grep -qE '^cpu/limit_mhz +2000 +2000 +2000 +2000$' "$work/out"
	shown "the path of the resource pool is shown" host/user/production
	check "vmguest: statistics with units" \
		grep -qE '^cpu/limit_mhz +2000 MHz$' "$work/out"
	check "vmguest doctor: statistics are given" \
		grep -qE '^ok +statistics +38 statistics are given' "$work/out"
	check "vmguest: top" grep -qE '^ +contention +[0-9.]+ %' "$work/out"
	shown "wait for a vMotion: begins" "waiting in poll(): session 0x"
	shown "wait for a vMotion: ends" "woken            : session 0x"
	shown "host that refuses: error of sysfs" "cat: read error: Remote I/O error"
	shown "host that refuses: error of the ioctl" "demo: GET_INFO: Remote I/O error"
	shown "host that refuses: error of the library" "UpdateInfo: VMware Guest API is not enabled"
	shown "the application that died is named" "heartbeat client database expired"
	shown "the machine boots again after the reset" "... and the machine is back: boot 2."
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
	shown "a statistic is missing: message" "*** the demo failed"
}

test_success
test_failure
finish
