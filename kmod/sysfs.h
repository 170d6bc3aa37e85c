/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_SYSFS_H
#define VMGL_SYSFS_H

struct attribute_group;

extern const struct attribute_group *vmgl_sysfs_groups[];
extern const struct attribute_group vmgl_heartbeat_group;

void vmgl_sysfs_init(void);

#endif
