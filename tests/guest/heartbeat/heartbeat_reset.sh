#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Monitored applications crash, hang or close their file. The HA agent of the virtual host has to
# reset the guest at the computed time of the virtual clock, and at no other time. The guest
# boots again after each reset, and the next application fails. The failures of the boots 1 to 6
# are in the script "deaths" below. The failures of the later boots are random, and the number
# RESET_SEED (default 1) selects them. If an application ends properly, or if a new client takes
# over the name of a failed application, the agent must make no reset.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_client is built" program heartbeat_client

resets=20

# deaths: prints one line for each random death: boot, kind, action, deadline and lifetime
# of the application in ms.
deaths() {
	awk -v seed="${RESET_SEED:-1}" -v resets=$resets '
		function chance(below) { return int(rand() * below) }
		BEGIN {
			srand(seed)
			split("crash hang close needReset", kinds)
			split("stop need-reset", actions)
			# Each kind comes in turn, and the first kind is random.
			shift = chance(4)
			for (boot = 7; boot <= resets; boot++)
				print boot, kinds[1 + (boot + shift) % 4],
					actions[1 + chance(2)], 2000 + chance(20000),
					11000 + chance(40000)
		}'
}

deaths >"$work/plan"

# The program that runs in each boot of the guest, in which one application fails.
# heartbeat_client sends the request vmxsim.ha before each step of the application. In boot 5
# say_time sends this request. The trace therefore shows the time at which the fatal step began.
cat >"$work/deaths" <<'END'
#!/bin/sh
client() { /heartbeat_client "$@" & }
say_time() { vmware-rpctool vmxsim.ha >/dev/null; }
case $VMXSIM_BOOT in
1) client victim 20000 stop 5000 for 33000 kill ;;
2) client victim 20000 need-reset 5000 for 33000 kill ;;
3) client victim 20000 stop 5000 for 33000 idle 1000000 ;;
4) client victim 20000 need-reset 5000 for 33000 fork ;;
5) watchdog -T 20 -t 3 /dev/watchdog0
	sleep 34
	pid=$(pidof watchdog)
	say_time
	kill -STOP $pid ;;
6) client second 20000 stop 5000 for 1000000
	client third 3600000 need-reset 5000 for 1000000
	client victim 20000 stop 5000 for 33000 close for 1000000
	sleep 34
	cat /sys/class/misc/vmguestlib/heartbeat/last_missed
	dmesg | grep -o "heartbeat client .*" ;;
*)
	read -r kind action deadline life <<END_OF_LINE
$(sed -n "s/^$VMXSIM_BOOT //p" /plan)
END_OF_LINE
	case $kind in
	crash) fate=kill ;;
	hang) fate="idle 1000000" ;;
	close) fate="close for 1000000" ;;
	needReset) fate="need-reset for 1000000" ;;
	*) exit 0 ;;
	esac
	client bystander 3600000 stop 1000000 for 1000000
	# $fate has one or two steps, and is meant to be split into words.
	client victim $deadline $action $((deadline / 2)) for $life $fate ;;
esac
sleep 1000
END
chmod +x "$work/deaths"

# read_trace FILE: prints one line for each boot: the times, in ms, of the last request
# vmxsim.ha before the first needReset, of the last accepted heartbeat, of the first needReset
# (0 if there is none) and of the reset by the agent, and the reason of the reset.
read_trace() {
	awk -F'[:,"]+' '
		function ms() { return int($3 / 1000) }
		/"request":"GuestAppMonitor.Cmd.MarkActive","reply":"1 0"/ { beat = ms() }
		/"request":"vmxsim.ha"/ { if (!need) step = ms() }
		/"event":"ha","detail":"needReset/ { if (!need) need = ms() }
		/"event":"ha","detail":"reset / { why = $0
			sub(/.*detail":"reset /, "", why)
			sub(/".*/, "", why)
			print step, beat, need + 0, ms(), why
			step = beat = need = 0 }' "$1"
}

# near NAME WANT GOT SPAN: checks that the time GOT is WANT, or at most SPAN ms later.
near() {
	check "$1 ($3 ms, wanted $2 to $(($2 + $4)))" \
		test "$3" -ge "$2" -a "$3" -le $(($2 + $4))
}

# dead NAME DELAY ACTION: checks the next line of $work/boots. DELAY is the time in ms from the
# fatal step until the module notices the death: 0, or the deadline of a client that hangs.
# ACTION is stop or need-reset, the action of the client's expiry.
dead() {
	read -r step beat need reset why <&3 || step=0 beat=0 need=0 reset=0 why=none
	if [ "$3" = stop ]; then
		expect "$1: reset because beats are missing" red "$why"
		expect "$1: no needReset" 0 "$need"
		near "$1: window and interval after the last beat" 60000 \
			$((reset - beat)) 1
	else
		expect "$1: reset by needReset" needReset "$why"
		# need and step are both rounded down, so the difference may be 1 ms too small.
		near "$1: needReset is posted after the death" "$(($2 - 1))" $((need - step)) 101
		near "$1: reset at the agent's next poll" 0 $((reset - need)) 1000
		expect "$1: polls are on full seconds" 0 $((reset % 1000))
	fi
	# One heartbeat is sent every 10 s until the death is noticed, and none after that.
	check "$1: heartbeats until the death is noticed" test $((step + $2 - beat)) -le 11000
	check "$1: no heartbeat after that" test "$beat" -le $((step + $2 + 100))
}

test_deaths() {
	run --fast-time --survive-reset --set vmxsim.ha.maxResets=100 \
		--set vmxsim.ha.sampling=0 --set vmxsim.ha.minUpTime=0 --timeout 600 \
		--trace "$work/trace" --add /usr/bin/vmware-rpctool \
		--add "$work/heartbeat_client:/heartbeat_client" \
		--add "$work/plan:/plan" --add "$work/deaths:/deaths" -- /deaths
	expect "the guest survives $resets resets: status" 0 "$status"
	read_trace "$work/trace" >"$work/boots"
	expect "the agent made $resets resets" $resets "$(wc -l <"$work/boots")"
	exec 3<"$work/boots"
	dead "killed" 0 stop
	dead "killed, need-reset" 0 need-reset
	dead "hung" 20000 stop
	dead "inherited" 20000 need-reset
	# busybox watchdog pings every 3 s, so its last ping was up to 3 s before SIGSTOP.
	read -r step beat need reset why <&3
	expect "watchdog: reset by needReset" needReset "$why"
	near "watchdog: needReset is posted after the hang" 17000 $((need - step)) 3100
	near "watchdog: reset at the agent's next poll" 0 $((reset - need)) 1000
	dead "one of three, closed" 0 stop
	while read -r boot kind action deadline life; do
		case $kind in
		hang) noticed=$deadline ;;
		needReset) noticed=0 action=need-reset ;;
		*) noticed=0 ;;
		esac
		dead "boot $boot, $kind, $action, $deadline, $life" "$noticed" "$action"
	done <"$work/plan"
	exec 3<&-
	contains "one of three: sysfs and the log name the client" "victim
heartbeat client victim expired, no more heartbeats" "$out"
	check "one of three: no other client is named" \
		test "$(grep -c "heartbeat client" "$work/out")" = 1
}

# The program that checks proper ends. After each of the ends below, no heartbeat is sent, and the
# host must not reset the guest within ten minutes. The HA agent of this guest only logs a reset,
# so that the program can go on.
cat >"$work/lives" <<'END'
#!/bin/sh
device=/dev/vmguestlib
client() { /heartbeat_client "$@" >/dev/null; }
appmon() { vmware-rpctool "GuestAppMonitor.Cmd.$1"; }
agent() { vmware-rpctool vmxsim.ha | grep -o '"enabled":[a-z]*\|"logged_resets":.'; }
rest() { sleep 600; echo "$1" $(agent); vmware-rpctool 'vmxsim.ha clear'; }
client clean 20000 need-reset 5000 for 33000 V
rest V
client clean 20000 need-reset 5000 for 33000 disarm idle 20000
rest disarm
vmware-appmonitor enable
vmware-appmonitor markActive
vmware-appmonitor disable
rest Disable
watchdog -F -T 20 -t 3 /dev/watchdog0 &
sleep 34
kill $!
wait
rest "magic close"
# The client is killed. Before the reset, a new client with the same name takes its place.
client app 20000 stop 5000 for 33000 kill 2>/dev/null
sleep 50
client app 20000 stop 5000 for 600000 V
rest takeover
# A death without a takeover causes a reset. If the agent made no resets at all, the tests above
# would pass, but this one would fail.
client app 20000 stop 5000 for 33000 kill 2>/dev/null
sleep 100
echo dead $(agent)
END
chmod +x "$work/lives"

test_lives() {
	run --fast-time --set vmxsim.ha.action=log --set vmxsim.ha.sampling=0 --timeout 300 \
		--add /usr/bin/vmware-rpctool \
		--add "$work/heartbeat_client:/heartbeat_client" \
		--add "$work/lives:/lives" -- /lives
	for end in V disarm Disable "magic close" takeover; do
		contains "no reset in ten minutes after $end" \
			"$end \"enabled\":false \"logged_resets\":0" "$out"
	done
	contains "a reset after a death" 'dead "enabled":true "logged_resets":1' "$out"
	expect "status" 0 "$status"
}

test_deaths
test_lives
finish
