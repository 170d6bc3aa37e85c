#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's unmodified cloud-init reads guestinfo, and its vmtoolsd serves, in a booted
# system.
# Variables in single quotes are the guest's.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

image=$(vmxsim rootfs bookworm cloud-init open-vm-tools 2>"$work/rootfs") || {
	not_ok "vmxsim rootfs" "$(tail -n 5 "$work/rootfs")"
	finish
}

userdata='#cloud-config
users:
  - name: visitor
    gecos: by guestinfo
'
metadata='instance-id: vmxsim-1
local-hostname: named
'

test_guestinfo() {
	run --disk "$image" --timeout 1800 \
		--set "guestinfo.userdata=$(printf '%s' "$userdata" | base64 -w 0)" \
		--set guestinfo.userdata.encoding=base64 \
		--set "guestinfo.metadata=$(printf '%s' "$metadata" | base64 -w 0)" \
		--set guestinfo.metadata.encoding=base64 -- sh -c '
		cloud-init status --wait | grep -a "^status"
		cloud-id
		getent passwd visitor | cut -d : -f 1,5
		hostname
		systemctl is-active open-vm-tools
		journalctl -b -u open-vm-tools -p warning -o cat | grep -v "^-- "
		vmware-toolbox-cmd stat sessionid | cut -c 1-2
		systemctl --failed --no-legend'
	expect "cloud-init and vmtoolsd: status" 0 "$status"
	expect "cloud-init: a user and a name by guestinfo; vmtoolsd: no warning" "status: done
vmware
visitor:by guestinfo
named
active
0x" "$out"
}

test_guestinfo
finish
