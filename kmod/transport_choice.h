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
 * enum vmgl_transport_choice - module parameter ``transport``
 * @VMGL_TRANSPORT_AUTO: VMCI sockets where they work, else the backdoor
 * @VMGL_TRANSPORT_VSOCK: VMCI sockets only
 * @VMGL_TRANSPORT_BACKDOOR: the backdoor only
 */
enum vmgl_transport_choice {
	VMGL_TRANSPORT_AUTO,
	VMGL_TRANSPORT_VSOCK,
	VMGL_TRANSPORT_BACKDOOR,
};

/**
 * struct vmgl_transports_config - properties of the requests
 * @name: name of the thread that serves the requests, at most 15 characters
 * @is_privileged: be a privileged sender, where the transport allows that
 * @is_urgent: the thread has a real-time priority
 * @wait_ms: longest wait for a new connection
 * @timeout_ms: time within which the host has to answer over VMCI sockets
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
 * @transport: what the rpc layer uses
 * @counters: counters of failovers and new connections
 * @backdoor: the transport that is always available
 * @vsock: the preferred transport
 * @active: the transport in use, or used last
 * @retry_at: time in jiffies at which @vsock may be tried again
 * @retry_s: delay before @retry_at, in s; 0: @vsock has not failed since it last served
 *	a request, or since the module parameter was written
 * @choices_seen: number of writes to the module parameter that @retry_s takes into
 *	account
 *
 * All but @transport.name and @transport.is_privileged is used in a turn of the rpc
 * layer only; @vsock has a lock of its own.
 */
struct vmgl_transports {
	struct vmgl_transport transport;
	struct vmgl_counters *counters;
	struct vmgl_backdoor backdoor;
	struct vmgl_vsock vsock;
	struct vmgl_transport *active;
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
