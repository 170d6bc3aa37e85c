/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * vmci.c is compiled with this header in front of it, after below.h. The fakes stand for the bus
 * of the VMCI device, for RCU and for work items.
 */
#ifndef VMGL_KUNIT_BELOW_VMCI_H
#define VMGL_KUNIT_BELOW_VMCI_H

/* below.h has removed pr_fmt(), which the following headers use. */
#define pr_fmt(fmt) fmt

#include <linux/delay.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "fake_vmci.h"

#undef pr_fmt

#define bus_register_notifier(bus, nb)		fake_bus_register(nb)
#define bus_unregister_notifier(bus, nb)	fake_bus_unregister(nb)
#undef work_on_cpu
#define work_on_cpu(cpu, fn, data) \
	((void)(cpu), fn(data), fake_vmci.works++)
#define synchronize_rcu()			fake_vmci_grace_period()
#define msleep(ms)				fake_vmci_rest(ms)

#endif
