/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The bus of the VMCI device.
 */
#ifndef VMGL_KUNIT_FAKE_VMCI_H
#define VMGL_KUNIT_FAKE_VMCI_H

#include <linux/types.h>

struct notifier_block;

/**
 * struct fake_vmci - what vmci.c takes from the kernel
 * @error: of the next registration
 * @notifier: that is registered, or NULL
 * @works: items that were waited for on a processor
 * @grace_periods: of RCU that were waited for
 * @sockets: that were open meanwhile
 * @rests: sleeps after a grace period, which leave the CPU to a work item
 */
struct fake_vmci {
	int error;
	struct notifier_block *notifier;
	unsigned int works;
	unsigned int grace_periods;
	int sockets;
	unsigned int rests;
};

extern struct fake_vmci fake_vmci;

void fake_vmci_reset(void);
int fake_bus_register(struct notifier_block *nb);
int fake_bus_unregister(struct notifier_block *nb);
void fake_vmci_grace_period(void);
void fake_vmci_rest(unsigned int ms);

#endif
