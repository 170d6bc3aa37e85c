#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Runs the current code under the sanitizers with the inputs that the fuzzers have kept.
set -u

root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh

# Called through check.
# shellcheck disable=SC2317
replay() {
	[ "$inputs" -gt 0 ] || return
	# A list.
	# shellcheck disable=SC2046
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-Itests/fuzz -Itests/unit/shim -Iuapi -Ikmod -o "$work/replay" \
		tests/fuzz/replay.c "tests/fuzz/$1_fuzz.c" \
		$(sed -n 's/^[ /*]*Links: *//p' "tests/fuzz/$1_fuzz.c") &&
		find "tests/fuzz/corpus/$1" -type f -exec "$work/replay" {} +
}

for target in tests/fuzz/*_fuzz.c; do
	target=${target##*/}
	target=${target%_fuzz.c}
	inputs=$(find "tests/fuzz/corpus/$target" -type f | wc -l)
	check "$target: $inputs inputs" replay "$target"
done
finish
