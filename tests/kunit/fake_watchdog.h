/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Fakes of the kernel's watchdog core and of the processes that use its device.
 */
#ifndef VMGL_KUNIT_FAKE_WATCHDOG_H
#define VMGL_KUNIT_FAKE_WATCHDOG_H

#include <linux/types.h>

struct pid;
struct watchdog_device;

/**
 * struct fake_watchdog - the kernel's functions and data that watchdog.c uses
 * @error: error of the next registration
 * @wdd: registered device, or NULL
 * @pinger: pid of the process that uses the device; the code only compares it
 * @task: task that uses the device; only its flags are read
 * @references: number of references to pids that were not put back
 * @warnings: number of warnings that were logged
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
