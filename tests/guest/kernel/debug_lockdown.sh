#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The module in a kernel with lockdown=integrity, as with Secure Boot. The kernel loads a module
# that is signed with the kernel's key, and this module works. The kernel refuses a module
# without a signature. It also refuses iopl(), by which programs get access to I/O ports.
# Kernels: debug
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh

kernel=$(tests/lib/debug-kernel "$VMXSIM_KERNEL")
build=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels/$kernel/build
cp "build/kmod/$kernel/vmguestlib.ko" "$work/unsigned.ko"
check "the module is signed" "$build/scripts/sign-file" sha512 "$build/certs/signing_key.pem" \
	"$build/certs/signing_key.x509" "$work/unsigned.ko" "$work/signed.ko"

cat >"$work/iopl.c" <<'EOF'
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>

int main(void)
{
	puts(iopl(3) ? strerror(errno) : "granted");
}
EOF
check "the program iopl is built" cc -static -o "$work/iopl" "$work/iopl.c"

cat >"$work/script" <<'EOF'
. /tests/ktap.sh
place=$(find /usr/lib/modules -name vmguestlib.ko)
# load NAME: installs /tests/NAME.ko as vmguestlib.ko, tries to load it, and prints errors.
load() {
	cp "/tests/$1.ko" "$place"
	modprobe vmguestlib 2>&1
}
mount -t securityfs securityfs /sys/kernel/security
expect "the kernel is in lockdown" "none [integrity] confidentiality" "$(cat /sys/kernel/security/lockdown)"
expect "iopl() is refused" "Operation not permitted" "$(/tests/iopl)"
contains "unsigned: refused" "Operation not permitted" "$(load unsigned)"
expect "unsigned: nothing is left" "" "$(grep ^vmguestlib /proc/modules; ls /dev/vmguestlib 2>/dev/null)"
contains "unsigned: vmguest load names the reason" "signed" "$(vmguest load 2>&1)"
expect "signed: loaded" "" "$(load signed)"
expect "signed: the kernel is not tainted by an unsigned module" 0 \
	$(($(cat /proc/sys/kernel/tainted) & 1 << 13))
expect "signed: session_id can be read" "" "$(cat /sys/class/misc/vmguestlib/session_id | tr -d 0-9a-fx)"
expect "signed: vmguest stat succeeds" 0 "$(vmguest stat >/dev/null 2>&1; echo $?)"
expect "signed: heartbeats are armed" 0 \
	"$(vmguest heartbeat run --name web true >/dev/null 2>&1; echo $?)"
finish
EOF
run --no-module --no-ring3 --append lockdown=integrity \
	--add tests/lib/ktap.sh:/tests/ktap.sh --add "$work/script:/tests/script" \
	--add "$work/iopl:/tests/iopl" --add "$work/signed.ko:/tests/signed.ko" \
	--add "$work/unsigned.ko:/tests/unsigned.ko" -- sh /tests/script
adopt lockdown
finish
