/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Fake sockets for vsock.c. A test sets how they behave.
 */
#ifndef VMGL_KUNIT_FAKE_VSOCK_H
#define VMGL_KUNIT_FAKE_VSOCK_H

#include <linux/types.h>

struct completion;
struct kthread_work;
struct kthread_worker;
struct kvec;
struct msghdr;
struct sock;
struct socket;

#define FAKE_PORTS_MAX		16
#define FAKE_REQUEST_BYTES	256

/**
 * struct fake_vsock - how the sockets behave, and what was done with them
 * @init_error: error of vmgl_vsock_init(), or 0
 * @connects: whether an attempt to connect succeeds
 * @connect_errors: errors of the first attempts to connect; for an error of 0, @connects counts
 * @connect_ms: duration of an attempt to connect
 * @is_late: whether the worker runs only when the test calls fake_vsock_work()
 * @error: error of a request, or 0
 * @errors: number of requests that fail with @error
 * @no_memory: whether the allocation of a packet or a reply fails
 * @reply: payload of the packet that answers a request
 * @packet: packet that is sent instead of one with @reply, or NULL
 * @packet_len: length of @packet
 * @chunk: number of bytes that are received at once; 0: all
 * @chunk_ms: duration of the reception of a chunk
 * @packets: packets that a socket has received and not handled when it is closed
 * @leftover: whether bytes can be received before a request was sent
 * @during: function that each attempt to connect calls, or NULL
 * @data: argument of @during
 * @tries: number of attempts to connect
 * @ports: source ports of these attempts
 * @exchanges: number of requests
 * @sockets: number of open sockets
 * @sleeps: number of waits for packets to be handled
 * @charged: bytes that were allocated on behalf of the caller
 * @request: last packet that was received
 * @request_len: length of @request
 */
struct fake_vsock {
	int init_error;
	bool connects;
	int connect_errors[FAKE_PORTS_MAX];
	u32 connect_ms;
	bool is_late;
	int error;
	unsigned int errors;
	bool no_memory;
	const char *reply;
	const u8 *packet;
	size_t packet_len;
	size_t chunk;
	u32 chunk_ms;
	unsigned int packets;
	bool leftover;
	void (*during)(void *data);
	void *data;

	unsigned int tries;
	u32 ports[FAKE_PORTS_MAX];
	unsigned int exchanges;
	int sockets;
	unsigned int sleeps;
	size_t charged;
	u8 request[FAKE_REQUEST_BYTES];
	size_t request_len;
};

extern struct fake_vsock fake_vsock;

void fake_vsock_reset(void);
void fake_vsock_work(void);

struct kthread_worker *fake_vsock_run_worker(const char *name);
void fake_vsock_destroy_worker(struct kthread_worker *worker);
bool fake_vsock_queue_work(struct kthread_work *work);
void fake_vsock_wait(struct completion *done);
void *fake_vsock_alloc(size_t size, unsigned int flags);

int fake_sock_create(struct socket **socket);
void fake_sock_release(struct socket *socket);
void fake_sock_put(struct sock *sk);
void fake_vsock_sleep(void);
int fake_bind(struct socket *socket, const void *address);
int fake_connect(struct socket *socket);
int fake_send(struct socket *socket, const struct kvec *vec, size_t count,
	      size_t len);
int fake_receive(struct socket *socket, struct kvec *vec, size_t len, int flags);

#endif
