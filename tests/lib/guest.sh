# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# For suites that run in a guest; source it there after ktap.sh. Gives what is
# needed to steer the virtual host and to read the module's files.

sysfs=/sys/class/misc/vmguestlib

# steer REQUEST: has the virtual host do something; says why if it does not.
steer() {
	steer_said=$(vmware-rpctool "vmxsim.$1" 2>&1) && return
	not_ok "the host takes vmxsim.$1" "$steer_said"
	return 1
}

# set_key KEY VALUE; unset_key KEY: back to the default.
set_key() {
	steer "set $1 $2"
}

unset_key() {
	steer "set $1"
}

# file NAME: what the file of sysfs says, or the reason why it says nothing.
file() {
	file_said=$(cat "$sysfs/$1" 2>&1)
	case $file_said in
	"cat: "*) echo "${file_said##*: }" ;;
	*) printf '%s\n' "$file_said" ;;
	esac
}

# counter NAME: a number of the host's own account, such as channels. NAME may
# be a group as well: "lb total".
counter() {
	counter_json=$(vmware-rpctool vmxsim.counters)
	for counter_word in $1; do
		counter_json=${counter_json#*\""$counter_word"\":}
	done
	echo "${counter_json%%[,\}]*}"
}

# cost COMMAND...: the requests that COMMAND makes the module send.
cost() {
	cost_before=$(cat "$sysfs/rpc/requests")
	"$@" >/dev/null 2>&1
	echo $(($(cat "$sysfs/rpc/requests") - cost_before))
}

# channels: how many are open at the host, but for the one that asks.
channels() {
	echo $(($(counter channels) - 1))
}
