#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's unmodified vmtoolsd as a service of an installed system, from open-vm-tools 12 and 13.
# vmtoolsd logs no warning, answers the host, and shuts the system down when the host requests it.
# Timeout: 3000
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

socket=$work/control

# The command in the guest lets the service run for 130 s, and prints its warnings.
cat >"$work/command" <<'E2'
property() {
	systemctl show -P "$1" open-vm-tools
}
since=$(property ActiveEnterTimestampMonotonic)
while [ $(($(cut -d . -f 1 /proc/uptime) - since / 1000000)) -lt 130 ]; do
	sleep 1
done
echo "service: $(property ActiveState), restarted $(property NRestarts) times"
echo "version: $(vmware-toolbox-cmd -v | cut -d . -f 1)"
journalctl -b -u open-vm-tools -u vgauth -p warning -o cat | grep -v "^-- "
systemctl --failed --no-legend
echo "virtualization: $(systemd-detect-virt)"
hostnamectl | sed -n 's/^ *\(Virtualization\|Hardware Vendor\): /\1: /p'
echo "what vmtoolsd says: $(vmware-rpctool vmxsim.tools)" >&2
echo ready
sleep 1000
E2

# ready: waits until the guest reports that it is ready; fails if the guest has ended.
ready() {
	until grep -q '^ready' "$work/out"; do
		kill -0 "$guest" 2>/dev/null || return
		sleep 1
	done
}

# serves NAME VERSION SUITE PACKAGE: boots the Debian release SUITE with PACKAGE, whose major
# version must be VERSION. The results are named NAME.
serves() {
	image=$(vmxsim rootfs "$3" "$4" 2>"$work/rootfs") || {
		not_ok "$1: vmxsim rootfs" "$(tail -n 5 "$work/rootfs")"
		return
	}
	: >"$work/out"
	vmxsim run --disk "$image" --no-module --net user --timeout 1200 --control "$socket" \
		--add "$work/command:/command" -- \
		sh /command >"$work/out" 2>"$work/err" </dev/null &
	guest=$!
	ready
	expect "$1: the service runs for 130 s without a warning" "service: active, restarted 0 times
version: $2
virtualization: vmware
Virtualization: vmware
Hardware Vendor: VMware, Inc.
ready" "$(cat "$work/out")"
	check "$1: vmtoolsd reports the name of the system" grep -q "prettyName='Debian GNU/Linux" "$work/err"
	check "$1: vmtoolsd reports the network" grep -q "00:0c:29:1e:23:f3" "$work/err"
	expect "$1: vmtoolsd answers a ping" "OK " "$(vmxsim ctl "$socket" tclo ping)"
	expect "$1: vmtoolsd accepts the shutdown" "OK " "$(vmxsim ctl "$socket" tclo OS_Halt)"
	wait "$guest"
	# vmxsim has no status of COMMAND, because the system has shut down before COMMAND ended.
	expect "$1: the guest has ended without a status of COMMAND" 125 $?
	log=$(sed -n "s/^vmxsim: the guest's log is in //p" "$work/err")
	check "$1: the kernel powers the machine down" grep -qa "reboot: Power down" "$log"
}

serves "open-vm-tools 12" 12 bookworm open-vm-tools
serves "open-vm-tools 13" 13 trixie-backports open-vm-tools/trixie-backports
finish
