/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions that translated code calls ("helpers"), replaced by our own.
 *
 * Allowed while the plugin is installed and at no other time: nothing has been
 * translated then, and no virtual CPU runs.
 */
#ifndef VMXSIM_QEMU_HELPERS_H
#define VMXSIM_QEMU_HELPERS_H

#include <stdbool.h>

/*
 * Has @with called in place of the helper @name.  With @original, what was called
 * before is left there; it may be jumped to with the same arguments.
 *
 * Returns false when this QEMU has no such helper, or has it in a form that is
 * not known; nothing is printed, nothing is changed.
 */
bool qemu_replace_helper(const char *name, void *with, void **original);

#endif
