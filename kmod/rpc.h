/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_RPC_H
#define VMGL_RPC_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/vmguestlib.h>
#include <linux/wait.h>

#include "counters.h"
#include "transport.h"
#include "turns.h"

/**
 * struct vmgl_reply - the host's answer
 * @raw: buffer with the whole reply, including the prefix "1 " or "0 "; may be reused for
 *	several requests
 * @verdict: whether the host accepted the request, refused it, or does not know it;
 *	VMGUESTLIB_REPLY_NONE before there is a reply
 * @text: the bytes of @raw after the prefix; any bytes, without a final NUL
 * @len: length of the host's text in bytes.  If the storage that vmgl_reply_reserve() has
 *	allocated is shorter, @raw has only the beginning of the text
 * @is_privileged: whether the request came from a privileged sender
 * @was_repeated: whether the request was sent over both transports, so that the host may
 *	have served the request over one, and refused it over the other
 */
struct vmgl_reply {
	struct vmgl_buffer raw;
	enum vmguestlib_reply verdict;
	const u8 *text;
	size_t len;
	bool is_privileged;
	bool was_repeated;
};

/**
 * struct vmgl_rpc - requests to the host, one at a time
 * @turns: requests of tasks that wait for their turn
 * @reply: the reply to the request that the work item of @turns is serving; only this
 *	work item uses @reply
 * @lock: held for a request and its reply; guards @transport, @is_suspended and
 *	@is_stopped
 * @closers: number of tasks that wait for @lock, or hold it, to close the transport
 * @no_closers: wait queue of requests that wait until @closers is 0
 * @transport: the transport to the host
 * @is_suspended: whether the transport is closed after each request
 * @is_stopped: whether all requests fail
 * @counters: counters of requests
 */
struct vmgl_rpc {
	struct vmgl_turns turns;
	struct vmgl_reply reply;
	struct mutex lock; /* a request and its reply */
	atomic_t closers;
	wait_queue_head_t no_closers;
	struct vmgl_transport *transport;
	bool is_suspended;
	bool is_stopped;
	struct vmgl_counters *counters;
};

/**
 * vmgl_rpc_init() - initialize without a request to the host
 * @rpc: object to initialize; zeroed
 * @transport: the transport to the host
 * @counters: counters of requests
 * @wq: an unbound workqueue for the requests of tasks
 *
 * @transport, @counters and @wq must live at least as long as @rpc.  Each use of this
 * macro has a lockdep class of its own.
 *
 * Context: Any; called before all other functions that get @rpc.
 */
#define vmgl_rpc_init(rpc, transport, counters, wq)			\
do {									\
	static struct lock_class_key __key;				\
									\
	__vmgl_rpc_init(rpc, transport, counters, wq, &__key);		\
} while (0)

void __vmgl_rpc_init(struct vmgl_rpc *rpc, struct vmgl_transport *transport,
		     struct vmgl_counters *counters,
		     struct workqueue_struct *wq, struct lock_class_key *key);
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
int vmgl_reply_reserve(struct vmgl_reply *reply, size_t room);
int vmgl_reply_error(const struct vmgl_reply *reply);
void vmgl_reply_free(struct vmgl_reply *reply);

#endif
