/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* An installed system: its disk, what boots it, and how COMMAND gets there. */
#ifndef VMXSIM_DISK_H
#define VMXSIM_DISK_H

#include "launcher/options.h"

/*
 * Finds the image's format and what boots it: --kernel, --firmware, or the kernel
 * beside the image, or else the BIOS.  0 or EXIT_LAUNCHER.
 */
int disk_find(struct run *run);

/* Makes the second disk, which carries COMMAND, the module and what --add named. */
int disk_make_command(const struct run *run);

/* Adds QEMU's options; 0 or EXIT_LAUNCHER. */
int disk_add(struct strings *argv, const struct run *run);

#endif
