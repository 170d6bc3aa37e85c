#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# libappmonitor, the SDK's library for application monitoring: each function sends the right
# request, returns the error for the host's answer, and fails for users without the right to
# send heartbeats. The program appmonitor.c, which is built for 64 and 32 bits, makes the checks
# in a guest.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

include=-Iuserlib/include/libappmonitor
# The HA agent of the virtual host only logs that it would reset the guest, so that the program
# can go on.
log=vmxsim.ha.action=log

program appmonitor $include -Lbuild/stage/usr/lib -lappmonitor &&
	run_program appmonitor --set $log
# The 32-bit program is static, because the guest has no 32-bit libraries.
program appmonitor -m32 -static $include -Iuserlib userlib/appmonitor.c \
	userlib/device.c && run_program appmonitor --set $log
finish
