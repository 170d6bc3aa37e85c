#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# libappmonitor, by the test program beside this file.
# Kernels: all
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

include=-Iuserlib/include/libappmonitor
log=vmxsim.ha.action=log

program appmonitor $include -Lbuild/stage/usr/lib -lappmonitor &&
	run_program appmonitor --set $log
# The 32-bit program is static, because the guest has no 32-bit libraries.
program appmonitor -m32 -static $include -Iuserlib userlib/appmonitor.c \
	userlib/device.c && run_program appmonitor --set $log
finish
