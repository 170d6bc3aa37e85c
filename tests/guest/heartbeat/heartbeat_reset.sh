#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Applications die, and the HA agent resets the guest at the computed time, exact to the
# millisecond of virtual time, and at no other time. Another RESET_SEED (1) makes other
# random deaths.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "built" program heartbeat_client

resets=20

# deaths: prints the random deaths, which follow the chosen ones: boot, kind, action,
# deadline and life of the application in ms, one line for each death.
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

# There is one death in each boot. The last request before it is vmxsim.ha.
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
	# $fate has one or two words.
	client victim $deadline $action $((deadline / 2)) for $life $fate ;;
esac
sleep 1000
END
chmod +x "$work/deaths"

# read_trace: writes one line for each boot, with times in ms: the last request vmxsim.ha,
# the last accepted beat, the first needReset, the reset by the agent, and its reason.
read_trace() {
	awk -F'[:,"]+' '
		function ms() { return int($3 / 1000) }
		/"request":"GuestAppMonitor.Cmd.MarkActive","reply":"1 0"/ { beat = ms() }
		/"request":"vmxsim.ha"/ { if (!need) word = ms() }
		/"event":"ha","detail":"needReset/ { if (!need) need = ms() }
		/"event":"ha","detail":"reset / { why = $0
			sub(/.*detail":"reset /, "", why)
			sub(/".*/, "", why)
			print word, beat, need + 0, ms(), why
			word = beat = need = 0 }' "$1"
}

# near NAME WANT GOT SPAN: GOT is WANT or up to SPAN later.
near() {
	check "$1 ($3 ms, wanted $2 to $(($2 + $4)))" \
		test "$3" -ge "$2" -a "$3" -le $(($2 + $4))
}

# dead NAME DEADLINE ACTION: checks the next line of $work/boots. DEADLINE is the time from
# the last request vmxsim.ha to the moment when the death is noticed.
dead() {
	read -r word beat need reset why <&3 || word=0 beat=0 need=0 reset=0 why=none
	if [ "$3" = stop ]; then
		expect "$1: reset because beats are missing" red "$why"
		expect "$1: no needReset" 0 "$need"
		near "$1: window and interval after the last beat" 60000 \
			$((reset - beat)) 1
	else
		expect "$1: reset by needReset" needReset "$why"
		# Each of the two times is rounded down.
		near "$1: posted" "$(($2 - 1))" $((need - word)) 101
		near "$1: at the next poll" 0 $((reset - need)) 1000
		expect "$1: polls are on full seconds" 0 $((reset % 1000))
	fi
	# The beats are sent until the death is noticed, and not longer.
	check "$1: beats to the end" test $((word + $2 - beat)) -le 11000
	check "$1: no beat beyond" test "$beat" -le $((word + $2 + 100))
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
	# The feeder's last ping was up to 3 s before.
	read -r word beat need reset why <&3
	expect "watchdog: reset as asked" needReset "$why"
	near "watchdog: posted" 17000 $((need - word)) 3100
	near "watchdog: at the next poll" 0 $((reset - need)) 1000
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
	contains "one of three: sysfs names it" "victim
heartbeat client victim expired, no more heartbeats" "$out"
	check "one of three: no other client is named" \
		test "$(grep -c "heartbeat client" "$work/out")" = 1
}

# After each of these ends no beat comes, and the host must not reset within ten minutes.
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
# A new client of the same name is armed shortly before the reset.
client app 20000 stop 5000 for 33000 kill 2>/dev/null
sleep 50
client app 20000 stop 5000 for 600000 V
rest takeover
# A death does cause a reset: the tests above would also pass if the agent did nothing.
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
