#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Programs of the guest use VMCI sockets by Linux's driver (vsock_echo.c), with both notify
# protocols and on two processors.
# Kernels: all
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

program vsock_echo
run_program vsock_echo --no-module
run_program vsock_echo --no-module --smp 2
run_program vsock_echo --no-module --set vmxsim.quirk.socketNotify=waits
finish
