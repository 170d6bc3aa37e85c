#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Heartbeats of a machine that is moved, suspended or reverted often.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program heartbeat_gray
run_program heartbeat_gray --fast-time --set vmxsim.ha.action=log --timeout 300
finish
