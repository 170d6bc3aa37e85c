// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/devices.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/devices.h"

/* The next disk on a SCSI controller. */
static bool next_scsi(const struct run *run, size_t *cursor, unsigned int *controller,
		      unsigned int *unit)
{
	char name[DEVICE_NAME_SIZE];

	while (next_disk(run->config, cursor, name))
		if (sscanf(name, "scsi%u:%u", controller, unit) == 2)
			return true;
	return false;
}

/* What is read of it is zeros; what is written is forgotten. */
static void add_empty_drive(struct strings *argv, const char *id)
{
	strings_add(argv, "-drive");
	strings_add(argv, text("if=none,id=%s,driver=null-co,size=1G,read-zeroes=on", id));
}

static void add_disks(struct strings *argv, const struct run *run)
{
	bool known[SCSI_CONTROLLERS] = { false };
	unsigned int controller, unit;
	size_t cursor = 0;
	const char *id;

	while (next_scsi(run, &cursor, &controller, &unit)) {
		id = text("scsi%u-%u", controller, unit);
		if (!known[controller]) {
			strings_add(argv, "-device");
			strings_add(argv, text("pvscsi,id=scsi%u", controller));
			known[controller] = true;
		}
		/* disk_add() has the drive of this one. */
		if (!run->disk || controller || unit)
			add_empty_drive(argv, id);
		strings_add(argv, "-device");
		strings_add(argv, text("scsi-hd,bus=scsi%u.0,scsi-id=%u,drive=%s,vendor=VMware,product=Virtual disk",
				       controller, unit, id));
	}
}

static void add_adapters(struct strings *argv, const struct run *run)
{
	char mac[DEVICE_NAME_SIZE];
	unsigned int n = 0;
	size_t cursor = 0;

	for (; next_adapter(run->config, &cursor, mac); n++) {
		strings_add(argv, "-netdev");
		/* The first one is that of --net; the others reach nothing. */
		strings_add(argv, text("user,id=net%u%s", n,
				       run->net && !n ? "" : ",restrict=on"));
		strings_add(argv, "-device");
		strings_add(argv, text("vmxnet3,netdev=net%u,mac=%s", n, mac));
	}
}

void devices_add(struct strings *argv, const struct run *run)
{
	add_disks(argv, run);
	add_adapters(argv, run);
}

struct strings devices_drivers(const struct run *run)
{
	struct strings drivers = { 0 };
	unsigned int controller, unit;
	char mac[DEVICE_NAME_SIZE];
	size_t cursor = 0;

	if (next_scsi(run, &cursor, &controller, &unit)) {
		strings_add(&drivers, "vmw_pvscsi");
		strings_add(&drivers, "sd_mod");
	}
	cursor = 0;
	if (next_adapter(run->config, &cursor, mac))
		strings_add(&drivers, "vmxnet3");
	return drivers;
}
