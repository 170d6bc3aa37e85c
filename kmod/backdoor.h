/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_BACKDOOR_H
#define VMGL_BACKDOOR_H

#include <linux/types.h>

#include "counters.h"
#include "transport.h"

/**
 * struct vmgl_backdoor - one message channel of the backdoor
 * @transport: operations and properties for the rpc layer
 * @counters: counters; this layer counts hypercalls and checkpoints
 * @cookie_high: high half of the cookie that authorizes use of the channel
 * @cookie_low: low half of the cookie
 * @channel: channel number given by the host
 * @is_open: whether @channel and the cookie are those of an open channel
 * @low_bandwidth_only: whether high bandwidth is not used even if the host offers it
 *
 * The lock of struct vmgl_rpc guards the channel.  vmgl_backdoor_send_once() uses a
 * channel of its own, without a lock.
 */
struct vmgl_backdoor {
	struct vmgl_transport transport;
	struct vmgl_counters *counters;
	u32 cookie_high;
	u32 cookie_low;
	u16 channel;
	bool is_open;
	bool low_bandwidth_only;
};

void vmgl_backdoor_init(struct vmgl_backdoor *bd,
			struct vmgl_counters *counters);
void vmgl_backdoor_send_once(const char *request, size_t len, char *text,
			     size_t size);

#endif
