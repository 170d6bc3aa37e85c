/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The kernel's watchdog core, and the processes that use its device.
 */
#ifndef VMGL_KUNIT_FAKE_WATCHDOG_H
#define VMGL_KUNIT_FAKE_WATCHDOG_H

#include <linux/types.h>

struct pid;
struct watchdog_device;

/**
 * struct fake_watchdog - what watchdog.c takes from the kernel
 * @error: of the next registration
 * @wdd: the device that is registered, or NULL
 * @pinger: process that uses the device; compared, never looked into
 * @task: that uses the device; its flags are looked at
 * @references: to processes, taken and not given back
 * @warnings: that were logged
 */
struct fake_watchdog {
	int error;
	struct watchdog_device *wdd;
	struct pid *pinger;
	struct {
		unsigned int flags;
	} task;
	int references;
	unsigned int warnings;
};

extern struct fake_watchdog fake_watchdog;

void fake_watchdog_reset(void);
int fake_watchdog_register(struct watchdog_device *wdd);
void fake_watchdog_unregister(struct watchdog_device *wdd);
struct pid *fake_get_pid(struct pid *pid);
void fake_put_pid(struct pid *pid);

#endif
