/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * watchdog.c is compiled with this header in front of it, after below.h. The fakes are the
 * kernel's watchdog core and the process that pings.
 */
#ifndef VMGL_KUNIT_BELOW_WATCHDOG_H
#define VMGL_KUNIT_BELOW_WATCHDOG_H

/* below.h has removed pr_fmt(), which the following headers use. */
#define pr_fmt(fmt) fmt

#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/watchdog.h>

#include "fake_watchdog.h"

#undef pr_fmt
#undef pr_warn
#define pr_warn(format, ...) \
	(no_printk(format, ##__VA_ARGS__), fake_watchdog.warnings++)

#define watchdog_register_device(wdd)	fake_watchdog_register(wdd)
#define watchdog_unregister_device(wdd)	fake_watchdog_unregister(wdd)
#undef current
#define current				(&fake_watchdog.task)
#define task_tgid(task)			fake_watchdog.pinger
#define get_pid(pid)			fake_get_pid(pid)
#define put_pid(pid)			fake_put_pid(pid)

#endif
