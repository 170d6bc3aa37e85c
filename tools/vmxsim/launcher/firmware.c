// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * SeaBIOS writes its messages to an I/O port of its own, and OVMF writes to the console.
 * Neither firmware stops the machine if it finds nothing to boot.
 */
#include "launcher/firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIOS_PORT	"0x402"

static bool is_bios(const struct run *run)
{
	return !run->firmware || !strcmp(run->firmware, "bios");
}

bool firmware_boots(const struct run *run)
{
	return run->disk && !run->kernel_file;
}

void firmware_add(struct strings *argv, const struct run *run)
{
	if (!firmware_boots(run) || !is_bios(run))
		return;
	strings_add(argv, "-chardev");
	strings_add(argv, text("file,id=bios,path=%s", util_qemu_escape(run->bios_log)));
	strings_add(argv, "-device");
	strings_add(argv, "isa-debugcon,chardev=bios,iobase=" BIOS_PORT);
}

static bool contains(const char *path, const char *words)
{
	FILE *log = fopen(path, "re");
	bool found = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!log)
		return false;
	while (!found && (len = getline(&line, &room, log)) >= 0)
		found = memmem(line, (size_t)len, words, strlen(words));
	free(line);
	fclose(log);
	return found;
}

const char *firmware_failure(const struct run *run)
{
	if (!firmware_boots(run))
		return NULL;
	if (is_bios(run))
		return contains(run->bios_log, "No bootable device.") ?
			text("--disk %s: the BIOS finds no boot loader on it (name its kernel by "
			     "--kernel, or try --firmware ovmf)", run->disk) : NULL;
	/* The EFI shell prints its prompt if it has found no script to start. */
	return contains(run->console, "BdsDxe: No bootable option or device was found") ||
	       contains(run->console, "Shell> ") ?
		text("--disk %s: the EFI firmware starts no boot loader of it (name its kernel "
		     "by --kernel, or try --firmware bios; ovmf-secure needs a boot loader that "
		     "is signed for Secure Boot)", run->disk) : NULL;
}

bool firmware_is_over(const struct run *run)
{
	return contains(run->console, "Linux version ");
}
