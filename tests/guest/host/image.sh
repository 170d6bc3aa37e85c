#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The content of a guest of vmxsim: the system, the kernel, the module, and the files that options
# add. The suite also tests the cache of images, and vmxsim after its installation.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

test_system() {
	run --append "vmxsim.test=1 quiet" --mem 400 --smp 2 -- sh -c '
		echo "boot $VMXSIM_BOOT"; id -u; id -un user; nproc; pwd
		grep -c "vmxsim.test=1 quiet" /proc/cmdline
		for dir in /proc /sys /dev /dev/pts /sys/kernel/debug /sys/kernel/tracing; do
			grep -q " $dir " /proc/mounts || echo "$dir is not mounted"
		done
		ip addr show lo | grep -o "inet [0-9./]*"
		stat -c "%a %U:%G" /dev/vmguestlib /tmp
		su user -c "id -un; cat /proc/self/stat >/tmp/by-user && rm /tmp/by-user"
		su member -c "id -Gn"
		test $(sed -n "s/MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo) -gt 262144 && echo large
		grep -o "^vmguestlib" /proc/modules; command -v vmguestlibtest'
	expect "system: status" 0 "$status"
	expect "system: what COMMAND finds" "boot 1
0
user
2
/root
1
inet 127.0.0.1/8
664 root:vmguestlib
1777 root:root
user
member vmguestlib
large
vmguestlib
/usr/bin/vmguestlibtest" "$out"
	expect "system: nothing on standard error" "" "$err"
}

test_add() {
	printf '#include <stdio.h>\nint f(void);\n' >"$work/main.c"
	printf 'int main(void) { printf("f is %%d\\n", f()); return 0; }\n' >>"$work/main.c"
	echo 'int f(void) { return 42; }' >"$work/f.c"
	mkdir "$work/tree" "$work/tree/sub" "$work/lib"
	cc -shared -fPIC -o "$work/lib/libf.so" "$work/f.c"
	cc -o "$work/tree/sub/uses-f" "$work/main.c" -L"$work/lib" -lf -Wl,-rpath,"$work/lib"
	cc -m32 -o "$work/uses-f32" "$work/main.c" "$work/f.c"
	printf '#!/bin/sh\necho script\n' >"$work/tree/script"
	chmod +x "$work/tree/script"
	run --no-module --add "$work/tree" --add "$work/uses-f32:/opt/bin/" \
		--add /usr/bin/kmod:/opt/kmod --add tests/lib/ktap.sh -- sh -c "
		$work/tree/script; $work/tree/sub/uses-f; /opt/bin/uses-f32
		/opt/kmod --version; cat '$root/tests/lib/ktap.sh' | wc -l"
	expect "add: status" 0 "$status"
	expect "add: program, tree, libraries, 32 bits" "script
f is 42
f is 42
$(/usr/bin/kmod --version)
$(wc -l <tests/lib/ktap.sh)" "$out"

	mv "$work/lib/libf.so" "$work/lib/libgone.so"
	refused "add: a library that is missing" "libf.so: not found" \
		--add "$work/tree/sub/uses-f" -- true
	run --no-module --add "$work/lib/libgone.so:/usr/lib/libf.so" \
		--add "$work/tree/sub/uses-f:/uses-f" -- /uses-f
	expect "add: a library that a second option adds" "f is 42" "$out"
}

# An added file is at the place that the option names. If two directories are added at the same
# place, the guest has the files of both directories. No path can lead to a file outside of the
# guest.
test_places() {
	mkdir "$work/one" "$work/two"
	echo 1 >"$work/one/a"
	echo 2 >"$work/two/b"
	cp /bin/true "$work/one/setuid"
	chmod 4750 "$work/one/setuid"
	up=/../../../../../../../../../../../../..
	run --no-module --add "$work/one:/data" --add "$work/two:/data" --add "$work/two:/lib" \
		--add "$work/one/a:/libexec/a" --add "$work/two/b:$up$work/outside" -- sh -c "
		echo /data/* /lib/b /libexec/* $work/outside; readlink /lib; stat -c %a /data/setuid"
	expect "places: the files are where the options name" "/data/a /data/b /data/setuid /lib/b /libexec/a $work/outside
usr/lib
4750" "$out"
	check "places: nothing is written outside the guest" test ! -e "$work/outside"
}

# The project's programs in the guest use the project's libraries, although this machine has
# another library with the same name. A guest without these programs works as well.
test_stage() {
	check "stage: this machine has a libguestlib.so.0" \
		test -e /usr/lib/x86_64-linux-gnu/libguestlib.so.0
	run --no-module -- find /usr -name "libguestlib.so.0"
	expect "stage: the guest has only our libguestlib.so.0" /usr/lib/libguestlib.so.0 "$out"
	printf 'int VMGuestLib_OpenHandle(void **);\nint main(void) { void *h; %s\n' \
		"return VMGuestLib_OpenHandle(&h); }" >"$work/guest.c"
	cc -o "$work/guest" "$work/guest.c" /usr/lib/x86_64-linux-gnu/libguestlib.so.0
	run --add "$work/guest:/guest" -- sh -c "/guest; find /usr -name libguestlib.so.0"
	expect "stage: an added program brings no other libguestlib.so.0" /usr/lib/libguestlib.so.0 "$out"
	mkdir "$work/bare"
	cp build/vmxsim/vmxsim build/vmxsim/init build/vmxsim/image build/vmxsim/*.so \
		"$work/bare/"
	PATH=$work/bare:$PATH run --no-module --add /usr/bin/kmod:/opt/kmod -- \
		/opt/kmod --version
	expect "no stage: an added program has its libraries" "$(/usr/bin/kmod --version)" "$out"
}

test_module() {
	refused "module refuses a parameter" "the module was not loaded" \
		--module-param min_interval_ms=x -- true
	run --module-param min_interval_ms=250 -- \
		cat /sys/module/vmguestlib/parameters/min_interval_ms
	expect "module takes a parameter" 250 "$out"
	many=$(seq -f "--module-param min_interval_ms=%g" 101 170)
	# The options are meant to be split into words.
	# shellcheck disable=SC2086
	run $many -- cat /sys/module/vmguestlib/parameters/min_interval_ms
	expect "module takes the last of 70 values of a parameter" 170 "$out"
	run --no-module -- sh -c 'ls /sys/module | grep -c vmguestlib
		ls /dev/vmguestlib; modprobe vmguestlib && test -c /dev/vmguestlib'
	expect "no module: COMMAND can load the module" 0 "$status"
	expect "no module: it is not loaded before COMMAND" 0 "$out"
}

test_ring3() {
	cc -O2 -static -o "$work/ring3" tests/guest/host/ring3.c
	run --add "$work/ring3:/ring3" -- /ring3
	expect "ring 3: status" 0 "$status"
	expect "ring 3: backdoor answers" "version 6" "$out"
	run --add "$work/ring3:/ring3" -- su user -c /ring3
	expect "ring 3: the backdoor answers other users" "version 6" "$out"
	run --no-ring3 --add "$work/ring3:/ring3" -- /ring3
	expect "--no-ring3: the program is killed" 139 "$status"
	expect "--no-ring3: no answer" "" "$out"
}

test_append() {
	export VMXSIM_APPEND="vmxsim.usual=1"
	run --no-module -- grep -o "vmxsim.*" /proc/cmdline
	expect "VMXSIM_APPEND: arguments for the kernel" "vmxsim.usual=1" "$out"
	run --no-module --append vmxsim.other=1 -- grep -o "vmxsim.*" /proc/cmdline
	expect "--append overrides VMXSIM_APPEND" "vmxsim.other=1" "$out"
	unset VMXSIM_APPEND
}

# The argument of --kernel is a release, or a kernel image in any folder with its modules beside
# it. VMXSIM_KERNEL names a kernel that does not exist, so that only --kernel can select a kernel.
test_kernel() {
	usual=${VMXSIM_KERNEL-default}
	export VMXSIM_KERNEL=none
	release=$(basename "$(readlink -f "$cache/kernels/$usual")")
	mkdir "$work/kernel"
	cp "$cache/kernels/$release/vmlinuz" "$work/kernel/bzImage"
	ln -s "$cache/kernels/$release/lib" "$work/kernel/lib"
	run --kernel "$work/kernel/bzImage" -- \
		sh -c 'uname -r; grep -o "^vmguestlib" /proc/modules'
	expect "--kernel FILE" "$release
vmguestlib" "$out"
	run --kernel "$release" --no-module -- uname -r
	expect "--kernel RELEASE" "$release" "$out"
	refused "VMXSIM_KERNEL names no kernel" "none" -- true
	VMXSIM_KERNEL=$usual
}

# After its installation, vmxsim needs no file of the source tree, and works in any directory.
test_installed() {
	make -s install-vmxsim DESTDIR="$work/dest" PREFIX=/opt >"$work/make" 2>&1
	expect "installed" 0 $?
	check "installed: manual page" test -s "$work/dest/opt/share/man/man1/vmxsim.1"
	(cd / && "$work/dest/opt/bin/vmxsim" run --trace "$work/trace" -- \
		cat /sys/class/misc/vmguestlib/host/processor_mhz) >"$work/out" 2>"$work/err"
	expect "installed: status" 0 $?
	check "installed: statistics" test "$(cat "$work/out")" -gt 0
	check "trace: events" grep -q '"event":' "$work/trace"
	check "trace: one object per line" \
		test "$(grep -c '^{.*}$' "$work/trace")" = "$(wc -l <"$work/trace")"
	rm -rf "$work"/dest/opt/lib/vmxsim/kmod
	PATH=$work/dest/opt/bin:$PATH refused "module not built" "no vmguestlib.ko" -- true
}

# make_image OUT: makes an image that contains one program and one driver, with a cache of this
# suite.
make_image() {
	build/vmxsim/image --cache "$work/cache/vmguestlib/images" --out "$1" --release 6.1.0 \
		--modules "$work/${modules-modules}" --stage "$work/lone" --init build/vmxsim/init \
		--run /dev/null
}

# images: prints the number of images in this cache.
images() {
	find "$work/cache" -name "*.cpio" | wc -l
}

# An image is used again only while all files in it are unchanged, including the libraries of
# this machine.
test_cache() {
	mkdir -p "$work/lone/usr/bin" "$work/machine" "$work/modules/lib/modules/6.1.0/kernel"
	find "$cache/kernels/default/" -name "vmxnet3.ko*" \
		-exec cp {} "$work/modules/lib/modules/6.1.0/kernel/" \;
	depmod -b "$work/modules" 6.1.0 2>/dev/null
	echo "int f(void) { return 1; }" >"$work/f.c"
	cc -shared -fPIC -o "$work/machine/libf.so" "$work/f.c"
	cc -o "$work/lone/usr/bin/uses-f" "$work/main.c" -L"$work/machine" -lf \
		-Wl,-rpath,"$work/machine"
	make_image "$work/first.img"
	expect "cache: an image is made" 0 $?
	make_image "$work/again.img"
	expect "cache: the image is used again" 1 "$(images)"
	echo "int f(void) { return 2; }" >"$work/f.c"
	cc -shared -fPIC -o "$work/machine/libf.so" "$work/f.c"
	make_image "$work/other.img"
	expect "cache: another library makes another image" 2 "$(images)"
	touch -d yesterday "$work"/modules/lib/modules/6.1.0/kernel/*
	make_image "$work/driver.img"
	expect "cache: another driver makes another image" 3 "$(images)"
	contains "cache: the driver is in the image" vmxnet3.ko "$(busybox cpio -it <"$work/driver.img" 2>/dev/null)"
	mv "$work/modules" "$work/more modules"
	modules="more modules" make_image "$work/blank.img"
	contains "cache: a path with a space" vmxnet3.ko "$(busybox cpio -it <"$work/blank.img" 2>/dev/null)"
	prints "cache: no unfinished image is left" "" cat find "$work/cache" -name ".new*"
}

# If a program that is needed to make the image is missing, the message names its package.
test_missing() {
	mkdir "$work/tools"
	for tool in sh sed grep cat mktemp rm mkdir dirname basename readlink find head; do
		ln -s "$(command -v "$tool")" "$work/tools/$tool"
	done
	PATH=$work/tools build/vmxsim/image --cache "$work/none" --out "$work/none.img" \
		>"$work/said" 2>&1
	expect "no busybox: status" 1 $?
	contains "no busybox: the message names the package" "busybox is missing: apt install busybox-static" \
		"$(cat "$work/said")"
}

# A run fails while the disk is full. A run after that succeeds.
test_full_disk() {
	mkdir "$work/small"
	mount -t tmpfs -o size=2m tmpfs "$work/small"
	mkdir "$work/small/vmguestlib"
	ln -s "$cache/kernels" "$work/small/vmguestlib/kernels"
	XDG_CACHE_HOME=$work/small refused "full disk" "cannot make the image of the guest" \
		--no-module -- true
	mount -o remount,size=200m "$work/small"
	XDG_CACHE_HOME=$work/small run --no-module -- echo fine
	expect "full disk: the next run with more space" "0 fine" "$status $out"
	mount -o remount,ro "$work/small"
	XDG_CACHE_HOME=$work/small run --no-module -- echo fine
	expect "read-only cache: an image in the cache is used" "0 fine" "$status $out"
	XDG_CACHE_HOME=$work/small run -- echo fine
	expect "read-only cache: an image that is not in the cache" "0 fine" "$status $out"
	umount "$work/small"
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib
test_system
test_add
test_places
test_stage
test_module
test_ring3
test_kernel
test_append
test_cache
test_missing
test_full_disk
test_installed
finish
