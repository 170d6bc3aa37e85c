/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The disks and network adapters of the configuration, as real devices. */
#ifndef VMXSIM_LAUNCHER_DEVICES_H
#define VMXSIM_LAUNCHER_DEVICES_H

#include "launcher/options.h"

/* The id of the drive that the image of --disk is: scsi0:0, or nvme0:0 where that is not there. */
const char *devices_boot_drive(const struct run *run);

/* Adds QEMU's options. */
void devices_add(struct strings *argv, const struct run *run);

/* The modules that drive them in a guest without udev, or an empty list. */
struct strings devices_drivers(const struct run *run);

#endif
