/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The virtual machine around the model of the host */
#ifndef VMXSIM_QEMU_H
#define VMXSIM_QEMU_H

#include <stdbool.h>

/* Takes the plugin's arguments NAME=VALUE.  Returns false after an error message. */
bool qemu_start(int argc, char **argv);

#endif
