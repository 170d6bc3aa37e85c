/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_LIFECYCLE_H
#define VMGL_LIFECYCLE_H

#include <linux/types.h>

struct vmgl_device;

bool vmgl_lifecycle_is_crash_kernel(void);
int vmgl_lifecycle_register(struct vmgl_device *device);
void vmgl_lifecycle_unregister(void);

#endif
