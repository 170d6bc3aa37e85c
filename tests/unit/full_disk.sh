#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest on a full disk: if help or the version cannot be written, vmguest prints one message and
# ends with status 74, which vmguest(1) documents.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh
plan 16

check "vmguest is built" flock build make -s -C tools/vmguest
for option in --help --version; do
	expect "vmguest $option: one message, and the status" \
		"vmguest: standard output: No space left on device
74" "$(build/vmguest/vmguest $option 2>&1 >/dev/full; echo $?)"
done
for command in stat top export doctor report raw watch heartbeat "heartbeat run" rpc status \
	load unload; do
	# $command has no quotes, because "heartbeat run" has to become two arguments.
	# shellcheck disable=SC2086
	expect "vmguest $command --help: one message, and the status" "vmguest $command: standard output: No space left on device
74" "$(build/vmguest/vmguest $command --help 2>&1 >/dev/full; echo $?)"
done
finish
