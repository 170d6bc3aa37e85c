#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The examples in tools/vmxsim/README.md and in vmxsim(1) end with the status that they
# describe. tests/live/examples_disk.sh runs the examples that use --disk.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/examples.sh

check "there are examples" test -e "$work/examples/readme-6" -a -e "$work/examples/manual-6"
# The file names are meant to be split into words.
# shellcheck disable=SC2046
try $(grep -L -e "--disk" "$work"/examples/*)
finish
