#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The commands in the section "Five tasks" of README.md print what README.md shows. In the
# examples, the balloon has 55 MB, so the virtual host gets this value.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# Make the files N.command and N.output for the Nth command of the section and its output.
mkdir "$work/tasks"
awk -v tasks="$work/tasks/" '
	/^## / { here = $0 == "## Five tasks" }
	/^```/ { task = ""; next }
	here && sub(/^\$ /, "") { task = tasks (++n); more = 1; printf "" >(task ".output") }
	task { print >(task (more ? ".command" : ".output")); more = more && /\\$/ }' README.md

# All commands for a guest run in one guest.
cat >"$work/tasks/in-guest" <<'EOT'
cd /tasks || exit 1
for task in *.command; do
	grep -q '^build/' "$task" && continue
	echo "@${task%.command}"
	sh "./$task" 2>&1
done
EOT
run --set vmxsim.stat.memBalloonedMB=55 --add "$work/tasks:/tasks" -- sh /tasks/in-guest

# printed N: prints what command N has printed.
printed() {
	if grep -q '^build/' "$work/tasks/$1.command"; then
		sh "$work/tasks/$1.command" 2>&1 </dev/null
	else
		awk -v task="@$1" '/^@/ { here = $0 == task; next } here' "$work/out"
	fi
}

plan 6
for number in 1 2 3 4 5 6; do
	expect "$(head -n 1 "$work/tasks/$number.command")" \
		"$(cat "$work/tasks/$number.output")" "$(printed "$number")"
done
finish
