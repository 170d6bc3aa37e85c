#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# KUnit: the suites of tests/kunit in User Mode Linux, with one result for each case.
# KUNIT_KERNELS names the kernels that are built for this (default: the kernel of this machine's
# release of Debian).
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh
# shellcheck source=tests/lib/kunit.sh
. tests/lib/kunit.sh

kernels=${KUNIT_KERNELS:-default}
# A list.
# shellcheck disable=SC2086
plan $(($(kunit_planned) * $(echo $kernels | wc -w)))

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

for kernel in $kernels; do
	tests/kunit/run "$kernel" >"$log"
	adopt_kunit "$kernel" "$log"
done
finish
