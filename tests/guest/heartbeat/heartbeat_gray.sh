#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Heartbeats of a machine that is often moved by vMotion, suspended, or reverted to a snapshot.
# Each of these events makes the host forget that vSphere HA application monitoring is enabled.
# The host's status is then gray. The module has to send Enable again within a window of the host.
# If a client has expired, this Enable may delay the reset by one window, but must not prevent the
# reset.
# heartbeat_gray.c makes the checks. The HA agent only logs that it would reset the guest.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_gray is built" program heartbeat_gray
run_program heartbeat_gray --fast-time --set vmxsim.ha.action=log --timeout 300
finish
