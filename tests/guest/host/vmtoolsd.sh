#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The virtual host with vmtoolsd, the daemon of Debian's open-vm-tools, unmodified: vmtoolsd
# registers with the host, answers the host's requests, reports facts of the guest, logs no
# warning, and powers the guest off on request. The suite also tests the control socket of vmxsim,
# by which the suite makes the host send these requests.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

plugins=/usr/lib/x86_64-linux-gnu/open-vm-tools
socket=$work/control

cat >"$work/tools.conf" <<END
[logging]
log = true
vmtoolsd.level = message
vmtoolsd.handler = std
vmsvc.level = message
vmsvc.handler = std
END
printf '#!/bin/sh\nvmware-rpctool "info-set guestinfo.shutdown $*"\npoweroff -f\n' \
	>"$work/shutdown"
chmod +x "$work/shutdown"

# run_tools OPTION...: runs a guest that has vmtoolsd.
run_tools() {
	run --no-module --control "$socket" --timeout 300 \
		--add /etc/vmware-tools --add "$work/tools.conf:/etc/vmware-tools/tools.conf" \
		--add "$work/shutdown:/sbin/shutdown" --add /usr/bin/vmtoolsd \
		--add /usr/bin/vmware-rpctool --add "$plugins:$plugins" "$@"
}

# ctl WORD...: sends a request to the control socket.
ctl() {
	vmxsim ctl "$socket" "$@"
}

# wait_registered: waits until vmtoolsd has answered the first requests of the host.
wait_registered() {
	until ctl programs 2>/dev/null | grep -q '"Capabilities_Register","answer":"OK "'; do
		kill -0 "$guest" 2>/dev/null || return
		sleep 1
	done
}

# warnings: prints the warnings of vmtoolsd, except those that it also prints on a real host: for
# a library that Debian does not ship, a missing display, and a missing VMCI device (ENODEV, 19).
warnings() {
	grep -E '\[ *(warning|critical|error)\]' "$work/out" |
		grep -vE 'libguestStoreClient.so.0|resolutionKMS|SimpleSock: .*error 19:'
}

test_reports() {
	transport=$1
	shift
	run_tools --fast-time "$@" -- sh -c 'vmtoolsd >/log 2>&1 & sleep 130; cat /log
		vmware-rpctool vmxsim.tclo >&2; vmware-rpctool vmxsim.tools >&2'
	expect "$transport: 130 s of vmtoolsd: status" 0 "$status"
	expect "$transport: 130 s of vmtoolsd: no warnings" "" "$(warnings)"
	contains "$transport: vmtoolsd has registered" "\"name\":\"toolbox\",\"transport\":\"$transport\"" "$err"
	contains "$transport: the host's request for capabilities is answered" \
		'"request":"Capabilities_Register","answer":"OK "' "$err"
	contains "$transport: vmtoolsd reports its version" '"tools.set.versiontype":"' "$err"
	contains "$transport: vmtoolsd reports a capability" '"tools.capability.hgfs_server":"toolbox 1"' "$err"
	contains "$transport: vmtoolsd reports the uptime" '"SetGuestInfo 7":"' "$err"
	contains "$transport: vmtoolsd reports the disks" '"SetGuestDiskInfo":"{' "$err"
}

test_asked() {
	run_tools --dump-guestinfo "$work/guestinfo" -- \
		sh -c 'vmtoolsd >/log 2>&1 & sleep 200' &
	guest=$!
	wait_registered
	expect "vmtoolsd answers: ping" "OK " "$(ctl tclo ping)"
	expect "vmtoolsd answers: Set_Option" "OK " "$(ctl tclo Set_Option synctime 1)"
	expect "vmtoolsd answers: unknown request" "ERROR Unknown Command" "$(ctl tclo nonsense)"
	contains "control: programs has the answers" '"request":"nonsense","answer":"ERROR Unknown Command"' \
		"$(ctl programs)"
	expect "vmtoolsd answers: OS_Halt" "OK " "$(ctl tclo OS_Halt)"
	wait $guest
	contains "OS_Halt: vmtoolsd has run shutdown" '"guestinfo.shutdown":"-h now"' \
		"$(cat "$work/guestinfo")"
	check "control: the socket is gone" test ! -e "$socket"
}

test_control() {
	run --no-module --control "$socket" --trace "$work/trace" --add /usr/bin/vmware-rpctool \
		--ovf-property 'user=a "b" <c>' -- sh -c '
		vmware-rpctool "info-get guestinfo.ovfEnv"
		until vmware-rpctool "info-get guestinfo.go" 2>/dev/null; do sleep 1; done
		vmware-rpctool "info-set guestinfo.done yes"; sleep 100' &
	guest=$!
	ctl guestinfo.set guestinfo.go now or later
	until [ "$(ctl guestinfo.get guestinfo.done 2>/dev/null)" = yes ]; do
		kill -0 "$guest" 2>/dev/null || break
		sleep 1
	done
	expect "control: guestinfo.get" "now or later" "$(ctl guestinfo.get guestinfo.GO)"
	ctl guestinfo.get guestinfo.none >"$work/ctl" 2>&1
	expect "control: guestinfo.get of an unknown variable" "1 vmxsim: ctl: name: there is no such variable" \
		"$? $(cat "$work/ctl")"
	ctl frob >"$work/ctl" 2>&1
	expect "control: unknown request: status" 1 $?
	contains "control: unknown request: message" "request: expected guestinfo.get" "$(cat "$work/ctl")"
	expect "control: steer" "" "$(ctl steer set vmxsim.ha.window 60)"
	contains "control: fault with a bad argument" "expected a number" "$(ctl fault truncate x 2>&1)"
	contains "control: ha" '"status":"gray"' "$(ctl ha)"
	contains "control: counters" '"exits":' "$(ctl counters)"
	contains "control: session" '"reason":"poweron"' "$(ctl session)"
	expect "control: poweroff" "" "$(ctl poweroff)"
	wait $guest
	prints "trace: events are JSON" "" \
	"grep -v '^{\"t_us\":[0-9]*,\"event\":\".*}\$'" cat "$work/trace"
	check "trace: channels" grep -q '"event":"channel".*"what":"open"' "$work/trace"
	check "trace: backdoor commands" grep -q '"event":"command".*"known":true' "$work/trace"
	contains "OVF environment: special characters are escaped" 'oe:key="user" oe:value="a &#34;b&#34; &#60;c&#62;"' \
		"$(cat "$work/out")"
	refused "control: the path is too long" "control socket" --no-module \
		--control "/tmp/$(printf '%0200d' 0)" -- true
}

test_reports vmci
test_reports lb --set vmxsim.transport.vmci=FALSE
test_asked
test_control
finish
