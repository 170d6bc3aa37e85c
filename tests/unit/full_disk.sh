#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest on a full disk: if help cannot be written, vmguest fails and reports it once.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh
plan 16

check "built" flock build make -s -C tools/vmguest
build/vmguest/vmguest --help >/dev/full 2>/dev/null
expect "vmguest --help: status" 74 $?
expect "vmguest --version" "vmguest: standard output: No space left on device" \
	"$(build/vmguest/vmguest --version 2>&1 >/dev/full)"
for command in stat top export doctor report raw watch heartbeat "heartbeat run" rpc status \
	load unload; do
	# The subcommand "run" of heartbeat is a separate word.
	# shellcheck disable=SC2086
	expect "vmguest $command --help" "vmguest $command: standard output: No space left on device
74" "$(build/vmguest/vmguest $command --help 2>&1 >/dev/full; echo $?)"
done
finish
