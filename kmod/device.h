/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one device of the module, as its consumers see it.
 */
#ifndef VMGL_DEVICE_H
#define VMGL_DEVICE_H

#include <linux/miscdevice.h>
#include <linux/types.h>

#include "backdoor.h"
#include "counters.h"
#include "events.h"
#include "rpc.h"
#include "snapshot.h"

/**
 * struct vmgl_device - everything, lowest layer first
 * @counters: what was exchanged with the host
 * @backdoor: the transport
 * @rpc: requests
 * @snapshots: statistics
 * @events: changes
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
	struct miscdevice misc;
	u32 max_age_ms;
};

#endif
