/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * struct vmgl_device, which contains all layers of the module.
 */
#ifndef VMGL_DEVICE_H
#define VMGL_DEVICE_H

#include <linux/device.h>
#include <linux/miscdevice.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "counters.h"
#include "events.h"
#include "heartbeat.h"
#include "page.h"
#include "rpc.h"
#include "snapshot.h"
#include "transport_choice.h"

/**
 * struct vmgl_device - the state of the module: statistics, then heartbeats, lowest layer first
 * @wq: workqueue of the requests of tasks and of @snapshots
 * @counters: counters of requests and replies since the module was loaded
 * @transports: transports for @rpc; the sender is unprivileged
 * @rpc: requests for statistics and extended statistics, and reads of heartbeat/enabled
 *	and heartbeat/status in sysfs by callers without CAP_SYS_ADMIN
 * @privileged_transports: transports for @privileged_rpc; the sender is privileged over
 *	VMCI sockets, and unprivileged over the backdoor
 * @privileged_rpc: raw requests, IsEnabled and GetAppStatus by VMGUESTLIB_IOC_APPMON,
 *	reads of the two files in sysfs by callers with CAP_SYS_ADMIN, and statistics and
 *	extended statistics that the host refuses to @rpc
 * @page: the page of statistics that programs map
 * @snapshots: the latest statistics, and the requests for new ones
 * @events: notification of programs about changes
 * @heartbeat_transports: transports for @heartbeat_rpc; no other request uses them
 * @heartbeat_rpc: requests of @heartbeat
 * @heartbeat: arbiter of the application state
 * @misc: /dev/vmguestlib and its directory in sysfs
 * @max_age_ms: largest age in ms of a snapshot that serves a read from sysfs; accessed
 *	with READ_ONCE() and WRITE_ONCE()
 */
struct vmgl_device {
	struct workqueue_struct *wq;
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

/* Closes all transports.  The next request opens a transport again. */
static inline void vmgl_device_hang_up(struct vmgl_device *device)
{
	vmgl_rpc_close(&device->heartbeat_rpc);
	vmgl_rpc_close(&device->privileged_rpc);
	vmgl_rpc_close(&device->rpc);
}

/* Returns the structure whose @misc has the device @dev. */
static inline struct vmgl_device *vmgl_device_of(struct device *dev)
{
	return container_of(dev_get_drvdata(dev), struct vmgl_device, misc);
}

#endif
