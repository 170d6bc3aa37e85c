// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The PCI function behind VMCI sockets goes away.
 *
 * Its driver frees the queues of all connections when it is unbound, whether or not
 * sockets still use them (vmci_qp_guest_endpoints_exit(), 6.1 to 6.12 at least), and
 * the kernel crashes.  So the connections of this module are closed before, and none
 * is made until the driver is gone.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "device.h"
#include "vmci.h"
#include "vsock.h"

#define VMGL_PCI_DEVICE_ID_VMCI	0x0740

/* For the end of a work item that has begun */
#define VMGL_VMCI_DETACH_MS	200

/* A received packet, and then the queues of its socket */
#define VMGL_VMCI_WORK_ITEMS	2

static struct vmgl_device *vmgl_vmci_user;

static long vmgl_vmci_no_op(void *data)
{
	return 0;
}

/*
 * The kernel's transport gives the queues of a released socket back in a work item
 * that is not to be waited for.  It was queued on the CPU that released the socket,
 * or by the work item of a packet that was received before, and it has begun when a
 * work item behind it runs there.  A real-time task may keep it from that for any time.
 */
static void vmgl_vmci_wait_for_cleanup(void)
{
	int cpu, i;

	cpus_read_lock();
	for (i = 0; i < VMGL_VMCI_WORK_ITEMS; i++)
		for_each_online_cpu(cpu)
			work_on_cpu(cpu, vmgl_vmci_no_op, NULL);
	cpus_read_unlock();
	msleep(VMGL_VMCI_DETACH_MS);
}

static void vmgl_vmci_leave(struct vmgl_device *device)
{
	vmgl_vsock_forbid(&device->heartbeat_transports.vsock);
	vmgl_vsock_forbid(&device->privileged_transports.vsock);
	vmgl_vsock_forbid(&device->transports.vsock);
	vmgl_vmci_wait_for_cleanup();
}

static void vmgl_vmci_return(struct vmgl_device *device)
{
	vmgl_vsock_permit(&device->heartbeat_transports.vsock);
	vmgl_vsock_permit(&device->privileged_transports.vsock);
	vmgl_vsock_permit(&device->transports.vsock);
}

/*
 * Only from its own driver: that one is loaded, so no worker of this module, which is
 * waited for under the lock of the device, can be waiting for it to be loaded and bound.
 */
static bool vmgl_vmci_has_driver(const struct pci_dev *pdev)
{
	return pdev->dev.driver && !strcmp(pdev->dev.driver->name, "vmw_vmci");
}

static int vmgl_on_pci(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	if (pdev->vendor != PCI_VENDOR_ID_VMWARE ||
	    pdev->device != VMGL_PCI_DEVICE_ID_VMCI)
		return NOTIFY_DONE;

	if (action == BUS_NOTIFY_UNBIND_DRIVER && vmgl_vmci_has_driver(pdev))
		vmgl_vmci_leave(vmgl_vmci_user);
	else if (action == BUS_NOTIFY_UNBOUND_DRIVER)
		vmgl_vmci_return(vmgl_vmci_user);
	return NOTIFY_DONE;
}

static struct notifier_block vmgl_pci_nb = {
	.notifier_call = vmgl_on_pci,
};

/**
 * vmgl_vmci_register() - watch from now on
 * @device: lives until vmgl_vmci_unregister()
 *
 * Context: Process context.
 * Return: 0 or an error number.
 */
int vmgl_vmci_register(struct vmgl_device *device)
{
	vmgl_vmci_user = device;
	return bus_register_notifier(&pci_bus_type, &vmgl_pci_nb);
}

/**
 * vmgl_vmci_unregister() - no more
 *
 * Context: Process context; waits for a notification that is under way.  There is no
 * connection any more, because none would be closed when the device goes.
 */
void vmgl_vmci_unregister(void)
{
	bus_unregister_notifier(&pci_bus_type, &vmgl_pci_nb);
}
