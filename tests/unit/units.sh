#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The units of vmguest, the example of a drop-in and the alert rules: they are installed, the
# manual pages name them, systemd accepts them without a warning, and vmguest knows their options.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh
plan 18
tests/lib/packages systemd >&2

units=$work/lib/systemd/system
examples=$work/share/doc/vmguestlib/examples
check "vmguest is installed" flock build make -s -C tools/vmguest install PREFIX="$work"

# verified NAME FILE: expects that systemd finds no fault in FILE. The units of systemd
# itself may be missing.
verified() {
	prints "$1" "" cat sh -c "systemd-analyze verify --man=no --recursive-errors=no '$2' 2>&1"
}

# options NAME LINE: expects that vmguest accepts the options of LINE, an ExecStart. vmguest then
# ends with status 69, because there is no host.
options() {
	timeout 20 sh -c "$2" >/dev/null 2>&1
	expect "$1: vmguest knows its options" 69 $?
}

# command_of FILE: prints the last ExecStart of FILE in one line.
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

# The name of a unit may have backslashes, which the shell of a check must not remove. systemd
# inserts the name after it has split the line into words. Here, quotes have the same effect.
check "the library that replaces the device is built" device heartbeat_device
cat >"$work/bin/systemctl" <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$ASKED.new"
mv "$ASKED.new" "$ASKED"
END
chmod +x "$work/bin/systemctl"
ASKED=$work/asked
HEARTBEAT_LOG=$work/log
export ASKED HEARTBEAT_LOG
: >"$HEARTBEAT_LOG"
unit='a\x2dname-that-is-too-long-for-the-kernel@b'
command=$(command_of "$units/vmguest-heartbeat@.service" |
	sed "s/--name-after %i/--name-after '%i'/; s/%i/$(echo "$unit" | sed 's/\\/&&/g')/g")
PATH=$work/bin:$PATH TIMEOUT=5 EVERY=1 LD_PRELOAD=$work/device.so sh -c "exec $command" \
	2>"$work/said" &
tries=0
until [ -e "$ASKED" ] || [ $((tries += 1)) -gt 300 ] || ! kill -0 $!; do sleep 0.1; done
kill $!
wait $!
expect "vmguest-heartbeat@.service: a unit with an escape is monitored" "143 " "$? $(cat "$work/said")"
expect "vmguest-heartbeat@.service: the check gets the name of a unit with an escape" "is-active --quiet $unit.service" \
	"$(paste -sd ' ' "$ASKED")"
check "vmguest-heartbeat@.service: a stop of the monitored unit stops the monitoring" \
	grep -qx "PartOf=%i.service" "$units/vmguest-heartbeat@.service"
mkdir "$units/test.service.d"
cp "$examples/heartbeat.conf" "$units/test.service.d/"
verified "heartbeat.conf" "$units/test.service"
options "heartbeat.conf" "$(command_of "$examples/heartbeat.conf" | sed 's/%N/test/g')"
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
