#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make in-tree copies the driver into a kernel source. The copy has to compile without a warning
# in three configurations: built into the kernel, built into a kernel without PCI, and as a
# module. The copy must have no code for other kernels. A guest boots the kernel that has the
# driver built in. The objects are kept in a cache, so that later runs build only the files that
# have changed.
# Tier: more
# Timeout: 3600
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
plan 13

tests/lib/packages gcc make flex bison bc libelf-dev libssl-dev kmod
original=$(tests/lib/kernel-source default)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/in-tree/${original##*/}
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
tree=$cache/source
driver=$tree/drivers/virt/vmguestlib
[ -d "$tree" ] || cp -al "$original" "$tree"
# The suite kunit has added lines to these files of the original source. The copy must not have
# them.
sed -i /vmguestlib/d "$tree/lib/Kconfig.debug" "$tree/drivers/misc/Makefile"
rm -rf "$tree/drivers/misc/vmguestlib"

# made DIR TARGET...: builds the targets of the kernel in DIR. Fails if there is a warning.
made() {
	made_in=$1
	shift
	make -s -j"$(nproc)" -C "$tree" O="$cache/$made_in" "$@" >"$work/log" 2>&1 || {
		tail -n 30 "$work/log"
		return 1
	}
	! grep -E 'warning|error' "$work/log"
}

# configured DIR LINE...: configures a kernel for guests in DIR with each LINE of a
# configuration. Fails if the result lacks a LINE, or has the option of a LINE that ends with =n.
configured() {
	in=$1
	shift
	mkdir -p "$cache/$in"
	{
		grep -vE "MODULE_SIG|^CONFIG_(VSOCKETS|PCI)=" tests/debug/guest.fragment
		printf '%s\n' CONFIG_VIRT_DRIVERS=y "$@"
		case " $* " in *CONFIG_PCI=*) ;; *) echo CONFIG_PCI=y ;; esac
	} >"$cache/$in/wanted"
	made "$in" KCONFIG_ALLCONFIG="$cache/$in/wanted" allnoconfig || return
	for line; do
		case $line in
		*=n) ! grep -q "^${line%n}" "$cache/$in/.config" ;;
		*) grep -qx "$line" "$cache/$in/.config" ;;
		esac || {
			echo "not in the configuration: $line"
			return 1
		}
	done
}

# compiled DIR: compiles the driver with W=1. The rest of the kernel is compiled without W=1,
# because it has warnings with W=1.
compiled() {
	made "$1" prepare && made "$1" W=1 drivers/virt/vmguestlib/
}

check "the driver is copied" make -s in-tree KSRC="$tree"
check "the driver is copied again" make -s in-tree KSRC="$tree"
expect "the driver's files are in the kernel's lists once" "1 1" \
	"$(grep -c vmguestlib "$tree/drivers/virt/Kconfig") $(grep -c vmguestlib "$tree/drivers/virt/Makefile")"
prints "the copy has no code for other kernels" "" "grep -E 'compat/|VMGL_HAVE|VERSION_CODE'" \
	cat "$driver"/*

check "built in beside AF_VSOCK as a module: configured" configured builtin \
	CONFIG_VMGUESTLIB=y CONFIG_VSOCKETS=m CONFIG_VMGUESTLIB_VSOCK=n
check "built in beside AF_VSOCK as a module: built without a warning" compiled builtin
check "built in beside AF_VSOCK as a module: linked" made builtin bzImage modules
mkdir -p "$cache/kernel"
make -s -C "$tree" O="$cache/builtin" INSTALL_MOD_PATH="$cache/kernel" modules_install \
	>"$work/log" 2>&1
cp "$cache/builtin/arch/x86/boot/bzImage" "$cache/kernel/bzImage"
run --no-module --kernel "$cache/kernel/bzImage" --set vmxsim.stat.memBalloonedMB=55 -- sh -c '
	cat /sys/class/misc/vmguestlib/mem/ballooned_mb
	cat /sys/class/misc/vmguestlib/transport
	grep -c vmguestlib /proc/modules
	echo $(vmguest stat mem/ballooned_mb)'
expect "a guest reads with the driver built in" "55
backdoor
0
mem/ballooned_mb 55 MB" "$out"

check "built in without PCI: configured" configured nopci \
	CONFIG_VMGUESTLIB=y CONFIG_VSOCKETS=y CONFIG_PCI=n
check "built in without PCI: built without a warning" compiled nopci
check "as a module: configured" configured builtin \
	CONFIG_VMGUESTLIB=m CONFIG_VSOCKETS=m CONFIG_VMGUESTLIB_VSOCK=y
check "as a module: built without a warning" compiled builtin
check "as a module: linked" made builtin drivers/virt/vmguestlib/vmguestlib.ko
finish
