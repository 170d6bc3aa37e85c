#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
# Tier: more
# Timeout: 3000
#
# The Debian packages: they are built and checked by lintian in an empty root of each release
# in DEB_SUITES. They are installed before and after open-vm-tools, upgraded and purged, and
# autopkgtest runs their tests.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh

# The script in the root prints "ok NAME" or "not ok NAME: why". Each line becomes a test.
adopt() {
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "$1: ${line#ok }" ;;
		"not ok "*) not_ok "$1: ${line#not ok }" "$(tail -n 15 "$2.err")" ;;
		esac
	done <"$2"
	contains "$1: to the end" "the end" "$(tail -n 1 "$2")"
}

for suite in ${DEB_SUITES:-bookworm trixie}; do
	check "$suite: make deb, lintian without an error" tests/lib/debs "$suite"
	prints "$suite: the compiler has no warning" "" \
		"grep -E '\.[ch]:[0-9]+:[0-9]+: warning: '" cat "build/deb/$suite/log"
	tests/lib/clean-root "$suite" sh tests/packages/inside "build/deb/$suite" \
		>"$work/said" 2>"$work/said.err" </dev/null
	adopt "$suite" "$work/said"
	check "$suite: autopkgtest" tests/lib/clean-root "$suite" sh tests/packages/autopkgtest \
		"build/deb/$suite"
done
finish
