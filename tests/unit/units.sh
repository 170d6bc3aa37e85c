#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The units of vmguest, the example of a drop-in and the alert rules: installed, taken by
# systemd without a warning, named in the manual, and with options that vmguest knows.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
plan 15
tests/lib/packages systemd >&2

units=$work/lib/systemd/system
examples=$work/share/doc/vmguestlib/examples
check "installed" flock build make -s -C tools/vmguest install PREFIX="$work"

# verified NAME FILE: systemd finds no fault. Its own units need not be there.
verified() {
	prints "$1" "" cat sh -c "systemd-analyze verify --man=no --recursive-errors=no '$2' 2>&1"
}

# options NAME LINE: vmguest takes the options of an ExecStart. Without a host it ends then.
options() {
	timeout 20 sh -c "$2" >/dev/null 2>&1
	expect "$1: vmguest knows its options" 69 $?
}

# command_of FILE: its last ExecStart, in one line.
command_of() {
	sed -e :a -e '/\\$/N; s/\\\n//; ta' "$1" | sed -n 's/^ExecStart=\(..*\)/\1/p'
}

verified "vmguest-export.socket" "$units/vmguest-export.socket"
verified "vmguest-export.service" "$units/vmguest-export.service"
cp "$units/vmguest-heartbeat@.service" "$units/vmguest-heartbeat@test.service"
printf '[Service]\nExecStart=/bin/true\n' >"$units/test.service"
verified "vmguest-heartbeat@.service" "$units/vmguest-heartbeat@test.service"
options "vmguest-heartbeat@.service" \
	"TIMEOUT=60 EVERY=10; $(command_of "$units/vmguest-heartbeat@.service" | sed 's/%i/test/g')"
check "vmguest-heartbeat@.service: its unit's own stop is one of the monitoring" \
	grep -qx "PartOf=%i.service" "$units/vmguest-heartbeat@.service"
mkdir "$units/test.service.d"
cp "$examples/heartbeat.conf" "$units/test.service.d/"
verified "heartbeat.conf" "$units/test.service"
options "heartbeat.conf" "$(command_of "$examples/heartbeat.conf" | sed 's/%p/test/g')"
check "vmguest.rules.yml is installed" cmp "$examples/vmguest.rules.yml" \
	tools/vmguest/prometheus/vmguest.rules.yml
for name in vmguest-heartbeat@.service heartbeat.conf; do
	check "vmguest-heartbeat(1) names $name" grep -qF "$name" tools/man/vmguest-heartbeat.1
	check "$name: the status of a stop by SIGTERM is no failure" \
		grep -qx "SuccessExitStatus=143" "$(find "$work" -name "$name" | head -n 1)"
done
for name in vmguest-export.socket vmguest.rules.yml; do
	check "vmguest-export(1) names $name" grep -qF "$name" tools/man/vmguest-export.1
done
finish
