// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * GuestRPC over VMCI sockets (wire-protocol chapter 3).  A connection serves many
 * requests, one after the other.
 *
 * The host treats a sender as privileged if its source port is 1023 or below.  The
 * kernel lets only a task with CAP_NET_BIND_SERVICE bind to such a port.  A worker
 * therefore creates and uses the socket, so that the credentials of the caller do not
 * matter.  The callers of the rpc layer check the rights of the calling task.
 *
 * A caller stores the wanted state (connected or closed) and the request to send, both
 * under a lock, and queues one work item.  The work item brings the socket into the
 * wanted state.  If callers change the state several times before the work item runs, the
 * work item sees only the last state.  The worker checks the wanted state again before
 * each attempt to connect from a privileged port, and when it has connected.
 *
 * Every wait for the host has a timeout.  One timeout covers a request and its whole
 * reply, even if the reply arrives byte by byte.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
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
 * Timeout of one attempt to connect, in ms.  It is also the timeout of the first request
 * over a new connection, if the backdoor can serve the request instead.  The timeout can
 * be short, because a healthy host replies within microseconds.
 */
#define VMGL_VSOCK_CONNECT_MS		500

/* The privileged ports are 1 to 1023. */
#define VMGL_VSOCK_PRIVILEGED_PORTS	1023U

/*
 * A series is all attempts to connect that the worker makes for one connection from a
 * privileged port.  The series ends at the latest after VMGL_VSOCK_RESETS_MAX attempts that
 * the host reset, or after VMGL_VSOCK_NO_BUFFERS_MAX attempts for which the kernel had no
 * buffers.  The limits are those of open-vm-tools (wire-protocol chapter 3.2).
 */
#define VMGL_VSOCK_RESETS_MAX		8
#define VMGL_VSOCK_NO_BUFFERS_MAX	5

/*
 * Interval at which vmgl_vsock_release() checks whether the kernel's work items for received
 * packets still have references to the socket, in ms
 */
#define VMGL_VSOCK_PACKET_MS		1U

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

/**
 * struct vmgl_vsock_exchange - a request and its result, on the stack of the caller
 * @request: bytes of the request
 * @len: number of bytes at @request
 * @payload: place of the reply in struct vmgl_vsock.packet, valid if @result is 0
 * @result: 0 or a negative error number
 * @done: completed when @result and @payload are valid
 */
struct vmgl_vsock_exchange {
	const void *request;
	size_t len;
	struct vmgl_datamap_payload payload;
	int result;
	struct completion done;
};

/**
 * struct vmgl_vsock_faults - failed attempts in one series of attempts to connect
 * @resets: number of attempts that the host reset
 * @timeouts: number of attempts that timed out
 * @timeouts_max: number of timeouts after which the series ends; 0 has the effect of 1
 * @no_buffers: number of attempts for which the kernel had no buffers
 */
struct vmgl_vsock_faults {
	unsigned int resets;
	unsigned int timeouts;
	unsigned int timeouts_max;
	unsigned int no_buffers;
};

/*
 * Whether the worker tries another port after a reset.  A host may reset a connection from
 * a port that was in use shortly before.  Another port may then succeed.  A host with
 * guest_rpc.rpci.usevsocket=FALSE resets all connections.  After VMGL_VSOCK_RESETS_MAX
 * resets in one series, this flag is false, and later series end at the first reset, until a
 * connection succeeds.
 */
static bool vmgl_vsock_resets_are_worth_a_try = true;

/*
 * Number of attempts to connect from a privileged port so far, of all connections.  A host
 * may reset or ignore a connection from a port that was in use shortly before.  The ports
 * are therefore used in turn, so that each one is used again as late as possible.
 */
static atomic_t vmgl_vsock_ports_used = ATOMIC_INIT(0);

static struct vmgl_vsock *to_vsock(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_vsock, transport);
}

/*
 * The kernel's VMCI transport handles received packets in work items, each of which holds
 * a reference to the socket.  The kernel frees the queue pair of the socket some time
 * after the last reference was dropped.  If a work item dropped the last reference, the
 * module could not know when, and vmci.c might not wait long enough for the queue pair.
 * This function therefore waits until no other reference is left, and drops the last one
 * itself.
 */
static void vmgl_vsock_release(struct vmgl_vsock *vsock)
{
	struct sock *sk;

	if (!vsock->socket)
		return;
	sk = vsock->socket->sk;
	sock_hold(sk);
	sock_release(vsock->socket);
	vsock->socket = NULL;
	while (refcount_read(&sk->sk_refcnt) > 1)
		msleep(VMGL_VSOCK_PACKET_MS);
	sock_put(sk);
}

static int vmgl_vsock_bind(struct socket *socket, u32 port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};

	/* The argument has another type since 6.19; void * fits both. */
	return kernel_bind(socket, (void *)&address, sizeof(address));
}

static int vmgl_vsock_connect_socket(struct socket *socket)
{
	struct __kernel_sock_timeval timeout = {
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
				      KERNEL_SOCKPTR(&timeout),
				      sizeof(timeout));
	if (ret)
		return ret;
	return kernel_connect(socket, (void *)&address, sizeof(address), 0);
}

/*
 * Makes one attempt to connect, from @port.  It creates a new socket, because the kernel
 * does not bind a socket to a second port.
 */
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

/* Returns the privileged ports in turn, from the highest one down to 1. */
static u32 vmgl_vsock_next_port(void)
{
	u32 used = atomic_fetch_inc(&vmgl_vsock_ports_used);

	return VMGL_VSOCK_PRIVILEGED_PORTS - used % VMGL_VSOCK_PRIVILEGED_PORTS;
}

/*
 * Decides after @error whether to try another port, and counts the errors that have a limit.
 * With -EADDRINUSE, another socket of this machine uses the port.  With -ENOBUFS, the kernel
 * is out of buffers.  With -ECONNRESET the host may have reset the attempt, and with
 * -ETIMEDOUT it may have ignored the attempt, because the port was in use shortly before.
 * With -EPROTO, the kernel has received an unexpected packet.  The packet may belong to an
 * earlier connection from this port, so -EPROTO counts as a reset.
 */
static bool vmgl_vsock_is_another_port_worth_a_try(struct vmgl_vsock_faults *faults,
						   int error)
{
	switch (error) {
	case -EADDRINUSE:
		return true;
	case -ETIMEDOUT:
		return ++faults->timeouts < faults->timeouts_max;
	case -ENOBUFS:
		if (++faults->no_buffers == VMGL_VSOCK_NO_BUFFERS_MAX)
			return false;
		usleep_range(1000, 2000);
		return true;
	case -ECONNRESET:
	case -EPROTO:
		if (!READ_ONCE(vmgl_vsock_resets_are_worth_a_try))
			return false;
		if (++faults->resets < VMGL_VSOCK_RESETS_MAX)
			return true;
		WRITE_ONCE(vmgl_vsock_resets_are_worth_a_try, false);
		return false;
	default:
		return false;
	}
}

/* Returns whether connection @number is still wanted and not yet made. */
static bool vmgl_vsock_is_wanted(struct vmgl_vsock *vsock, u32 number)
{
	bool is_wanted;

	spin_lock(&vsock->lock);
	is_wanted = vsock->number == number &&
		    vsock->state == VMGL_VSOCK_CONNECTING;
	spin_unlock(&vsock->lock);
	return is_wanted;
}

static int vmgl_vsock_try_privileged(struct vmgl_vsock *vsock, u32 number)
{
	struct vmgl_vsock_faults faults = {
		/*
		 * Each attempt that times out takes VMGL_VSOCK_CONNECT_MS.  If wait_ms is shorter,
		 * the series ends at the first timeout.
		 */
		.timeouts_max = vsock->wait_ms / VMGL_VSOCK_CONNECT_MS,
	};
	unsigned int tries;
	int ret = 0;

	for (tries = 0; tries < VMGL_VSOCK_PRIVILEGED_PORTS; tries++) {
		if (!vmgl_vsock_is_wanted(vsock, number))
			return -ECANCELED;
		ret = vmgl_vsock_try(vsock, vmgl_vsock_next_port());
		if (!ret ||
		    !vmgl_vsock_is_another_port_worth_a_try(&faults, ret))
			break;
	}
	return ret;
}

static void vmgl_vsock_make(struct vmgl_vsock *vsock, u32 number)
{
	int ret;

	vsock->has_answered = false;
	ret = vsock->transport.is_privileged ?
	      vmgl_vsock_try_privileged(vsock, number) :
	      vmgl_vsock_try(vsock, VMADDR_PORT_ANY);
	if (!ret)
		WRITE_ONCE(vmgl_vsock_resets_are_worth_a_try, true);

	spin_lock(&vsock->lock);
	if (vsock->number != number || vsock->state != VMGL_VSOCK_CONNECTING)
		ret = -ECANCELED;
	else
		WRITE_ONCE(vsock->state, ret ? VMGL_VSOCK_FAILED :
					       VMGL_VSOCK_CONNECTED);
	spin_unlock(&vsock->lock);

	wake_up_all(&vsock->settled);
	if (ret)
		vmgl_vsock_release(vsock);
}

/*
 * Before a request is sent, nothing may be readable.  Data would be a protocol error.  End
 * of file means that the host has closed the connection.  In both cases this connection
 * cannot serve the request.  After -ECONNRESET, transport_choice.c or rpc.c sends the request
 * again, over a new connection or over the backdoor.
 */
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

/* Returns the time until @deadline in jiffies, or 0 if @deadline has passed. */
static unsigned long vmgl_vsock_time_left(unsigned long deadline)
{
	long left = (long)(deadline - jiffies);

	return max(left, 0L);
}

static int vmgl_vsock_send(struct vmgl_vsock *vsock,
			   const struct vmgl_vsock_exchange *exchange,
			   unsigned long deadline)
{
	u8 head[VMGL_DATAMAP_HEAD_SIZE];
	struct kvec vec[] = {
		{ .iov_base = head, .iov_len = sizeof(head) },
		{ .iov_base = (void *)exchange->request,
		  .iov_len = exchange->len },
	};
	size_t len = sizeof(head) + exchange->len;
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	int ret;

	vmgl_datamap_head(head, exchange->len);
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

static int vmgl_vsock_receive_packet(struct vmgl_vsock *vsock,
				     struct vmgl_vsock_exchange *exchange,
				     unsigned long deadline)
{
	struct vmgl_buffer *packet = &vsock->packet;
	u8 word[VMGL_DATAMAP_LENGTH_SIZE];
	u32 len;
	int ret;

	ret = vmgl_vsock_receive(vsock, word, sizeof(word), deadline);
	if (ret)
		return ret;
	len = vmgl_datamap_length(word);
	if (len > VMGL_VSOCK_PACKET_MAX)
		return -EMSGSIZE;
	ret = vmgl_buffer_resize(packet, len);
	if (ret)
		return ret;
	ret = vmgl_vsock_receive(vsock, packet->data, len, deadline);
	if (ret)
		return ret;
	ret = vmgl_datamap_decode(packet->data, len, &exchange->payload);
	if (ret)
		return ret;
	return exchange->payload.len > VMGUESTLIB_REPLY_MAX ? -EMSGSIZE : 0;
}

/* Sends a request and receives its reply. */
static int vmgl_vsock_serve(struct vmgl_vsock *vsock,
			    struct vmgl_vsock_exchange *exchange)
{
	/* See VMGL_VSOCK_CONNECT_MS. */
	bool has_time = vsock->has_answered || READ_ONCE(vsock->is_only);
	u32 timeout_ms = has_time ? vsock->timeout_ms : VMGL_VSOCK_CONNECT_MS;
	unsigned long deadline = jiffies + msecs_to_jiffies(timeout_ms);
	int ret;

	ret = vmgl_vsock_check_quiet(vsock->socket);
	if (!ret)
		ret = vmgl_vsock_send(vsock, exchange, deadline);
	if (!ret)
		ret = vmgl_vsock_receive_packet(vsock, exchange, deadline);
	vsock->has_answered = !ret;
	return ret;
}

/*
 * Ends the use of the connection.  Otherwise a late reply to the failed request would be
 * taken for the reply to the next request.
 */
static void vmgl_vsock_note_broken(struct vmgl_vsock *vsock)
{
	spin_lock(&vsock->lock);
	if (vsock->state == VMGL_VSOCK_CONNECTED)
		WRITE_ONCE(vsock->state, VMGL_VSOCK_CLOSED);
	spin_unlock(&vsock->lock);
}

/* Serves @exchange, and lets its caller continue.  Closes the connection after a failure. */
static void vmgl_vsock_answer(struct vmgl_vsock *vsock,
			      struct vmgl_vsock_exchange *exchange)
{
	int ret = vmgl_vsock_serve(vsock, exchange);

	if (ret)
		vmgl_vsock_note_broken(vsock);
	exchange->result = ret;
	complete(&exchange->done);
	/* Release the socket last, so that the caller does not wait for the release. */
	if (ret)
		vmgl_vsock_release(vsock);
}

static void vmgl_vsock_work(struct kthread_work *work)
{
	struct vmgl_vsock *vsock = container_of(work, struct vmgl_vsock, work);
	struct vmgl_vsock_exchange *exchange;
	u32 state, number;

	spin_lock(&vsock->lock);
	state = vsock->state;
	number = vsock->number;
	exchange = vsock->exchange;
	vsock->exchange = NULL;
	spin_unlock(&vsock->lock);

	if (state == VMGL_VSOCK_CONNECTED) {
		if (exchange)
			vmgl_vsock_answer(vsock, exchange);
		return;
	}
	if (exchange) {
		exchange->result = -ECONNRESET;
		complete(&exchange->done);
	}
	/* In any other state, a socket that still exists belongs to an earlier connection. */
	vmgl_vsock_release(vsock);
	if (state == VMGL_VSOCK_CONNECTING)
		vmgl_vsock_make(vsock, number);
}

/* Waits until the worker has sent the request and received the reply. */
static int vmgl_vsock_exchange(struct vmgl_transport *transport,
			       const void *request, size_t request_len,
			       struct vmgl_buffer *reply)
{
	struct vmgl_vsock *vsock = to_vsock(transport);
	struct vmgl_vsock_exchange exchange = {
		.request = request,
		.len = request_len,
	};
	int ret;

	init_completion(&exchange.done);
	spin_lock(&vsock->lock);
	vsock->exchange = &exchange;
	spin_unlock(&vsock->lock);
	kthread_queue_work(vsock->worker, &vsock->work);
	/* No timeout is needed, because each wait of the worker for the host has one. */
	wait_for_completion(&exchange.done);
	if (exchange.result)
		return exchange.result;

	ret = vmgl_buffer_resize(reply, exchange.payload.len);
	if (!ret)
		memcpy(reply->data, vsock->packet.data + exchange.payload.offset,
		       exchange.payload.len);
	return ret;
}

static int vmgl_vsock_open(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	vmgl_vsock_connect(vsock);
	/*
	 * Attempts that time out take at most wait_ms together, or VMGL_VSOCK_CONNECT_MS
	 * if wait_ms is shorter.  Wait longer than that, so that the caller gets the
	 * result of the last attempt.
	 */
	return vmgl_vsock_wait(vsock, vsock->wait_ms + VMGL_VSOCK_CONNECT_MS) ?
	       0 : -EIO;
}

/* Does not wait until the worker has closed the socket. */
static void vmgl_vsock_close(struct vmgl_transport *transport)
{
	struct vmgl_vsock *vsock = to_vsock(transport);

	spin_lock(&vsock->lock);
	WRITE_ONCE(vsock->state, VMGL_VSOCK_CLOSED);
	spin_unlock(&vsock->lock);
	wake_up_all(&vsock->settled);
	kthread_queue_work(vsock->worker, &vsock->work);
}

static const struct vmgl_transport_ops vmgl_vsock_ops = {
	.open = vmgl_vsock_open,
	.exchange = vmgl_vsock_exchange,
	.close = vmgl_vsock_close,
};

/**
 * vmgl_vsock_connect() - let the worker connect, unless connected or connecting
 * @vsock: the connection
 *
 * If connections are forbidden, the state becomes VMGL_VSOCK_FAILED.
 *
 * Context: Process context; does not sleep.
 */
void vmgl_vsock_connect(struct vmgl_vsock *vsock)
{
	bool is_new;

	spin_lock(&vsock->lock);
	is_new = vsock->state == VMGL_VSOCK_CLOSED ||
		 vsock->state == VMGL_VSOCK_FAILED;
	if (is_new && vsock->is_forbidden) {
		WRITE_ONCE(vsock->state, VMGL_VSOCK_FAILED);
		is_new = false;
	}
	if (is_new) {
		vsock->number++;
		WRITE_ONCE(vsock->state, VMGL_VSOCK_CONNECTING);
	}
	spin_unlock(&vsock->lock);
	if (is_new)
		kthread_queue_work(vsock->worker, &vsock->work);
}

/**
 * vmgl_vsock_wait() - wait until the connection is made, has failed or is closed
 * @vsock: the connection
 * @ms: longest wait, in ms
 *
 * Context: Process context; may sleep.
 * Return: true if the socket is connected; false otherwise, also after @ms.
 */
bool vmgl_vsock_wait(struct vmgl_vsock *vsock, u32 ms)
{
	wait_event_timeout(vsock->settled,
			   vmgl_vsock_state(vsock) != VMGL_VSOCK_CONNECTING,
			   msecs_to_jiffies(ms));
	return vmgl_vsock_state(vsock) == VMGL_VSOCK_CONNECTED;
}

/**
 * vmgl_vsock_flush() - wait until the worker is idle
 * @vsock: the connection
 *
 * Context: Process context; may sleep until a request in flight, a series of attempts to
 * connect and the release of the socket are over.
 */
void vmgl_vsock_flush(struct vmgl_vsock *vsock)
{
	if (vsock->worker)
		kthread_flush_worker(vsock->worker);
}

/**
 * vmgl_vsock_forbid() - close the connection, and make none until vmgl_vsock_permit()
 * @vsock: the connection; has no socket afterwards
 *
 * Context: Process context; may sleep, see vmgl_vsock_flush().
 */
void vmgl_vsock_forbid(struct vmgl_vsock *vsock)
{
	spin_lock(&vsock->lock);
	vsock->is_forbidden = true;
	spin_unlock(&vsock->lock);
	vmgl_vsock_close(&vsock->transport);
	vmgl_vsock_flush(vsock);
}

/**
 * vmgl_vsock_permit() - allow connections again
 * @vsock: the connection
 *
 * Context: Process context; does not sleep.
 */
void vmgl_vsock_permit(struct vmgl_vsock *vsock)
{
	spin_lock(&vsock->lock);
	vsock->is_forbidden = false;
	spin_unlock(&vsock->lock);
}

/**
 * vmgl_vsock_init() - initialize without a socket
 * @vsock: the connection, zeroed
 * @name: name of the worker thread, at most 15 characters
 * @is_privileged: whether the worker binds the socket to a privileged source port
 * @wait_ms: longest wait of a caller for a connection, in ms; not 0.  With
 *	transport=vsock, a caller waits up to VMGL_VSOCK_CONNECT_MS longer
 * @timeout_ms: timeout of a request and its reply, in ms.  The first request over a
 *	connection has VMGL_VSOCK_CONNECT_MS, unless transport=vsock
 *
 * Context: Process context; may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the calling task was killed.
 */
int vmgl_vsock_init(struct vmgl_vsock *vsock, const char *name,
		    bool is_privileged, u32 wait_ms, u32 timeout_ms)
{
	struct kthread_worker *worker;

	vsock->transport.ops = &vmgl_vsock_ops;
	vsock->transport.name = "vsock";
	vsock->transport.is_privileged = is_privileged;
	vsock->wait_ms = wait_ms;
	vsock->timeout_ms = timeout_ms;
	spin_lock_init(&vsock->lock);
	init_waitqueue_head(&vsock->settled);
	kthread_init_work(&vsock->work, vmgl_vsock_work);

	worker = vmgl_run_worker(name);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	vsock->worker = worker;
	return 0;
}

/**
 * vmgl_vsock_destroy() - close the connection, and release its worker and its memory
 * @vsock: the connection; no exchange is in flight
 *
 * Context: Process context; may sleep, see vmgl_vsock_flush().
 */
void vmgl_vsock_destroy(struct vmgl_vsock *vsock)
{
	vmgl_vsock_close(&vsock->transport);
	kthread_destroy_worker(vsock->worker);
	vmgl_buffer_free(&vsock->packet);
}
