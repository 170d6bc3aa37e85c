#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The units that tie a service to vSphere HA: the service hangs, is killed, fails a check, is
# stopped in each way, restarted and reloaded.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

on_each_release boot heartbeat_units --set vmxsim.ha.minUpTime=0 --set vmxsim.ha.action=log
finish
