#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's unmodified cloud-init in an installed system gets its configuration from the host:
# from guestinfo, and from the OVF environment.
# Timeout: 2400
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# Debian's cloud-init reads the OVF environment with vmware-rpctool.
image=$(vmxsim rootfs bookworm cloud-init open-vm-tools 2>"$work/rootfs") || {
	not_ok "vmxsim rootfs" "$(tail -n 5 "$work/rootfs")"
	finish
}

# userdata NAME COMMENT: prints a configuration with the user NAME. cloud-init must not set a
# locale, because a minimal system has no locales.
userdata() {
	base64 -w 0 <<-END
		#cloud-config
		locale: false
		users:
		  - name: $1
		    gecos: by $2
	END
}

# configured USER OPTION...: boots a system with OPTIONs for vmxsim. Sets $out to the status of
# cloud-init, the source of its configuration, USER with its comment, the hostname, and the units
# that have failed.
configured() {
	user=$1
	shift
	run --disk "$image" --no-module --timeout 1000 "$@" -- sh -c '
		cloud-init status --wait | grep -a "^status"
		cloud-id
		getent passwd '"$user"' | cut -d : -f 1,5
		hostname
		systemctl --failed --no-legend'
}

test_guestinfo() {
	metadata=$(printf 'instance-id: vmxsim-1\nlocal-hostname: named\n' | base64 -w 0)
	configured visitor --set "guestinfo.userdata=$(userdata visitor guestinfo)" \
		--set guestinfo.userdata.encoding=base64 \
		--set "guestinfo.metadata=$metadata" --set guestinfo.metadata.encoding=base64
	expect "guestinfo: the user and the hostname are those that the host gives" "status: done
vmware
visitor:by guestinfo
named" "$out"
}

test_ovf() {
	configured guest --ovf-property instance-id=vmxsim-2 --ovf-property hostname=ovfnamed \
		--ovf-property "user-data=$(userdata guest OVF)"
	expect "OVF: the user and the hostname are those that the host gives" "status: done
ovf
guest:by OVF
ovfnamed" "$out"
}

test_guestinfo
test_ovf
finish
