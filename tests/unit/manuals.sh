#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The manual pages name every option, request, function and key. Lint checks their form.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/ktap.sh
plan 18

man=tools/man

# speaks PAGE WORD: succeeds if the formatted page has the word.
speaks() {
	mandoc -T ascii "$1" | sed 's/.\x08//g' | grep -qwF -- "$2"
}

# all_in PAGE WORD...: prints each WORD that the page does not have.
all_in() {
	page=$1
	shift
	[ $# -gt 0 ] || echo "nothing to look for"
	for word; do
		speaks "$page" "$word" || echo "$word"
	done
}

# options: prints the options that standard input names, except --help and --version. Short
# options are printed only if there are no long ones.
options() {
	options=$(cat)
	echo "$options" | grep -oE -- "--[a-z][a-z0-9-]*" | sort -u |
		grep -vxE -- "--(help|version)" ||
		echo "$options" | grep -oE -- "(^| |\[)-[a-z]\>" | tr -d " [" | sort -u
}

# same_options PAGE HELP: expects that the page and the help name the same options.
same_options() {
	expect "$1: every option" "$(echo "$2" | options)" \
		"$(mandoc -T ascii "$man/$1" | sed 's/.\x08//g' | options)"
}

# The lists are meant to be split.
# shellcheck disable=SC2046
{
	expect "vmguestlib.4: every parameter of the module" "" \
		"$(all_in $man/vmguestlib.4 $(sed -n \
			's/^module_param[a-z_]*(\([a-z_]*\),.*/\1/p' kmod/*.c))"
	expect "vmguestlib.4: every request" "" \
		"$(all_in $man/vmguestlib.4 $(sed -n \
			's/^#define \(VMGUESTLIB_IOC_[A-Z_]*\)[[:space:]]*_IO(.*/\1/p' \
			uapi/linux/vmguestlib.h))"
	expect "VMGuestLib.3: every function" "" \
		"$(all_in $man/VMGuestLib.3 $(grep ^VMGuestLib tests/unit/userlib/symbols))"
	expect "VMGuestAppMonitor.3: every function" "" \
		"$(all_in $man/VMGuestAppMonitor.3 $(grep ^VMGuestAppMonitor \
			tests/unit/userlib/appmonitor_symbols))"
	expect "vmxsim.1: every fault" "" \
		"$(all_in $man/vmxsim.1 $(sed -n \
			's/^	{ "\([a-z0-9]*\)",[ 	]*FAULT_.*/\1/p' tools/vmxsim/host/fault.c))"
	expect "vmxsim.1: every steering request" "" \
		"$(all_in $man/vmxsim.1 $(sed -n \
			's/^	{ "\([a-z]*\)", [a-z]*, steer_.*/vmxsim.\1/p' \
			tools/vmxsim/host/steer.c))"
	expect "vmxsim.1: every exit status" "" \
		"$(all_in $man/vmxsim.1 $(sed -n \
			's/^	EXIT_[A-Z_]* = \([0-9]*\),$/\1/p' tools/vmxsim/launcher/util.h))"
	expect "vmxsim.1: every variable" "" \
		"$(all_in $man/vmxsim.1 $(sed -n \
			's/.*getenv("\(VMXSIM_[A-Z_]*\)").*/\1/p' tools/vmxsim/*/*.c))"
}
same_options vmxsim.1 "$(build/vmxsim/vmxsim --help)"
same_options vmguestlibtest.1 "$(build/userlib/vmguestlibtest -h)"
same_options appmonitor-sample.1 "$(build/userlib/appmonitor-sample -h)"
vmguest=build/vmguest/vmguest
for command in stat top export watch doctor report; do
	same_options vmguest-$command.1 "$($vmguest $command --help)"
done
same_options vmguest-heartbeat.1 "$($vmguest heartbeat --help
	$vmguest heartbeat run --help)"
finish
