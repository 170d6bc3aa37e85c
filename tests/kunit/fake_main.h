/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Fakes of the kernel functions that main.c calls. They record the order of registrations.
 */
#ifndef VMGL_KUNIT_FAKE_MAIN_H
#define VMGL_KUNIT_FAKE_MAIN_H

#include <linux/types.h>

struct kernel_param_ops;
struct miscdevice;
struct vmgl_device;

/**
 * struct fake_main - the parts of the kernel and of other layers that main.c uses
 * @is_vmware: whether the machine is a VMware machine
 * @is_crash_kernel: whether the kernel is a crash kernel
 * @refuses: name of the registration that fails, or NULL
 * @log: names of registrations and unregistrations in their order, separated by blanks; the name
 *	of an unregistration has a "-" in front
 * @device: device of the module, set when it is registered
 * @on_begin: called at each registration, or NULL
 * @state: names of unregistrations, each followed by the parts of @device that were stopped then
 */
struct fake_main {
	bool is_vmware;
	bool is_crash_kernel;
	const char *refuses;
	char log[256];
	struct vmgl_device *device;
	void (*on_begin)(const char *what);
	char state[256];
};

extern struct fake_main fake_main;
extern int (*const fake_module_init)(void);
extern void (*const fake_module_exit)(void);
extern const struct kernel_param_ops *const fake_param_transport;

void fake_main_reset(void);
int fake_main_begin(const char *what);
void fake_main_end(const char *what);
int fake_misc_register(struct miscdevice *misc);
void fake_misc_deregister(struct miscdevice *misc);

#endif
