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
 * enum vmgl_vsock_state - what callers want, and what the worker has reached
 * @VMGL_VSOCK_CLOSED: no connection is wanted; the worker closes a socket that is left
 * @VMGL_VSOCK_CONNECTING: a connection is wanted, and the worker is making it
 * @VMGL_VSOCK_CONNECTED: a connection is wanted, and the socket was connected
 * @VMGL_VSOCK_FAILED: the connection could not be made
 */
enum vmgl_vsock_state {
	VMGL_VSOCK_CLOSED,
	VMGL_VSOCK_CONNECTING,
	VMGL_VSOCK_CONNECTED,
	VMGL_VSOCK_FAILED,
};

/**
 * struct vmgl_vsock - one connection to the host's RPC server
 * @transport: the interface to the layer above
 * @worker: the only task that uses the socket, because the privilege of the binding
 *	task decides on the source port; NULL: the kernel has no VMCI sockets
 * @work: brings the socket into @state, then serves @exchange
 * @wait_ms: longest wait of a caller for a connection
 * @timeout_ms: time within which the host has to answer a request
 * @lock: guards the next four
 * @state: an enum vmgl_vsock_state; read with READ_ONCE()
 * @number: number of the last connection that was wanted
 * @is_forbidden: no connection may be made
 * @exchange: the exchange to serve, or NULL
 * @settled: woken when @state is no longer VMGL_VSOCK_CONNECTING
 * @socket: the socket, NULL: not connected; used by the worker only
 * @has_answered: the host has answered over @socket; used by the worker only
 * @is_only: no other transport may serve a request that is not answered over this one
 * @packet: the last packet received; used by the worker until the exchange is complete
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

#else /* a kernel without AF_VSOCK: every connection has failed */

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
