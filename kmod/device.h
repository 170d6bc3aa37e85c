/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one device of the module, as its consumers see it.
 */
#ifndef VMGL_DEVICE_H
#define VMGL_DEVICE_H

#include <linux/device.h>
#include <linux/miscdevice.h>
#include <linux/types.h>

#include "backdoor.h"
#include "counters.h"
#include "events.h"
#include "heartbeat.h"
#include "rpc.h"
#include "snapshot.h"

/**
 * struct vmgl_device - everything, lowest layer first
 * @counters: what was exchanged with the host
 * @backdoor: the transport
 * @rpc: requests
 * @snapshots: statistics
 * @events: changes
 * @heartbeat_backdoor: transport of the heartbeats
 * @heartbeat_rpc: their requests
 * @heartbeat: arbiter of the application state
 * @misc: /dev/vmguestlib and its directory in sysfs
 * @max_age_ms: greatest age of a value read from sysfs, in ms; one word,
 *	accessed with READ_ONCE() and WRITE_ONCE()
 */
struct vmgl_device {
	struct vmgl_counters counters;
	struct vmgl_backdoor backdoor;
	struct vmgl_rpc rpc;
	struct vmgl_snapshots snapshots;
	struct vmgl_events events;
	struct vmgl_backdoor heartbeat_backdoor;
	struct vmgl_rpc heartbeat_rpc;
	struct vmgl_heartbeat heartbeat;
	struct miscdevice misc;
	u32 max_age_ms;
};

/* The driver core keeps the misc device as driver data. */
static inline struct vmgl_device *vmgl_device_of(struct device *dev)
{
	return container_of(dev_get_drvdata(dev), struct vmgl_device, misc);
}

#endif
