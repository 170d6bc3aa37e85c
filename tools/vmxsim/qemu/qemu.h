/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The machine around the model. */
#ifndef VMXSIM_QEMU_H
#define VMXSIM_QEMU_H

#include <stdbool.h>

/* Takes the arguments of the plugin, NAME=VALUE; says what is wrong and returns false. */
bool qemu_start(int argc, char **argv);

#endif
