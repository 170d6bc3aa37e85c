/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_RPC_H
#define VMGL_RPC_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

#include "counters.h"
#include "transport.h"
#include "turns.h"

/**
 * struct vmgl_rpc - requests to the host, one at a time
 * @turns: each turn lasts for a request and its reply; guards the next three
 * @transport: the transport to the host
 * @is_suspended: the transport is closed after each request
 * @is_stopped: all requests fail
 * @counters: counters of requests
 */
struct vmgl_rpc {
	struct vmgl_turns turns;
	struct vmgl_transport *transport;
	bool is_suspended;
	bool is_stopped;
	struct vmgl_counters *counters;
};

/**
 * struct vmgl_reply - the host's answer
 * @raw: the whole reply; may be reused for several requests
 * @verdict: meaning of its first two bytes
 * @text: the other bytes, inside @raw; not terminated, any content
 * @len: length of @text in bytes
 * @is_privileged: the request came from a privileged sender
 */
struct vmgl_reply {
	struct vmgl_buffer raw;
	enum vmguestlib_reply verdict;
	const u8 *text;
	size_t len;
	bool is_privileged;
};

void vmgl_rpc_init(struct vmgl_rpc *rpc, struct vmgl_transport *transport,
		   struct vmgl_counters *counters);
void vmgl_rpc_destroy(struct vmgl_rpc *rpc);
void vmgl_rpc_close(struct vmgl_rpc *rpc);
void vmgl_rpc_suspend(struct vmgl_rpc *rpc);
void vmgl_rpc_resume(struct vmgl_rpc *rpc);
void vmgl_rpc_stop(struct vmgl_rpc *rpc);
int vmgl_rpc_open(struct vmgl_rpc *rpc, enum vmgl_priority priority);
int vmgl_rpc_open_privileged(struct vmgl_rpc *rpc, enum vmgl_priority priority);
const char *vmgl_rpc_transport_name(struct vmgl_rpc *rpc);
int vmgl_rpc_call(struct vmgl_rpc *rpc, enum vmgl_priority priority,
		  const void *request, size_t len, struct vmgl_reply *reply);
int vmgl_reply_error(const struct vmgl_reply *reply);
void vmgl_reply_free(struct vmgl_reply *reply);

#endif
