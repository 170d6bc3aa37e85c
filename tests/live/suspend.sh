#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# "systemctl suspend" (to memory) and "systemctl hibernate" while an application is monitored.
# The HA agent must not reset the machine while the machine sleeps, or after it has awoken.
# The disk is an NVMe disk, because Linux does not initialize a pvscsi controller again after the
# controller has lost power.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# The swap device for hibernation is /dev/vdb, because vmxsim has COMMAND on the first virtio
# disk. The HA agent first gets the Enable of the start of the application, and at last the
# Disable of its stop. on_each_release calls this function.
# shellcheck disable=SC2317
test_suspend() {
	rm -f "$work/swap"
	(umask 077 && truncate -s 2G "$work/swap")
	check "$release: mkswap prepares the swap device" mkswap "$work/swap"
	boot suspend --survive-reset --append "nokaslr no_console_suspend resume=/dev/vdb" \
		--set nvme0:0.present=TRUE --set vmxsim.ha.minUpTime=0 --trace "$work/trace" \
		--qemu-arg -drive --qemu-arg "if=none,id=swap,format=raw,file=$work/swap" \
		--qemu-arg -device --qemu-arg virtio-blk-pci,drive=swap
	prints "$release: the host gets Disable before each sleep, and Enable after it" "enabled
disabled
enabled
disabled
enabled
disabled" "sed -n 's/.*\"detail\":\"\\(enabled\\|disabled\\) request.*/\\1/p'" \
		grep '"event":"ha"' "$work/trace"
}

on_each_release test_suspend
finish
