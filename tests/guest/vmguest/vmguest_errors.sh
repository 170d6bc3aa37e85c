#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Errors of vmguest: with invalid arguments, outside of a virtual machine, without the module,
# and without the permission that a command needs. Each command must end with the right status
# and a message that names the reason. vmguest is built with sanitizers, which find faults of
# memory access.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh

check "vmguest is built with sanitizers" sanitized_vmguest

# Commands that need the module, with valid arguments
cat >"$work/needs" <<'END_OF_LIST'
stat
stat --json
raw
raw json host
top
top -b -n 1
export
export --format prometheus
export --textfile /nonexistent/file
watch
heartbeat
heartbeat list
heartbeat list --json
heartbeat clear app
heartbeat pause 5
heartbeat run true
rpc info-get
END_OF_LIST

# Commands with invalid arguments. Each line has the expected message and the arguments.
cat >"$work/wrong" <<'END_OF_LIST'
a command is missing|
unknown command 'nonsense'|nonsense
unknown command '--nonsense'|--nonsense
unknown command ''|''
unknown statistic 'nonsense'|stat nonsense
wrong age ''|stat --max-age ''
wrong age '99999999999999999999'|stat --max-age 99999999999999999999
requires an argument|stat --max-age
unexpected argument 'd'|raw a b c d
exactly one request|rpc
unexpected argument 'b'|rpc a b
wrong delay '0.09'|top -d 0.09
wrong delay '3601'|top -d 3601
wrong delay 'nan'|top --delay nan
wrong delay '1x'|top -d 1x
wrong delay '0x1'|top -d 0x1
wrong delay '+1'|top -d +1
wrong count '0'|top -n 0
wrong count '-1'|top -n -1
unexpected argument 'more'|top more
unknown format 'xml'|export --format xml
no option but --collect can be given with --listen|export --listen 9 --textfile f
no option but --collect can be given with --listen|export --listen 9 --format prometheus
wrong address ''|export --listen ''
wrong address 'a:b:c:1'|export --listen a:b:c:1
wrong address '127.0.0.1:'|export --listen 127.0.0.1:
wrong address '127.0.0.1:http'|export --listen 127.0.0.1:http
wrong address '127.0.0.1:65536'|export --listen 127.0.0.1:65536
systemd passes no socket|export --listen systemd
wrong groups: resources, vscsi, vnet|export --collect disks
unexpected argument 'more'|export more
unexpected argument 'more'|doctor more
wrong interval '1x'|watch --interval 1x
wrong count '0'|watch --count 0
unknown subcommand 'nonsense'|heartbeat nonsense
unexpected argument 'more'|heartbeat list more
'clear' needs exactly one argument|heartbeat clear
too long for a name|heartbeat clear 12345678901234567890123456789012
wrong number of seconds '86401'|heartbeat pause 86401
--json is for status and list|heartbeat clear app --json
a command is missing|heartbeat run
a command is missing|heartbeat run --timeout 5 --
wrong timeout '0'|heartbeat run --timeout 0 true
wrong timeout '3601'|heartbeat run --timeout 3601 true
wrong name ''|heartbeat run --name '' true
wrong name 'a b': letters, digits and ._@:-, 31 at most|heartbeat run --name 'a b' true
wrong name '12345678901234567890123456789012'|heartbeat run --name 12345678901234567890123456789012 true
the name 'watchdog' is the kernel's own|heartbeat run --name watchdog true
wrong action 'explode'|heartbeat run --on-expire explode true
wrong time between checks '-1'|heartbeat run --check true --every -1 true
wrong signal 'KILL'|heartbeat run --stop-signal KILL true
wrong signal '65'|heartbeat run --stop-signal 65 true
wrong signal 'RTMIN+31'|heartbeat run --stop-signal RTMIN+31 true
--every needs --check|heartbeat run --every 3 true
do not fit a timeout of 5 s|heartbeat run --timeout 5 --check true --every 5 true
exclude each other|heartbeat run --check true --notify true
END_OF_LIST

# failed NAME STATUS TEXT COMMAND...: checks that COMMAND, on this machine, ends with STATUS
# and a message that contains TEXT, and prints nothing on standard output.
failed() {
	failed_name=$1
	failed_status=$2
	failed_text=$3
	shift 3
	"$@" >"$work/out" 2>"$work/err" </dev/null
	expect "$failed_name: status" "$failed_status" $?
	contains "$failed_name: message" "$failed_text" "$(cat "$work/err")"
	expect "$failed_name: no output" "" "$(cat "$work/out")"
}

# wrong TEXT WORD...: checks that vmguest WORD... ends with the status for invalid usage (64)
# and a message that contains TEXT.
wrong() {
	wrong_text=$1
	shift
	failed "vmguest $*" 64 "$wrong_text" "$work/vmguest/vmguest" "$@"
	contains "vmguest $*: the message names --help" "--help' for more information" \
		"$(cat "$work/err")"
}

test_wrong_words() {
	# The arguments are quoted as for a shell. eval uses the variable text.
	# shellcheck disable=SC2034
	while IFS='|' read -r text words; do
		eval "wrong \"\$text\" $words"
	done <"$work/wrong"
}

# options: prints the long options in the help on standard input.
options() {
	grep -oE -- "--[a-z][a-z-]*" | sort -u | tr "\n" " "
}

# completed NAME HELP: checks that bash and zsh complete all options that HELP, the help of the
# command NAME, has.
completed() {
	completed_want=$(echo "$2" | options)
	expect "$1: options completed by bash" "$completed_want" \
		"$(bash -c ". tools/completions/vmguest.bash; _vmguest_options $1" | options)"
	for option in $completed_want; do
		check "$1: $option is completed by zsh" \
			grep -qE -- "[')},*]$option" tools/completions/_vmguest
	done
}

# Each command has a help text and is in the manual page, and the shells complete it.
test_help() {
	"$work/vmguest/vmguest" --help >"$work/help"
	expect "--help: status" 0 $?
	sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' "$work/help" >"$work/commands"
	check "--help: lists the commands" test "$(wc -l <"$work/commands")" -ge 8
	while read -r command; do
		out=$("$work/vmguest/vmguest" "$command" --help 2>&1)
		expect "$command --help: status" 0 $?
		contains "$command --help: usage" "Usage: vmguest $command" "$out"
		completed "$command" "$out"
		check "$command: is in the manual" \
			grep -qE "^\.It Cm ([a-z]+ , )*$command( |\$)" tools/man/vmguest.1
		check "$command: is completed by bash" \
			grep -qw "$command" tools/completions/vmguest.bash
		check "$command: is completed by zsh" \
			grep -q "^		'$command:" tools/completions/_vmguest
		failed "$command --nonsense" 64 "unrecognized option" \
			"$work/vmguest/vmguest" "$command" --nonsense
	done <"$work/commands"
	completed run "$("$work/vmguest/vmguest" heartbeat run --help)"
	expect "--version" "vmguest (vmguestlib) $(tools/version)" \
		"$("$work/vmguest/vmguest" --version)"
}

test_outside() {
	if grep -q VMware /sys/class/dmi/id/sys_vendor 2>/dev/null; then
		skip "outside" "this is a VMware virtual machine"
		return
	fi
	while read -r words; do
		# The words are meant to be split.
		# shellcheck disable=SC2086
		failed "outside: $words" 69 "this is not a VMware virtual machine" \
			"$work/vmguest/vmguest" $words
	done <"$work/needs"
	out=$("$work/vmguest/vmguest" doctor 2>&1)
	expect "outside: doctor: status" 2 $?
	contains "outside: doctor: message" "not a VMware virtual machine" "$out"
	contains "outside: report, with SIGCHLD ignored" "signal: SEGV" \
		"$(env --ignore-signal=CHLD "$work/vmguest/vmguest" report 2>&1)"
	ln -sf "$work/vmguest/vmguest" "$work/vmware-toolbox-cmd"
	ln -sf "$work/vmguest/vmguest" "$work/vmtoolsd"
	for words in "stat balloon" -v -h help nonsense ""; do
		# The words are meant to be split.
		# shellcheck disable=SC2086
		failed "outside: vmware-toolbox-cmd $words" 1 \
			"must be run inside a virtual machine." \
			"$work/vmware-toolbox-cmd" $words
	done
	failed "outside: vmtoolsd" 1 "" "$work/vmtoolsd" --cmd "info-get guestinfo.ip"
	expect "outside: vmtoolsd: no message" "" "$(cat "$work/err")"
}

# The tests below run in a guest, first without the module, and after that with the module as a
# user without permissions.
cat >"$work/script" <<'END'
. /tests/ktap.sh
PATH=/tests:$PATH
compat=/usr/lib/vmguestlib/compat

# failed NAME STATUS TEXT COMMAND: checks that COMMAND, which $user runs in the guest, ends with
# STATUS and a message that contains TEXT.
failed() {
	said=$(su "$user" -s /bin/sh -c "$4" 2>&1)
	expect "$1: status" "$2" $?
	contains "$1: message" "$3" "$said"
}

for user in root user; do
	while read -r words; do
		failed "without the module, $user: $words" 69 \
			"the kernel module vmguestlib is not loaded (load it as root with 'vmguest load')" \
			"vmguest $words"
	done </tests/needs
	failed "without the module, $user: toolbox" 69 \
		"OpenHandle failed: VMware Guest API is not enabled on the host" \
		"$compat/vmware-toolbox-cmd stat balloon"
	for word in "speed|Unable to get processor speed." \
		"hosttime|Unable to get host time." \
		"raw text host|Failed to get stat: This value is not available on this host"; do
		failed "without the module, $user: toolbox ${word%%|*}" 75 "${word#*|}" \
			"$compat/vmware-toolbox-cmd stat ${word%%|*}"
	done
	failed "without the module, $user: vmtoolsd" 1 "not loaded" \
		"$compat/vmtoolsd --cmd 'info-get guestinfo.ip'"
done

vmguest load || not_ok "loaded"
user=user
failed "user: heartbeat run" 77 "no right to use /dev/vmguestlib (become root or" \
	"vmguest heartbeat run true"
failed "user: heartbeat clear" 77 "become root" "vmguest heartbeat clear app"
failed "user: heartbeat pause" 77 "become root" "vmguest heartbeat pause 5"
failed "user: rpc" 77 "only root may send requests (become root)" "vmguest rpc x"
user=root
failed "root without capabilities: rpc" 77 "root lacks the capability here" \
	"unshare -U -r vmguest rpc x"
failed "root without capabilities: heartbeat clear" 77 "root lacks the capability here" \
	"unshare -U -r vmguest heartbeat clear app"
user=user
failed "user: vmtoolsd" 1 "only root may send requests" \
	"$compat/vmtoolsd --cmd 'info-get guestinfo.ip'"
chmod 660 /dev/vmguestlib
for words in stat raw "raw text host" "top -b" export watch heartbeat "heartbeat list"; do
	failed "device for its group only: $words" 77 "no right to use /dev/vmguestlib" \
		"vmguest $words"
done
finish
END

test_guest() {
	# The words are meant to be split.
	# shellcheck disable=SC2046
	run --no-module --timeout 400 $(vmguest_options) \
		--add "$work/needs:/tests/needs" --add tests/lib/ktap.sh:/tests/ktap.sh \
		--add "$work/script:/tests/script" -- sh -c 'chmod -R a+rX /tests; . /tests/script'
	adopt "guest"
}

test_wrong_words
test_help
test_outside
test_guest
finish
