// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * This file closes the connections over VMCI sockets before the driver of the VMCI device
 * is unbound.  The VMCI device is the PCI function that carries VMCI sockets.  A queue
 * pair is the shared memory of one VMCI socket.
 *
 * The kernel crashes if the driver is unbound while a queue pair exists:
 * vmci_qp_guest_endpoints_exit() (5.10 to 7.3 at least) uses the address of a list entry
 * as the address of the queue pair that contains the entry.  The module therefore closes
 * its connections first, waits until their queue pairs are freed, and makes no new
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

/*
 * Up to six queue pairs have to be freed: those of three connections, and those of three
 * earlier connections that were lost.  The kernel needs up to two grace periods of RCU to
 * free a queue pair.
 */
#define VMGL_VMCI_GRACE_PERIODS	12

/*
 * Time in which a runnable work item gets its CPU, in ms.  The time is long enough unless
 * the CPU is overloaded.
 */
#define VMGL_VMCI_CLEANUP_MS	20

/* The device of this module, whose connections the notifier closes */
static struct vmgl_device *vmgl_vmci_user;

static long vmgl_vmci_no_op(void *data)
{
	return 0;
}

/* Waits until each CPU has begun all work items that schedule_work() has queued there. */
static void vmgl_vmci_wait_for_work(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, vmgl_vmci_no_op, NULL);
	cpus_read_unlock();
}

/*
 * Waits until the queue pairs are freed.  The caller has closed all sockets of this
 * module, and no work item of the kernel still handles a packet for them, see
 * vmgl_vsock_release().  The kernel's VMCI transport frees their queue pairs later, in a
 * work item (vmci_transport_cleanup()).  A module cannot wait for this work item directly,
 * because the kernel does not export it.
 *
 * In some kernels, the work item sleeps twice for each queue pair: for a grace period of
 * RCU before it frees the queue pair (vmci_event_unsubscribe() of 5.10), and for another
 * grace period afterwards.  On a CPU, a workqueue does not run two items at the same time
 * unless the first one sleeps.  When an item that was queued later has run on that CPU,
 * the transport's work item has therefore ended, or it sleeps.  Each repetition then waits
 * for a grace period that starts after the one for which the work item sleeps.  The end of
 * a grace period only makes the work item runnable.  This task therefore sleeps, so that
 * the work item gets the CPU.
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
 * Returns whether the driver of @pdev is vmw_vmci.  The notifier runs under the lock of
 * @pdev.  If vmw_vmci is not bound, a worker of this module may wait until the kernel has
 * bound vmw_vmci, for which the kernel needs the lock of @pdev.  A notifier that waited for
 * this worker would deadlock.  If vmw_vmci is bound, no worker waits for the lock.
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
 * @device: device whose connections are closed; must live until vmgl_vmci_unregister()
 *
 * Context: Process context.
 * Return: 0 or a negative error number.
 */
int vmgl_vmci_register(struct vmgl_device *device)
{
	vmgl_vmci_user = device;
	return bus_register_notifier(&pci_bus_type, &vmgl_pci_nb);
}

/**
 * vmgl_vmci_unregister() - wait for the queue pairs, and unregister the notifier
 *
 * The caller must have closed all connections and must make no new ones, because no
 * notifier closes them after this function.  When this function returns, the queue pairs
 * of the connections are freed.
 *
 * Context: Process context; sleeps for VMGL_VMCI_GRACE_PERIODS grace periods of RCU, and
 * until the notifier has ended if it is running.
 */
void vmgl_vmci_unregister(void)
{
	vmgl_vmci_wait_for_cleanup();
	bus_unregister_notifier(&pci_bus_type, &vmgl_pci_nb);
}
