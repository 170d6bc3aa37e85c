#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
# Tier: more
#
# make sdk, which makes a replacement for the vSphere Guest SDK (below: the kit). The kit has the
# files of Table 1-1 of the SDK's guide. The command lines of the guide build the programs of the
# kit for 32 and 64 bits, and all programs, including those in Java, work in a guest.
# Text in single quotes is for the shell in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/vmxsim.sh
. tests/lib/vmxsim.sh
plan 71

check "make sdk" make -s sdk
archive=$(echo build/sdk/*.tar.xz)
name=${archive##*/}
name=${name%.tar.xz}
tar -C "$work" -xJf "$archive"
expect "the archive has one folder at the top" "$name" "$(tar -tf "$archive" | cut -d/ -f1 | sort -u)"
kit=$work/$name
for part in bin/bin32/vmware-appmonitor bin/bin64/vmware-appmonitor \
	docs/licenses/LGPL-2.1-or-later.txt docs/VMGuestAppMonitor/samples/C/README \
	docs/VMGuestAppMonitor/samples/C/makefile docs/VMGuestAppMonitor/samples/C/sample.c \
	docs/VMGuestAppMonitor/samples/java/README \
	docs/VMGuestAppMonitor/samples/java/vmGuestLibJava.c include/vmGuestLib.h \
	include/vmGuestAppMonitorLib.h include/vm_basic_types.h include/vmSessionId.h \
	include/includeCheck.h include/vmGuestLibTest.c lib/lib32/libvmGuestLib.so \
	lib/lib64/libvmGuestLib.so lib/lib32/libappmonitorlib.so \
	lib/lib64/libappmonitorlib.so lib/lib32/libvmGuestLibJava.so \
	lib/lib64/libvmGuestLibJava.so vmGuestLibJava/vmGuestLibJava.jar \
	vmGuestLibJava/doc/index.html vmGuestLibJava/doc/vmguestlib/VMGuestLibInterface.html
do
	check "kit: $part" test -s "$kit/$part"
done

# Make a folder for PATH whose gcc and cc make programs for 32 bits.
mkdir -p "$work/narrow"
for compiler in gcc cc; do
	printf '#!/bin/sh\nexec /usr/bin/%s -m32 "$@"\n' "$compiler" >"$work/narrow/$compiler"
	chmod +x "$work/narrow/$compiler"
done

# build BITS PATH: copies the kit to $work/BITS, and builds the programs there with the command
# lines of the guide and this PATH.
build() {
	cp -R "$kit" "$work/$1"
	cd "$work/$1/include" &&
		env PATH="$2" sh -exc 'gcc -g -o vmguestlibtest -ldl vmGuestLibTest.c
			cd ../docs/VMGuestAppMonitor/samples/C
			make'
	built=$?
	cd "$root" && return "$built"
}

tests/lib/packages file >&2
check "64 bits: the guide's command lines" build 64 "$PATH"
check "32 bits: the guide's command lines" build 32 "$work/narrow:$PATH"
for bits in 64 32; do
	expect "$bits bits: both programs are for $bits bits" 2 "$(file -L "$work/$bits/include/vmguestlibtest" \
		"$work/$bits/docs/VMGuestAppMonitor/samples/C/sample" | grep -c "ELF $bits-bit")"
done

# This script runs the sample in the guest. After Ctrl+C (SIGINT) the sample asks for a letter:
# continue (c), stop (s) or disable (d). It gets the letter from a pipe.
cat >"$work/sample.sh" <<'EOF'
cd "$1" || exit 1
for answer in c s d; do
	mkfifo answers
	/tests/env --default-signal=INT ./sample -i 1 <answers >said 2>&1 &
	exec 3>answers
	sleep 2
	kill -INT $!
	echo $answer >&3
	if [ $answer = c ]; then
		sleep 2
		: >said
		sleep 3
		echo "c: $(grep -c "heartbeat sent, status Green" said | sed 's/[1-9].*/goes on/')"
		kill -INT $!
		echo d >&3
	fi
	wait $!
	echo "$answer: status $?, $(vmware-appmonitor isEnabled)"
	exec 3>&-
	rm answers
done
EOF

# in_guest BITS COMMAND...: runs COMMAND in a guest that has the programs for BITS.
in_guest() {
	bits=$1
	shift
	run --timeout 600 --set vmxsim.ha.action=log --set sched.cpu.max=1234 \
		--add "$work/$bits/include/vmguestlibtest:/kit/include/vmguestlibtest" \
		--add "$work/$bits/docs/VMGuestAppMonitor/samples/C/sample:/kit/sample/sample" \
		--add "$work/$bits/lib/lib$bits:/kit/lib/lib$bits" \
		--add "$work/$bits/bin/bin$bits/vmware-appmonitor:/kit/bin/vmware-appmonitor" \
		--add "$work/sample.sh:/kit/sample.sh" --add /usr/bin/env:/tests/env -- "$@"
}

symbols=$(sed -n 's/^VMGuestLib_Get\(.*\)/\1/p' tests/unit/userlib/symbols |
	grep -v '^ErrorText$' | sort)
for bits in 64 32; do
	in_guest $bits sh -c "export LD_LIBRARY_PATH=/kit/lib/lib$bits
		"'/kit/include/vmguestlibtest -n 1
		timeout -s INT 5 /kit/include/vmguestlibtest >/dev/null; echo "interrupted $?"
		grep -c /kit/lib/ /proc/self/maps; /kit/bin/vmware-appmonitor isEnabled
		sh /kit/sample.sh /kit/sample'
	expect "$bits bits: every function" "$symbols" \
		"$(echo "$out" | awk '/^[A-Z][A-Za-z0-9]* / && !/^StatGet/ { print $1 }' | sort)"
	contains "$bits bits: a value" "CpuLimitMHz                            1234  MHz" "$out"
	contains "$bits bits: StatGet" "version = VMware ESX" "$out"
	contains "$bits bits: repeats until interrupted" "interrupted 0" "$out"
	contains "$bits bits: vmware-appmonitor" "not enabled" "$out"
	contains "$bits bits: sample: c continues" "c: goes on" "$out"
	contains "$bits bits: sample: s stops and stays enabled" "s: status 0, enabled" "$out"
	contains "$bits bits: sample: d disables" "d: status 0, not enabled" "$out"
done

# Make a small Java runtime from the JDK, because a JDK does not fit in the guest's memory.
jdk=$(readlink -f "$(command -v javac)")
jdk=${jdk%/bin/javac}
samples=$work/64/docs/VMGuestAppMonitor/samples/java
check "java: the samples are compiled" make -s -C "$samples"
check "java: the native library is built from the kit" make -s -C "$samples" native
check "java: sdk_test is compiled" javac -cp "$kit/vmGuestLibJava/vmGuestLibJava.jar" -d "$samples" \
	tests/guest/sdk/sdk_test.java
check "java: a small runtime is made" "$jdk/bin/jlink" --add-modules java.base --strip-debug \
	--no-man-pages --no-header-files --output "$work/java"
run --timeout 900 --mem 768 --set sched.cpu.max=1234 --set vmxsim.ha.action=log \
	--set vmxsim.pool.path=host/user/kit --add "$work/java:/java" \
	--add "$work/64/lib/lib64:/kit/lib/lib64" --add "$samples:/kit/java" \
	--add "$kit/vmGuestLibJava/vmGuestLibJava.jar:/kit/kit.jar" \
	--add "$jdk/lib/server/libjvm.so:/java/lib/server/libjvm.so" -- \
	sh -c 'export LD_LIBRARY_PATH=/kit/lib/lib64 LC_ALL=C.UTF-8
		java="/java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp /kit/java:/kit/kit.jar"
		$java Statistics; echo "status $?"; $java Heartbeat 3 1; echo "status $?"
		mkfifo pipe; exec 7<>pipe; timeout 2 yes >&7
		timeout 100 $java Heartbeat 30 0 >&7; echo "no reader: status $?"; exec 7<&-
		$java Heartbeat 40 1 >said &
		until grep -q Green said; do sleep 1; done; vmware-appmonitor disable
		until vmware-appmonitor isEnabled | grep -qx enabled || ! kill -0 $!; do sleep 1; done
		kill -0 $! && echo "disabled by another: goes on"; wait
		$java sdk_test; rmmod vmguestlib; $java sdk_test 2>&1'
expect "java: every accessor" "$symbols" "$(echo "$out" | sed -n '/^status/q; p' |
	awk '/^[A-Z]/ { print $1 }' | sort)"
contains "java: a value" "CpuLimitMHz 1234" "$out"
contains "java: StatGet" "version = VMware ESX" "$out"
contains "java: heartbeats" "enabled true
heartbeat sent, status Green
heartbeat sent, status Green
heartbeat sent, status Green
enabled false
status 0" "$out"
while read -r line; do
	contains "java: ${line%%:*}" "$line" "$out"
done <<'EOF'
before the update: error 5 null
limit: 1234
path: host/user/kit
withheld: error 4 null
closed: error 8 null
closed path: error 8 null
no encoding: error 9 null
a NUL: error 9 null
too long: error 7 null
unknown: error 4 
the list: true
not enabled: error 3 
wrong state: error 1 
a state with a NUL: error 1 
no state: error 1 
EOF
contains "java: heartbeats whose output is not read" "no reader: status 0" "$out"
contains "java: enables again after another program has disabled" "disabled by another: goes on" "$out"
contains "java: without the module" "vmguestlib.VMGuestLibException: VMware Guest API is not enabled" \
	"$out"
finish
