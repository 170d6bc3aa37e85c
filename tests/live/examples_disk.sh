#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The examples of vmxsim's README and manual page that boot an installed system.
# Timeout: 2400
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/examples.sh

examples=$(grep -l -e "--disk" "$work"/examples/*)
check "there are examples" test "$examples"
# The list is meant to be split.
# shellcheck disable=SC2086
try $examples
finish
