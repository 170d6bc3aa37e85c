#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The launcher (vmxsim run), which starts QEMU with the guest: its options and messages, exit
# statuses, standard streams, timeouts and signals. The launcher must leave no process and no
# file behind. Most guests run without the module.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# vmxsim makes its temporary files in this folder, so that files that are left can be found.
TMPDIR=$work/tmp
export TMPDIR
mkdir "$TMPDIR"
unset VMXSIM_LOG_DIR
tests/lib/packages qemu-utils ovmf >&2

# leftovers: prints the QEMU processes and the files in TMPDIR that vmxsim has left.
leftovers() {
	pgrep -f "$TMPDIR/vmxsim-" || :
	ls "$TMPDIR"
}

test_options() {
	refused "unknown option" "--frob" --frob -- true
	refused "no command" "COMMAND" --no-module
	refused "shell with command" "--shell" --shell -- true
	refused "fast time with two processors" "--smp 2" --fast-time --smp 2 -- true
	refused "bad number" "--timeout" --timeout soon -- true
	VMXSIM_SCALE=x refused "bad scale" "VMXSIM_SCALE x: expected a number" -- true
	refused "negative number" "--mem" --mem -5 -- true
	refused "bad parameter" "P=V" --module-param max -- true
	refused "property with a control character" "a=|01: expected KEY=VALUE" --ovf-property "$(printf 'a=\001')" -- true
	refused "no such disk" "expected a disk from scsi0:0" --set scsi4:0.present=TRUE -- true
	refused "missing file" "/nonexistent" --add /nonexistent -- true
	refused "relative target of --add" "absolute" --add /bin/true:x -- true
	refused "missing kernel" "no kernel '1.2.3'" --kernel 1.2.3 -- true
	refused "file that is no kernel" "not a kernel" --kernel /bin/true -- true
	refused "bad value" "vmxsim.ha.window" --set vmxsim.ha.window=x -- true
	refused "unknown key of vmxsim" "vmxsim.frob" --set vmxsim.frob=1 -- true
	printf 'numvcpus = "2"\nvmxsim.seed = "x"\n' >"$work/bad.vmx"
	refused "bad value in a file of keys" "bad.vmx:2: vmxsim.seed" --vmx "$work/bad.vmx" -- true
	refused "missing file of keys" "none.vmx" --vmx "$work/none.vmx" -- true
	refused "trace in a missing folder" "trace /nonexistent/trace" --trace /nonexistent/trace -- true
	VMXSIM_QEMU=/bin/false refused "no QEMU" "/bin/false" --no-module -- true
	VMXSIM_LOG_DIR=/nonexistent refused "log in a missing folder" "/nonexistent" --no-module -- true
	check "log in a missing folder: the message names no log" test "${err#*log is in}" = "$err"
	prints "options: nothing is left over" "" cat leftovers
	contains "unknown option: the message is of vmxsim" "vmxsim: unrecognized option" \
		"$(vmxsim run --frob 2>&1)"
	for words in "" frob "keys more"; do
		# The variable is meant to be split into words.
		# shellcheck disable=SC2086
		vmxsim $words >"$work/out" 2>"$work/err"
		expect "vmxsim $words: status" 125 $?
		contains "vmxsim $words: message" "vmxsim: " "$(cat "$work/err")"
		contains "vmxsim $words: the message names the word" "${words##* }" "$(cat "$work/err")"
	done
	for words in keys --help --version; do
		vmxsim "$words" >/dev/full 2>"$work/err"
		expect "vmxsim $words: full disk" "125 vmxsim: standard output: No space left on device" \
			"$? $(cat "$work/err")"
	done
	contains "help" "--survive-reset" "$(vmxsim run --help)"
	contains "version" "vmxsim " "$(vmxsim --version)"
	contains "keys" "vmxsim.seed" "$(vmxsim keys)"
}

test_streams() {
	run --no-module -- sh -c 'echo out; echo err >&2; cat; kill -9 $$'
	expect "COMMAND writes to standard output" out "$out"
	contains "COMMAND writes to standard error" err "$err"
	expect "COMMAND is killed by a signal" 137 "$status"

	head -c 1100000 /dev/urandom >"$work/random"
	run --no-module --add "$work/random:/data/random" -- \
		sh -c 'head -c 70000 /data/random >&2; cat /data/random; exit 7'
	expect "status of the command" 7 "$status"
	check "a megabyte of random bytes" cmp "$work/random" "$work/out"
	head -c 70000 "$work/random" >"$work/head"
	check "random bytes on standard error" cmp "$work/head" "$work/err"

	run --no-module -- /no/such/program
	expect "no such program" 127 "$status"

	vmxsim run --no-module -- echo lost >/dev/full 2>"$work/err"
	expect "full disk: standard output" "125 vmxsim: standard output: No space left on device" \
		"$? $(cat "$work/err")"
	run --no-module --trace /dev/full --dump-guestinfo /dev/full -- sh -c 'echo out'
	expect "full disk: files of the host: status" "125 out" "$status $out"
	contains "full disk: trace" "the trace could not be written" "$err"
	contains "full disk: guestinfo" "guestinfo could not be written" "$err"
	vmxsim run --no-module -- sh -c 'echo out; exit 5' <&- >&- 2>&-
	expect "closed streams" 5 $?

	vmxsim run --no-module -- yes | head -n 1 >"$work/out"
	expect "the reader of standard output ends first" y "$(cat "$work/out")"
	prints "streams: nothing is left over" "" cat leftovers
}

test_timeout() {
	run --no-module --timeout 40 -- sh -c 'echo before; sleep 100'
	expect "timeout: status" 124 "$status"
	expect "timeout: output before the timeout" before "$out"
	contains "timeout: names the log" "log is in $TMPDIR/vmxsim-" "$err"
	check "timeout: the log is there" grep -q 'Linux version' "$TMPDIR"/vmxsim-*.log
	rm -f "$TMPDIR"/vmxsim-*.log
	prints "timeout: nothing is left over" "" cat leftovers
}

test_reports() {
	run --no-module -- sh -c 'echo c >/proc/sysrq-trigger; sleep 100'
	expect "panic: status" 126 "$status"
	contains "panic: log" "Kernel panic - not syncing: sysrq triggered crash" "$err"
	rm -f "$TMPDIR"/vmxsim-*.log

	run --no-module -- sh -c 'echo "test: BUG: WARNING: CPU: none" >/dev/kmsg
		dmesg | grep -c "BUG: WARNING"; sh -c "kill -SEGV \$\$"; true'
	expect "text that only resembles a kernel report: status" 0 "$status"
	expect "text that only resembles a kernel report: it was logged" 1 "$out"
	prints "reports: nothing is left over" "" cat leftovers
}

test_reset() {
	run --no-module -- sh -c 'echo "boot $VMXSIM_BOOT"; sleep 1; reboot -f; sleep 100'
	expect "reset: status" 125 "$status"
	expect "reset: output" "boot 1" "$out"
	contains "reset: message" "stopped before COMMAND ended" "$err"
	rm -f "$TMPDIR"/vmxsim-*.log

	run --no-module --survive-reset -- sh -c 'echo "boot $VMXSIM_BOOT"; sleep 1
		[ "$VMXSIM_BOOT" = 2 ] && exit 9; reboot -f; sleep 100'
	expect "survived reset: status" 9 "$status"
	expect "survived reset: output" "boot 1
boot 2" "$out"
}

test_signal() {
	vmxsim run --no-module -- sh -c 'echo started; sleep 100' >"$work/out" 2>"$work/err" &
	launcher=$!
	for _ in $(seq 300); do
		grep -q started "$work/out" && break
		sleep 0.1
	done
	check "SIGTERM: guest was running" grep -q started "$work/out"
	check "SIGTERM: QEMU was running" pgrep -f "$TMPDIR/vmxsim-"
	kill "$launcher"
	wait "$launcher"
	expect "SIGTERM: status" 143 $?
	prints "SIGTERM: nothing is left over" "" cat leftovers
}

# SIGHUP is ignored when vmxsim starts, as with nohup(1).
test_ignored_signal() {
	(
		trap "" HUP
		exec vmxsim run --no-module -- sh -c 'echo started; sleep 3; exit 6'
	) >"$work/out" 2>"$work/err" &
	launcher=$!
	until grep -q started "$work/out"; do
		kill -0 "$launcher" 2>/dev/null || break
		sleep 0.1
	done
	kill -HUP "$launcher"
	wait "$launcher"
	expect "SIGHUP that is ignored: the run goes on" 6 $?
}

test_parallel() {
	vmxsim run --no-module -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo a; sleep .1; done; exit 1' \
		>"$work/a" 2>&1 &
	first=$!
	vmxsim run --no-module -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo b; sleep .1; done; exit 2' \
		>"$work/b" 2>&1 &
	second=$!
	wait "$first"
	expect "parallel: first status" 1 $?
	wait "$second"
	expect "parallel: second status" 2 $?
	expect "parallel: first output" aaaaaaaaa "$(tr -d '\n' <"$work/a")"
	expect "parallel: second output" bbbbbbbbb "$(tr -d '\n' <"$work/b")"
}

test_fast_time() {
	# In real time, this hour would be longer than the timeout of 1800 s.
	run --no-module --fast-time --timeout 1800 -- sh -c 'sleep 3600; cut -d. -f1 /proc/uptime'
	expect "fast time: status" 0 "$status"
	check "fast time: an hour passed" test "${out:-0}" -ge 3600
}

test_shell() {
	printf 'echo $((6 * 7)) $VMXSIM_BOOT; tty; stty -a | grep -c icanon\nexit 5\n' |
		vmxsim run --no-module --shell --timeout 60 >"$work/out" 2>"$work/err"
	expect "shell: status" 5 $?
	contains "shell: output" "42 1" "$(cat "$work/out")"
	contains "shell: terminal" "/dev/ttyS1" "$(cat "$work/out")"
	printf 'echo TERM=$TERM; ls /usr/share/terminfo/*/*\n' |
		TERM=xterm-256color vmxsim run --no-module --shell --timeout 60 >"$work/out"
	contains "shell: TERM is that of this machine" "TERM=xterm-256color" "$(cat "$work/out")"
	contains "shell: the guest has the terminfo entry" "/usr/share/terminfo/x/xterm-256color" "$(cat "$work/out")"
	printf 'stty size\nexit\n' >"$work/typed"
	script -qec "stty rows 33 cols 99; vmxsim run --no-module --shell --timeout 60" \
		/dev/null <"$work/typed" >"$work/out" 2>&1
	contains "shell: the terminal's size" "33 99" "$(cat "$work/out")"
	printf 'echo last\n' | vmxsim run --no-module --shell --timeout 60 >"$work/out"
	expect "shell: the end of input ends the shell" 0 $?
}

# The guest has as many processors and as much memory as the configuration says, unless an option
# overrides the configuration.
test_shape() {
	run --no-module --set numvcpus=2 --set memsize=300 -- sh -c 'nproc
		test $(sed -n "s|MemTotal: *\([0-9]*\) kB|\1|p" /proc/meminfo) -lt 307200 && echo small'
	expect "shape: values of the configuration" "2
small" "$out"
	mkdir "$work/logs"
	VMXSIM_LOG_DIR=$work/logs run --no-module --smp 3 --mem 320 --set numvcpus=2 -- nproc
	expect "shape: options override the configuration" 3 "$out"
	expect "shape: the options change the keys of the model" "memsize = \"320\"
numvcpus = \"3\"" \
		"$(grep -h -E "^(numvcpus|memsize)" "$work"/logs/*.vmx)"
	refused "shape: too small" "a guest needs 96 MB" --no-module --set memsize=8 -- true
	refused "shape: more than the host has" "--smp: numvcpus" --no-module --smp 99 -- true
}

# make_qemu: makes a replacement of QEMU that prints the version of QEMU, or fails after it has
# printed an error and its arguments.
make_qemu() {
	cat >"$work/qemu" <<-END
		#!/bin/sh
		[ "\$1" != --version ] || exec qemu-system-x86_64 --version
		echo "cannot set up guest memory" >&2
		printf "%s\\n" "\$@"
		exit 1
	END
	chmod +x "$work/qemu"
}

# asks NAME WANT OPTION...: checks that vmxsim with OPTIONs starts QEMU with arguments that
# contain WANT.
asks() {
	asks_name=$1
	asks_want=$2
	shift 2
	VMXSIM_QEMU=$work/qemu run --no-module "$@" -- true
	contains "$asks_name" "$asks_want" "$err"
}

test_arguments() {
	asks "sockets: each has one core" "4,sockets=4,cores=1," --smp 4
	asks "sockets: two cores each by the configuration" "4,sockets=2,cores=2," --smp 4 --set cpuid.coresPerSocket=2
	asks "sockets: with vCPUs that can be added" "2,sockets=64,cores=2,threads=1,maxcpus=128" \
		--smp 2 --set cpuid.coresPerSocket=2 --set vcpu.hotadd=TRUE

	: >"$work/empty"
	VMXSIM_QEMU=$work/qemu refused "an empty image" "not an image of a disk" \
		--disk "$work/empty" -- true
	VMXSIM_QEMU=$work/qemu refused "a directory as image" "not an image of a disk" \
		--disk "$work" -- true
	head -c 1M /dev/zero >"$work/plain,:1"
	here=$PWD
	cd "$work" || return
	PATH=$here/build/vmxsim:$PATH asks "image: commas and colons" \
		"file=$work/plain,,:1,format=raw" --disk plain,:1
	cd "$here" || return
	asks "image without partitions" "root=/dev/sda rw" --disk "$work/plain,:1" \
		--kernel "$cache/kernels/default/vmlinuz"
	printf '\125\252' | dd of="$work/plain,:1" bs=1 seek=510 conv=notrunc 2>/dev/null
	for format in raw qcow2 vmdk vdi vhdx; do
		check "image: made as $format" qemu-img convert -q -f raw -O $format \
			"$work/plain,:1" "$work/disk.$format"
		asks "image: $format" "disk.$format,format=$format" --disk "$work/disk.$format"
		asks "image with partitions: $format" "root=/dev/sda1 rw" \
			--disk "$work/disk.$format" --kernel "$cache/kernels/default/vmlinuz"
	done
	qemu-img create -q -f vmdk -o subformat=monolithicFlat "$work/flat.vmdk" 1M
	asks "image: VMDK with a descriptor file" "flat.vmdk,format=vmdk" --disk "$work/flat.vmdk"
	prints "arguments: nothing is left over" "" cat leftovers
}

# boot_sector IMAGE TEXT: makes a disk image whose boot sector writes TEXT to the port by which
# a guest sends messages to the launcher. The code, in octal, is xor ax,ax; mov ds,ax;
# cld; mov dx,2e8; mov si,7c17; l: lodsb; test al,al; jz h; out dx,al; jmp l; h: cli; hlt;
# jmp h.
boot_sector() {
	head -c 1M /dev/zero >"$1"
	printf '\061\300\216\330\374\272\350\002\276\027\174\254\204\300\164\003\356\353\370\372\364\353\374%b' "$2" |
		dd of="$1" conv=notrunc 2>/dev/null
	printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc 2>/dev/null
}

test_firmware() {
	boot_sector "$work/boot.img" 'boot\nrunning\nexit 7\n'
	run --disk "$work/boot.img" --no-module -- true
	expect "BIOS: boots the image, not the disk with COMMAND" 7 "$status"
	run --disk "$work/boot.img" --no-module --kernel "$cache/kernels/default/vmlinuz" -- true
	expect "--kernel: the kernel boots, and finds no root file system in the image" 126 "$status"
	boot_sector "$work/silent.img" ''
	run --disk "$work/silent.img" --no-module --timeout 12 -- true
	expect "a silent boot loader: status" 125 "$status"
	contains "a silent boot loader: a hint at a quarter of the timeout" \
		"silent.img: no kernel on the console after 3 seconds: is there a boot loader" "$err"
	contains "a silent boot loader: message at the end" "did not boot" "$err"
	head -c 1M /dev/zero >"$work/blank.img"
	refused "BIOS: no boot loader" "the BIOS finds no boot loader on it (name its kernel by" \
		--disk "$work/blank.img" --no-module --timeout 0 -- true
	for firmware in ovmf ovmf-secure; do
		refused "$firmware: no boot loader" "the EFI firmware starts no boot loader of it" \
			--disk "$work/blank.img" --no-module --timeout 0 --firmware $firmware -- true
	done
	rm -f "$TMPDIR"/vmxsim-*.log
	prints "firmware: nothing is left over" "" cat leftovers
}

# fake NAME COMMAND: makes a program NAME in $work/fake that runs COMMAND.
fake() {
	mkdir -p "$work/fake"
	printf '#!/bin/sh\n%s\n' "$2" >"$work/fake/$1"
	chmod +x "$work/fake/$1"
}

# helper NAME STATUS MESSAGE WORD...: checks that vmxsim WORD... ends with STATUS and MESSAGE.
# vmxsim finds the programs in $work/fake before those of this machine, and has an empty cache.
helper() {
	helper_name=$1
	helper_status=$2
	helper_message=$3
	shift 3
	XDG_CACHE_HOME=$work/cache PATH="$work/fake:$PATH" vmxsim "$@" >"$work/out" 2>"$work/err"
	expect "$helper_name: status" "$helper_status" $?
	contains "$helper_name: message" "$helper_message" "$(cat "$work/err")"
	expect "$helper_name: no output" "" "$(cat "$work/out")"
	expect "$helper_name: nothing is left over" "" \
		"$(find "$work/cache" -name '.new-*' 2>/dev/null)"
}

test_helpers() {
	helper "rootfs: no suite" 125 "Usage: vmxsim rootfs SUITE" rootfs
	helper "rootfs: an option" 125 "Usage: vmxsim rootfs SUITE" rootfs --frob
	fake mmdebstrap 'exit 25'
	helper "rootfs: mmdebstrap fails" 125 "no Debian bookworm with" rootfs bookworm nosuch
	fake apt-config 'exit 100'
	helper "rootfs: apt fails" 125 "" rootfs bookworm
	fake id 'echo 1000'
	helper "rootfs: another user" 125 "only root can" rootfs bookworm
	fake id 'echo 0'
	helper "fetch-kernel: no name" 125 "expected one NAME" fetch-kernel
	helper "fetch-kernel: two names" 125 "expected one NAME" fetch-kernel 6.1 6.12
	fake apt-cache :
	fake apt-get :
	helper "fetch-kernel: Debian has no such kernel" 3 "no 1.0 among Debian's packages" fetch-kernel 1.0
	helper "fetch-kernel: no default" 125 "no linux-image-amd64" fetch-kernel default
	fake apt-get 'echo "no network" >&2; exit 100'
	helper "fetch-kernel: no network" 125 "no network" fetch-kernel 1.0
	fake apt-cache 'echo "linux-headers-6.1.0-1-cloud-amd64 - headers"'
	helper "fetch-kernel: no download" 125 "no network" fetch-kernel 6.1
	fake apt-get 'case $* in *download*) kill -TERM $PPID ;; esac'
	helper "fetch-kernel: SIGTERM" 125 "" fetch-kernel 6.1
	rm -r "$work/fake"
	: >"$work/file"
	XDG_CACHE_HOME=$work/file vmxsim rootfs bookworm >"$work/out" 2>"$work/err"
	expect "rootfs: no cache: status" 125 $?
	XDG_CACHE_HOME=$work/file vmxsim fetch-kernel default >"$work/out" 2>"$work/err"
	expect "fetch-kernel: no cache: status" 125 $?
	vmxsim rootfs --help >"$work/out" 2>"$work/err"
	expect "rootfs --help: status" 0 $?
}

test_no_start() {
	VMXSIM_QEMU=$work/qemu refused "QEMU that fails" "QEMU did not start the guest" \
		--no-module -- true
	contains "QEMU that fails: message of QEMU" "cannot set up guest memory" "$err"
	refused "unknown device for QEMU" "nosuch" --no-module --qemu-arg -device \
		--qemu-arg nosuch -- true
	prints "QEMU that fails: nothing is left over" "" cat leftovers

	# Another program runs as the first process, so the launcher gets no message from it.
	run --no-module --timeout 25 --append rdinit=/bin/cat -- true
	expect "a guest that hangs: status" 125 "$status"
	contains "a guest that hangs: message" "did not boot: its kernel hangs" "$err"
	rm -f "$TMPDIR"/vmxsim-*.log
}

test_left_running() {
	run --no-module -- sh -c 'yes & exit 3'
	expect "a child of COMMAND that still writes: status" 3 "$status"
	env -u HOME -u XDG_CACHE_HOME sh -c "vmxsim run --no-module -- echo out" \
		>"$work/out" 2>"$work/err"
	expect "no HOME: status" 0 $?
	expect "no HOME: output" out "$(cat "$work/out")"
	env -u HOME -u XDG_CACHE_HOME vmxsim fetch-kernel default >"$work/out" 2>"$work/err"
	expect "no HOME: the kernel is found again" "0 $(tests/lib/kernel default)" \
		"$? $(cat "$work/out")"
}

# With --gdb, a debugger can attach to the guest. The first request of the debugger is answered,
# and the guest goes on after the request D (detach).
test_gdb() {
	port=$((20000 + $$ % 10000))
	vmxsim run --no-module --gdb $port -- sh -c 'sleep 15; exit 4' >"$work/out" 2>&1 &
	guest=$!
	for _ in $(seq 100); do
		printf '$qSupported#37+$D#44' | busybox nc -w 1 127.0.0.1 $port >"$work/gdb" 2>/dev/null
		grep -q PacketSize "$work/gdb" && break
		sleep 0.2
	done
	check "gdb: the debugger is answered" grep -q PacketSize "$work/gdb"
	wait $guest
	expect "gdb: status of the command" 4 $?
}

test_net() {
	port=$((30000 + $$ % 10000))
	busybox nc -l -p $port -e echo served &
	server=$!
	run --no-module --net user -- sh -c "nc 10.0.2.2 $port; cat /etc/resolv.conf"
	kill "$server" 2>/dev/null
	expect "network: this machine serves the guest" "served
nameserver 10.0.2.3" "$out"
	expect "network: no message" "" "$err"
}

# vmxsim finds a kernel message on the console even if it follows an unfinished line of a program.
test_unfinished_line() {
	run --no-module -- sh -c 'printf "50%%" >/dev/ttyS0; echo "BUG: a test" >/dev/kmsg
		sleep 1'
	expect "kernel report after an unfinished line: status" 126 "$status"
	rm -f "$TMPDIR"/vmxsim-*.log
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib
make_qemu
test_options
test_arguments
test_shape
test_firmware
test_helpers
test_no_start
test_left_running
test_unfinished_line
test_gdb
test_net
test_streams
test_timeout
test_reports
test_reset
test_signal
test_ignored_signal
test_parallel
test_fast_time
test_shell
finish
