#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Hibernation: the kernel writes the memory to a disk, and restores the memory later. The module
# has to disable heartbeats before hibernation and enable them after it. No deadline may pass
# during hibernation, and no channel may stay open at the host. The test uses the kernel's mode
# test_resume, in which the kernel resumes without a power cycle. The disk can therefore be a
# RAM disk (brd). Linux 5.10 and 6.1 report a RAM disk as busy in this mode, so the suite is
# skipped with all kernels of these versions.
#
# Kernels: all
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

case ${VMXSIM_KERNEL:=6.12} in
5.10 | 5.10[.@-]* | 6.1 | 6.1[.@-]*)
	skip "hibernation" "test_resume does not work with this kernel"
	finish
	;;
esac

kernels=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels
find "$kernels/$VMXSIM_KERNEL/" -name 'brd.ko*' -exec cp {} "$work/" \;
[ ! -e "$work/brd.ko.xz" ] || xz -d "$work/brd.ko.xz"
check "the program heartbeat_client is built" program heartbeat_client
# Commands of the guest that prepare hibernation to a RAM disk
prepare='
	cd /sys/class/misc/vmguestlib
	echo backdoor >/sys/module/vmguestlib/parameters/transport
	insmod /brd.ko rd_size=131072 rd_nr=1
	mkswap /dev/ram0 >/dev/null && swapon /dev/ram0
	echo 0 >/sys/power/image_size
	echo test_resume >/sys/power/disk
'
# At the end, three channels are open. The module has two, for statistics and for readers of
# heartbeat/enabled. vmware-rpctool, which reads the counters, has one. In the sleep of 5 s, the
# client is armed and sends beats.
run --fast-time --timeout 600 --mem 512 --trace "$work/trace" --add /usr/bin/vmware-rpctool \
	--add "$work/brd.ko:/brd.ko" --add "$work/heartbeat_client:/heartbeat_client" \
	-- sh -c "$prepare"'
	/heartbeat_client app 20000 stop 5000 for 100000 V >/dev/null &
	sleep 5
	cat cpu/used_ms >/dev/null
	echo disk >/sys/power/state && echo awake
	cat heartbeat/enabled heartbeat/missed
	[ "$(cat cpu/used_ms)" -gt 0 ] && echo asked
	wait $! && cat heartbeat/enabled
	# The memory was restored if the log has the message that was printed before the image
	# was made, and lacks the one that was printed after this.
	dmesg | grep -c "pages for snapshot"
	dmesg | grep -c "Image saving done"
	vmware-rpctool vmxsim.counters | sed "s/.*\"channels\":\([0-9]*\).*/channels \1/"'
expect "the guest ends with status 0" 0 "$status"
expect "the machine is awake, monitoring is enabled, no deadline was missed, no channel is left behind" "awake
1
0
asked
0
1
0
channels 3" "$out"
expect "monitoring is disabled before hibernation, and enabled after it" \
	"enabled request,green beat,disabled request,gray disable,enabled request,green beat,ok request,disabled request,gray disable" \
	"$(sed -n 's/.*"event":"ha","detail":"\([^"]*\)".*/\1/p' "$work/trace" |
		tr '\n' ',' | sed 's/,$//')"

# Programs make requests until the kernel freezes them. On the second processor, a program can
# make a request after the module has closed its channels for hibernation. A channel that is
# opened for this request must not stay open. At the end, two channels are open: the module has one
# for statistics, and vmware-rpctool, which reads the counters, has one.
run --smp 2 --timeout 600 --mem 512 --add /usr/bin/vmware-rpctool \
	--add "$work/brd.ko:/brd.ko" -- sh -c "$prepare"'
	echo 0 >max_age_ms
	while :; do cat cpu/used_ms; done >/dev/null &
	first=$!
	while :; do cat mem/used_mb; done >/dev/null &
	second=$!
	for _ in 1 2; do
		sleep 1
		echo disk >/sys/power/state && echo awake
	done
	kill $first $second
	wait
	[ "$(cat cpu/used_ms)" -gt 0 ] && echo asked
	vmware-rpctool vmxsim.counters | sed "s/.*\"channels\":\([0-9]*\).*/channels \1/"'
expect "programs request until they are frozen: no channel is left behind" "awake
awake
asked
channels 2" "$out"
finish
