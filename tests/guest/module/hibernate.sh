#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The machine is written to a disk and restored from it. The disk is a part of its
# memory, which is as good as any when the kernel resumes without a power cycle in
# between (test_resume); kernels before 6.3 find their own disk busy then.
# Kernels: all
# Variables in single quotes are the guest's.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

case ${VMXSIM_KERNEL:=6.12} in
5.10 | 5.10[.@]* | 6.1 | 6.1.*)
	skip "hibernation" "test_resume does not work with this kernel"
	finish
	;;
esac

kernels=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels
find "$kernels/$VMXSIM_KERNEL/" -name 'brd.ko*' -exec cp {} "$work/" \;
[ ! -e "$work/brd.ko.xz" ] || xz -d "$work/brd.ko.xz"
check "built" program heartbeat_client
prepare='
	cd /sys/class/misc/vmguestlib
	echo backdoor >/sys/module/vmguestlib/parameters/transport
	insmod /brd.ko rd_size=131072 rd_nr=1
	mkswap /dev/ram0 >/dev/null && swapon /dev/ram0
	echo 0 >/sys/power/image_size
	echo test_resume >/sys/power/disk
'
# At the end there are the channels of the statistics, of who asked heartbeat/enabled,
# and of who counts.
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
	# What was said after the image was made is not a part of it.
	dmesg | grep -c "pages for snapshot"
	dmesg | grep -c "Image saving done"
	vmware-rpctool vmxsim.counters | sed "s/.*\"channels\":\([0-9]*\).*/channels \1/"'
expect "status" 0 "$status"
expect "awake, enabled, no deadline was missed; no channel is left behind" "awake
1
0
asked
0
1
0
channels 3" "$out"
expect "disabled before, enabled after" \
	"enabled request,green beat,disabled request,gray disable,enabled request,green beat,ok request,disabled request,gray disable" \
	"$(sed -n 's/.*"event":"ha","detail":"\([^"]*\)".*/\1/p' "$work/trace" |
		tr '\n' ',' | sed 's/,$//')"

# Programs ask until they are frozen, on the other processor after the channels were
# closed: nothing that is open by then may be lost. At the end there are the channels of
# the statistics and of who counts.
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
expect "asked until frozen: no channel is left behind" "awake
awake
asked
channels 2" "$out"
finish
