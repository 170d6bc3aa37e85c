#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# An installed system with EFI firmware, and with Secure Boot, where the kernel loads no module
# without a known signature. The firmware also starts a kernel of --kernel without such a
# signature.
# Timeout: 2400
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

tests/lib/packages file openssl ovmf >&2
image=$(vmxsim rootfs bookworm open-vm-tools 2>"$work/rootfs") || {
	not_ok "vmxsim rootfs" "$(tail -n 5 "$work/rootfs")"
	finish
}
here=${image%/*}
key=/usr/share/ovmf/PkKek-1-snakeoil

test_efi() {
	run --disk "$image" --no-module --firmware ovmf --kernel "$here/vmlinuz" \
		--timeout 900 -- sh -c '
		test -d /sys/firmware/efi && echo EFI
		cat /sys/class/dmi/id/product_name
		systemd-detect-virt'
	expect "EFI: status" 0 "$status"
	expect "EFI: the firmware and the machine" "EFI
VMware7,1
vmware" "$out"
}

test_secure() {
	release=$(file -b "$here/vmlinuz" | sed 's/.*version \([^ ]*\) .*/\1/')
	# The module is signed with the test key that the package ovmf publishes.
	openssl rsa -in "$key.key" -passin pass:snakeoil -out "$work/key.pem" 2>/dev/null
	sign_file=$(find /usr/lib/linux-kbuild-*/scripts/sign-file | head -n 1)
	check "Secure Boot: the module is signed" "$sign_file" sha256 "$work/key.pem" \
		"$key.pem" "build/kmod/$release/vmguestlib.ko" "$work/signed.ko"
	VMXSIM_OVMF_VARS=/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd
	export VMXSIM_OVMF_VARS
	run --disk "$image" --no-module --firmware ovmf-secure --kernel "$here/vmlinuz" \
		--add "build/kmod/$release/vmguestlib.ko:/opt/unsigned.ko" \
		--add "$work/signed.ko:/opt/signed.ko" --timeout 900 -- sh -c '
		dmesg | grep -o "Secure boot enabled"
		cat /sys/kernel/security/lockdown
		modprobe watchdog
		insmod /opt/unsigned.ko 2>/dev/null || echo refused
		insmod /opt/signed.ko && cat /sys/class/misc/vmguestlib/cpu/reservation_mhz
		vmware-toolbox-cmd stat cpures'
	expect "Secure Boot: only the signed module is loaded" "Secure boot enabled
none [integrity] confidentiality
refused
0
0 MHz" "$out"
}

test_efi
test_secure
finish
