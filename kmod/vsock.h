/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_VSOCK_H
#define VMGL_VSOCK_H

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <asm/barrier.h>

#include "transport.h"

struct socket;

/**
 * enum vmgl_vsock_state - a connection, as those see it who want to use it
 * @VMGL_VSOCK_CLOSED: nothing was tried, or it was closed on purpose
 * @VMGL_VSOCK_CONNECTING: the worker is at it
 * @VMGL_VSOCK_CONNECTED: it was the last time that somebody looked
 * @VMGL_VSOCK_FAILED: it could not be made
 */
enum vmgl_vsock_state {
	VMGL_VSOCK_CLOSED,
	VMGL_VSOCK_CONNECTING,
	VMGL_VSOCK_CONNECTED,
	VMGL_VSOCK_FAILED,
};

/**
 * struct vmgl_vsock_exchange - what the worker is asked to send and receive
 * @request: bytes of the request
 * @len: their number
 * @reply: for the raw reply
 * @result: 0 or an error number
 * @done: completed when @result stands
 */
struct vmgl_vsock_exchange {
	const void *request;
	size_t len;
	struct vmgl_buffer *reply;
	int result;
	struct completion done;
};

/**
 * struct vmgl_vsock - one connection to the host's RPC server
 * @transport: what is above sees this
 * @worker: does all that has to do with sockets, for whose privilege the task
 *	counts that does it; NULL: there are no sockets
 * @connect_work: connects
 * @exchange_work: serves @exchange
 * @close_work: closes
 * @exchange: guarded by the rpc layer's lock
 * @settled: woken when @state leaves VMGL_VSOCK_CONNECTING
 * @state: an enum vmgl_vsock_state; one word, of which only the worker leaves
 *	VMGL_VSOCK_CONNECTING
 * @patience_ms: within which the host has to answer a request
 * @socket: the worker's alone; NULL: not connected
 * @has_answered: the host has, over @socket; the worker's alone
 */
struct vmgl_vsock {
	struct vmgl_transport transport;
	struct kthread_worker *worker;
	struct kthread_work connect_work;
	struct kthread_work exchange_work;
	struct kthread_work close_work;
	struct vmgl_vsock_exchange exchange;
	wait_queue_head_t settled;
	u32 state;
	u32 patience_ms;
	struct socket *socket;
	bool has_answered;
};

static inline enum vmgl_vsock_state
vmgl_vsock_state(const struct vmgl_vsock *vsock)
{
	/* What the worker wrote before the state is seen after it. */
	return smp_load_acquire(&vsock->state);
}

#ifdef CONFIG_VMGUESTLIB_VSOCK

#define VMGL_VSOCK_IS_BUILT	true

int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
		    bool is_privileged, u32 patience_ms);
void vmgl_vsock_destroy(struct vmgl_vsock *vsock);
void vmgl_vsock_connect(struct vmgl_vsock *vsock);
bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms);
void vmgl_vsock_bar(bool barred);
void vmgl_vsock_flush(struct vmgl_vsock *vsock);

#else /* a kernel without AF_VSOCK: for ever failed */

#define VMGL_VSOCK_IS_BUILT	false

static inline int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
				  bool is_privileged, u32 patience_ms)
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

#endif

#endif
