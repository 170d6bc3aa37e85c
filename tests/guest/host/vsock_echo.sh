#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# VMCI sockets of the virtual host, used by programs with Linux's driver: streams of bytes to an
# echo port, requests, and refused connections. The tests run with one and two processors, and
# with both notify protocols of the driver. vsock_echo.c makes the checks.
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
