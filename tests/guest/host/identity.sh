#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Programs that detect virtual machines (virt-what, systemd-detect-virt, lscpu, dmidecode) and the
# guest's kernel recognize the virtual host as VMware, by CPUID and DMI.
# Tier: more
# Variables in single quotes are expanded in the guest.
# shellcheck disable=SC2016
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# clients OPTION...: runs the programs in a guest. Each line of $out has one result.
clients() {
	run --no-module --add /usr/sbin/dmidecode --add /usr/sbin/virt-what \
		--add /usr/libexec/virt-what-cpuid-helper \
		--add /usr/bin/lscpu --add /usr/bin/systemd-detect-virt "$@" -- sh -c '
		echo "virt-what: $(virt-what | tr "\n" " ")"
		echo "detect-virt: $(systemd-detect-virt)"
		lscpu | sed -n "s/^\(Hypervisor vendor\|Virtualization type\|Model name\|Vendor ID\):  */\1: /p"
		for word in bios-vendor bios-version system-manufacturer system-product-name \
			system-version system-serial-number system-uuid baseboard-product-name \
			chassis-manufacturer processor-manufacturer; do
			echo "$word: $(dmidecode -s $word)"
		done
		dmidecode -t 11 | sed -n "s/^.*String 2: /string: /p"
		dmidecode -t 17 | sed -n "s/^.*Part Number: /memory: /p"
		dmesg | sed -n "s/.*\(vmware: hypercall mode\)/\1/p"
		cat /sys/class/dmi/id/product_uuid'
}

test_bios() {
	clients
	expect "BIOS: status" 0 "$status"
	expect "BIOS: results of all programs" "virt-what: vmware 
detect-virt: vmware
Vendor ID: AuthenticAMD
Model name: AMD EPYC 7543 32-Core Processor
Hypervisor vendor: VMware
Virtualization type: full
bios-vendor: Phoenix Technologies LTD
bios-version: 6.00
system-manufacturer: VMware, Inc.
system-product-name: VMware Virtual Platform
system-version: None
system-serial-number: VMware-56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3
system-uuid: 564d2c53-4356-668e-7c05-fd7e511e23f3
baseboard-product-name: 440BX Desktop Reference Platform
chassis-manufacturer: No Enclosure
processor-manufacturer: AuthenticAMD
string: Welcome to the Virtual Machine
memory: VMW-512MB
vmware: hypercall mode: 0x01
564d2c53-4356-668e-7c05-fd7e511e23f3" "$out"
}

test_efi() {
	clients --set firmware=efi --set vmxsim.cpu=intel --append mitigations=off \
		--set vmxsim.quirk.uuid=swapped
	contains "EFI: product" "system-product-name: VMware7,1" "$out"
	contains "EFI: firmware" "bios-version: VMW71.00V." "$out"
	contains "Intel: name" "Model name: Intel(R) Xeon(R) Gold 6230 CPU" "$out"
	contains "Intel: hypercall" "hypercall mode: 0x02" "$out"
	contains "EFI: virt-what and systemd-detect-virt" "virt-what: vmware 
detect-virt: vmware" "$out"
	contains "UUID swapped" "
532c4d56-5643-8e66-7c05-fd7e511e23f3" "$out"
	clients --set firmware=efi --set virtualHW.version=20
	contains "EFI of version 20: product" "system-product-name: VMware20,1" "$out"
}

# If the CPUID leaves of VMware are missing, DMI still names VMware.
test_unnamed() {
	clients --set hypervisor.cpuid.v0=FALSE --set vmxsim.cpuid.hypercall=0
	check "no CPUID leaves: lscpu names no hypervisor" sh -c "! grep -q Hypervisor.vendor:.VMware \"$work/out\""
	contains "no CPUID leaves: systemd-detect-virt uses DMI" "detect-virt: vmware" "$out"
}

test_bios
test_efi
test_unnamed
finish
