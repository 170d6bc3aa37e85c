/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_WATCHDOG_H
#define VMGL_WATCHDOG_H

struct device;
struct vmgl_heartbeat;

void vmgl_watchdog_register(struct vmgl_heartbeat *hb, struct device *parent);
void vmgl_watchdog_unregister(void);

#endif
