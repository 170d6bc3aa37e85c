/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The one device of the module, as its consumers see it.
 */
#ifndef VMGL_DEVICE_H
#define VMGL_DEVICE_H

#include <linux/device.h>
#include <linux/miscdevice.h>
#include <linux/types.h>

#include "counters.h"
#include "doors.h"
#include "events.h"
#include "heartbeat.h"
#include "rpc.h"
#include "snapshot.h"

/**
 * struct vmgl_device - everything, lowest layer first
 * @counters: what was exchanged with the host
 * @doors: the way to the host as an ordinary program has it
 * @rpc: requests about statistics
 * @privileged_doors: the way that the host trusts more, where there is one
 * @privileged_rpc: requests on behalf of those who may
 * @snapshots: statistics
 * @events: changes
 * @heartbeat_doors: the same for the heartbeats
 * @heartbeat_rpc: their requests
 * @heartbeat: arbiter of the application state
 * @misc: /dev/vmguestlib and its directory in sysfs
 * @max_age_ms: greatest age of a value read from sysfs, in ms; one word,
 *	accessed with READ_ONCE() and WRITE_ONCE()
 */
struct vmgl_device {
	struct vmgl_counters counters;
	struct vmgl_doors doors;
	struct vmgl_rpc rpc;
	struct vmgl_doors privileged_doors;
	struct vmgl_rpc privileged_rpc;
	struct vmgl_snapshots snapshots;
	struct vmgl_events events;
	struct vmgl_doors heartbeat_doors;
	struct vmgl_rpc heartbeat_rpc;
	struct vmgl_heartbeat heartbeat;
	struct miscdevice misc;
	u32 max_age_ms;
};

/* Releases what the host holds for us; the next requests open again. */
static inline void vmgl_device_hang_up(struct vmgl_device *device)
{
	vmgl_rpc_close(&device->heartbeat_rpc);
	vmgl_rpc_close(&device->privileged_rpc);
	vmgl_rpc_close(&device->rpc);
}

/* The driver core keeps the misc device as driver data. */
static inline struct vmgl_device *vmgl_device_of(struct device *dev)
{
	return container_of(dev_get_drvdata(dev), struct vmgl_device, misc);
}

#endif
