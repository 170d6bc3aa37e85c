#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Secure Boot with a kernel and a module that are signed with the key that the firmware
# knows, and with a module that is signed with another key.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

# The kernel is signed with a key of the firmware, because the firmware starts it without shim.
# on_each_release calls this function.
# shellcheck disable=SC2317
test_secure_boot() {
	VMXSIM_OVMF_VARS=/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd
	export VMXSIM_OVMF_VARS
	boot secure_boot --firmware ovmf-secure --kernel "${image%/*}/vmlinuz.signed" \
		--add README.md:/opt/live/
}

on_each_release test_secure_boot
finish
