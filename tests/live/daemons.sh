#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's unmodified watchdog and sbd use the module's watchdog device. They are killed, and
# restarted before the deadline and after it.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/live.sh

on_each_release boot daemons --set vmxsim.ha.minUpTime=0 --set vmxsim.ha.action=log
finish
