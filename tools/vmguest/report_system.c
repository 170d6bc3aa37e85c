// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: the machine as its processor, firmware and kernel describe it.
 */
#include "report_probes.h"

#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "attribute.h"

static void add_files(struct report *report, const char *name, const char *directory,
		      const char *const *files)
{
	cJSON *probe = report_probe(report, name);
	char path[256], text[512];
	int err;

	for (; *files; files++) {
		snprintf(path, sizeof(path), "%s/%s", directory, *files);
		err = line_read(path, text, sizeof(text));
		report_text(probe, *files, err ? report_error(err) : text);
	}
}

static void add_cpuid(struct report *report)
{
	static const uint32_t leaves[] = { 1, 0x40000000, 0x40000010 };
	cJSON *probe = report_probe(report, "cpuid");
	uint32_t eax, ebx, ecx, edx;
	char key[16], value[64];
	size_t i;

	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		__cpuid(leaves[i], eax, ebx, ecx, edx);
		/* Bits 31 to 24 are the number of the processor that ran this. */
		if (leaves[i] == 1)
			ebx &= 0x00ffffff;
		snprintf(key, sizeof(key), "%08x", leaves[i]);
		snprintf(value, sizeof(value), "%08x %08x %08x %08x", eax, ebx, ecx,
			 edx);
		report_text(probe, key, value);
	}
}

void report_system(struct report *report)
{
	/* The serial number and the UUID are left out, because they identify the machine. */
	static const char *const firmware[] = {
		"bios_vendor", "bios_version", "bios_date", "sys_vendor", "product_name",
		"product_version", "board_vendor", "board_name", "chassis_vendor",
		"chassis_version", NULL,
	};
	static const char *const processors[] = { "online", "possible", "present", NULL };
	static const char *const module[] = {
		"transport", "generation", "rpc/requests", "rpc/refused", "rpc/failed",
		"rpc/failovers", "heartbeat/clients", "heartbeat/found_enabled",
		"heartbeat/status", NULL,
	};
	static const char *const version[] = { "version", NULL };
	struct utsname machine;
	cJSON *probe;

	uname(&machine);
	report_mask(machine.nodename);
	probe = report_probe(report, "kernel");
	report_text(probe, "release", machine.release);
	report_text(probe, "version", machine.version);
	add_files(report, "module", "/sys/module/vmguestlib", version);
	add_files(report, "sysfs", "/sys/class/misc/vmguestlib", module);
	add_files(report, "firmware", "/sys/class/dmi/id", firmware);
	add_files(report, "processors", "/sys/devices/system/cpu", processors);
	add_cpuid(report);
}
