/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The disks and network adapters of the configuration, as devices of QEMU. */
#ifndef VMXSIM_LAUNCHER_DEVICES_H
#define VMXSIM_LAUNCHER_DEVICES_H

#include "launcher/options.h"

/* Returns the id of the drive of --disk: scsi0:0 if configured, otherwise nvme0:0. */
const char *devices_boot_drive(const struct run *run);

/* Adds QEMU's options for these devices. */
void devices_add(struct strings *argv, const struct run *run);

/* Returns the drivers that a guest without udev loads for these devices. */
struct strings devices_drivers(const struct run *run);

#endif
