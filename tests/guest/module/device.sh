#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The requests of /dev/vmguestlib for statistics, as programs make them. ioctl_abi.c, which is
# built for 64 and 32 bits, tries valid and invalid arguments of each request. events.c checks how
# programs are notified of a new session. shared_request.c checks that callers share requests.
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
