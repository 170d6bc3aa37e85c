/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * lifecycle.c is compiled with this header in front of it, after below.h. The fakes keep the
 * notifiers that lifecycle.c registers, and the test calls them.
 */
#ifndef VMGL_KUNIT_BELOW_LIFECYCLE_H
#define VMGL_KUNIT_BELOW_LIFECYCLE_H

/* below.h has removed pr_fmt(), which the following headers use. */
#define pr_fmt(fmt) fmt

#include <linux/crash_dump.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "fake_lifecycle.h"

#undef pr_fmt
#undef pr_emerg
#undef pr_warn
#define pr_emerg(format)		fake_lifecycle.warnings++
#define pr_warn(format)			fake_lifecycle.warnings++

#define register_reboot_notifier(nb)	fake_register(FAKE_REBOOT, nb)
#define unregister_reboot_notifier(nb)	fake_unregister(FAKE_REBOOT, nb)
#undef register_pm_notifier
#define register_pm_notifier(nb)	fake_register(FAKE_PM, nb)
#undef unregister_pm_notifier
#define unregister_pm_notifier(nb)	fake_unregister(FAKE_PM, nb)
#define atomic_notifier_chain_register(list, nb) \
	((void)(list), fake_register(FAKE_PANIC, nb))
#define atomic_notifier_chain_unregister(list, nb) \
	((void)(list), fake_unregister(FAKE_PANIC, nb))

#undef is_kdump_kernel
#define is_kdump_kernel()		fake_lifecycle.is_crash_kernel

#undef module_param_cb
#define module_param_cb(name, ops, arg, perm)				\
	const struct kernel_param_ops *const fake_param_##name = ops

#endif
