# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for suites that use the C programs in tests/guest/*/. Source this file after
# vmxsim.sh or unit.sh. It uses $work, $out, $err and run() of vmxsim.sh.
# shellcheck disable=SC2154

# program NAME [FLAG...]: builds tests/guest/*/NAME.c with FLAGs, as $work/NAME.
program() {
	program_name=$1
	shift
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Iuapi -Itests/unit \
		-Itests/guest -o "$work/$program_name" \
		tests/guest/*/"$program_name.c" "$@" -pthread
}

# adopt NAME: adds the results in $work/out to those of this suite, with NAME in front of each.
adopt() {
	adopt_plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$work/out")
	adopt_seen=0
	adopt_why=
	while IFS= read -r line; do
		case $line in
		"# "*)
			adopt_why="$adopt_why${line#??}
"
			continue
			;;
		"ok "*)
			line=${line#ok }
			ok "$1: ${line#* }"
			;;
		"not ok "*)
			line=${line#not ok }
			not_ok "$1: ${line#* }" "$adopt_why"
			;;
		*) continue ;;
		esac
		adopt_seen=$((adopt_seen + 1))
		adopt_why=
	done <"$work/out"
	if [ "$adopt_seen" = "${adopt_plan:-none}" ]; then
		ok "$1: runs to its end"
	else
		not_ok "$1: runs to its end" \
			"planned ${adopt_plan:-nothing}, saw $adopt_seen
$out
$err"
	fi
}

# run_program NAME OPTION...: runs the program in a guest, and adopts its results. The guest has
# vmware-rpctool, by which the program controls the host.
run_program() {
	run_name=$1
	shift
	run --add "$work/$run_name:/tests/$run_name" \
		--add /usr/bin/vmware-rpctool "$@" -- "/tests/$run_name"
	adopt "$run_name"
}

# sanitized_vmguest: builds vmguest as $work/vmguest/vmguest, with ASan, UBSan and the leak
# detector. This vmguest fails if one of them finds a fault.
sanitized_vmguest() {
	make -s -C tools/vmguest O="$work/vmguest" \
		CFLAGS="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
}

# vmguest_options: prints options for vmxsim that add the programs of sanitized_vmguest to a
# guest.
vmguest_options() {
	for vmguest_program in "$work"/vmguest/vmguest "$work"/vmguest/vmguest-*; do
		echo "--add $vmguest_program:/usr/bin/${vmguest_program##*/}"
	done
}
