/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The firmware that boots the disk, and its messages. */
#ifndef VMXSIM_FIRMWARE_H
#define VMXSIM_FIRMWARE_H

#include "launcher/options.h"

/* Returns whether the firmware has to start a boot loader, because there is no kernel file. */
bool firmware_boots(const struct run *run);

/* Adds QEMU's options for the messages of the firmware. */
void firmware_add(struct strings *argv, const struct run *run);

/* Returns the reason why the firmware found nothing to boot, or NULL. */
const char *firmware_failure(const struct run *run);

/* Returns whether a kernel has written to the console. */
bool firmware_is_over(const struct run *run);

#endif
