/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * A fake of the VMCI device's bus.
 */
#ifndef VMGL_KUNIT_FAKE_VMCI_H
#define VMGL_KUNIT_FAKE_VMCI_H

#include <linux/types.h>

struct notifier_block;

/**
 * struct fake_vmci - the kernel's functions that vmci.c uses
 * @error: error of the next registration
 * @notifier: registered notifier, or NULL
 * @works: number of work items that ran on a processor and were waited for
 * @grace_periods: number of RCU grace periods that were waited for
 * @sockets: sum of the sockets that were open at these grace periods
 * @rests: number of sleeps after a grace period, during which work items can run
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
