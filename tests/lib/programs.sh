# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Test programs, written in C in tests/guest/*/; source it after vmxsim.sh or unit.sh.
# $work, $out, $err and run() are those of vmxsim.sh.
# shellcheck disable=SC2154

# program NAME [FLAG...]: builds tests/guest/*/NAME.c as $work/NAME.
program() {
	program_name=$1
	shift
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Iuapi -Itests/unit \
		-Itests/guest -o "$work/$program_name" \
		tests/guest/*/"$program_name.c" "$@" -pthread
}

# adopt NAME: makes the results in $work/out results of this suite.
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

# run_program NAME OPTION...: runs the program in a guest, with vmware-rpctool for steering.
run_program() {
	run_name=$1
	shift
	run --add "$work/$run_name:/tests/$run_name" \
		--add /usr/bin/vmware-rpctool "$@" -- "/tests/$run_name"
	adopt "$run_name"
}

# sanitized_vmguest: builds vmguest as $work/vmguest/vmguest, which fails if ASan, UBSan or
# the leak detector finds a fault.
sanitized_vmguest() {
	make -s -C tools/vmguest O="$work/vmguest" \
		CFLAGS="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
}

# vmguest_options: prints the options of vmxsim that add the programs of sanitized_vmguest to
# the guest.
vmguest_options() {
	for vmguest_program in "$work"/vmguest/vmguest "$work"/vmguest/vmguest-*; do
		echo "--add $vmguest_program:/usr/bin/${vmguest_program##*/}"
	done
}
