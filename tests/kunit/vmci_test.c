// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the notifier for the VMCI device: its driver is unbound and bound again. */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "cases.h"
#include "device.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_time.h"
#include "fake_vmci.h"
#include "fake_vsock.h"
#include "vmci.h"

#define CONNECTIONS	3

struct bus {
	struct vmgl_device device;
	struct pci_dev pdev;
	struct device_driver driver;
};

static struct vmgl_transports *transports(struct kunit *test, int number)
{
	struct bus *bus = test->priv;
	struct vmgl_transports *all[CONNECTIONS] = {
		&bus->device.transports,
		&bus->device.privileged_transports,
		&bus->device.heartbeat_transports,
	};

	return all[number];
}

static int open_all(struct kunit *test)
{
	int i, opened = 0;

	for (i = 0; i < CONNECTIONS; i++) {
		struct vmgl_transport *vsock =
			&transports(test, i)->vsock.transport;

		opened += !vsock->ops->open(vsock);
	}
	return opened;
}

static void notify(struct kunit *test, unsigned long action)
{
	struct bus *bus = test->priv;

	fake_vmci.notifier->notifier_call(fake_vmci.notifier, action,
					  &bus->pdev.dev);
}

static void device_goes_and_comes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, open_all(test), CONNECTIONS);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, CONNECTIONS);
	notify(test, BUS_NOTIFY_UNBIND_DRIVER);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	/* The sockets are closed first. Then the kernel's own work items can run. */
	KUNIT_EXPECT_EQ(test, fake_vmci.sockets, 0);
	KUNIT_EXPECT_EQ(test, fake_vmci.works, 13 * num_online_cpus());
	KUNIT_EXPECT_EQ(test, fake_vmci.grace_periods, 12u);
	KUNIT_EXPECT_EQ(test, fake_vmci.rests, 12u);
	KUNIT_EXPECT_EQ(test, open_all(test), 0);

	notify(test, BUS_NOTIFY_UNBOUND_DRIVER);
	KUNIT_EXPECT_EQ(test, open_all(test), CONNECTIONS);
	KUNIT_EXPECT_EQ(test, fake_vmci.grace_periods, 12u);
}

static const struct other_case {
	const char *name;
	unsigned short vendor;
	unsigned short device;
	const char *driver;
	unsigned long action;
} others[] = {
	{ "another vendor", 0x1234, 0x0740, "vmw_vmci",
	  BUS_NOTIFY_UNBIND_DRIVER },
	{ "another device", PCI_VENDOR_ID_VMWARE, 0x0405, "vmw_vmci",
	  BUS_NOTIFY_UNBIND_DRIVER },
	{ "another driver", PCI_VENDOR_ID_VMWARE, 0x0740, "vfio-pci",
	  BUS_NOTIFY_UNBIND_DRIVER },
	{ "no driver", PCI_VENDOR_ID_VMWARE, 0x0740, NULL,
	  BUS_NOTIFY_UNBIND_DRIVER },
	{ "the driver comes", PCI_VENDOR_ID_VMWARE, 0x0740, "vmw_vmci",
	  BUS_NOTIFY_BIND_DRIVER },
};

CASES(others);

static void nothing_is_closed(struct kunit *test)
{
	const struct other_case *one = test->param_value;
	struct bus *bus = test->priv;

	KUNIT_EXPECT_EQ(test, open_all(test), CONNECTIONS);
	bus->pdev.vendor = one->vendor;
	bus->pdev.device = one->device;
	bus->driver.name = one->driver;
	if (!one->driver)
		bus->pdev.dev.driver = NULL;
	notify(test, one->action);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, CONNECTIONS);
	KUNIT_EXPECT_EQ(test, fake_vmci.works, 0u);
}

static void bus_refuses(struct kunit *test)
{
	struct bus *bus = test->priv;

	vmgl_vmci_unregister();
	/* Unregistering also waits, so a driver unbound later finds no queue pair. */
	KUNIT_EXPECT_EQ(test, fake_vmci.rests, 12u);
	KUNIT_EXPECT_NULL(test, fake_vmci.notifier);
	fake_vmci.error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, vmgl_vmci_register(&bus->device), -ENOMEM);
	fake_vmci.error = 0;
	KUNIT_EXPECT_EQ(test, vmgl_vmci_register(&bus->device), 0);
}

static int init(struct kunit *test)
{
	const struct vmgl_transports_config config = {
		.name = "test",
		.wait_ms = 250,
		.timeout_ms = 1000,
	};
	struct bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	int i, ret;

	if (!bus)
		return -ENOMEM;
	test->priv = bus;
	fake_below_reset();
	fake_time_reset();
	fake_machine_reset();
	fake_vsock_reset();
	fake_vsock.connects = true;
	fake_vmci_reset();
	for (i = 0; i < CONNECTIONS; i++) {
		ret = vmgl_transports_init(transports(test, i),
					   &bus->device.counters, &config);
		if (ret)
			return ret;
	}
	bus->pdev.vendor = PCI_VENDOR_ID_VMWARE;
	bus->pdev.device = 0x0740;
	bus->pdev.dev.driver = &bus->driver;
	bus->driver.name = "vmw_vmci";
	return vmgl_vmci_register(&bus->device);
}

static void leave(struct kunit *test)
{
	int i;

	if (!test->priv)
		return;
	vmgl_vmci_unregister();
	for (i = 0; i < CONNECTIONS; i++)
		vmgl_transports_destroy(transports(test, i));
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device_goes_and_comes),
	KUNIT_CASE_PARAM(nothing_is_closed, others_gen_params),
	KUNIT_CASE(bus_refuses),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_vmci",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
