# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The smallest KTAP producer for a shell; source it, on the host or in a guest.
#
#	check "device is there" test -c /dev/vmguestlib
#	expect "release" 6.1 "$(uname -r)"
#	finish

ktap_count=0
ktap_failed=0

echo "KTAP version 1"

ok() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1"
}

# not_ok NAME [REASON]
not_ok() {
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
	echo "not ok $ktap_count $1"
}

# skip NAME REASON
skip() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1 # SKIP $2"
}

# check NAME COMMAND...: passes when COMMAND does; what it prints explains.
check() {
	ktap_name=$1
	shift
	if ktap_output=$("$@" 2>&1); then
		ok "$ktap_name"
	else
		not_ok "$ktap_name" "failed: $*
$ktap_output"
	fi
}

# expect NAME WANT GOT
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "want: $2
got:  $3"
	fi
}

# contains NAME WANT GOT: WANT is part of GOT.
contains() {
	case $3 in
	*"$2"*) ok "$1" ;;
	*) not_ok "$1" "want: ...$2...
got:  $3" ;;
	esac
}

# Ends the suite: a plan that is missing tells a suite that died.
finish() {
	echo "1..$ktap_count"
	[ "$ktap_failed" = 0 ]
	exit
}
