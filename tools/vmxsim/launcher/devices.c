// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/devices.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/devices.h"

/* A disk of the configuration, on a type of controller that QEMU has */
struct place {
	bool nvme;			/* else SCSI */
	unsigned int controller, unit;
};

static bool next_place(const struct run *run, size_t *cursor, struct place *place)
{
	char name[DEVICE_NAME_SIZE];

	while (next_disk(run->config, cursor, name)) {
		place->nvme = sscanf(name, "nvme%u:%u", &place->controller, &place->unit) == 2;
		if (place->nvme ||
		    sscanf(name, "scsi%u:%u", &place->controller, &place->unit) == 2)
			return true;
	}
	return false;
}

const char *devices_boot_drive(const struct run *run)
{
	return config_bool(run->config, "scsi0:0.present") ? "scsi0-0" : "nvme0-0";
}

/* Adds a drive that reads as zeros and discards writes. */
static void add_empty_drive(struct strings *argv, const char *id)
{
	strings_add(argv, "-drive");
	strings_add(argv, text("if=none,id=%s,driver=null-co,size=1G,read-zeroes=on", id));
}

static void add_controller(struct strings *argv, const struct place *place)
{
	unsigned int n = place->controller;

	strings_add(argv, "-device");
	strings_add(argv, place->nvme ? text("nvme,id=nvme%u,serial=vmxsim-nvme%u", n, n) :
					text("pvscsi,id=scsi%u", n));
}

static void add_disk(struct strings *argv, const struct place *place, const char *drive)
{
	strings_add(argv, "-device");
	if (place->nvme)
		strings_add(argv, text("nvme-ns,bus=nvme%u,nsid=%u,drive=%s", place->controller,
				       place->unit + 1, drive));
	else
		strings_add(argv, text("scsi-hd,bus=scsi%u.0,scsi-id=%u,drive=%s,vendor=VMware,product=Virtual disk",
				       place->controller, place->unit, drive));
}

static void add_disks(struct strings *argv, const struct run *run)
{
	bool known[2][DISK_CONTROLLERS] = { { false } };
	struct place place;
	const char *drive;
	size_t cursor = 0;
	bool is_image;

	while (next_place(run, &cursor, &place)) {
		drive = text("%s%u-%u", place.nvme ? "nvme" : "scsi", place.controller,
			     place.unit);
		if (!known[place.nvme][place.controller]) {
			add_controller(argv, &place);
			known[place.nvme][place.controller] = true;
		}
		/* disk_add() adds the drive of the image. */
		is_image = run->disk && !strcmp(drive, devices_boot_drive(run));
		if (!is_image)
			add_empty_drive(argv, drive);
		/* If there is a kernel, QEMU puts it first in the boot order. */
		if (is_image && !run->kernel_file)
			drive = text("%s,bootindex=0", drive);
		add_disk(argv, &place, drive);
	}
}

static void add_adapters(struct strings *argv, const struct run *run)
{
	char mac[DEVICE_NAME_SIZE];
	unsigned int n = 0;
	size_t cursor = 0;

	for (; next_adapter(run->config, &cursor, mac); n++) {
		strings_add(argv, "-netdev");
		/* The first adapter is for --net. The others reach no network. */
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
	char mac[DEVICE_NAME_SIZE];
	struct place place;
	bool nvme = false;
	bool scsi = false;
	size_t cursor = 0;

	while (next_place(run, &cursor, &place)) {
		nvme |= place.nvme;
		scsi |= !place.nvme;
	}
	if (nvme)
		strings_add(&drivers, "nvme");
	if (scsi) {
		strings_add(&drivers, "vmw_pvscsi");
		strings_add(&drivers, "sd_mod");
	}
	cursor = 0;
	if (next_adapter(run->config, &cursor, mac))
		strings_add(&drivers, "vmxnet3");
	return drivers;
}
