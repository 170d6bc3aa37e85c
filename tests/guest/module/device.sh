#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# /dev/vmguestlib and the events of sysfs, by the test programs beside this file.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

program ioctl_abi
run_program ioctl_abi
program ioctl_abi -m32 -static
run_program ioctl_abi
program events
run_program events
program shared_request
run_program shared_request --smp 2
finish
