// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * GuestRPC over VMCI sockets (wire-protocol chapter 3): one stream to the
 * hypervisor for many requests.
 *
 * The host trusts a sender by his source port, and the kernel grants the low ones
 * by the privilege of the task that binds.  So no socket is ever touched by a
 * caller: a worker makes it, talks over it and closes it, and who may use which
 * connection is decided above.
 *
 * Every wait has an end.  A packet that dribbles in has no more time than one that
 * comes at once.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/net.h>
#include <linux/sockptr.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/vm_sockets.h>
#include <linux/vmguestlib.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat/kthread.h"
#include "datamap.h"
#include "vsock.h"

/*
 * A hypervisor answers within microseconds if it answers at all; one that has not
 * yet answered over a connection gets no more time for that either
 */
#define VMGL_VSOCK_CONNECT_MS		500

#define VMGL_VSOCK_LAST_PRIVILEGED	1023

/* As the reference client (wire-protocol chapter 3.2) */
#define VMGL_VSOCK_RESETS_MAX		8
#define VMGL_VSOCK_NO_BUFFERS_MAX	5

#define VMGL_VSOCK_PACKET_MAX		(VMGUESTLIB_REPLY_MAX + \
					 VMGL_DATAMAP_OVERHEAD_MAX)

static unsigned int vsock_cid = VMADDR_CID_HYPERVISOR;
module_param(vsock_cid, uint, 0444);
MODULE_PARM_DESC(vsock_cid,
		 "Context id of the host's RPC server (default 0, the hypervisor)");

static unsigned int vsock_port = 976;
module_param(vsock_port, uint, 0444);
MODULE_PARM_DESC(vsock_port,
		 "VMCI socket port of the host's RPC server (default 976)");

/*
 * A host may reset connections from a port that it still remembers, but also all
 * of them (guest_rpc.rpci.usevsocket=FALSE): other ports are worth trying until
 * that has failed once.
 */
static bool vmgl_vsock_resets_are_worth_a_try = true;

static bool vmgl_vsock_is_barred;

static struct vmgl_vsock *to_vsock(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_vsock, transport);
}

static void vmgl_vsock_set_state(struct vmgl_vsock *vsock,
				 enum vmgl_vsock_state state)
{
	/* Pairs with vmgl_vsock_state(). */
	smp_store_release(&vsock->state, state);
	wake_up_all(&vsock->settled);
}

static void vmgl_vsock_release(struct vmgl_vsock *vsock)
{
	if (!vsock->socket)
		return;
	sock_release(vsock->socket);
	vsock->socket = NULL;
}

static int vmgl_vsock_bind(struct socket *socket, u32 port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};

	/* Through void *: the type of the argument is another since 6.19. */
	return kernel_bind(socket, (void *)&address, sizeof(address));
}

static int vmgl_vsock_connect_socket(struct socket *socket)
{
	struct __kernel_sock_timeval patience = {
		.tv_usec = VMGL_VSOCK_CONNECT_MS * USEC_PER_MSEC,
	};
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = vsock_cid,
		.svm_port = vsock_port,
	};
	int ret;

	ret = socket->ops->setsockopt(socket, AF_VSOCK,
				      SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW,
				      KERNEL_SOCKPTR(&patience),
				      sizeof(patience));
	if (ret)
		return ret;
	return kernel_connect(socket, (void *)&address, sizeof(address), 0);
}

/* A new socket for each try: a failed one is of no use. */
static int vmgl_vsock_try(struct vmgl_vsock *vsock, u32 port)
{
	int ret;

	ret = sock_create_kern(&init_net, AF_VSOCK, SOCK_STREAM, 0,
			       &vsock->socket);
	if (ret) {
		vsock->socket = NULL;
		return ret;
	}
	ret = vmgl_vsock_bind(vsock->socket, port);
	if (!ret)
		ret = vmgl_vsock_connect_socket(vsock->socket);
	if (ret)
		vmgl_vsock_release(vsock);
	return ret;
}

/* Returns whether another port may do. */
static bool vmgl_vsock_is_port_at_fault(int error, int *resets)
{
	if (error == -EADDRINUSE)
		return true;
	/* What is still on its way to the last socket of a port breaks the next. */
	if (error != -ECONNRESET && error != -EPROTO)
		return false;
	if (!READ_ONCE(vmgl_vsock_resets_are_worth_a_try))
		return false;
	if (++*resets < VMGL_VSOCK_RESETS_MAX)
		return true;
	WRITE_ONCE(vmgl_vsock_resets_are_worth_a_try, false);
	return false;
}

static int vmgl_vsock_try_privileged(struct vmgl_vsock *vsock)
{
	u32 port = VMGL_VSOCK_LAST_PRIVILEGED;
	int no_buffers = 0, resets = 0;
	int ret;

	for (;;) {
		ret = vmgl_vsock_try(vsock, port);
		if (ret == -ENOBUFS &&
		    ++no_buffers < VMGL_VSOCK_NO_BUFFERS_MAX) {
			usleep_range(1000, 2000);
			continue;
		}
		if (!ret ||
		    !vmgl_vsock_is_port_at_fault(ret, &resets) ||
		    --port == 0)
			return ret;
	}
}

static void vmgl_vsock_do_connect(struct kthread_work *work)
{
	struct vmgl_vsock *vsock = container_of(work, struct vmgl_vsock,
						connect_work);
	int ret;

	vmgl_vsock_release(vsock);
	vsock->has_answered = false;
	ret = vsock->transport.is_privileged ?
	      vmgl_vsock_try_privileged(vsock) :
	      vmgl_vsock_try(vsock, VMADDR_PORT_ANY);
	if (!ret)
		WRITE_ONCE(vmgl_vsock_resets_are_worth_a_try, true);
	vmgl_vsock_set_state(vsock, ret ? VMGL_VSOCK_FAILED :
					  VMGL_VSOCK_CONNECTED);
}

static void vmgl_vsock_do_close(struct kthread_work *work)
{
	struct vmgl_vsock *vsock = container_of(work, struct vmgl_vsock,
						close_work);

	vmgl_vsock_release(vsock);
	/*
	 * It was closed on purpose while it was being made; meanwhile the next one
	 * may have been asked for.
	 */
	cmpxchg(&vsock->state, VMGL_VSOCK_CONNECTED, VMGL_VSOCK_CLOSED);
}

/* Something to read before we have asked is no answer of ours, or the end. */
static int vmgl_vsock_check_quiet(struct socket *socket)
{
	struct msghdr msg = { .msg_flags = MSG_PEEK | MSG_DONTWAIT };
	u8 byte;
	struct kvec vec = { .iov_base = &byte, .iov_len = sizeof(byte) };
	int ret;

	ret = kernel_recvmsg(socket, &msg, &vec, 1, sizeof(byte),
			     msg.msg_flags);
	return ret == -EAGAIN ? 0 : -ECONNRESET;
}

/* Returns 0 when time is up. */
static unsigned long vmgl_vsock_time_left(unsigned long deadline)
{
	long left = (long)(deadline - jiffies);

	return max(left, 0L);
}

static int vmgl_vsock_send(struct vmgl_vsock *vsock, unsigned long deadline)
{
	u8 head[VMGL_DATAMAP_HEAD_SIZE];
	struct kvec vec[] = {
		{ .iov_base = head, .iov_len = sizeof(head) },
		{ .iov_base = (void *)vsock->exchange.request,
		  .iov_len = vsock->exchange.len },
	};
	size_t len = sizeof(head) + vsock->exchange.len;
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	int ret;

	vmgl_datamap_head(head, vsock->exchange.len);
	vsock->socket->sk->sk_sndtimeo = vmgl_vsock_time_left(deadline);
	ret = kernel_sendmsg(vsock->socket, &msg, vec, ARRAY_SIZE(vec), len);
	if (ret == -EAGAIN || (ret >= 0 && ret < len))
		return -ETIMEDOUT;
	return ret < 0 ? -ECONNRESET : 0;
}

static int vmgl_vsock_receive(struct vmgl_vsock *vsock, u8 *to, size_t len,
			      unsigned long deadline)
{
	while (len) {
		struct kvec vec = { .iov_base = to, .iov_len = len };
		unsigned long left = vmgl_vsock_time_left(deadline);
		struct msghdr msg = {};
		int ret;

		if (!left)
			return -ETIMEDOUT;
		vsock->socket->sk->sk_rcvtimeo = left;
		ret = kernel_recvmsg(vsock->socket, &msg, &vec, 1, len, 0);
		if (ret == -EAGAIN)
			return -ETIMEDOUT;
		if (ret <= 0 || ret > len)
			return -ECONNRESET;
		to += ret;
		len -= ret;
	}
	return 0;
}

static int vmgl_vsock_unwrap(struct vmgl_buffer *reply)
{
	struct vmgl_datamap_payload payload;
	int ret;

	ret = vmgl_datamap_decode(reply->data, reply->len, &payload);
	if (ret)
		return ret;
	if (payload.len > VMGUESTLIB_REPLY_MAX)
		return -EMSGSIZE;
	memmove(reply->data, reply->data + payload.offset, payload.len);
	reply->len = payload.len;
	return 0;
}

static int vmgl_vsock_receive_packet(struct vmgl_vsock *vsock,
				     unsigned long deadline)
{
	struct vmgl_buffer *reply = vsock->exchange.reply;
	u8 word[VMGL_DATAMAP_LENGTH_SIZE];
	u32 len;
	int ret;

	ret = vmgl_vsock_receive(vsock, word, sizeof(word), deadline);
	if (ret)
		return ret;
	len = vmgl_datamap_length(word);
	if (len > VMGL_VSOCK_PACKET_MAX)
		return -EMSGSIZE;
	ret = vmgl_buffer_resize(reply, len);
	if (ret)
		return ret;
	ret = vmgl_vsock_receive(vsock, reply->data, len, deadline);
	return ret ? ret : vmgl_vsock_unwrap(reply);
}

static int vmgl_vsock_converse(struct vmgl_vsock *vsock)
{
	u32 patience_ms = vsock->has_answered ? vsock->patience_ms :
						VMGL_VSOCK_CONNECT_MS;
	unsigned long deadline = jiffies + msecs_to_jiffies(patience_ms);
	int ret;

	if (!vsock->socket)
		return -ECONNRESET;
	ret = vmgl_vsock_check_quiet(vsock->socket);
	if (!ret)
		ret = vmgl_vsock_send(vsock, deadline);
	if (!ret)
		ret = vmgl_vsock_receive_packet(vsock, deadline);
	vsock->has_answered = !ret;
	return ret;
}

static void vmgl_vsock_do_exchange(struct kthread_work *work)
{
	struct vmgl_vsock *vsock = container_of(work, struct vmgl_vsock,
						exchange_work);
	int ret = vmgl_vsock_converse(vsock);

	/* What is left of a broken conversation would answer the next request. */
	if (ret) {
		vmgl_vsock_release(vsock);
		vmgl_vsock_set_state(vsock, VMGL_VSOCK_CLOSED);
	}
	vsock->exchange.result = ret;
	complete(&vsock->exchange.done);
}

static int vmgl_vsock_exchange(struct vmgl_transport *transport,
			       const void *request, size_t request_len,
			       struct vmgl_buffer *reply)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	vsock->exchange.request = request;
	vsock->exchange.len = request_len;
	vsock->exchange.reply = reply;
	reinit_completion(&vsock->exchange.done);
	kthread_queue_work(vsock->worker, &vsock->exchange_work);
	/* The worker's own waits end. */
	wait_for_completion(&vsock->exchange.done);
	return vsock->exchange.result;
}

static int vmgl_vsock_open(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	vmgl_vsock_connect(vsock);
	/* Beyond the end of the attempt, which the next caller would join else. */
	return vmgl_vsock_wait(vsock, 2 * VMGL_VSOCK_CONNECT_MS) ? 0 : -EIO;
}

/* Not waited for: a caller may be in a hurry, and the worker keeps the order. */
static void vmgl_vsock_close(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	if (vmgl_vsock_state(vsock) == VMGL_VSOCK_CONNECTED)
		WRITE_ONCE(vsock->state, VMGL_VSOCK_CLOSED);
	kthread_queue_work(vsock->worker, &vsock->close_work);
}

static const struct vmgl_transport_ops vmgl_vsock_ops = {
	.open = vmgl_vsock_open,
	.exchange = vmgl_vsock_exchange,
	.close = vmgl_vsock_close,
};

/**
 * vmgl_vsock_connect() - begin to connect, if nobody has
 * @vsock: the connection
 *
 * Context: Process context, under the rpc layer's lock; does not sleep.
 */
void vmgl_vsock_connect(struct vmgl_vsock *vsock)
{
	enum vmgl_vsock_state state = vmgl_vsock_state(vsock);

	if (state == VMGL_VSOCK_CONNECTED || state == VMGL_VSOCK_CONNECTING)
		return;
	if (READ_ONCE(vmgl_vsock_is_barred)) {
		WRITE_ONCE(vsock->state, VMGL_VSOCK_FAILED);
		return;
	}
	WRITE_ONCE(vsock->state, VMGL_VSOCK_CONNECTING);
	kthread_queue_work(vsock->worker, &vsock->connect_work);
}

/**
 * vmgl_vsock_wait() - wait until it is known whether there is a connection
 * @vsock: the connection
 * @ms: at most so long
 *
 * Context: Process context, under the rpc layer's lock.
 * Return: whether there is one.
 */
bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms)
{
	wait_event_timeout(vsock->settled,
			   vmgl_vsock_state(vsock) != VMGL_VSOCK_CONNECTING,
			   msecs_to_jiffies(ms));
	return vmgl_vsock_state(vsock) == VMGL_VSOCK_CONNECTED;
}

/**
 * vmgl_vsock_bar() - whether new connections may be made
 * @barred: true: none, from any call on that takes the rpc layer's lock later
 *
 * Context: Any.
 */
void vmgl_vsock_bar(bool barred)
{
	WRITE_ONCE(vmgl_vsock_is_barred, barred);
}

/**
 * vmgl_vsock_flush() - wait until what was asked for is done
 * @vsock: the connection
 *
 * Context: Process context.
 */
void vmgl_vsock_flush(struct vmgl_vsock *vsock)
{
	kthread_flush_worker(vsock->worker);
}

/**
 * vmgl_vsock_init() - prepare; no socket is made yet
 * @vsock: the connection, zeroed
 * @name: of its worker, at most 15 characters
 * @is_privileged: bind to a port that only the privileged can have
 * @patience_ms: within which the host has to answer a request
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
		    bool is_privileged, u32 patience_ms)
{
	vsock->transport.ops = &vmgl_vsock_ops;
	vsock->transport.name = "vsock";
	vsock->transport.is_privileged = is_privileged;
	vsock->patience_ms = patience_ms;
	init_completion(&vsock->exchange.done);
	init_waitqueue_head(&vsock->settled);
	kthread_init_work(&vsock->connect_work, vmgl_vsock_do_connect);
	kthread_init_work(&vsock->exchange_work, vmgl_vsock_do_exchange);
	kthread_init_work(&vsock->close_work, vmgl_vsock_do_close);

	vsock->worker = vmgl_run_worker(name);
	return PTR_ERR_OR_ZERO(vsock->worker);
}

/**
 * vmgl_vsock_destroy() - close and release everything
 * @vsock: the connection; nobody uses it any more
 *
 * Context: Process context; waits for a connection that is being made.
 */
void vmgl_vsock_destroy(struct vmgl_vsock *vsock)
{
	kthread_queue_work(vsock->worker, &vsock->close_work);
	kthread_destroy_worker(vsock->worker);
}
