// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of one connection over fake VMCI sockets: its wanted state, ports and packets. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmguestlib.h>

#include "cases.h"
#include "datamap.h"
#include "fake_time.h"
#include "fake_vsock.h"
#include "vsock.h"

#define TIMEOUT_MS	1000
#define CONNECT_MS	500
#define WAIT_MS		1000

struct connection {
	struct vmgl_vsock vsock;
	struct vmgl_buffer reply;
};

static struct vmgl_vsock *vsock_of(struct kunit *test)
{
	struct connection *connection = test->priv;

	return &connection->vsock;
}

static void init_vsock(struct kunit *test, bool is_privileged)
{
	KUNIT_ASSERT_EQ(test, vmgl_vsock_init(vsock_of(test), "test",
					      is_privileged, WAIT_MS,
					      TIMEOUT_MS), 0);
}

static void open(struct kunit *test)
{
	struct vmgl_transport *transport = &vsock_of(test)->transport;

	fake_vsock.connects = true;
	KUNIT_ASSERT_EQ(test, transport->ops->open(transport), 0);
}

static void close(struct vmgl_vsock *vsock)
{
	vsock->transport.ops->close(&vsock->transport);
}

static int ask(struct kunit *test)
{
	struct connection *connection = test->priv;
	struct vmgl_transport *transport = &connection->vsock.transport;

	return transport->ops->exchange(transport, "ask", 3, &connection->reply);
}

static int state(struct kunit *test)
{
	return vmgl_vsock_state(vsock_of(test));
}

/* --- The wanted state -------------------------------------------------------- */

static void connect_and_close(struct kunit *test)
{
	init_vsock(test, false);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
	open(test);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 1);
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);
	close(vsock_of(test));
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
}

static void failed(struct kunit *test)
{
	struct vmgl_transport *transport = &vsock_of(test)->transport;

	init_vsock(test, false);
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_FAILED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_EQ(test, ask(test), -ECONNRESET);
}

/* If callers change the wanted state several times before the worker runs, the last counts. */
static void last_wanted_state_counts(struct kunit *test)
{
	struct vmgl_vsock *vsock = vsock_of(test);

	init_vsock(test, false);
	open(test);
	fake_vsock.is_late = true;
	close(vsock);
	vmgl_vsock_connect(vsock);
	close(vsock);
	fake_vsock_work();
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);

	vmgl_vsock_connect(vsock);
	close(vsock);
	vmgl_vsock_connect(vsock);
	fake_vsock_work();
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 1);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
}

/* If a caller closes and connects again, the worker makes a new connection. */
static void new_connection_after_a_close(struct kunit *test)
{
	struct vmgl_vsock *vsock = vsock_of(test);

	init_vsock(test, false);
	open(test);
	fake_vsock.is_late = true;
	close(vsock);
	vmgl_vsock_connect(vsock);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTING);
	fake_vsock_work();
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTED);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 1);
}

static void close_now(void *data)
{
	fake_vsock.during = NULL;
	close(data);
}

static void close_and_connect_now(void *data)
{
	close_now(data);
	vmgl_vsock_connect(data);
}

static void connect_now(void *data)
{
	fake_vsock.during = NULL;
	vmgl_vsock_connect(data);
}

static void forbid_now(void *data)
{
	fake_vsock.during = NULL;
	vmgl_vsock_forbid(data);
}

static void closed_while_it_connects(struct kunit *test)
{
	init_vsock(test, false);
	fake_vsock.connects = true;
	fake_vsock.during = close_now;
	fake_vsock.data = vsock_of(test);
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);
}

/* The connection that is being made was closed, so a second one is made. */
static void asked_for_again_while_it_connects(struct kunit *test)
{
	init_vsock(test, false);
	fake_vsock.connects = true;
	fake_vsock.during = close_and_connect_now;
	fake_vsock.data = vsock_of(test);
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTED);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 1);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
}

/* A second call of vmgl_vsock_connect() makes no second connection. */
static void wanted_again_while_it_connects(struct kunit *test)
{
	init_vsock(test, false);
	fake_vsock.connects = true;
	fake_vsock.during = connect_now;
	fake_vsock.data = vsock_of(test);
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CONNECTED);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);
}

/* vmgl_vsock_forbid() closes the connection, and later attempts to connect fail. */
static void forbidden(struct kunit *test)
{
	struct vmgl_transport *transport = &vsock_of(test)->transport;

	init_vsock(test, false);
	open(test);
	vmgl_vsock_forbid(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_FAILED);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);
	vmgl_vsock_permit(vsock_of(test));
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
	/* vmgl_vsock_forbid() waits for a worker that runs late. */
	fake_vsock.is_late = true;
	vmgl_vsock_forbid(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
}

/* After forbidding no other port is tried, and the new connection is closed. */
static void forbidden_while_it_connects(struct kunit *test)
{
	init_vsock(test, true);
	fake_vsock.connects = true;
	fake_vsock.connect_errors[0] = -ETIMEDOUT;
	fake_vsock.during = forbid_now;
	fake_vsock.data = vsock_of(test);
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);

	vmgl_vsock_permit(vsock_of(test));
	fake_vsock.during = forbid_now;
	vmgl_vsock_connect(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
}

/* --- Source ports ------------------------------------------------------------ */

static u32 port_after(u32 port)
{
	return port > 1 ? port - 1 : 1023;
}

static void any_port(struct kunit *test)
{
	init_vsock(test, false);
	open(test);
	KUNIT_EXPECT_EQ(test, fake_vsock.ports[0], ~0u);
}

/* Each connection uses the next port, and not the one that was used shortly before. */
static void each_port_in_its_turn(struct kunit *test)
{
	u32 last, i;

	init_vsock(test, true);
	open(test);
	last = fake_vsock.ports[0];
	for (i = 0; i < 2048; i++) {
		close(vsock_of(test));
		fake_vsock.tries = 0;
		open(test);
		if (fake_vsock.ports[0] != port_after(last))
			break;
		last = fake_vsock.ports[0];
	}
	KUNIT_EXPECT_EQ(test, i, 2048u);
}

static void port_that_times_out(struct kunit *test)
{
	init_vsock(test, true);
	fake_vsock.connect_ms = CONNECT_MS;
	fake_vsock.connect_errors[0] = -ETIMEDOUT;
	open(test);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
	KUNIT_EXPECT_EQ(test, fake_vsock.ports[1],
			port_after(fake_vsock.ports[0]));
}

/* After two timeouts the ports are not the cause, so no third port is tried. */
static void host_that_does_not_answer(struct kunit *test)
{
	struct vmgl_transport *transport = &vsock_of(test)->transport;

	init_vsock(test, true);
	fake_vsock.connect_ms = CONNECT_MS;
	fake_vsock.connect_errors[0] = -ETIMEDOUT;
	fake_vsock.connect_errors[1] = -ETIMEDOUT;
	fake_vsock.connects = true;
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 2u);
}

/* A caller with a shorter wait uses the other transport, so no second port is tried. */
static void port_that_times_out_with_a_short_wait(struct kunit *test)
{
	struct vmgl_vsock *vsock = vsock_of(test);

	init_vsock(test, true);
	vsock->wait_ms = CONNECT_MS / 2;
	fake_vsock.connect_ms = CONNECT_MS;
	fake_vsock.connects = true;
	fake_vsock.connect_errors[0] = -ETIMEDOUT;
	vmgl_vsock_connect(vsock);
	KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_FAILED);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);
	/* The next attempt uses the next port. */
	open(test);
	KUNIT_EXPECT_EQ(test, fake_vsock.ports[1],
			port_after(fake_vsock.ports[0]));
}

static void ports_that_are_reset(struct kunit *test)
{
	struct vmgl_transport *transport = &vsock_of(test)->transport;
	unsigned int i;

	init_vsock(test, true);
	fake_vsock.connect_errors[0] = -EADDRINUSE;
	fake_vsock.connect_errors[1] = -ECONNRESET;
	fake_vsock.connect_errors[2] = -EPROTO;
	fake_vsock.connect_errors[3] = -ENOBUFS;
	open(test);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 5u);
	close(vsock_of(test));

	for (i = 0; i < FAKE_PORTS_MAX; i++)
		fake_vsock.connect_errors[i] = -ECONNRESET;
	fake_vsock.tries = 0;
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 8u);
	/* The host resets every port, so the next open tries only one. */
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 9u);

	/* After a port was not reset, an open tries up to eight ports again. */
	memset(fake_vsock.connect_errors, 0, sizeof(fake_vsock.connect_errors));
	open(test);
	close(vsock_of(test));
	for (i = 0; i < FAKE_PORTS_MAX; i++)
		fake_vsock.connect_errors[i] = -ECONNRESET;
	fake_vsock.tries = 0;
	KUNIT_EXPECT_EQ(test, transport->ops->open(transport), -EIO);
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 8u);
	memset(fake_vsock.connect_errors, 0, sizeof(fake_vsock.connect_errors));
	open(test);
}

/* --- Packets ----------------------------------------------------------------- */

static void request_and_reply(struct kunit *test)
{
	struct connection *connection = test->priv;
	u8 head[VMGL_DATAMAP_HEAD_SIZE];

	init_vsock(test, false);
	open(test);
	fake_vsock.reply = "1 a reply that is longer than the next";
	KUNIT_ASSERT_EQ(test, ask(test), 0);
	fake_vsock.reply = "1 short";
	KUNIT_ASSERT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_EQ(test, connection->reply.len, strlen("1 short"));
	KUNIT_EXPECT_EQ(test, memcmp(connection->reply.data, "1 short",
				     strlen("1 short")), 0);

	vmgl_datamap_head(head, 3);
	KUNIT_EXPECT_EQ(test, fake_vsock.request_len, sizeof(head) + 3);
	KUNIT_EXPECT_EQ(test, memcmp(fake_vsock.request, head, sizeof(head)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(fake_vsock.request + sizeof(head), "ask", 3),
			0);
}

/* The buffer of a reply is charged to the task that lets it grow. */
static void reply_is_charged_to_the_caller(struct kunit *test)
{
	struct connection *connection = test->priv;

	init_vsock(test, false);
	open(test);
	KUNIT_ASSERT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.charged, connection->reply.capacity);
}

static const struct trouble_case {
	const char *name;
	int error;
	int result;
} troubles[] = {
	{ "silence", -ETIMEDOUT, -ETIMEDOUT },
	{ "end", -ECONNRESET, -ECONNRESET },
	{ "no payload", -EPROTO, -EPROTO },
	{ "too long", -EMSGSIZE, -EMSGSIZE },
};

static void errors_of_an_exchange(struct kunit *test)
{
	size_t i;

	init_vsock(test, false);
	for (i = 0; i < ARRAY_SIZE(troubles); i++) {
		open(test);
		fake_vsock.error = troubles[i].error;
		fake_vsock.errors = 1;
		KUNIT_EXPECT_EQ_MSG(test, ask(test), troubles[i].result, "%s",
				    troubles[i].name);
		KUNIT_EXPECT_EQ(test, state(test), (int)VMGL_VSOCK_CLOSED);
		KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	}
}

/* The limits of the length of a packet and of the reply in it */
static const struct length_case {
	const char *name;
	u32 len;
	int result;
} lengths[] = {
	{ "the longest", VMGUESTLIB_REPLY_MAX, 0 },
	{ "too long by one", VMGUESTLIB_REPLY_MAX + 1, -EMSGSIZE },
};

CASES(lengths);

static void length_of_a_reply(struct kunit *test)
{
	const struct length_case *one = test->param_value;
	u8 *packet = kvzalloc(VMGL_DATAMAP_HEAD_SIZE + one->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, packet);
	vmgl_datamap_head(packet, one->len);
	init_vsock(test, false);
	open(test);
	fake_vsock.packet = packet;
	fake_vsock.packet_len = VMGL_DATAMAP_HEAD_SIZE + one->len;
	KUNIT_EXPECT_EQ(test, ask(test), one->result);
	fake_vsock.packet = NULL;
	kvfree(packet);
}

static void bytes_before_the_request(struct kunit *test)
{
	init_vsock(test, false);
	open(test);
	fake_vsock.leftover = true;
	KUNIT_EXPECT_EQ(test, ask(test), -ECONNRESET);
	KUNIT_EXPECT_EQ(test, fake_vsock.exchanges, 0u);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
}

/* After the first answer over a connection, the timeout of the next request is longer. */
static void time_for_an_answer(struct kunit *test)
{
	u64 began;

	init_vsock(test, false);
	open(test);
	fake_vsock.error = -ETIMEDOUT;
	fake_vsock.errors = 1;
	began = fake_time_ms();
	KUNIT_EXPECT_EQ(test, ask(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - began, (u64)CONNECT_MS);

	open(test);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	fake_vsock.errors = 1;
	began = fake_time_ms();
	KUNIT_EXPECT_EQ(test, ask(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - began, (u64)TIMEOUT_MS);

	/* A new connection has not been answered yet, so its timeout is short again. */
	open(test);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	close(vsock_of(test));
	open(test);
	fake_vsock.errors = 1;
	began = fake_time_ms();
	KUNIT_EXPECT_EQ(test, ask(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - began, (u64)CONNECT_MS);

	/* Without another transport the timeout is long from the start. */
	WRITE_ONCE(vsock_of(test)->is_only, true);
	open(test);
	fake_vsock.errors = 1;
	began = fake_time_ms();
	KUNIT_EXPECT_EQ(test, ask(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - began, (u64)TIMEOUT_MS);
}

/* The timeout is for the whole packet, not for each part of it. */
static void packet_in_small_parts(struct kunit *test)
{
	u64 began;

	init_vsock(test, false);
	open(test);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	fake_vsock.chunk = 1;
	fake_vsock.chunk_ms = 100;
	began = fake_time_ms();
	KUNIT_EXPECT_EQ(test, ask(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - began, (u64)TIMEOUT_MS);

	open(test);
	fake_vsock.chunk_ms = 0;
	KUNIT_EXPECT_EQ(test, ask(test), 0);
}

/* Packets that were not handled have references to the socket, so closing waits for them. */
static void packets_that_were_not_handled(struct kunit *test)
{
	fake_vsock.packets = 3;
	init_vsock(test, false);
	open(test);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.sleeps, 0);
	vmgl_vsock_forbid(vsock_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.sleeps, 3);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
}

static int init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct connection), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	fake_time_reset();
	fake_vsock_reset();
	return 0;
}

static void leave(struct kunit *test)
{
	struct connection *connection = test->priv;

	if (!connection)
		return;
	fake_vsock.is_late = false;
	if (connection->vsock.worker)
		vmgl_vsock_destroy(&connection->vsock);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	vmgl_buffer_free(&connection->reply);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(connect_and_close),
	KUNIT_CASE(failed),
	KUNIT_CASE(last_wanted_state_counts),
	KUNIT_CASE(new_connection_after_a_close),
	KUNIT_CASE(closed_while_it_connects),
	KUNIT_CASE(asked_for_again_while_it_connects),
	KUNIT_CASE(wanted_again_while_it_connects),
	KUNIT_CASE(forbidden),
	KUNIT_CASE(forbidden_while_it_connects),
	KUNIT_CASE(any_port),
	KUNIT_CASE(each_port_in_its_turn),
	KUNIT_CASE(port_that_times_out),
	KUNIT_CASE(host_that_does_not_answer),
	KUNIT_CASE(port_that_times_out_with_a_short_wait),
	KUNIT_CASE(ports_that_are_reset),
	KUNIT_CASE(request_and_reply),
	KUNIT_CASE(reply_is_charged_to_the_caller),
	KUNIT_CASE(errors_of_an_exchange),
	KUNIT_CASE_PARAM(length_of_a_reply, lengths_gen_params),
	KUNIT_CASE(bytes_before_the_request),
	KUNIT_CASE(time_for_an_answer),
	KUNIT_CASE(packet_in_small_parts),
	KUNIT_CASE(packets_that_were_not_handled),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_vsock",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
