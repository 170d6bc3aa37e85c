// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/identity.h"

#include <stdio.h>
#include <string.h>

#include "config/config_keys.h"

#define UUID_LEN	16

/* From this version of the virtual hardware on, the product name with EFI is VMware20,1. */
#define VMWARE20_HW	20

/*
 * "amd" has QEMU's own family and model with a name of AMD, and is the default: on "intel"
 * Linux enables page table isolation, which makes a system call under TCG 50 times as slow.
 */
static const struct identity_cpu {
	const char *word, *vendor, *name, *options;
} cpus[] = {
	{ "amd", "AuthenticAMD", "AMD EPYC 7543 32-Core Processor", "" },
	{ "intel", "GenuineIntel", "Intel(R) Xeon(R) Gold 6230 CPU",
	  ",vendor=GenuineIntel,family=6,model=85,stepping=7" },
};

static const struct identity_cpu *find_cpu(const struct config *config)
{
	return &cpus[config_is(config, "vmxsim.cpu", "intel")];
}

struct firmware {
	const char *vendor, *version, *date, *options, *product;
};

static const struct firmware bios = {
	"Phoenix Technologies LTD", "6.00", "11/12/2020", ",release=4.6",
	"VMware Virtual Platform",
};
static const struct firmware efi_7 = {
	"VMware,, Inc.", "VMW71.00V.18452719.B64.2108091906", "08/09/2021",
	",uefi=on", "VMware7,,1",
};
static const struct firmware efi_20 = {
	"VMware,, Inc.", "VMW201.00V.21805430.B64.2305221830", "05/22/2023",
	",uefi=on", "VMware20,,1",
};

static const struct firmware *find_firmware(const struct config *config)
{
	if (config_is(config, "firmware", "bios"))
		return &bios;
	return config_u64(config, "virtualHW.version") < VMWARE20_HW ? &efi_7 : &efi_20;
}

/* Makes the serial number from the UUID as ESXi does: "VMware-56 4d 00 00 00 00 00 00-00 ..." */
static char *serial_number(const uint8_t uuid[UUID_LEN])
{
	char serial[64] = "VMware-";
	size_t len = strlen(serial);
	int i;

	for (i = 0; i < UUID_LEN; i++)
		len += (size_t)sprintf(serial + len, "%s%02x",
				       !i ? "" : i == UUID_LEN / 2 ? "-" : " ",
				       uuid[i]);
	return text("%s", serial);
}

/*
 * QEMU expects the UUID as the guest is to see it.  Hosts with the quirk "swapped" write the
 * bytes of uuid.bios into the table in their own order, so that the guest sees the bytes of
 * the first three numbers swapped.
 */
static char *smbios_uuid(const struct config *config, const uint8_t uuid[UUID_LEN])
{
	static const uint8_t plain[UUID_LEN] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	};
	static const uint8_t swapped[UUID_LEN] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	const uint8_t *order = config_is(config, "vmxsim.quirk.uuid", "swapped") ?
			       swapped : plain;
	char form[64];
	size_t len = 0;
	int i;

	for (i = 0; i < UUID_LEN; i++)
		len += (size_t)sprintf(form + len, "%s%02x",
				       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				       uuid[order[i]]);
	return text("%s", form);
}

static void add(struct strings *argv, const char *table)
{
	strings_add(argv, "-smbios");
	strings_add(argv, table);
}

void identity_add(struct strings *argv, const struct config *config,
		  unsigned int mem_mb)
{
	const struct identity_cpu *cpu = find_cpu(config);
	const struct firmware *firmware = find_firmware(config);
	uint8_t uuid[UUID_LEN];

	parse_bytes(config_str(config, "uuid.bios"), uuid, sizeof(uuid));
	strings_add(argv, "-cpu");
	/* The plugin sets the hypervisor bit.  QEMU would add its own name to the bit. */
	strings_add(argv, text("max,-hypervisor,model-id=%s%s", cpu->name, cpu->options));
	add(argv, text("type=0,vendor=%s,version=%s,date=%s%s", firmware->vendor,
		       firmware->version, firmware->date, firmware->options));
	add(argv, text("type=1,manufacturer=VMware,, Inc.,product=%s,version=None,serial=%s,uuid=%s",
		       firmware->product, serial_number(uuid), smbios_uuid(config, uuid)));
	add(argv, "type=2,manufacturer=Intel Corporation,product=440BX Desktop Reference Platform,version=None,serial=None");
	add(argv, "type=3,manufacturer=No Enclosure,version=N/A,serial=None,asset=No Asset Tag");
	add(argv, text("type=4,sock_pfx=CPU #00,manufacturer=%s,version=%s", cpu->vendor,
		       cpu->name));
	add(argv, "type=11,value=[MS_VM_CERT/SHA1/27d66596a61c48dd3dc7216fd715126e33f59ae7],value=Welcome to the Virtual Machine");
	add(argv, text("type=17,loc_pfx=RAM slot #,bank=RAM slot #0,manufacturer=VMware Virtual RAM,serial=00000001,part=VMW-%uMB",
		       mem_mb));
}
