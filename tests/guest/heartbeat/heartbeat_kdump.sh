#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The module in a crash kernel, which kdump starts to save a dump. By default, panic() jumps into
# the crash kernel before it calls any notifier, so the module of the kernel that has crashed can
# send nothing. The module in the crash kernel therefore sends Disable, which ends vSphere HA
# application monitoring, so that the machine is not reset while the dump is saved. In a crash
# kernel the module offers no device.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
. tests/lib/programs.sh

check "the program heartbeat_client is built" program heartbeat_client
kernels=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels
kernel=$kernels/$(tests/lib/kernel "${VMXSIM_KERNEL:-default}")/vmlinuz
kexec=$(PATH=$PATH:/usr/sbin:/sbin command -v kexec)

# The first process of the crash kernel. Its output is in the log of the guest's kernel.
cat >"$work/crash" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/console 2>&1
insmod /watchdog.ko
insmod /vmguestlib.ko
echo "crash kernel: loaded, status $?"
echo "crash kernel: $(ls /dev | grep -c 'vmguestlib\|watchdog') devices"
echo "crash kernel: dump of $(dd if=/proc/vmcore bs=4 count=1 2>/dev/null | cut -c 2-)"
sleep 200
echo "crash kernel: not reset"
poweroff -f
END
chmod +x "$work/crash"

# The program of the first kernel. It loads the crash kernel, arms a client, and crashes the
# first kernel.
cat >"$work/panic" <<'END'
#!/bin/sh
mkdir -p /crash/bin /crash/proc /crash/sys /crash/dev
cp "$(readlink -f /bin/busybox)" /crash/bin/busybox
find "/lib/modules/$(uname -r)/" -name 'vmguestlib.ko' -exec cp {} /crash ';'
find "/lib/modules/$(uname -r)/" -name 'watchdog.ko' -exec cp {} /crash ';'
cp /init.crash /crash/init
(cd /crash && find . | cpio -o -H newc 2>/dev/null | gzip -1) >/crash.gz
kexec -p /vmlinuz --initrd=/crash.gz --append="console=ttyS0 nokaslr nr_cpus=1 reset_devices" || exit
/heartbeat_client app 20000 stop 5000 for 1000000 >/dev/null &
sleep 15
echo c >/proc/sysrq-trigger
sleep 100
END
chmod +x "$work/panic"

run --fast-time --mem 768 --append crashkernel=256M --timeout 200 \
	--trace "$work/trace" --add "$kexec:/usr/sbin/kexec" \
	--add "$kernel:/vmlinuz" --add "$work/crash:/init.crash" \
	--add "$work/panic:/panic" \
	--add "$work/heartbeat_client:/heartbeat_client" -- /panic
expect "status of a panic" 126 "$status"
contains "the module is loaded" "crash kernel: loaded, status 0" "$err"
contains "the module offers no device in a crash kernel" "crash kernel: 0 devices" "$err"
contains "the dump has the format ELF" "crash kernel: dump of ELF" "$err"
contains "the machine was not reset" "crash kernel: not reset" "$err"
# The status may have turned red while the crash kernel booted, before Disable was sent.
expect "one Disable is sent, and the host does not act" "disabled request,gray disable" \
	"$(sed -n 's/.*"event":"ha","detail":"\([^"]*\)".*/\1/p' "$work/trace" |
		sed '1,/green beat/d; /red window/d' | tr '\n' ',' | sed 's/,$//')"
expect "after the last heartbeat, nothing but Disable is sent" "GuestAppMonitor.Cmd.Disable," \
	"$(sed -n 's/.*"event":"request".*"request":"\([^"]*\)".*/\1/p' "$work/trace" |
		awk '/MarkActive/ { last = ""; next } { last = last $0 "," } END { print last }')"
finish
