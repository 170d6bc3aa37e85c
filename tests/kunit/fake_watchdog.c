// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake watchdog core. */
#include <linux/bug.h>
#include <linux/watchdog.h>

#include "fake_watchdog.h"

struct fake_watchdog fake_watchdog;

/* watchdog.c keeps its reference to the process that pinged last between test cases. */
void fake_watchdog_reset(void)
{
	fake_watchdog = (struct fake_watchdog) {
		.references = fake_watchdog.references,
	};
}

int fake_watchdog_register(struct watchdog_device *wdd)
{
	if (fake_watchdog.error)
		return fake_watchdog.error;
	fake_watchdog.wdd = wdd;
	return 0;
}

void fake_watchdog_unregister(struct watchdog_device *wdd)
{
	WARN_ON(fake_watchdog.wdd != wdd);
	fake_watchdog.wdd = NULL;
}

struct pid *fake_get_pid(struct pid *pid)
{
	fake_watchdog.references++;
	return pid;
}

void fake_put_pid(struct pid *pid)
{
	if (pid)
		fake_watchdog.references--;
}
