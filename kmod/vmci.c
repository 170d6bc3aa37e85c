// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Removal of the VMCI device, the PCI function that carries VMCI sockets.
 *
 * The kernel crashes when the driver of the device is unbound while a queue pair
 * exists: vmci_qp_guest_endpoints_exit() (5.10 to 7.3 at least) takes the address of a
 * list entry for the address of its queue pair, which is lower.  The module therefore
 * closes its connections first, waits until their queue pairs are freed, and makes no new
 * connection until the driver is unbound.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "device.h"
#include "vmci.h"
#include "vsock.h"

#define VMGL_PCI_DEVICE_ID_VMCI	0x0740

/* Queue pairs that may have to be freed: of three connections, and of three lost ones */
#define VMGL_VMCI_GRACE_PERIODS	6

/* Longer than a work item waits for its CPU unless the CPU is overloaded, in ms */
#define VMGL_VMCI_CLEANUP_MS	20

static struct vmgl_device *vmgl_vmci_user;

static long vmgl_vmci_no_op(void *data)
{
	return 0;
}

static void vmgl_vmci_wait_for_work(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, vmgl_vmci_no_op, NULL);
	cpus_read_unlock();
}

/*
 * The caller has closed all sockets of this module, and no packet for one is left.  The
 * kernel's transport frees their queue pairs later, in a work item that it does not
 * export (vmci_transport_cleanup()).
 *
 * That work item frees a queue pair without sleeping, sleeps for a grace period of RCU,
 * and goes on with the next queue pair.  A work queue does not run two items at a time on
 * a CPU unless the first one sleeps.  When an item that was queued later has run on that
 * CPU, the work item of the transport has therefore ended, or has slept after it freed at
 * least one queue pair.  Each repetition waits for a grace period that starts after that
 * of the work item.  The end of a grace period only makes the work item runnable, so this
 * task sleeps to leave the CPU to it.
 */
static void vmgl_vmci_wait_for_cleanup(void)
{
	int i;

	for (i = 0; i < VMGL_VMCI_GRACE_PERIODS; i++) {
		vmgl_vmci_wait_for_work();
		synchronize_rcu();
		msleep(VMGL_VMCI_CLEANUP_MS);
	}
	vmgl_vmci_wait_for_work();
}

static void vmgl_vmci_forbid(struct vmgl_device *device)
{
	vmgl_vsock_forbid(&device->heartbeat_transports.vsock);
	vmgl_vsock_forbid(&device->privileged_transports.vsock);
	vmgl_vsock_forbid(&device->transports.vsock);
	vmgl_vmci_wait_for_cleanup();
}

static void vmgl_vmci_permit(struct vmgl_device *device)
{
	vmgl_vsock_permit(&device->heartbeat_transports.vsock);
	vmgl_vsock_permit(&device->privileged_transports.vsock);
	vmgl_vsock_permit(&device->transports.vsock);
}

/*
 * The notifier waits for workers of this module under the lock of the device.  A worker
 * that waits until vmw_vmci is loaded and bound would wait for the same lock.  There is
 * no such worker while the device is bound to vmw_vmci.
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
		vmgl_vmci_forbid(vmgl_vmci_user);
	else if (action == BUS_NOTIFY_UNBOUND_DRIVER)
		vmgl_vmci_permit(vmgl_vmci_user);
	return NOTIFY_DONE;
}

static struct notifier_block vmgl_pci_nb = {
	.notifier_call = vmgl_on_pci,
};

/**
 * vmgl_vmci_register() - register the notifier for the VMCI device
 * @device: must live until vmgl_vmci_unregister()
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
 * vmgl_vmci_unregister() - wait for the queue pairs, and unregister the notifier
 *
 * Context: Process context; waits for a notifier that is running.  The caller has closed
 * all connections, because the notifier does not close them any more.  Their queue pairs
 * are freed when this returns.
 */
void vmgl_vmci_unregister(void)
{
	vmgl_vmci_wait_for_cleanup();
	bus_unregister_notifier(&pci_bus_type, &vmgl_pci_nb);
}
