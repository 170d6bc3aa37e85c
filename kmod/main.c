// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * vmguestlib: what a Linux guest can learn from its VMware host.
 *
 *   chardev  sysfs  watchdog         consumers
 *   snapshot  heartbeat  events      policy
 *   info  stat_get  appmon           the host's vocabulary
 *   rpc                              request and reply
 *   doors                            choice of the transport
 *   backdoor  vsock  datamap         transports
 *   hypercall                        entry into the hypervisor
 *
 * lifecycle and vmci tell the layers what happens to the machine.
 *
 * A layer uses those below it and is called back by none but through a pointer
 * that it was given.
 *
 * Locks, outermost first: that of the module's parameters, or that of the VMCI
 * device while its driver is taken from it: callbacks under both give up all
 * conversations; struct vmgl_file.arming or struct vmgl_heartbeat_call.serialize;
 * struct vmgl_rpc.lock, which is held for a conversation with the host, and under
 * which a worker of struct vmgl_vsock is waited for.  Spinlocks are taken inside of
 * all these and never around them: struct vmgl_heartbeat.lock, and inside of it
 * struct vmgl_events.lock; struct vmgl_snapshots.lock alone.
 */
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

#define VMGL_MAX_AGE_MS		1000

/*
 * Within which the host has to answer over VMCI sockets, in ms, before the backdoor
 * is asked: a reader has his answer within 2 s, and a beat is not lost.
 */
#define VMGL_READER_PATIENCE_MS		1000
#define VMGL_BEAT_PATIENCE_MS		2000

static void vmgl_session_changed(void *data)
{
	struct vmgl_device *device = data;

	vmgl_heartbeat_recheck(&device->heartbeat);
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

static const char *const vmgl_door_choices[] = {
	[VMGL_DOOR_AUTO] = "auto",
	[VMGL_DOOR_VSOCK] = "vsock",
	[VMGL_DOOR_BACKDOOR] = "backdoor",
};

/* Written with the lock of the module's parameters held */
static bool vmgl_is_live;

/* A door that may not be used any more is left at once. */
static int vmgl_set_transport(const char *val, const struct kernel_param *kp)
{
	int choice = sysfs_match_string(vmgl_door_choices, val);

	if (!vmgl_may_change_settings())
		return -EPERM;
	if (choice < 0)
		return choice;
	if (choice == VMGL_DOOR_VSOCK && !VMGL_VSOCK_IS_BUILT)
		return -EOPNOTSUPP;
	vmgl_doors_choose(choice);
	if (vmgl_is_live)
		vmgl_device_hang_up(&vmgl_device);
	return 0;
}

static int vmgl_get_transport(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n",
			  vmgl_door_choices[vmgl_doors_chosen()]);
}

static const struct kernel_param_ops vmgl_transport_ops = {
	.set = vmgl_set_transport,
	.get = vmgl_get_transport,
};

module_param_cb(transport, &vmgl_transport_ops, NULL, 0644);
MODULE_PARM_DESC(transport,
		 "How the host is reached: vsock, backdoor, or auto: vsock where it works (default auto)");

static void vmgl_set_live(bool is_live)
{
	kernel_param_lock(THIS_MODULE);
	vmgl_is_live = is_live;
	kernel_param_unlock(THIS_MODULE);
}

static int __init vmgl_open_doors(struct vmgl_device *device)
{
	static const struct vmgl_doors_terms reader = {
		.name = "vmguestlib_rpc",
		.patience_ms = VMGL_READER_PATIENCE_MS,
	};
	static const struct vmgl_doors_terms trusted = {
		.name = "vmguestlib_prv",
		.is_privileged = true,
		.patience_ms = VMGL_READER_PATIENCE_MS,
	};
	static const struct vmgl_doors_terms beat = {
		.name = "vmguestlib_beat",
		.is_privileged = true,
		.is_urgent = true,
		.patience_ms = VMGL_BEAT_PATIENCE_MS,
	};
	int ret;

	ret = vmgl_doors_init(&device->doors, &device->counters, &reader);
	if (ret)
		return ret;
	ret = vmgl_doors_init(&device->privileged_doors, &device->counters,
			      &trusted);
	if (ret)
		goto err_doors;
	ret = vmgl_doors_init(&device->heartbeat_doors, &device->counters,
			      &beat);
	if (ret)
		goto err_privileged;
	return 0;

err_privileged:
	vmgl_doors_destroy(&device->privileged_doors);
err_doors:
	vmgl_doors_destroy(&device->doors);
	return ret;
}

static void vmgl_close_doors(struct vmgl_device *device)
{
	vmgl_rpc_destroy(&device->heartbeat_rpc);
	vmgl_rpc_destroy(&device->privileged_rpc);
	vmgl_rpc_destroy(&device->rpc);
	vmgl_doors_destroy(&device->heartbeat_doors);
	vmgl_doors_destroy(&device->privileged_doors);
	vmgl_doors_destroy(&device->doors);
}

static int __init vmgl_prepare(struct vmgl_device *device)
{
	int ret;

	ret = vmgl_open_doors(device);
	if (ret)
		return ret;
	vmgl_rpc_init(&device->rpc, &device->doors.transport,
		      &device->counters);
	vmgl_rpc_init(&device->privileged_rpc,
		      &device->privileged_doors.transport, &device->counters);
	vmgl_rpc_init(&device->heartbeat_rpc,
		      &device->heartbeat_doors.transport, &device->counters);
	vmgl_snapshots_init(&device->snapshots, &device->rpc,
			    &device->privileged_rpc, vmgl_session_changed,
			    device);
	vmgl_events_init(&device->events, &device->snapshots);
	ret = vmgl_heartbeat_init(&device->heartbeat, &device->heartbeat_rpc,
				  &device->events);
	if (ret)
		vmgl_close_doors(device);
	return ret;
}

/* Nobody can ask for anything any more. */
static void vmgl_release(struct vmgl_device *device)
{
	vmgl_heartbeat_destroy(&device->heartbeat);
	vmgl_snapshots_destroy(&device->snapshots);
	vmgl_close_doors(device);
}

/* A crash kernel has no use for us but that the host is told. */
static bool vmgl_is_bystander;

static int __init vmgl_init(void)
{
	struct vmgl_device *device = &vmgl_device;
	int ret;

	/* Built into a distribution's image, this is tried everywhere. */
	if (!vmgl_hypercall_available())
		return -ENODEV;

	vmgl_is_bystander = vmgl_lifecycle_is_crash_kernel();
	if (vmgl_is_bystander)
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
	vmgl_sysfs_init();
	ret = misc_register(&device->misc);
	if (ret)
		goto err_vmci;

	/* Nothing may fail from here on: the device may be open already. */
	vmgl_events_start(&device->events, device->misc.this_device);
	vmgl_watchdog_register(&device->heartbeat, device->misc.this_device);
	vmgl_set_live(true);
	return 0;

err_vmci:
	vmgl_vmci_unregister();
err_lifecycle:
	vmgl_lifecycle_unregister();
err_prepare:
	vmgl_heartbeat_stop(&device->heartbeat);
	vmgl_release(device);
	return ret;
}

/*
 * No file is open and no client armed any more.  Readers of sysfs are waited for
 * by misc_deregister(), and what they can set going is stopped before.
 */
static void __exit vmgl_exit(void)
{
	struct vmgl_device *device = &vmgl_device;

	if (vmgl_is_bystander)
		return;

	vmgl_set_live(false);
	vmgl_watchdog_unregister();
	vmgl_events_stop(&device->events);
	vmgl_heartbeat_flush(&device->heartbeat);
	misc_deregister(&device->misc);
	vmgl_lifecycle_unregister();
	vmgl_heartbeat_stop(&device->heartbeat);
	/* Connections are watched over until they are about to be closed. */
	vmgl_vmci_unregister();
	vmgl_release(device);
}

module_init(vmgl_init);
module_exit(vmgl_exit);

MODULE_DESCRIPTION("VMware guest statistics and HA application heartbeats");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION(VMGUESTLIB_VERSION);
MODULE_ALIAS("dmi:*:svnVMware*:*");
