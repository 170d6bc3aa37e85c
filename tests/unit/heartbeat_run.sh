#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest heartbeat run with a library that replaces the device and logs the calls of vmguest. With
# this library, events come at exact moments, which a guest would reach only by chance. The suite
# vmguest_supervision has the other tests. Variables in single quotes are expanded by COMMAND.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh
plan 27

HEARTBEAT_LOG=$work/log
export HEARTBEAT_LOG

check "vmguest is built" flock build make -s -C tools/vmguest
check "the library that replaces the device is built" device heartbeat_device
check "the program service is built" program service -lutil

# supervised WORD...: becomes vmguest heartbeat run with the library and WORDs.
supervised() {
	: >"$HEARTBEAT_LOG"
	exec "$work/service" defaults env LD_PRELOAD="$work/device.so" \
		build/vmguest/vmguest heartbeat run --name test "$@"
}

# stopped SIGNAL: sends SIGNAL while ARM has armed the client and has not returned yet.
stopped() {
	HEARTBEAT_ARM_US=400000 supervised -- sleep 60 &
	until grep -q A "$HEARTBEAT_LOG" 2>/dev/null; do sleep 0.02; done
	kill "-$1" $!
	wait $!
	expect "SIG$1 in the middle of ARM: disarmed" A "$(sed 's/V*$//' "$HEARTBEAT_LOG")"
	check "SIG$1 in the middle of ARM: the last byte is V" grep -q 'V$' "$HEARTBEAT_LOG"
}

for signal in TERM INT; do
	rm -f "$HEARTBEAT_LOG"
	stopped $signal
done

# manager SCRIPT: prints the messages that a service manager receives. The manager is stopped while
# COMMAND sends 60 messages, then COMMAND runs SCRIPT, and the manager goes on.
manager() {
	: >"$HEARTBEAT_LOG"
	"$work/service" manager "$work/socket" env LD_PRELOAD="$work/device.so" \
		build/vmguest/vmguest heartbeat run --name test -- env -u LD_PRELOAD \
		sh -c 'manager=$(sed -n "s/^PPid:[[:space:]]*//p" /proc/$PPID/status)
			kill -STOP $manager; for i in $(seq 60); do "$0" say STATUS=$i; done
			'"$1; kill -CONT \$manager; sleep 1" "$work/service"
}

manager : >"$work/out"
expect "messages wait for a manager that does not read, in their order" "$(seq 60)" \
	"$(sed -n 's/^manager: STATUS=//p' "$work/out")"
manager 'sleep 2; kill -CONT $manager; sleep 1; "$0" say READY=1' >"$work/out"
expect "a later message reaches the manager after the waiting ones" "manager: READY=1" "$(tail -n 1 "$work/out")"

expect "messages reach the manager without MAINPID" "manager: STATUS=a" \
	"$(manager ': ; "$0" say "STATUS=a
MAINPID=1"; "$0" say MAINPID=1' | grep -v 'STATUS=[0-9]')"
: >"$HEARTBEAT_LOG"
check "descriptors that come with messages are closed" test "$(LD_PRELOAD=$work/device.so \
	build/vmguest/vmguest heartbeat run --name fds --notify -- env -u LD_PRELOAD sh -c \
		'"$0" descriptors 200 WATCHDOG=1; "$0" say READY=1; sleep 1
		ls /proc/$PPID/fd | wc -l' "$work/service")" -lt 40

# The sender has ended before its message is read, and no process of the unit has the sender's
# user.
: >"$HEARTBEAT_LOG"
chmod 711 "$work"
LD_PRELOAD=$work/device.so build/vmguest/vmguest heartbeat run --name stranger --notify -- \
	env -u LD_PRELOAD sh -c 'echo "$NOTIFY_SOCKET" >"$0"; sleep 60' "$work/where" \
	2>"$work/said" &
until [ -s "$work/where" ]; do sleep 0.1; done
kill -STOP $!
NOTIFY_SOCKET=$(cat "$work/where") "$work/service" as 65534 "$work/service" say WATCHDOG=1
kill -CONT $!
sleep 0.5
kill $!
wait $!
contains "a message of another user is dropped" "is dropped: it does not belong to the service" \
	"$(cat "$work/said")"

for how in closed removed kept; do
	: >"$HEARTBEAT_LOG"
	expect "a manager that is executed again with its old socket $how gets all messages" "1 2 3 4 5" \
		"$("$work/service" manager "$work/socket" env LD_PRELOAD="$work/device.so" \
			build/vmguest/vmguest heartbeat run --name test -- env -u LD_PRELOAD \
			sh -c '"$0" say STATUS=1; "$0" say "X_AGAIN=$1"; sleep 0.3; "$0" say STATUS=2
				"$0" say STATUS=3; sleep 0.5; "$0" say STATUS=4; "$0" say STATUS=5
				sleep 0.3' "$work/service" $how |
			sed -n 's/^manager: STATUS=//p' | paste -sd' ')"
done
: >"$HEARTBEAT_LOG"
expect "messages to a manager that has ended are counted" \
	"vmguest heartbeat run: 2 messages did not reach the service manager" \
	"$(NOTIFY_SOCKET=$work/nothing LD_PRELOAD=$work/device.so \
		build/vmguest/vmguest heartbeat run --name test -- env -u LD_PRELOAD \
		sh -c '"$0" say READY=1; "$0" say STOPPING=1' "$work/service" 2>&1)"

# refused WORD...: prints the message of vmguest, and the log, which has to be empty.
refused() {
	: >"$HEARTBEAT_LOG"
	LD_PRELOAD=$work/device.so build/vmguest/vmguest heartbeat run "$@" 2>&1 >/dev/null |
		sed -n '1s/vmguest heartbeat run: //p'
	cat "$HEARTBEAT_LOG"
}
expect "an empty check, which would always succeed, is refused" "the check is empty" \
	"$(refused --check '' -- true)"
expect "an empty command is refused" "a command is missing" "$(refused '')"
expect "a command with the name of one of the kernel's clients is refused" \
	"the name 'watchdog' is the kernel's own (choose another --name)" \
	"$(refused /usr/sbin/watchdog)"
for name in / /usr/ "$work/"; do
	: >"$HEARTBEAT_LOG"
	expect "a directory is no command: ${name#"$work"}" 126 "$(LD_PRELOAD=$work/device.so \
		build/vmguest/vmguest heartbeat run "$name" 2>/dev/null; echo $?)"
done

# Standard output and standard error are a full pipe, and the check prints more than a pipe
# holds.
mkfifo "$work/pipe"
exec 7<>"$work/pipe"
timeout -k 1 60 sh -c 'yes >&7' 7>&7 &
sleep 0.5
check "what a check prints delays no heartbeat" timeout -k 2 30 sh -c '
	exec >&7 2>&7 7<&-
	: >"$HEARTBEAT_LOG"
	exec "$1/service" defaults env LD_PRELOAD="$1/device.so" build/vmguest/vmguest \
		heartbeat run --name prints --timeout 3 --every 1 \
		--check "yes | head -c 100000; yes | head -c 100000 >&2" -- \
		sh -c "until grep -q BB \"\$HEARTBEAT_LOG\"; do sleep 0.1; done"' sh "$work"

# There is no device, and standard error is a full pipe.
timeout -k 2 10 build/vmguest/vmguest heartbeat run true 2>&7
expect "without a device, vmguest ends although its message is not read" 69 $?
kill $!
exec 7<&-

# /run and /tmp are read-only, as in a unit with ProtectSystem=strict.
mkdir "$work/own"
: >"$HEARTBEAT_LOG"
expect "the notify socket is in RUNTIME_DIRECTORY if /run and /tmp are read-only" "/mnt/vmguest-X/notify" \
	"$(unshare -m sh -c 'mount --make-rprivate / && mount --bind "$1/own" /mnt &&
		cp "$1/device.so" /mnt/ && cp "$1/log" /mnt/ || exit
		for place in /run /tmp; do
			mount --bind $place $place && mount -o remount,bind,ro $place || exit
		done
		HEARTBEAT_LOG=/mnt/log RUNTIME_DIRECTORY=/mnt:/other LD_PRELOAD=/mnt/device.so \
			exec build/vmguest/vmguest heartbeat run --notify --name strict -- \
			sh -c "echo \$NOTIFY_SOCKET"' sh "$work" | sed 's/-[^/]*/-X/')"
# The variables are set as by a systemd that passes sockets.
adopted=$(HEARTBEAT_LOG=$work/log LD_PRELOAD=$work/device.so sh -c '
	export LISTEN_PID=$$ LISTEN_FDS=1 SYSTEMD_EXEC_PID=$$
	exec build/vmguest/vmguest heartbeat run --name sockets -- \
		sh -c "echo \$((LISTEN_PID - \$\$)) \$LISTEN_FDS \$((SYSTEMD_EXEC_PID - \$\$))"')
expect "COMMAND gets the sockets that systemd passes to vmguest" "0 1 0" "$adopted"
expect "COMMAND gets no sockets that systemd passes to another process" 1 "$(LISTEN_PID=1 LD_PRELOAD=$work/device.so \
	build/vmguest/vmguest heartbeat run --name other -- sh -c 'echo $LISTEN_PID')"
finish
