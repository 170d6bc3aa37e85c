#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmxsim boots an installed Debian with systemd as its first process. The system runs COMMAND,
# loads the module by udev and has a network. Without --write-disk its disk is not changed.
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

image=$(vmxsim rootfs bookworm curl 2>"$work/rootfs") || {
	not_ok "vmxsim rootfs" "$(tail -n 5 "$work/rootfs")"
	finish
}
# A write would change the time of the image or its number of blocks.
before=$(stat -c "%y %b" "$image")

# COMMAND gets its arguments and files. vmxsim prints the output of COMMAND, and ends with the
# status of COMMAND.
test_command() {
	echo added >"$work/added"
	run --disk "$image" --timeout 1500 --net user --add "$work/added:/opt/added" -- sh -c '
		cat /proc/1/comm /opt/added
		systemd-detect-virt
		echo "boot $VMXSIM_BOOT"
		ls /sys/block | grep "^sd"
		cat /sys/class/net/e*/address
		test "$(cat /sys/class/misc/vmguestlib/elapsed_ms)" -gt 0 && echo served
		# The gateway is 10.0.2.2. DHCP may end after the boot.
		until grep -m 1 -o 0202000A /proc/net/route; do sleep 1; done
		echo error >&2
		rm -rf /usr/share/doc
		exit 7'
	expect "COMMAND: status" 7 "$status"
	expect "COMMAND: output" "systemd
added
vmware
boot 1
sda
00:0c:29:1e:23:f3
served
0202000A" "$out"
	expect "COMMAND: standard error" "error" "$err"
	expect "the disk is not changed" "$before" "$(stat -c "%y %b" "$image")"
	expect "vmxsim rootfs finds the image again" "$image" "$(vmxsim rootfs bookworm curl)"
}

# The first boot installs the module and does not load it; udev loads it in the second boot.
test_udev() {
	release=$(basename "$(readlink -f "$cache/kernels/$(tests/lib/kernel --version)")")
	run --disk "$image" --timeout 2400 --no-module --survive-reset \
		--add "build/kmod/$release/vmguestlib.ko:/opt/vmguestlib.ko" -- sh -c '
		if [ "$VMXSIM_BOOT" = 1 ]; then
			grep -c "^vmguestlib" /proc/modules
			mkdir -p /lib/modules/$(uname -r)/updates
			cp /opt/vmguestlib.ko /lib/modules/$(uname -r)/updates/
			depmod
			systemctl reboot
			sleep 1000
		fi
		grep -o "^vmguestlib" /proc/modules
		test "$(cat /sys/class/misc/vmguestlib/elapsed_ms)" -gt 0 && echo served'
	expect "udev: status" 0 "$status"
	expect "udev: the module is loaded at the boot after its installation" "0
vmguestlib
served" "$out"
}

test_write() {
	cp --sparse=always "$image" "$work/disk.img"
	cp "${image%/*}/vmlinuz" "${image%/*}/initrd.img" "$work/"
	run --disk "$work/disk.img" --timeout 1500 --no-module --write-disk -- sh -c 'echo kept >/root/kept'
	expect "--write-disk: status" 0 "$status"
	expect "--write-disk: the file is kept" kept "$(debugfs -R 'cat /root/kept' "$work/disk.img" 2>/dev/null)"
	# In a system without the unit, no COMMAND runs.
	debugfs -w -R "rm /etc/systemd/system/multi-user.target.wants/vmxsim-command.service" \
		"$work/disk.img" 2>/dev/null
	refused "no unit" "vmxsim-command.service" --disk "$work/disk.img" --no-module \
		--timeout 150 -- true
}

test_options() {
	refused "no image" "No such file" --disk "$work/none" -- true
	refused "no firmware" "expected bios, ovmf or ovmf-secure" --disk "$image" \
		--firmware none -- true
	refused "firmware without a disk" "are for --disk" --firmware ovmf -- true
	refused "network" "expected user" --net bridge -- true
	refused "gdb" "from 1 to 65535" --gdb 0 -- true
	refused "message of QEMU" "no-such-option" --qemu-arg -no-such-option -- true
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib
test_options
test_command
test_udev
test_write
finish
