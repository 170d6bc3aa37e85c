/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Notifiers for sleep, reboot and panic, which a test calls.
 */
#ifndef VMGL_KUNIT_FAKE_LIFECYCLE_H
#define VMGL_KUNIT_FAKE_LIFECYCLE_H

#include <linux/types.h>

struct kernel_param_ops;
struct notifier_block;

enum fake_chain {
	FAKE_REBOOT,
	FAKE_PM,
	FAKE_PANIC,
	FAKE_CHAINS
};

/**
 * struct fake_lifecycle - the part of the kernel that lifecycle.c uses
 * @is_crash_kernel: whether the kernel is a crash kernel
 * @refuses: the chain that accepts no notifier; FAKE_CHAINS: all chains accept one
 * @notifiers: notifiers that are registered
 * @warnings: number of warnings that were logged
 */
struct fake_lifecycle {
	bool is_crash_kernel;
	enum fake_chain refuses;
	struct notifier_block *notifiers[FAKE_CHAINS];
	unsigned int warnings;
};

extern struct fake_lifecycle fake_lifecycle;
extern const struct kernel_param_ops *const fake_param_panic_action;

void fake_lifecycle_reset(void);
int fake_register(enum fake_chain chain, struct notifier_block *nb);
int fake_unregister(enum fake_chain chain, struct notifier_block *nb);
void fake_notify_chain(enum fake_chain chain, unsigned long event);

#endif
