/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_TRANSPORT_CHOICE_H
#define VMGL_TRANSPORT_CHOICE_H

#include <linux/types.h>

#include "backdoor.h"
#include "counters.h"
#include "transport.h"
#include "vsock.h"

/**
 * enum vmgl_transport_choice - values of the module parameter ``transport``
 * @VMGL_TRANSPORT_AUTO: use VMCI sockets if they work, else the backdoor
 * @VMGL_TRANSPORT_VSOCK: use VMCI sockets only
 * @VMGL_TRANSPORT_BACKDOOR: use the backdoor only
 */
enum vmgl_transport_choice {
	VMGL_TRANSPORT_AUTO,
	VMGL_TRANSPORT_VSOCK,
	VMGL_TRANSPORT_BACKDOOR,
};

/**
 * struct vmgl_transports_config - properties of the connection over VMCI sockets
 * @name: name of the thread that uses the socket, at most 15 characters
 * @is_privileged: whether to connect as a privileged sender
 * @is_urgent: if true, the thread has FIFO priority, and the delay before a retry does not
 *	grow beyond 4 s
 * @wait_ms: longest wait of a request for a new connection, in ms; see vmgl_vsock_init()
 * @timeout_ms: timeout of a request and its reply, in ms; see vmgl_vsock_init()
 */
struct vmgl_transports_config {
	const char *name;
	bool is_privileged;
	bool is_urgent;
	u32 wait_ms;
	u32 timeout_ms;
};

/**
 * struct vmgl_transports - the two transports as one
 * @transport: operations and properties for the rpc layer
 * @counters: counters; this layer counts failovers, and connections that replace dropped
 *	ones
 * @backdoor: the transport that is always available
 * @vsock: the transport that is preferred
 * @active: the transport in use, or the one used last
 * @retry_max_s: greatest value of @retry_s
 * @retry_at: earliest time, in jiffies, of the next attempt to connect @vsock; valid if
 *	@retry_s is not 0
 * @retry_s: length of the delay that ends at @retry_at, in s; 0 if there is none.  It
 *	becomes 0 when @vsock serves a request, and at the first vmgl_transports_connect()
 *	after the module parameter ``transport`` was written
 * @choices_seen: number of calls of vmgl_transports_choose() at the last
 *	vmgl_transports_connect(), which compares it to find out about a write
 *
 * All members but @transport.name and @transport.is_privileged are guarded by the
 * lock of struct vmgl_rpc.  @vsock also has a lock of its own.
 */
struct vmgl_transports {
	struct vmgl_transport transport;
	struct vmgl_counters *counters;
	struct vmgl_backdoor backdoor;
	struct vmgl_vsock vsock;
	struct vmgl_transport *active;
	unsigned int retry_max_s;
	unsigned long retry_at;
	unsigned int retry_s;
	unsigned int choices_seen;
};

int vmgl_transports_init(struct vmgl_transports *transports,
			 struct vmgl_counters *counters,
			 const struct vmgl_transports_config *config);
void vmgl_transports_destroy(struct vmgl_transports *transports);
void vmgl_transports_choose(enum vmgl_transport_choice choice);
enum vmgl_transport_choice vmgl_transports_chosen(void);

#endif
