#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# KUnit: the suites of tests/kunit in User Mode Linux, one result for each case.
# KUNIT_KERNELS ("6.1") names the kernels whose source it is built from.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/ktap.sh
. tests/lib/ktap.sh

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'exit 1' HUP INT TERM

# cases LOG: "ok|not ok SUITE: CASE" for each case, what failed in lines before that
# begin with "#", and whether all suites came to their end.
cases() {
	awk '
	/^1\.\.[0-9]+$/ { planned = substr($1, 4) }
	/^(not )?ok / { ended++ }
	/^    # Subtest: / { suite = $3 }
	/^    (not )?ok [0-9]+ / {
		verdict = sub(/^    not ok [0-9]+ (- )?/, "") ? "not ok" : "ok"
		sub(/^    ok [0-9]+ (- )?/, "")
		if (verdict == "not ok")
			printf "%s", why
		print verdict " " suite ": " $0
		why = ""
		next
	}
	/EXPECTATION FAILED|ASSERTION FAILED/ { left = 4 }
	left-- > 0 || /^        not ok / { sub(/^ */, ""); why = why "#" $0 "\n" }
	END {
		if (planned && ended == planned)
			print "ok all suites came to their end"
		else
			print "not ok all suites came to their end"
	}' "$1"
}

for kernel in ${KUNIT_KERNELS:-6.1}; do
	tests/kunit/run "$kernel" >"$logs/$kernel"
	cases "$logs/$kernel" >"$logs/cases"
	why=
	while read -r line; do
		case $line in
		"#"*) why="$why${line#\#}
" ;;
		"ok "*)
			ok "$kernel: ${line#ok }"
			;;
		*"came to their end")
			not_ok "$kernel: ${line#not ok }" "$(tail -n 40 "$logs/$kernel")"
			;;
		*)
			not_ok "$kernel: ${line#not ok }" "$why"
			why=
			;;
		esac
	done <"$logs/cases"
done
finish
