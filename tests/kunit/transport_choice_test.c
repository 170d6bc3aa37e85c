// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the choice between the two transports, over a fake machine and fake sockets. */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_time.h"
#include "fake_vsock.h"
#include "transport_choice.h"

struct pair {
	struct vmgl_counters counters;
	struct vmgl_transports transports;
	struct vmgl_buffer reply;
};

static struct vmgl_transport *transport_of(struct kunit *test)
{
	struct pair *pair = test->priv;

	return &pair->transports.transport;
}

static int exchange(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);
	struct pair *pair = test->priv;

	return transport->ops->exchange(transport, "ask", 3, &pair->reply);
}

/* Returns the name of the transport that answers, or the error number as a text. */
static const char *answer(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);
	struct pair *pair = test->priv;
	static char text[16];
	int ret;

	ret = transport->ops->open(transport);
	if (!ret)
		ret = exchange(test);
	if (ret)
		snprintf(text, sizeof(text), "%d", ret);
	else
		snprintf(text, sizeof(text), "%.*s",
			 (int)pair->reply.len - 5,
			 (const char *)pair->reply.data + 5);
	if (!ret)
		KUNIT_EXPECT_STREQ(test, transport->name, text);
	return text;
}

static u64 counted(struct kunit *test, enum vmgl_counter which)
{
	struct pair *pair = test->priv;

	return vmgl_counted(&pair->counters, which);
}

static void init_transports(struct kunit *test, bool is_privileged, bool is_urgent)
{
	struct pair *pair = test->priv;
	const struct vmgl_transports_config config = {
		.name = "test",
		.is_privileged = is_privileged,
		.is_urgent = is_urgent,
		.wait_ms = 250,
		.timeout_ms = 1000,
	};

	KUNIT_ASSERT_EQ(test, vmgl_transports_init(&pair->transports, &pair->counters,
					      &config), 0);
}

static void sockets_are_preferred(struct kunit *test)
{
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	init_transports(test, true, false);
	KUNIT_EXPECT_STREQ(test, transport_of(test)->name, "backdoor");
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_TRUE(test, transport_of(test)->is_privileged);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");
	KUNIT_EXPECT_EQ(test, pair->transports.vsock.timeout_ms, 1000u);
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 0u);
}

static void urgent_requests(struct kunit *test)
{
	init_transports(test, true, true);
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 1u);
}

static void kernel_without_sockets(struct kunit *test)
{
	struct pair *pair = test->priv;

	init_transports(test, false, false);
	pair->transports.vsock.worker = NULL;
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 0u);
	transport_of(test)->ops->close(transport_of(test));
	KUNIT_EXPECT_FALSE(test, transport_of(test)->ops->open_privileged(
		transport_of(test)));
}

static void out_of_memory(struct kunit *test)
{
	const struct vmgl_transports_config config = { .name = "test" };
	struct pair *pair = test->priv;

	fake_vsock.init_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, vmgl_transports_init(&pair->transports, &pair->counters,
					      &config), -ENOMEM);
}

/* The delays are 4 s, 8 s and so on up to 300 s. No attempt comes one jiffy too early. */
static void delay_between_attempts_grows(struct kunit *test)
{
	static const unsigned int waits_s[] = {
		4, 8, 16, 32, 64, 128, 256, 300, 300,
	};
	unsigned int tries = 1;
	size_t i;

	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	for (i = 0; i < ARRAY_SIZE(waits_s); i++) {
		KUNIT_EXPECT_EQ(test, fake_vsock.tries, tries);
		fake_time_run_ms(1000 * waits_s[i] - 20);
		KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
		KUNIT_EXPECT_EQ(test, fake_vsock.tries, tries);
		fake_time_run_ms(20);
		KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
		tries++;
	}
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, tries);
	/* No request was sent over the failed connections, so there is no failover. */
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 0ULL);
}

/* The backdoor cannot replace a privileged sender of heartbeats: each attempt comes after 4 s. */
static void delay_of_urgent_requests(struct kunit *test)
{
	unsigned int tries;

	init_transports(test, true, true);
	for (tries = 1; tries < 10; tries++) {
		KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
		KUNIT_EXPECT_EQ(test, fake_vsock.tries, tries);
		fake_time_run_ms(4000);
	}
}

/*
 * A connection that takes longer than the wait of the first request is made in the background. The
 * following requests do not wait for it, and use it when it exists.
 */
static void late_connection_is_used(struct kunit *test)
{
	struct pair *pair = test->priv;
	u64 before_ms;

	fake_vsock.connects = true;
	fake_vsock.is_late = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	fake_time_run_ms(5000);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 0u);
	before_ms = fake_time_ms();
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_time_ms(), before_ms);

	fake_vsock_work();
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	/* The channel of the backdoor is closed, because the host has only a few. */
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 0u);
}

static const struct fail_case {
	const char *name;
	int error;
	unsigned int errors;
	const char *answer;
	u64 reopened;
	u64 failovers;
	unsigned int retry_s;
} fails[] = {
	{ "silent host", -ETIMEDOUT, 1, "backdoor", 0, 1, 4 },
	{ "malformed packet", -EPROTO, 1, "backdoor", 0, 1, 4 },
	{ "packet too long", -EMSGSIZE, 1, "backdoor", 0, 1, 4 },
	{ "dropped while idle", -ECONNRESET, 1, "vsock", 1, 0, 0 },
	{ "dropped again", -ECONNRESET, 2, "backdoor", 1, 1, 4 },
};

CASES(fails);

static void failure_of_a_connection(struct kunit *test)
{
	const struct fail_case *one = test->param_value;
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	fake_vsock.error = one->error;
	fake_vsock.errors = one->errors;
	KUNIT_EXPECT_STREQ(test, answer(test), one->answer);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_REOPENED),
			one->reopened);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS),
			one->failovers);
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, one->retry_s);
	KUNIT_EXPECT_EQ(test, transport_of(test)->was_repeated, !!one->failovers);
}

static void dropped_connection_that_cannot_be_made_again(struct kunit *test)
{
	fake_vsock.connects = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	fake_vsock.connects = false;
	fake_vsock.error = -ECONNRESET;
	fake_vsock.errors = 1;
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_REOPENED), 0ULL);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 1ULL);
}

/*
 * If a host accepts connections and never answers, the delay between attempts grows. Only the first
 * failover counts, because the others are no sign of a vMotion.
 */
static void connection_that_never_answers(struct kunit *test)
{
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	fake_vsock.error = -ETIMEDOUT;
	fake_vsock.errors = UINT_MAX;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 4u);

	fake_time_run_ms(4000);
	/* This request only starts the connection in the background. */
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 8u);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 8u);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 1ULL);
	/* The channel was kept, so that its loss would show a vMotion. */
	KUNIT_EXPECT_EQ(test, fake_machine.steps['O'], 1u);

	fake_vsock.errors = 0;
	fake_time_run_ms(8000);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 0u);
}

/* The delay also grows if the connection was made for a request that needs a privileged sender. */
static void needed_connection_that_never_answers(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	fake_vsock.error = -ETIMEDOUT;
	fake_vsock.errors = UINT_MAX;
	init_transports(test, true, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 4u);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_TRUE(test, transport->ops->open_privileged(transport));
	KUNIT_EXPECT_EQ(test, transport->ops->exchange(transport, "help", 4, &pair->reply), 0);
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 8u);
}

/* No other transport is tried, because it would fail as well. */
static void out_of_memory_for_a_reply(struct kunit *test)
{
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	fake_vsock.no_memory = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "-12");
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 0ULL);
	KUNIT_EXPECT_EQ(test, pair->transports.retry_s, 0u);
}

static void no_transport_at_all(struct kunit *test)
{
	fake_machine.faults[0] = (struct fake_fault) { 'O' };
	fake_vsock.connects = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	fake_vsock.error = -ETIMEDOUT;
	fake_vsock.errors = 1;
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
}

static void sockets_only(struct kunit *test)
{
	struct pair *pair = test->priv;

	vmgl_transports_choose(VMGL_TRANSPORT_VSOCK);
	KUNIT_EXPECT_EQ(test, (int)vmgl_transports_chosen(),
			(int)VMGL_TRANSPORT_VSOCK);
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");

	fake_vsock.connects = true;
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_TRUE(test, pair->transports.vsock.is_only);
	fake_vsock.errors = 2;
	fake_vsock.error = -ECONNRESET;
	/* For this error the rpc layer opens a new connection. */
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
	fake_vsock.error = -ETIMEDOUT;
	KUNIT_EXPECT_STREQ(test, answer(test), "-110");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");
}

static void backdoor_only(struct kunit *test)
{
	struct pair *pair = test->priv;

	fake_vsock.connects = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	vmgl_transports_choose(VMGL_TRANSPORT_BACKDOOR);
	transport_of(test)->ops->close(transport_of(test));
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_FALSE(test, transport_of(test)->ops->open_privileged(
		transport_of(test)));

	vmgl_transports_choose(VMGL_TRANSPORT_AUTO);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_FALSE(test, pair->transports.vsock.is_only);
}

static void privilege_comes_with_sockets(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);

	init_transports(test, true, false);
	KUNIT_EXPECT_FALSE(test, transport->ops->open_privileged(transport));
	fake_vsock.connects = true;
	KUNIT_EXPECT_FALSE(test, transport->ops->open_privileged(transport));
	fake_time_run_ms(4000);
	/* Only VMCI sockets have privileged senders, so the caller waits for a new connection. */
	KUNIT_EXPECT_TRUE(test, transport->ops->open_privileged(transport));
	/* When sockets are forbidden, no sender is privileged, even if a socket is connected. */
	vmgl_transports_choose(VMGL_TRANSPORT_BACKDOOR);
	KUNIT_EXPECT_FALSE(test, transport->ops->open_privileged(transport));
}

/* Writing the parameter ends the delay: an administrator may have repaired the cause. */
static void choice_forgets_failures(struct kunit *test)
{
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	fake_vsock.connects = true;
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	vmgl_transports_choose(VMGL_TRANSPORT_AUTO);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
}

static void close_either(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);

	fake_vsock.connects = true;
	init_transports(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	transport->ops->close(transport);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);

	vmgl_transports_choose(VMGL_TRANSPORT_BACKDOOR);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_TRUE(test, fake_machine.is_open);
	transport->ops->close(transport);
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
}

static int init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct pair), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	fake_time_reset();
	fake_below_reset();
	fake_vsock_reset();
	fake_vsock.reply = "1 by vsock";
	fake_machine_reset();
	fake_machine_answer("1 by backdoor");
	vmgl_transports_choose(VMGL_TRANSPORT_AUTO);
	return 0;
}

static void leave(struct kunit *test)
{
	struct pair *pair = test->priv;

	vmgl_transports_choose(VMGL_TRANSPORT_AUTO);
	if (!pair)
		return;
	vmgl_transports_destroy(&pair->transports);
	vmgl_buffer_free(&pair->reply);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sockets_are_preferred),
	KUNIT_CASE(urgent_requests),
	KUNIT_CASE(kernel_without_sockets),
	KUNIT_CASE(out_of_memory),
	KUNIT_CASE(delay_between_attempts_grows),
	KUNIT_CASE(delay_of_urgent_requests),
	KUNIT_CASE(late_connection_is_used),
	KUNIT_CASE_PARAM(failure_of_a_connection, fails_gen_params),
	KUNIT_CASE(dropped_connection_that_cannot_be_made_again),
	KUNIT_CASE(connection_that_never_answers),
	KUNIT_CASE(needed_connection_that_never_answers),
	KUNIT_CASE(out_of_memory_for_a_reply),
	KUNIT_CASE(no_transport_at_all),
	KUNIT_CASE(sockets_only),
	KUNIT_CASE(backdoor_only),
	KUNIT_CASE(privilege_comes_with_sockets),
	KUNIT_CASE(choice_forgets_failures),
	KUNIT_CASE(close_either),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_transport_choice",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
