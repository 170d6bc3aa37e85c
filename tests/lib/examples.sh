# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for suites that run the examples in tools/vmxsim/README.md and vmxsim(1). Source
# this file after vmxsim.sh. An example is a block with the mark "sh" in the README, or a
# block that begins with "vmxsim" in the manual page. Each example becomes a file in
# $work/examples.
# shellcheck disable=SC2154

mkdir "$work/examples"
awk -v out="$work/examples/readme-" '
	/^```sh$/ { file = out (++n); next }
	/^```/ { file = "" }
	file { print >file }' tools/vmxsim/README.md
awk -v out="$work/examples/manual-" '
	/^\.Bd -literal/ { first = 1; next }
	/^\.Ed/ { file = "" }
	first { if (/^vmxsim /) file = out (++n); first = 0 }
	file { gsub(/\\e/, "\\"); print >file }' tools/man/vmxsim.1

# status_of EXAMPLE: prints the expected exit status of EXAMPLE. If vmxsim ends with another
# status than 0 in an example of the README, the example checks this status itself.
status_of() {
	case $1,$(cat "$1") in
	*/manual-*"heartbeat run"*) echo 123 ;;
	*) echo 0 ;;
	esac
}

# try EXAMPLE...: runs the examples, each as a test.
try() {
	for example; do
		sh "$example" >"$work/out" 2>"$work/err" </dev/null
		expect "${example##*/}: $(head -n 1 "$example" | cut -c 1-60)" \
			"$(status_of "$example")" $?
	done
}
