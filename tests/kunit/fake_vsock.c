// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake sockets: an RPC server that answers every request with the same packet. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/vm_sockets.h>
#include <net/sock.h>

#include "datamap.h"
#include "fake_time.h"
#include "fake_vsock.h"

#define STREAM_MAX	1024
#define WORKS_MAX	4

struct fake_vsock fake_vsock;

static struct kthread_worker the_worker;
static struct kthread_work *queue[WORKS_MAX];
static bool is_working;

/* Bytes that the host has sent over the latest connection, and that were not received yet */
static u8 made[STREAM_MAX];
static const u8 *stream;
static size_t stream_len, stream_at;
static bool is_silent, is_dropped;
static struct sock *closing;

static int take_option(struct socket *socket, int level, int name, sockptr_t value,
		       unsigned int len)
{
	return 0;
}

static const struct proto_ops socket_ops = { .setsockopt = take_option };

void fake_vsock_reset(void)
{
	fake_vsock = (struct fake_vsock) { .reply = "1 by vsock" };
	memset(queue, 0, sizeof(queue));
	is_working = false;
}

/* Runs the queued work items in their order, as the thread of the worker would. */
void fake_vsock_work(void)
{
	struct kthread_work *work;

	if (is_working)
		return;
	is_working = true;
	while ((work = queue[0])) {
		memmove(queue, queue + 1, sizeof(queue) - sizeof(queue[0]));
		queue[WORKS_MAX - 1] = NULL;
		work->func(work);
	}
	is_working = false;
}

bool fake_vsock_queue_work(struct kthread_work *work)
{
	size_t i;

	for (i = 0; i < WORKS_MAX && queue[i]; i++)
		if (queue[i] == work)
			return false;
	if (WARN_ON(i == WORKS_MAX))
		return false;
	queue[i] = work;
	if (!fake_vsock.is_late)
		fake_vsock_work();
	return true;
}

void fake_vsock_wait(struct completion *done)
{
	fake_vsock_work();
	WARN_ON(!completion_done(done));
}

struct kthread_worker *fake_vsock_run_worker(const char *name)
{
	return fake_vsock.init_error ? ERR_PTR(fake_vsock.init_error) :
				       &the_worker;
}

void fake_vsock_destroy_worker(struct kthread_worker *worker)
{
	fake_vsock_work();
}

void *fake_vsock_alloc(size_t size, unsigned int flags)
{
	if (fake_vsock.no_memory)
		return NULL;
	/* The worker does not run for a caller, so memory of the worker is never charged. */
	if (flags & __GFP_ACCOUNT && !is_working)
		fake_vsock.charged += size;
	return kvzalloc(size, flags);
}

int fake_sock_create(struct socket **socket)
{
	struct sock *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	*socket = kzalloc(sizeof(**socket), GFP_KERNEL);
	if (!sk || !*socket) {
		kfree(*socket);
		kfree(sk);
		return -ENOMEM;
	}
	refcount_set(&sk->sk_refcnt, 1 + fake_vsock.packets);
	(*socket)->ops = &socket_ops;
	(*socket)->sk = sk;
	fake_vsock.sockets++;
	return 0;
}

/* Drops a reference. The last one frees the socket. */
void fake_sock_put(struct sock *sk)
{
	if (!refcount_dec_and_test(&sk->sk_refcnt))
		return;
	fake_vsock.sockets--;
	kfree(sk);
}

void fake_sock_release(struct socket *socket)
{
	closing = socket->sk;
	fake_sock_put(socket->sk);
	kfree(socket);
}

/* During the sleep the kernel handles one received packet of the closed socket. */
void fake_vsock_sleep(void)
{
	fake_vsock.sleeps++;
	fake_sock_put(closing);
}

int fake_bind(struct socket *socket, const void *address)
{
	const struct sockaddr_vm *vm = address;

	if (fake_vsock.tries < FAKE_PORTS_MAX)
		fake_vsock.ports[fake_vsock.tries] = vm->svm_port;
	return 0;
}

int fake_connect(struct socket *socket)
{
	unsigned int nr = fake_vsock.tries++;

	fake_time_stun_ms(fake_vsock.connect_ms);
	if (fake_vsock.during)
		fake_vsock.during(fake_vsock.data);
	stream_len = 0;
	stream_at = 0;
	is_dropped = false;
	if (nr < FAKE_PORTS_MAX && fake_vsock.connect_errors[nr])
		return fake_vsock.connect_errors[nr];
	return fake_vsock.connects ? 0 : -ENODEV;
}

/* The caller keeps @packet until the guest has received it. */
static void answer(const void *packet, size_t len)
{
	stream = packet;
	stream_len = len;
	stream_at = 0;
}

static void answer_with_reply(void)
{
	size_t len = strlen(fake_vsock.reply);

	vmgl_datamap_head(made, len);
	memcpy(made + VMGL_DATAMAP_HEAD_SIZE, fake_vsock.reply, len);
	answer(made, VMGL_DATAMAP_HEAD_SIZE + len);
}

static void fail(int error)
{
	static const u8 empty[VMGL_DATAMAP_LENGTH_SIZE];
	static const u8 endless[VMGL_DATAMAP_LENGTH_SIZE] = { 0xff };

	switch (error) {
	case -ETIMEDOUT:
		is_silent = true;
		break;
	case -EPROTO:
		answer(empty, sizeof(empty));
		break;
	case -EMSGSIZE:
		answer(endless, sizeof(endless));
		break;
	default:
		is_dropped = true;
	}
}

static void note(const struct kvec *vec, size_t count)
{
	size_t i;

	fake_vsock.exchanges++;
	fake_vsock.request_len = 0;
	for (i = 0; i < count; i++) {
		if (fake_vsock.request_len + vec[i].iov_len > FAKE_REQUEST_BYTES)
			return;
		memcpy(fake_vsock.request + fake_vsock.request_len,
		       vec[i].iov_base, vec[i].iov_len);
		fake_vsock.request_len += vec[i].iov_len;
	}
}

int fake_send(struct socket *socket, const struct kvec *vec, size_t count,
	      size_t len)
{
	note(vec, count);
	is_silent = false;
	if (fake_vsock.errors) {
		fake_vsock.errors--;
		fail(fake_vsock.error);
	} else if (fake_vsock.packet) {
		answer(fake_vsock.packet, fake_vsock.packet_len);
	} else {
		answer_with_reply();
	}
	return len;
}

static bool passes(struct socket *socket, u32 ms)
{
	u32 left_ms = jiffies_to_msecs(socket->sk->sk_rcvtimeo);

	fake_time_stun_ms(min(ms, left_ms));
	return ms <= left_ms;
}

int fake_receive(struct socket *socket, struct kvec *vec, size_t len, int flags)
{
	if (flags & MSG_DONTWAIT)
		return fake_vsock.leftover ? 1 : -EAGAIN;
	if (is_dropped)
		return 0;
	if (is_silent || stream_at == stream_len) {
		passes(socket, jiffies_to_msecs(socket->sk->sk_rcvtimeo));
		return -EAGAIN;
	}
	if (!passes(socket, fake_vsock.chunk_ms))
		return -EAGAIN;
	len = min(len, stream_len - stream_at);
	if (fake_vsock.chunk)
		len = min(len, fake_vsock.chunk);
	memcpy(vec->iov_base, stream + stream_at, len);
	stream_at += len;
	return len;
}
