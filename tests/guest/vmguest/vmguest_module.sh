#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest load, unload and status, which load and unload the module and report its state. If
# the kernel does not accept the module, the message must name the reason, for example a
# signature that the kernel does not trust.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh
# shellcheck source=tests/lib/programs.sh
. tests/lib/programs.sh
plan 40

check "vmguest is built with sanitizers" sanitized_vmguest

# Sign the module with a key that the guest's kernel does not know.
tests/lib/packages openssl >&2
release=$(basename "$(readlink -f "${XDG_CACHE_HOME:-$HOME/.cache}/vmguestlib/kernels/${VMXSIM_KERNEL:-$(tests/lib/kernel --version)}")")
openssl req -new -x509 -newkey rsa:2048 -nodes -subj "/CN=a key of the test" -days 1 \
	-keyout "$work/key" -out "$work/certificate" 2>/dev/null
for sign_file in /usr/lib/linux-kbuild-*/scripts/sign-file; do :; done
check "the module is signed" "$sign_file" sha256 "$work/key" "$work/certificate" \
	"build/kmod/$release/vmguestlib.ko" "$work/signed.ko"

# guest SCRIPT OPTION...: runs SCRIPT in a guest without the module. The results of SCRIPT
# become results of this suite.
guest() {
	guest_script=$1
	shift
	{
		echo '. /tests/ktap.sh'
		echo 'ran() { ran_said=$("$@" 2>&1); echo "$?${ran_said:+ $ran_said}"; }'
		echo 'ko=$(find /usr/lib/modules -name "vmguestlib.ko")'
		echo "$guest_script"
		echo finish
	} >"$work/script"
	# The words are meant to be split.
	# shellcheck disable=SC2046
	run --no-module $(vmguest_options) \
		--add tests/lib/ktap.sh:/tests/ktap.sh \
		--add "$work/script:/tests/script" "$@" -- sh /tests/script
	adopt module
}

guest '
expect "status: the module is not loaded" "69 not loaded; ${ko#/usr}" "$(ran vmguest status)"
expect "unload: nothing to do" "0 the module is not loaded" "$(ran vmguest unload)"
contains "load: user" "77 vmguest load: no right to load modules" \
	"$(ran su user -s /bin/sh -c "vmguest load")"
expect "load: succeeds with parameters" 0 "$(ran vmguest load ha_window_s=20 nowayout=0)"
expect "load: the parameters have the given values" "20 N" "$(cd /sys/module/vmguestlib/parameters && cat ha_window_s nowayout | tr "\n" " " | sed "s/ $//")"
contains "status: the module is loaded" "loaded, with parameters" "$(vmguest status)"
contains "status: a parameter" "  ha_window_s=20" "$(vmguest status)"
expect "load: the module is loaded already" "0 the module is loaded already" "$(ran vmguest load)"
contains "load: the module is loaded already, and parameters are given" "75 the module is loaded already" "$(ran vmguest load ha_window_s=30)"
contains "unload: user" "77 vmguest unload: no right to remove modules" \
	"$(ran su user -s /bin/sh -c "vmguest unload")"
vmguest heartbeat run --name web sh -c "exit 1" 2>/dev/null
contains "unload: an application has expired" "75 vmguest unload: the module is in use by monitored applications" "$(ran vmguest unload)"
contains "unload: the message names the application" "
  web (application), expired, by uid 0" "$(ran vmguest unload)"
contains "status: the output names the application" "
  web (application), expired, by uid 0" "$(ran vmguest status)"
vmguest heartbeat clear web
exec 3</dev/vmguestlib
contains "unload: device open" "75 vmguest unload: the module is in use: a program has /dev/vmguestlib" "$(ran vmguest unload)"
exec 3<&-
expect "unload: succeeds" 0 "$(ran vmguest unload)"
prints "unload: the module is unloaded" "" "grep ^vmguestlib" cat /proc/modules
contains "load: unknown parameter" "64 vmguest load: the module has no parameter" \
	"$(ran vmguest load ha_window_s=20 ha_windows=20)"
contains "load: the message names the unknown parameter" ha_windows \
	"$(vmguest load ha_window_s=20 ha_windows=20 2>&1)"
contains "load: no name" "64 vmguest load: the module has no parameter" "$(ran vmguest load =1)"
prints "load: unknown parameter: not loaded" "" "grep ^vmguestlib" cat /proc/modules
expect "load: names as the kernel takes them" 0 "$(ran vmguest load watchdog ha-window-s=21 async_probe)"
expect "load: a parameter whose name has dashes is set" 21 "$(cat /sys/module/vmguestlib/parameters/ha_window_s)"
vmguest unload
contains "load: wrong parameter" "78 vmguest load: the kernel does not accept the module" \
	"$(ran vmguest load ha_window_s=1)"
contains "load: wrong option" "64 vmguest load: unrecognized option" "$(ran vmguest load --force)"
contains "unload: wrong word" "64 vmguest unload: unexpected argument" "$(ran vmguest unload now)"
contains "status: wrong word" "64 vmguest status: unexpected argument" "$(ran vmguest status now)"
echo garbage >"$ko"
contains "load: a file that is not a module" "69 vmguest load: the module was built for another kernel" "$(ran vmguest load)"
rm "$ko"
contains "load: not installed" "69 vmguest load: the module is not installed for kernel $(uname -r)" "$(ran vmguest load)"
expect "status: not installed" "69 not loaded; not installed for this kernel" "$(ran vmguest status)"
'

guest '
contains "load: unsigned" "77 vmguest load: the kernel does not trust the module" "$(ran vmguest load)"
contains "doctor: unsigned" "this kernel takes signed modules only, and it has no signature" \
	"$(vmguest doctor)"
cp /tests/signed.ko "$ko"
contains "load: signed with an unknown key" \
	"77 vmguest load: the module is signed, but the machine does not trust the key" "$(ran vmguest load)"
contains "doctor: signed with an unknown key" \
	"signed, but the machine does not trust the key" "$(vmguest doctor)"
' --append module.sig_enforce=1 --add "$work/signed.ko:/tests/signed.ko"

guest '
contains "load: locked down" "77 vmguest load: the kernel forbids it: it is locked down" "$(ran vmguest load)"
# On an installed system, systemd mounts this file system.
mount -t securityfs securityfs /sys/kernel/security
cp /tests/signed.ko "$ko"
contains "load: locked down, signed with an unknown key" \
	"77 vmguest load: the module is signed, but the machine does not trust the key" "$(ran vmguest load)"
' --append lockdown=integrity --no-ring3 --add "$work/signed.ko:/tests/signed.ko"

finish
