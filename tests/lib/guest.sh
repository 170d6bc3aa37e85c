# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# For suites that run in a guest; source it there after ktap.sh. Its functions steer the
# virtual host and read the module's files.

sysfs=/sys/class/misc/vmguestlib

# steer REQUEST: sends vmxsim.REQUEST; a refusal is a failed test.
steer() {
	steer_said=$(vmware-rpctool "vmxsim.$1" 2>&1) && return
	not_ok "the host takes vmxsim.$1" "$steer_said"
	return 1
}

# set_key KEY VALUE: changes a key of the host. unset_key KEY: sets it back to its default.
set_key() {
	steer "set $1 $2"
}

unset_key() {
	steer "set $1"
}

# file NAME: prints the content of a file of sysfs, or the error of the read.
file() {
	file_said=$(cat "$sysfs/$1" 2>&1)
	case $file_said in
	"cat: "*) echo "${file_said##*: }" ;;
	*) printf '%s\n' "$file_said" ;;
	esac
}

# counter NAME: prints a number of vmxsim.counters, such as channels. NAME may include a
# group: "lb total".
counter() {
	counter_json=$(vmware-rpctool vmxsim.counters)
	for counter_word in $1; do
		counter_json=${counter_json#*\""$counter_word"\":}
	done
	echo "${counter_json%%[,\}]*}"
}

# cost COMMAND...: prints the number of requests that the module makes for COMMAND.
cost() {
	cost_before=$(cat "$sysfs/rpc/requests")
	"$@" >/dev/null 2>&1
	echo $(($(cat "$sysfs/rpc/requests") - cost_before))
}

# channels: prints the number of open channels at the host, without that of this request.
channels() {
	echo $(($(counter channels) - 1))
}
