#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# systemd services that vSphere HA monitors, with the unit vmguest-heartbeat@ or with the example
# heartbeat.conf. A service hangs, is killed, fails a check, is stopped and is restarted.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

on_each_release boot heartbeat_units --set vmxsim.ha.minUpTime=0 --set vmxsim.ha.action=log
finish
