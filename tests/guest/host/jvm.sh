#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Debian's Java virtual machine, unmodified, detects VMware. The Java virtual machine loads
# libguestlib, and writes the statistics of the host to its crash log and to the output of jcmd.
# In this suite, libguestlib is the library of this project.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# Only a part of the JDK is added to the guest, because the whole JDK does not fit in its memory.
jdk=$(readlink -f "$(command -v javac)")
jdk=${jdk%/bin/javac}
"$jdk/bin/jlink" --add-modules java.base,jdk.jcmd --strip-debug --no-man-pages \
	--no-header-files --output "$work/java" || exit 1
cat >"$work/Waits.java" <<'E2'
public class Waits {
	public static void main(String[] args) throws Exception {
		Thread.sleep(1000000);
	}
}
E2
javac -d "$work" "$work/Waits.java" || exit 1

# logs OPTION...: runs Java in a guest. $work/out gets the output of jcmd, and $work/err the crash
# log.
logs() {
	run --mem 768 --timeout 300 "$@" --add "$work/java:/java" \
		--add "$work/Waits.class:/tmp/Waits.class" \
		--add "$jdk/lib/server/libjvm.so:/java/lib/server/libjvm.so" -- sh -c '
		cd /tmp
		mkdir -p /usr/lib64
		ln -sf ../lib/libguestlib.so.0 /usr/lib64/libguestlib.so.0
		/java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
			-XX:+ExtensiveErrorReports -cp /tmp Waits >/dev/null &
		until /java/bin/jcmd $! VM.version >/dev/null 2>&1; do sleep 1; done
		/java/bin/jcmd $! VM.info
		kill -SEGV $!
		wait
		cat hs_err_pid*.log >&2'
}

# has_host NAME FILE: checks that FILE has VMware and the statistics.
has_host() {
	check "$1: VMware is detected" grep -q "^VMWare virtualization detected" "$2"
	check "$1: statistics of the host" grep -q "^host.cpu.processorMHz = 2399" "$2"
	expect "$1: resources of the machine, at the start and now" 2 \
		"$(grep -c "^vm.cpu.reserved = 321" "$2")"
}

logs --set sched.cpu.min=321
expect "status" 0 "$status"
has_host "jcmd VM.info" "$work/out"
has_host "crash log" "$work/err"

logs --set hypervisor.cpuid.v0=FALSE
expect "without the CPUID leaves, jcmd does not detect VMware" "1 0" \
	"$(grep -c "^vm_info: OpenJDK" "$work/out") $(grep -ci vmware "$work/out")"
finish
