/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_HOST_CLOCK_H
#define VMGL_HOST_CLOCK_H

#include <linux/types.h>

int vmgl_host_time(u64 *sec, u32 *usec);
int vmgl_cpu_speed(u32 *mhz);

#endif
