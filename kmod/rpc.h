/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_RPC_H
#define VMGL_RPC_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/vmguestlib.h>

#include "counters.h"
#include "transport.h"

/**
 * struct vmgl_rpc - requests to the host, one at a time
 * @lock: held for a whole request and its reply; see main.c for the order
 * @transport: guarded by @lock
 * @is_suspended: guarded by @lock: it is closed after each request
 * @counters: what is counted here
 */
struct vmgl_rpc {
	struct mutex lock; /* a conversation */
	struct vmgl_transport *transport;
	bool is_suspended;
	struct vmgl_counters *counters;
};

/**
 * struct vmgl_reply - the host's answer
 * @raw: storage; may be reused for several requests
 * @verdict: what the two bytes in front said
 * @text: the rest, inside @raw; not terminated and of any content
 * @len: its length in bytes
 * @is_privileged: the host answered a sender whom it trusts
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
void vmgl_rpc_close(struct vmgl_rpc *rpc);
void vmgl_rpc_suspend(struct vmgl_rpc *rpc);
void vmgl_rpc_resume(struct vmgl_rpc *rpc);
void vmgl_rpc_destroy(struct vmgl_rpc *rpc);
int vmgl_rpc_open(struct vmgl_rpc *rpc);
int vmgl_rpc_gain_trust(struct vmgl_rpc *rpc);
const char *vmgl_rpc_transport_name(struct vmgl_rpc *rpc);
int vmgl_rpc_call(struct vmgl_rpc *rpc, const void *request, size_t len,
		  struct vmgl_reply *reply);
int vmgl_reply_error(const struct vmgl_reply *reply);
void vmgl_reply_free(struct vmgl_reply *reply);

#endif
