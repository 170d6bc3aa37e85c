// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * vmguestlib: VMware guest statistics and vSphere HA heartbeats.
 *
 *   chardev  sysfs  watchdog         interfaces to user space
 *   snapshot  page  heartbeat        policy
 *   events
 *   info  stat_get  appmon           requests, and replies of the host
 *   rpc                              one request and its reply
 *   turns                            order of the requests of tasks
 *   transport_choice                 choice of the transport
 *   backdoor  vsock  datamap         transports
 *   hypercall  host_clock            entry into the hypervisor
 *
 * lifecycle calls these layers on shutdown, suspend, hibernation and panic.  vmci closes
 * the connections of vsock before the driver of the VMCI device is unbound.
 *
 * A file uses files of its own layer and of the layers below.  A lower layer calls an upper
 * layer only through a function pointer that the upper layer has given to it.
 *
 * Locks, outermost first:
 *
 * 1. The lock of the module's parameters, or the lock of the VMCI device while the kernel
 *    unbinds its driver.  The callbacks under these locks close transports.
 * 2. struct vmgl_file.arming, which serializes arming, disarming and mmap().
 * 3. The lock of struct vmgl_rpc, held for a request and its reply.  The holder of this
 *    lock may wait for the worker of struct vmgl_vsock.
 * 4. Spinlocks: struct vmgl_events.lock may be taken under struct vmgl_heartbeat.lock.
 *    Apart from this pair, no spinlock of the module is taken under another one.  The
 *    other spinlocks are in struct vmgl_snapshots, vmgl_turns and vmgl_vsock.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "chardev.h"
#include "device.h"
#include "hypercall.h"
#include "lifecycle.h"
#include "settings.h"
#include "sysfs.h"
#include "vmci.h"
#include "watchdog.h"

/* Default of max_age_ms in sysfs, in ms */
#define VMGL_MAX_AGE_MS		1000

/*
 * Timeouts of a request and its reply over VMCI sockets, in ms.  After a timeout, the
 * backdoor serves the request, except with transport=vsock.  The timeouts are short
 * compared with the default window of 30 s, so heartbeats continue in time over the
 * backdoor.
 */
#define VMGL_READER_TIMEOUT_MS		1000
#define VMGL_BEAT_TIMEOUT_MS		2000

/*
 * Longest wait of rpc and heartbeat_rpc for a connection, in ms.  A hypervisor accepts a
 * connection in a fraction of this time.
 */
#define VMGL_CONNECT_WAIT_MS		250

/*
 * Longest wait of privileged_rpc for a connection, in ms.  If the first source port times
 * out, after 500 ms, there is still time for a second port.
 */
#define VMGL_PRIVILEGED_CONNECT_WAIT_MS	1000

static void vmgl_session_changed(void *data)
{
	struct vmgl_device *device = data;

	vmgl_heartbeat_recheck(device->heartbeat);
	vmgl_events_session_changed(&device->events);
}

static struct vmgl_device vmgl_device = {
	.misc = {
		.minor = MISC_DYNAMIC_MINOR,
		.name = "vmguestlib",
		.mode = 0664,
		.fops = &vmgl_fops,
		.groups = vmgl_sysfs_groups,
	},
	.max_age_ms = VMGL_MAX_AGE_MS,
};

static const char *const vmgl_transport_choices[] = {
	[VMGL_TRANSPORT_AUTO] = "auto",
	[VMGL_TRANSPORT_VSOCK] = "vsock",
	[VMGL_TRANSPORT_BACKDOOR] = "backdoor",
};

/* Whether vmgl_device is in use; guarded by the lock of the module's parameters */
static bool vmgl_is_live;

/* Also closes the transports, because the new choice may exclude an open transport. */
static int vmgl_set_transport(const char *val, const struct kernel_param *kp)
{
	int choice = sysfs_match_string(vmgl_transport_choices, val);

	if (!vmgl_may_change_settings())
		return -EPERM;
	if (choice < 0)
		return choice;
	if (choice == VMGL_TRANSPORT_VSOCK && !VMGL_VSOCK_IS_BUILT)
		return -EOPNOTSUPP;
	vmgl_transports_choose(choice);
	if (vmgl_is_live)
		vmgl_device_hang_up(&vmgl_device);
	return 0;
}

static int vmgl_get_transport(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n",
			  vmgl_transport_choices[vmgl_transports_chosen()]);
}

static const struct kernel_param_ops vmgl_transport_ops = {
	.set = vmgl_set_transport,
	.get = vmgl_get_transport,
};

module_param_cb(transport, &vmgl_transport_ops, NULL, 0644);
MODULE_PARM_DESC(transport,
		 "Transport to the host: vsock, backdoor, or auto: vsock where it works (default auto)");

static void vmgl_set_live(bool is_live)
{
	kernel_param_lock(THIS_MODULE);
	vmgl_is_live = is_live;
	kernel_param_unlock(THIS_MODULE);
}

static int __init vmgl_init_transports(struct vmgl_device *device)
{
	static const struct vmgl_transports_config reader = {
		.name = "vmguestlib_rpc",
		.wait_ms = VMGL_CONNECT_WAIT_MS,
		.timeout_ms = VMGL_READER_TIMEOUT_MS,
	};
	static const struct vmgl_transports_config privileged = {
		.name = "vmguestlib_prv",
		.is_privileged = true,
		.wait_ms = VMGL_PRIVILEGED_CONNECT_WAIT_MS,
		.timeout_ms = VMGL_READER_TIMEOUT_MS,
	};
	static const struct vmgl_transports_config beat = {
		.name = "vmguestlib_beat",
		.is_privileged = true,
		.is_urgent = true,
		.wait_ms = VMGL_CONNECT_WAIT_MS,
		.timeout_ms = VMGL_BEAT_TIMEOUT_MS,
	};
	int ret;

	ret = vmgl_transports_init(&device->transports, &device->counters,
				   &reader);
	if (ret)
		return ret;
	ret = vmgl_transports_init(&device->privileged_transports,
				   &device->counters, &privileged);
	if (ret)
		goto err_transports;
	ret = vmgl_transports_init(&device->heartbeat_transports,
				   &device->counters, &beat);
	if (ret)
		goto err_privileged;
	return 0;

err_privileged:
	vmgl_transports_destroy(&device->privileged_transports);
err_transports:
	vmgl_transports_destroy(&device->transports);
	return ret;
}

static void vmgl_destroy_transports(struct vmgl_device *device)
{
	vmgl_transports_destroy(&device->heartbeat_transports);
	vmgl_transports_destroy(&device->privileged_transports);
	vmgl_transports_destroy(&device->transports);
}

/* Lets all requests of readers fail, except those in flight, for which it waits. */
static void vmgl_stop_readers(struct vmgl_device *device)
{
	vmgl_rpc_stop(&device->privileged_rpc);
	vmgl_rpc_stop(&device->rpc);
}

/* Closes all transports, and lets all later requests fail. */
static void vmgl_stop_transports(struct vmgl_device *device)
{
	vmgl_rpc_stop(&device->heartbeat_rpc);
	vmgl_stop_readers(device);
	vmgl_vsock_flush(&device->heartbeat_transports.vsock);
	vmgl_vsock_flush(&device->privileged_transports.vsock);
	vmgl_vsock_flush(&device->transports.vsock);
}

static int __init vmgl_prepare(struct vmgl_device *device)
{
	int ret;

	/* Freezable, so that no request of a reader is in flight while devices sleep */
	device->wq = alloc_workqueue("vmguestlib", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!device->wq)
		return -ENOMEM;
	ret = vmgl_page_init(&device->page);
	if (ret)
		goto err_wq;
	ret = vmgl_init_transports(device);
	if (ret)
		goto err_page;
	vmgl_rpc_init(&device->rpc, &device->transports.transport,
		      &device->counters, device->wq);
	vmgl_rpc_init(&device->privileged_rpc,
		      &device->privileged_transports.transport,
		      &device->counters, device->wq);
	vmgl_rpc_init(&device->heartbeat_rpc,
		      &device->heartbeat_transports.transport,
		      &device->counters, device->wq);
	vmgl_snapshots_init(&device->snapshots, &device->rpc,
			    &device->privileged_rpc, &device->page, device->wq,
			    vmgl_session_changed, device);
	vmgl_events_init(&device->events, &device->snapshots);
	device->heartbeat = vmgl_heartbeat_create(&device->heartbeat_rpc,
						  &device->events);
	if (IS_ERR(device->heartbeat)) {
		ret = PTR_ERR(device->heartbeat);
		goto err_transports;
	}
	return 0;

err_transports:
	vmgl_destroy_transports(device);
err_page:
	vmgl_page_destroy(&device->page);
err_wq:
	destroy_workqueue(device->wq);
	return ret;
}

/*
 * Called when no other task uses the device any more.  If a task was killed while it
 * waited for statistics, its request may still be in flight.  The end of this request may
 * call the arbiter, so the snapshots are destroyed before the arbiter.
 */
static void vmgl_release(struct vmgl_device *device)
{
	vmgl_snapshots_destroy(&device->snapshots);
	vmgl_heartbeat_destroy(device->heartbeat);
	vmgl_rpc_destroy(&device->heartbeat_rpc);
	vmgl_rpc_destroy(&device->privileged_rpc);
	vmgl_rpc_destroy(&device->rpc);
	vmgl_destroy_transports(device);
	vmgl_page_destroy(&device->page);
	destroy_workqueue(device->wq);
}

/* Ends heartbeats, closes all transports and releases everything. */
static void vmgl_end(struct vmgl_device *device)
{
	vmgl_set_live(false);
	vmgl_lifecycle_unregister();
	vmgl_heartbeat_stop(device->heartbeat);
	/* The VMCI notifier is needed as long as there may be a connection. */
	vmgl_stop_transports(device);
	vmgl_vmci_unregister();
	vmgl_release(device);
}

/* Whether this is a crash kernel, where the module sends Disable and then stays idle */
static bool vmgl_is_idle;

static int __init vmgl_init(void)
{
	struct vmgl_device *device = &vmgl_device;
	int ret;

	/* Log nothing, because a built-in driver is initialized on all machines. */
	if (!vmgl_hypercall_available())
		return -ENODEV;

	vmgl_is_idle = vmgl_lifecycle_is_crash_kernel();
	if (vmgl_is_idle)
		return 0;

	ret = vmgl_prepare(device);
	if (ret)
		return ret;
	ret = vmgl_lifecycle_register(device);
	if (ret)
		goto err_prepare;
	ret = vmgl_vmci_register(device);
	if (ret)
		goto err_lifecycle;
	vmgl_heartbeat_start(device->heartbeat);
	vmgl_sysfs_init();
	vmgl_set_live(true);
	ret = misc_register(&device->misc);
	if (ret) {
		vmgl_end(device);
		return ret;
	}

	/* Nothing below may make vmgl_init() fail, because the device may be open now. */
	vmgl_events_start(&device->events, device->misc.this_device);
	vmgl_watchdog_register(device->heartbeat, device->misc.this_device);
	return 0;

err_lifecycle:
	vmgl_lifecycle_unregister();
err_prepare:
	vmgl_release(device);
	return ret;
}

/*
 * The module's reference count is 0: no file is open, and there is no heartbeat client.
 * misc_deregister() holds the mutex of all misc devices while it waits for readers of
 * sysfs.  Therefore the watch and the requests of readers are stopped before
 * misc_deregister() is called, so that no reader waits for the host meanwhile.
 */
static void __exit vmgl_exit(void)
{
	struct vmgl_device *device = &vmgl_device;

	if (vmgl_is_idle)
		return;

	vmgl_watchdog_unregister();
	vmgl_events_stop(&device->events);
	vmgl_heartbeat_flush(device->heartbeat);
	vmgl_stop_readers(device);
	misc_deregister(&device->misc);
	vmgl_end(device);
}

module_init(vmgl_init);
module_exit(vmgl_exit);

MODULE_DESCRIPTION("VMware guest statistics and HA application heartbeats");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION(VMGUESTLIB_VERSION);
MODULE_ALIAS("dmi:*:svnVMware*:*");
