#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The examples in the README and the manual page of vmxsim work as described. Those with
# installed systems are in tests/live/examples_disk.sh.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/examples.sh

check "there are examples" test -e "$work/examples/readme-6" -a -e "$work/examples/manual-6"
# A list.
# shellcheck disable=SC2046
try $(grep -L -e "--disk" "$work"/examples/*)
finish
