/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Sockets below vsock.c, all of which behave as the test wants.
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
 * struct fake_vsock - how they behave
 * @init_error: of the next vmgl_vsock_init()
 * @connects: a try to connect succeeds
 * @connect_errors: of the first tries in place of @connects, up to the first 0
 * @connect_ms: a try takes so long
 * @is_late: the worker does not run until the test calls fake_vsock_work()
 * @error: what a request comes to
 * @errors: so many requests, then none
 * @no_memory: for a packet or a reply
 * @reply: payload of the packet that answers
 * @packet: sent instead of one made of @reply; NULL: none
 * @packet_len: its length
 * @chunk: so many bytes are received at once; 0: all
 * @chunk_ms: and each chunk takes so long
 * @packets: received by each socket and not handled before it is closed
 * @leftover: bytes that can be read before a request was sent
 * @during: called within each try to connect, may be NULL
 * @data: for @during
 * @tries: connections tried
 * @ports: that they were bound to
 * @exchanges: requests that came
 * @sockets: that are open
 * @sleeps: waits for packets to be handled
 * @charged: bytes allocated on behalf of the caller
 * @request: received last, with what is in front of it
 * @request_len: its length
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
