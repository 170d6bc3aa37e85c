/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Replaces helpers, the functions that translated code calls.
 *
 * This is allowed only while QEMU calls qemu_plugin_install(), because at that time no code
 * has been translated, and no vCPU runs.
 */
#ifndef VMXSIM_QEMU_HELPERS_H
#define VMXSIM_QEMU_HELPERS_H

#include <stdbool.h>

/*
 * Makes translated code call @with instead of the helper @name.  If @original is not NULL,
 * *@original is the replaced function, to which @with may jump with the same arguments.
 *
 * Returns false, without a message or a change, if this QEMU has no such helper or has it
 * in an unknown form.
 */
bool qemu_replace_helper(const char *name, void *with, void **original);

#endif
