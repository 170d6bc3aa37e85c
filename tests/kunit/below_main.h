/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * main.c is compiled with this header in front of it, after below.h. The test loads and unloads
 * the module, and the fakes record the order in which the module registers its parts.
 */
#ifndef VMGL_KUNIT_BELOW_MAIN_H
#define VMGL_KUNIT_BELOW_MAIN_H

/* below.h has removed pr_fmt(), which the following headers use. */
#define pr_fmt(fmt) fmt

#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "fake_main.h"
#include "hypercall.h"
#include "lifecycle.h"
#include "sysfs.h"
#include "vmci.h"
#include "watchdog.h"

#undef pr_fmt

#undef __init
#define __init
#undef __exit
#define __exit
#undef module_init
#define module_init(fn)		int (*const fake_module_init)(void) = fn
#undef module_exit
#define module_exit(fn)		void (*const fake_module_exit)(void) = fn
#undef module_param_cb
#define module_param_cb(name, ops, arg, perm)				\
	const struct kernel_param_ops *const fake_param_##name = ops
#undef MODULE_DESCRIPTION
#define MODULE_DESCRIPTION(text)
#undef MODULE_AUTHOR
#define MODULE_AUTHOR(text)
#undef MODULE_LICENSE
#define MODULE_LICENSE(text)
#undef MODULE_VERSION
#define MODULE_VERSION(text)
#undef MODULE_ALIAS
#define MODULE_ALIAS(text)

#define vmgl_hypercall_available()	fake_main.is_vmware
#define vmgl_lifecycle_is_crash_kernel() fake_main.is_crash_kernel
#define vmgl_sysfs_init()		((void)fake_main_begin("sysfs"))
#define misc_register(misc)		fake_misc_register(misc)
#define misc_deregister(misc)		fake_misc_deregister(misc)
#define vmgl_lifecycle_register(device) fake_main_begin("lifecycle")
#define vmgl_lifecycle_unregister()	fake_main_end("lifecycle")
#define vmgl_vmci_register(device)	fake_main_begin("vmci")
#define vmgl_vmci_unregister()		fake_main_end("vmci")
#define vmgl_watchdog_register(hb, parent) \
	((void)(hb), (void)(parent), (void)fake_main_begin("watchdog"))
#define vmgl_watchdog_unregister()	fake_main_end("watchdog")

#endif
