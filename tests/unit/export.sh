#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest export: the addresses that it listens on, and each kind of file that it writes to.
# A library replaces the device (LD_PRELOAD). The suite vmguest_export compares the values.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh
plan 40

check "vmguest is built" flock build make -s -C tools/vmguest
check "the library that replaces the device is built" device lean_device
check "the program activate, which replaces systemd, is built" program activate
cat >"$work/vmguest" <<END
#!/bin/sh
LD_PRELOAD=$work/device.so exec $root/build/vmguest/vmguest "\$@"
END
chmod +x "$work/vmguest"
vmguest=$work/vmguest

# --- files -----------------------------------------------------------------------

# whole NAME FILE: expects that FILE has the first and the last statistic.
whole() {
	expect "$1: the file has all statistics" "vmware_session_info vmguestlib_vcpus" \
		"$(sed -n 's/^# HELP \(vmware_session_info\) .*/\1/p
			$s/^\(vmguestlib_vcpus\) .*/\1/p' "$2" | paste -sd' ')"
}

# Standard output is redirected to a file, and the name refers to this open file.
ln -s /dev/stdout "$work/link"
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1 /proc/thread-self/fd/1 "$work/link"; do
	echo before >"$work/file"
	inode=$(stat -c %i "$work/file")
	$vmguest export --textfile "$name" >>"$work/file"
	expect "${name#"$work/"}: the file and its content stay" "$inode before" \
		"$(stat -c %i "$work/file") $(head -n 1 "$work/file")"
	whole "${name#"$work/"}" "$work/file"
done
$vmguest export --textfile /dev/stdout | cat >"$work/piped"
whole "/dev/stdout, a pipe" "$work/piped"
exec 7>"$work/removed"
rm "$work/removed"
$vmguest export --textfile /dev/fd/7
cat /proc/self/fd/7 >"$work/read"
exec 7>&-
whole "--textfile with a removed file" "$work/read"
expect "--textfile with a removed file makes no other file" "" "$(find "$work" -name '*deleted*')"
touch "$work/other"
sleep 1000 >>"$work/other" &
inode=$(stat -c %i "$work/other")
$vmguest export --textfile "/proc/$!/fd/1"
kill $!
expect "--textfile with a file of another process: the file stays" "$inode" "$(stat -c %i "$work/other")"
whole "--textfile with a file of another process" "$work/other"
expect "--textfile with a descriptor for reading" "vmguest export: /dev/stdin: Bad file descriptor" \
	"$($vmguest export --textfile /dev/stdin </dev/null 2>&1)"
longest=$work/$(printf '%0255d' 1)
$vmguest export --textfile "$longest"
whole "--textfile with the longest name" "$longest"
expect "--textfile with a name that is too long" 73 \
	"$($vmguest export --textfile "${longest}1" 2>/dev/null; echo $?)"
for name in "" "$work/" "$work/file/"; do
	expect "--textfile '${name#"$work"}' fails" 73 \
		"$($vmguest export --textfile "$name" 2>/dev/null; echo $?)"
done
mkdir -m 1777 "$work/sticky"
echo kept >"$work/kept"
ln -s ../kept "$work/sticky/link"
chown -h 65534 "$work/sticky/link"
expect "another user's link where all may write: status" 73 \
	"$($vmguest export --textfile "$work/sticky/link" 2>/dev/null; echo $?)"
expect "another user's link where all may write: its target stays" kept "$(cat "$work/kept")"
ln -s ../kept "$work/sticky/own"
$vmguest export --textfile "$work/sticky/own"
whole "an own link where all may write" "$work/kept"

# --- addresses ---------------------------------------------------------------------

# The tests run in a network namespace that only has the loopback device and these names.
cat >"$work/hosts" <<END
127.0.0.1 both
::1 both
127.0.0.1 both
::1 only6
:: any
0.0.0.0 any
END
# serve WORD...: runs the command in the background, then the script on standard input.
serve() {
	# The inner shell expands the variables.
	# shellcheck disable=SC2016
	printf '%s\n' 'busybox ip link set lo up' "mount --bind $work/hosts /etc/hosts" \
		'answers() { busybox wget -q -O - "http://$1/metrics" | grep -c ^vmguestlib_vcpus; }' \
		"$* 2>$work/said &" 'pid=$!' \
		'until grep -q ":241A .* 0A " /proc/net/tcp /proc/net/tcp6; do
			kill -0 $pid 2>/dev/null || break; sleep 0.1; done' \
		"$(cat)" '! kill -0 $pid 2>/dev/null || kill $pid; wait $pid; echo $?' >"$work/script"
	timeout -k 1 60 unshare -m -n sh "$work/script"
}

expect "--listen with a name: each of its addresses" "1 1 0" "$(serve "$vmguest" export --listen both:9242 <<-END | paste -sd' '
	answers 127.0.0.1:9242
	answers '[::1]:9242'
END
)"
expect "--listen with a name for 0.0.0.0 and ::" "1 1 0" "$(serve "$vmguest" export --listen any:9242 <<-END | paste -sd' '
	answers 127.0.0.1:9242
	answers '[::1]:9242'
END
)"
expect "--listen leaves out an address that this machine lacks" "1 0" \
	"$(serve "echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6; $vmguest" export \
		--listen both:9242 <<-END | paste -sd' '
	answers 127.0.0.1:9242
END
)"
expect "--listen fails if this machine lacks the only address" 71 \
	"$(serve "echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6; $vmguest" export \
		--listen only6:9242 </dev/null)"
contains "--listen reports the failure of the only address" "Cannot assign requested address" "$(cat "$work/said")"
expect "--listen systemd: each socket" "1 1 0" \
	"$(serve "$work/activate" 9242,9243 "$vmguest" export --listen systemd <<-END | paste -sd' '
	answers 127.0.0.1:9242
	answers 127.0.0.1:9243
END
)"

# --- HTTP ---------------------------------------------------------------------------

# exchange TEXT: sends TEXT over one connection and prints the first line of each answer.
exchange() {
	serve "$vmguest" export --listen 9242 <<-END | paste -sd' '
	(printf '$1'; sleep 2) | busybox nc 127.0.0.1 9242 | grep -aoE '^HTTP/[0-9.]+ [0-9]+'
	END
}

host='Host: x\r\n'
ok="HTTP/1.1 200"
expect "HTTP: a connection stays open for three requests" "$ok $ok $ok 0" "$(exchange "GET / HTTP/1.1\r\n$host\r\n\
HEAD /metrics HTTP/1.1\r\n$host\r\nGET /metrics HTTP/1.1\r\n$host\r\n")"
expect "HTTP: Connection: close closes the connection" "$ok 0" \
	"$(exchange "GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\nGET / HTTP/1.1\r\n$host\r\n")"
expect "HTTP: addresses that contain the host, as for a proxy" "$ok HTTP/1.1 404 $ok 0" \
	"$(exchange "GET http://x/metrics HTTP/1.1\r\n$host\r\n\
GET http://x/metric HTTP/1.1\r\n$host\r\nGET HTTP://x HTTP/1.1\r\n$host\r\n")"
expect "HTTP: the body of a GET is ignored" "$ok $ok 0" "$(exchange "\
GET / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nabcdeGET / HTTP/1.1\r\n$host\r\n")"
expect "HTTP: a POST is refused before its body arrives" "HTTP/1.1 405 0" \
	"$(exchange "POST / HTTP/1.1\r\n${host}Content-Length: 99999999\r\n\r\nabc")"

# Twenty clients send requests at once, and the host takes a second to answer each of them.
expect "SIGTERM ends the listener before all clients are served" "0 ended early" \
	"$(serve "LEAN_US=1000000 $vmguest" export --listen 9242 <<-END | paste -sd' '
	for i in \$(seq 20); do
		(until [ -e $work/go ]; do sleep 0.1; done
		printf 'GET /metrics HTTP/1.1\r\n$host\r\n'; sleep 30) |
			busybox nc 127.0.0.1 9242 >$work/answer.\$i &
	done
	until [ \$(grep -c ':241A .* 01 ' /proc/net/tcp) -ge 20 ]; do sleep 0.1; done
	touch $work/go
	until grep -qs vmguestlib $work/answer.*; do sleep 0.1; done
	kill \$pid; wait \$pid; echo \$?
	[ \$(cat $work/answer.* | grep -ac '^HTTP/1.1 200') -ge 20 ] || echo ended early
	exit
END
)"

# Idle connections end by themselves after 30 s.
expect "HTTP: a request is served after more connections than descriptors" "1 0" \
	"$(serve "ulimit -Sn 24; $vmguest" export --listen 9242 <<-END | paste -sd' '
	ulimit -Sn 1024
	for _ in 1 2 3 4 5 6; do
		for _ in 1 2 3 4 5; do sleep 60 | busybox nc 127.0.0.1 9242 >/dev/null & done
	done
	sleep 1
	timeout 20 busybox wget -q -O - http://127.0.0.1:9242/metrics | grep -c ^vmguestlib_vcpus
END
)"
finish
