#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest refuses empty words and numbers that are not plain decimal numbers, before it looks
# for a host.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh
plan 59

check "vmguest is built" flock build make -s -C tools/vmguest

# refused MESSAGE WORD...: expects that vmguest with WORDs prints MESSAGE and ends with 64.
# If it accepts the words, it might never end, so the time is limited.
refused() {
	refused_want=$1
	shift
	refused_said=$(timeout 20 build/vmguest/vmguest "$@" 2>&1 </dev/null)
	refused_status=$?
	expect "$*" "$refused_want 64" \
		"$(echo "$refused_said" | sed -n '1s/^vmguest[^:]*: //p') $refused_status"
}

for number in "" -0 +1 " 1" 0x1 1e1 1.5 99999999999999999999; do
	refused "wrong age '$number': 0 to 4294967295 ms" stat "--max-age=$number"
	refused "wrong interval '$number': 1 to 3600000 ms" watch "--interval=$number"
	refused "wrong count '$number'" watch "--count=$number"
	refused "wrong timeout '$number': 1 to 3600 seconds" heartbeat run "--timeout=$number" true
	refused "wrong address 'localhost:$number'" export "--listen=localhost:$number"
done
for number in "" . +1 0x1 1e1 1x -1 1.2.3 0.09 3601; do
	refused "wrong delay '$number': 0.1 to 3600 seconds" top "--delay=$number"
done
refused "unknown command ''" ""
refused "unknown statistic '' ('vmguest stat' lists them)" stat ""
refused "unknown subcommand ''" heartbeat ""
refused "wrong groups: resources, vscsi, vnet" export --collect ""
refused "exactly one request is needed" rpc ""
refused "a command is missing" heartbeat run ""
refused "the check is empty" heartbeat run --check "" true
refused "the command is empty" watch --exec ""
finish
