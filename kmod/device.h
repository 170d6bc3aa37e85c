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
#include "events.h"
#include "heartbeat.h"
#include "page.h"
#include "rpc.h"
#include "snapshot.h"
#include "transport_choice.h"

/**
 * struct vmgl_device - everything, lowest layer first
 * @counters: what was exchanged with the host
 * @transports: to the host, as an ordinary program has them
 * @rpc: requests about statistics
 * @privileged_transports: to the host, as a sender that it trusts, where it can be told
 * @privileged_rpc: requests of privileged callers
 * @page: statistics, mapped by programs
 * @snapshots: statistics
 * @events: changes
 * @heartbeat_transports: to the host, for the heartbeats alone
 * @heartbeat_rpc: their requests
 * @heartbeat: arbiter of the application state
 * @misc: /dev/vmguestlib and its directory in sysfs
 * @max_age_ms: greatest age of a value read from sysfs, in ms; one word,
 *	accessed with READ_ONCE() and WRITE_ONCE()
 */
struct vmgl_device {
	struct vmgl_counters counters;
	struct vmgl_transports transports;
	struct vmgl_rpc rpc;
	struct vmgl_transports privileged_transports;
	struct vmgl_rpc privileged_rpc;
	struct vmgl_page page;
	struct vmgl_snapshots snapshots;
	struct vmgl_events events;
	struct vmgl_transports heartbeat_transports;
	struct vmgl_rpc heartbeat_rpc;
	struct vmgl_heartbeat *heartbeat;
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
