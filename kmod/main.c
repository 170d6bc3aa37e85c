// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmguestlib: what a Linux guest can learn from its VMware host.
 *
 *   chardev  sysfs  watchdog         consumers
 *   snapshot  heartbeat  events      policy
 *   info  stat_get  appmon           the host's vocabulary
 *   rpc                              request and reply
 *   backdoor                         transport
 *   hypercall                        entry into the hypervisor
 *
 * A layer uses those below it and is called back by none but through a pointer
 * that it was given.
 *
 * Locks, outermost first: struct vmgl_file.arming or struct
 * vmgl_heartbeat_call.serialize; struct vmgl_rpc.lock, which is held for a
 * conversation with the host.  Spinlocks are taken inside of all these and never
 * around them: struct vmgl_heartbeat.lock, and inside of it struct
 * vmgl_events.lock; struct vmgl_snapshots.lock alone.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "chardev.h"
#include "device.h"
#include "hypercall.h"
#include "lifecycle.h"
#include "sysfs.h"
#include "watchdog.h"

#define VMGL_MAX_AGE_MS		1000

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

static int __init vmgl_prepare(struct vmgl_device *device)
{
	int ret;

	vmgl_backdoor_init(&device->backdoor, &device->counters);
	vmgl_rpc_init(&device->rpc, &device->backdoor.transport,
		      &device->counters);
	vmgl_backdoor_init(&device->heartbeat_backdoor, &device->counters);
	vmgl_rpc_init(&device->heartbeat_rpc,
		      &device->heartbeat_backdoor.transport, &device->counters);
	vmgl_snapshots_init(&device->snapshots, &device->rpc,
			    vmgl_session_changed, device);
	vmgl_events_init(&device->events, &device->snapshots);
	ret = vmgl_heartbeat_init(&device->heartbeat, &device->heartbeat_rpc,
				  &device->events);
	if (ret) {
		vmgl_rpc_destroy(&device->heartbeat_rpc);
		vmgl_rpc_destroy(&device->rpc);
	}
	return ret;
}

/* Nobody can ask for anything any more. */
static void vmgl_release(struct vmgl_device *device)
{
	vmgl_heartbeat_destroy(&device->heartbeat);
	vmgl_snapshots_destroy(&device->snapshots);
	vmgl_rpc_destroy(&device->heartbeat_rpc);
	vmgl_rpc_destroy(&device->rpc);
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
	vmgl_sysfs_init();
	ret = misc_register(&device->misc);
	if (ret)
		goto err_lifecycle;

	/* Nothing may fail from here on: the device may be open already. */
	vmgl_events_start(&device->events, device->misc.this_device);
	vmgl_watchdog_register(&device->heartbeat, device->misc.this_device);
	return 0;

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

	vmgl_watchdog_unregister();
	vmgl_events_stop(&device->events);
	vmgl_heartbeat_flush(&device->heartbeat);
	misc_deregister(&device->misc);
	vmgl_lifecycle_unregister();
	vmgl_heartbeat_stop(&device->heartbeat);
	vmgl_release(device);
}

module_init(vmgl_init);
module_exit(vmgl_exit);

MODULE_DESCRIPTION("VMware guest statistics and HA application heartbeats");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS("dmi:*:svnVMware*:*");
