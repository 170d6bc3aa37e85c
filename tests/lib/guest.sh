# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Functions for suites that run in a guest: they control the virtual host, and read the module's
# files in sysfs. Source this file in the guest, after ktap.sh.

sysfs=/sys/class/misc/vmguestlib

# steer REQUEST: sends the request vmxsim.REQUEST to the host. If the host refuses the request, a
# test fails.
steer() {
	steer_said=$(vmware-rpctool "vmxsim.$1" 2>&1) && return
	not_ok "the host takes vmxsim.$1" "$steer_said"
	return 1
}

# set_key KEY VALUE: changes KEY of the host's configuration.
# unset_key KEY: gives KEY its default.
set_key() {
	steer "set $1 $2"
}

unset_key() {
	steer "set $1"
}

# file NAME: prints the content of the file NAME in sysfs, or the text of the error.
file() {
	file_said=$(cat "$sysfs/$1" 2>&1)
	case $file_said in
	"cat: "*) echo "${file_said##*: }" ;;
	*) printf '%s\n' "$file_said" ;;
	esac
}

# counter NAME: prints the counter NAME of the host (vmxsim.counters), for example channels.
# NAME may include the group of the counter, for example "lb total".
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
