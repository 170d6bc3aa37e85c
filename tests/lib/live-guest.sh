# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for the scripts in tests/live/guest, which source this file in the guest.

# shellcheck source=tests/lib/ktap.sh
. /opt/live/ktap.sh

# within SECONDS COMMAND...: succeeds if COMMAND succeeds within SECONDS.
within() {
	within_end=$(($(cut -d . -f 1 /proc/uptime) + $1))
	shift
	until "$@"; do
		[ "$(cut -d . -f 1 /proc/uptime)" -lt "$within_end" ] || return 1
		sleep 1
	done
}

# client NAME: prints the line of a heartbeat client; fails if there is no such client.
client() {
	vmguest heartbeat list | grep -w -- "$1"
}

# state NAME STATE: succeeds if the heartbeat client NAME is in STATE.
state() {
	client "$1" | grep -q -w "$2"
}

# agent COUNTER: prints COUNTER of the virtual host's HA agent.
agent() {
	vmguest rpc vmxsim.ha | sed "s/.*\"$1\":\([0-9]*\).*/\\1/"
}

# logged COUNT: succeeds if the log of the HA agent has more than COUNT resets.
logged() {
	[ "$(agent logged_resets)" -gt "$1" ]
}

# The service that runs the script may start before udev has loaded the module.
udevadm settle

# the_end: ends the script, with an output that shows tests/lib/live.sh that the script was not
# interrupted.
the_end() {
	echo "the end"
	exit 0
}
