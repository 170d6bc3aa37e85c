#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The examples of vmxsim's README and manual page do what is said there.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# Each example becomes $work/example-N; what the shell is meant to run is marked "sh".
examples_of_readme() {
	awk -v out="$work/example-" '
		/^```sh$/ { file = out (++n); next }
		/^```/ { file = "" }
		file { print >file }' tools/vmxsim/README.md
}

examples_of_manual() {
	awk -v out="$work/manual-" '
		/^\.Sh / { on = $2 == "EXAMPLES" }
		on && /^\.Bd -literal/ { file = out (++n); next }
		/^\.Ed/ { file = "" }
		file { gsub(/\\e/, "\\"); print >file }' tools/man/vmxsim.1
}

# What an example says of its status is in its last line.
try() {
	sh "$1" >"$work/out" 2>"$work/err" </dev/null
	expect "${1##*/}: $(head -n 1 "$1" | cut -c 1-60)" "$2" $?
}

examples_of_readme
examples_of_manual
check "there are examples" test -e "$work/example-5" -a -e "$work/manual-4"
for example in "$work"/example-*; do
	try "$example" 0
done
for example in "$work"/manual-*; do
	case $(cat "$example") in
	*"heartbeat run"*) try "$example" 123 ;;
	*) try "$example" 0 ;;
	esac
done
finish
