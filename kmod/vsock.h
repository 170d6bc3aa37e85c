/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_VSOCK_H
#define VMGL_VSOCK_H

#include <linux/compiler.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "transport.h"

struct socket;
struct vmgl_vsock_exchange;

/**
 * enum vmgl_vsock_state - state of a connection, set by callers and by the worker
 * @VMGL_VSOCK_CLOSED: no connection is wanted; the worker closes the socket, if any
 * @VMGL_VSOCK_CONNECTING: a connection is wanted, and the worker has to make it
 * @VMGL_VSOCK_CONNECTED: the worker has connected the socket
 * @VMGL_VSOCK_FAILED: the worker could not connect, connections are forbidden, or the
 *	module was built without AF_VSOCK
 */
enum vmgl_vsock_state {
	VMGL_VSOCK_CLOSED,
	VMGL_VSOCK_CONNECTING,
	VMGL_VSOCK_CONNECTED,
	VMGL_VSOCK_FAILED,
};

/**
 * struct vmgl_vsock - one connection to the host's RPC server
 * @transport: operations and properties for the rpc layer
 * @worker: the only task that uses @socket, because the kernel checks the credentials
 *	of the task that binds; NULL if the kernel has no VMCI sockets
 * @work: work item of @worker: brings @socket into @state, then serves @exchange
 * @wait_ms: longest wait of a caller for a connection, in ms
 * @timeout_ms: timeout of a request and its reply, in ms
 * @lock: guards @state, @number, @is_forbidden and @exchange
 * @state: an enum vmgl_vsock_state; may be read without @lock by READ_ONCE()
 * @number: number of connections that were wanted so far, by which the worker finds out
 *	whether the connection that it makes is still wanted
 * @is_forbidden: true between vmgl_vsock_forbid() and vmgl_vsock_permit()
 * @exchange: request that waits for @worker, or NULL
 * @settled: wait queue, woken when @state is no longer VMGL_VSOCK_CONNECTING
 * @socket: socket of the connection, or NULL; used by @worker only
 * @has_answered: whether the last request over @socket was answered; used by @worker
 *	only
 * @is_only: whether requests may use no other transport (transport=vsock)
 * @packet: last packet received; used by @worker until @exchange is complete, and by the
 *	caller after that
 */
struct vmgl_vsock {
	struct vmgl_transport transport;
	struct kthread_worker *worker;
	struct kthread_work work;
	u32 wait_ms;
	u32 timeout_ms;

	spinlock_t lock; /* state, number, is_forbidden and exchange */
	u32 state;
	u32 number;
	bool is_forbidden;
	struct vmgl_vsock_exchange *exchange;
	wait_queue_head_t settled;

	struct socket *socket;
	bool has_answered;
	bool is_only;
	struct vmgl_buffer packet;
};

static inline enum vmgl_vsock_state
vmgl_vsock_state(const struct vmgl_vsock *vsock)
{
	return READ_ONCE(vsock->state);
}

#ifdef CONFIG_VMGUESTLIB_VSOCK

#define VMGL_VSOCK_IS_BUILT	true

int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
		    bool is_privileged, u32 wait_ms, u32 timeout_ms);
void vmgl_vsock_destroy(struct vmgl_vsock *vsock);
void vmgl_vsock_connect(struct vmgl_vsock *vsock);
bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms);
void vmgl_vsock_flush(struct vmgl_vsock *vsock);
void vmgl_vsock_forbid(struct vmgl_vsock *vsock);
void vmgl_vsock_permit(struct vmgl_vsock *vsock);

#else /* On a kernel without AF_VSOCK, @state is always VMGL_VSOCK_FAILED. */

#define VMGL_VSOCK_IS_BUILT	false

static inline int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
				  bool is_privileged, u32 wait_ms, u32 timeout_ms)
{
	vsock->state = VMGL_VSOCK_FAILED;
	return 0;
}

static inline void vmgl_vsock_destroy(struct vmgl_vsock *vsock) {}
static inline void vmgl_vsock_connect(struct vmgl_vsock *vsock) {}

static inline bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms)
{
	return false;
}

static inline void vmgl_vsock_flush(struct vmgl_vsock *vsock) {}

#endif

#endif
