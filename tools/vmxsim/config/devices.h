/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The virtual devices that have statistics of their own. */
#ifndef VMXSIM_DEVICES_H
#define VMXSIM_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#define DEVICE_NAME_SIZE	32

/* Limits of a virtual machine for SCSI and NVMe */
#define DISK_CONTROLLERS	4
#define DISK_UNITS		64

struct config;

/*
 * Iterate over the disks and the network adapters in the order of their keys.  @name is a
 * name such as "scsi0:0", and @mac is an address in lower case.  @cursor starts at 0.  Both
 * functions return false at the end.
 */
bool next_disk(const struct config *config, size_t *cursor,
	       char name[DEVICE_NAME_SIZE]);
bool next_adapter(const struct config *config, size_t *cursor,
		  char mac[DEVICE_NAME_SIZE]);

#endif
