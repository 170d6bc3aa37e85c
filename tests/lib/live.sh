# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for the suites in tests/live that test the project's packages in installed systems.
# Source this file at the top of the tree. Such a suite runs on each release of Debian in
# LIVE_SUITES (default "bookworm trixie").

. tests/lib/vmxsim.sh

# The project's packages are installed in the system, so vmxsim must not add programs or the
# module.
mkdir "$work/vmxsim"
cp -a build/vmxsim/. "$work/vmxsim/"
rm -rf "$work/vmxsim/stage" "$work/vmxsim/kmod"
PATH=$work/vmxsim:$PATH

# adopt RELEASE FILE: adds the results of a guest in FILE to those of this suite. Each result is a
# line "ok NUMBER NAME" or "not ok NUMBER NAME". Lines "# TEXT" before a result explain a
# failure.
adopt() {
	reason=
	while IFS= read -r line; do
		case $line in
		"ok "*)
			ok "$1: ${line#ok * }"
			reason=
			;;
		"not ok "*)
			not_ok "$1: ${line#not ok * }" "$reason"
			reason=
			;;
		"# "*) reason="$reason${line#\# }
" ;;
		esac
	done <"$2"
}

# boot SCRIPT OPTION...: boots the system $release, and runs tests/live/guest/SCRIPT in it. The
# results of SCRIPT become results of this suite. Sets $status and $out. OPTIONs are for vmxsim.
boot() {
	boot_script=$1
	shift
	boot_start=$(date +%s)
	run --disk "$image" --no-module --timeout 1200 --append nokaslr \
		--add tests/lib/ktap.sh:/opt/live/ --add tests/lib/live-guest.sh:/opt/live/ \
		--add "tests/live/guest/$boot_script:/opt/live/" "$@" \
		-- sh "/opt/live/$boot_script"
	adopt "$release" "$work/out"
	contains "$release: $boot_script has come to its end" "the end" "$out"
	echo "# $release: $boot_script took $(($(date +%s) - boot_start)) s"
}

# on_each_release FUNCTION: calls FUNCTION for each release of LIVE_SUITES.
on_each_release() {
	for release in ${LIVE_SUITES:-bookworm trixie}; do
		image=$(tests/lib/live-disk "$release" 2>"$work/disk.err") || {
			not_ok "$release: the system" "$(tail -n 20 "$work/disk.err")"
			continue
		}
		"$@"
	done
}
