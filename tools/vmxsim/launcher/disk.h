/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* An installed system: its disk, how it boots, and how it gets COMMAND. */
#ifndef VMXSIM_DISK_H
#define VMXSIM_DISK_H

#include "launcher/options.h"

/*
 * Checks the image, and finds the kernel of --kernel, or without --kernel and --firmware the
 * kernel beside the image.  If there is none, the firmware boots the image.  Returns 0 or
 * EXIT_LAUNCHER.
 */
int disk_find(struct run *run);

/*
 * Makes the second disk, with COMMAND, the module and the files of --add.  Returns 0 or
 * EXIT_LAUNCHER.
 */
int disk_make_command(const struct run *run);

/* Adds QEMU's options for the disks.  Returns 0 or EXIT_LAUNCHER. */
int disk_add(struct strings *argv, const struct run *run);

#endif
