#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The trace that the virtual host writes (--trace): for requests of the programs of open-vm-tools
# it shows the transport, the source port, whether the sender is privileged, and how each
# connection ended.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# traced REQUEST: prints the transport, the source port, and whether the sender is privileged, of
# the first line about REQUEST. There may be more lines, because a client that has lost the reply
# sends the request again.
traced() {
	sed -n "s/.*\"event\":\"request\",.*\"request\":\"$1\",.*\"transport\":\"\([a-z]*\)\",\"source_port\":\([0-9]*\),\"privileged\":\([a-z]*\),.*/\1 \2 \3/p" \
		"$work/trace" | head -n 1
}

# happened REGEX: prints the number of events of connections that match REGEX.
happened() {
	grep -c "\"event\":\"socket\",\"detail\":\"$1" "$work/trace"
}

# Commands that run in the guest
commands='
	vmware-toolbox-cmd stat raw text session
	vmware-toolbox-cmd stat memres
	su nobody -s /bin/sh -c "vmtoolsd --cmd \"info-get guestinfo.a\""
	vmware-rpctool "info-get guestinfo.b"
	vmware-rpctool "vmxsim.set guest_rpc.rpci.usevsocket FALSE"
	vmtoolsd --cmd "info-get guestinfo.c"
'
run --no-module --trace "$work/trace" --add /usr/bin/vmware-rpctool \
	--add /usr/bin/vmware-toolbox-cmd --add /usr/bin/vmtoolsd \
	--set guestinfo.a=1 --set guestinfo.b=2 --set guestinfo.c=3 -- \
	sh -c "$commands"
expect "the commands succeed" 0 "$status"
expect "extended statistics: transport, port, privileged" "vmci 1023 true" \
	"$(traced 'guestlib.stat.get text session *')"
expect "statistics: transport, port, privileged" "vmci 1023 true" "$(traced 'guestlib.info.get 3')"
unprivileged=$(traced 'info-get guestinfo.a')
expect "unprivileged sender: transport, privileged" "vmci false" "${unprivileged%% *} ${unprivileged##* }"
unprivileged=${unprivileged#* }
check "unprivileged sender: port" test "${unprivileged% *}" -ge 1024
contains "vmware-rpctool uses the backdoor" '"door":"hb","request":"info-get guestinfo.b"' \
	"$(cat "$work/trace")"
contains "other programs use the backdoor when there is no vsocket" \
	'"door":"hb","request":"info-get guestinfo.c"' "$(cat "$work/trace")"
connections=$(happened 'connect port=976 ')
check "number of connections" test "$connections" -ge 3 -a "$connections" -le 4
expect "one request for each connection" "$connections" "$(grep -c '"transport":"vmci"' "$work/trace")"
expect "all connections are closed" "$connections" "$(happened 'close port=976 ')"
# vmtoolsd gives up after 8 connections that the host refuses (wire-protocol chapter 3.2).
expect "connections that are refused without vsocket" 8 "$(happened 'refused port=976 ')"
expect "no connection is reset" 0 "$(happened 'reset port=976 ')"
finish
