// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmguestlib: what a Linux guest can learn from its VMware host.
 *
 *   chardev  sysfs                   consumers
 *   snapshot  stat_get  events       policy
 *   info  stat_table  host_clock     the host's vocabulary
 *   rpc                              request and reply
 *   backdoor                         transport
 *   hypercall                        entry into the hypervisor
 *
 * A layer uses those below it and is called back by none but through a pointer
 * that it was given.  Locks, outermost first: struct vmgl_rpc.lock sleeps and
 * is taken with no other lock held; struct vmgl_snapshots.lock and struct
 * vmgl_events.lock are leaves and never held together.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "chardev.h"
#include "device.h"
#include "hypercall.h"
#include "sysfs.h"

#define VMGL_MAX_AGE_MS		1000

static void vmgl_session_changed(void *data)
{
	vmgl_events_session_changed(data);
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

static int __init vmgl_init(void)
{
	struct vmgl_device *device = &vmgl_device;
	int ret;

	/* Built into a distribution's image, this is tried everywhere. */
	if (!vmgl_hypercall_available())
		return -ENODEV;

	vmgl_backdoor_init(&device->backdoor, &device->counters);
	vmgl_rpc_init(&device->rpc, &device->backdoor.transport,
		      &device->counters);
	vmgl_snapshots_init(&device->snapshots, &device->rpc,
			    vmgl_session_changed, &device->events);
	vmgl_events_init(&device->events, &device->snapshots);
	vmgl_sysfs_init();

	ret = misc_register(&device->misc);
	if (ret) {
		vmgl_rpc_shutdown(&device->rpc);
		return ret;
	}
	vmgl_events_start(&device->events, device->misc.this_device);
	return 0;
}

/*
 * No file is open any more.  Readers of sysfs are waited for by
 * misc_deregister(), and what they can set going is stopped before.
 */
static void __exit vmgl_exit(void)
{
	struct vmgl_device *device = &vmgl_device;

	vmgl_events_stop(&device->events);
	misc_deregister(&device->misc);
	vmgl_snapshots_destroy(&device->snapshots);
	vmgl_rpc_shutdown(&device->rpc);
}

module_init(vmgl_init);
module_exit(vmgl_exit);

MODULE_DESCRIPTION("VMware guest statistics");
MODULE_AUTHOR("vmguestlib maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS("dmi:*:svnVMware*:*");
