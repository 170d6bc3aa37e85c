// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The choice between the two doors, over a fake machine and fake sockets. */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "cases.h"
#include "doors.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_time.h"
#include "fake_vsock.h"

struct house {
	struct vmgl_counters counters;
	struct vmgl_doors doors;
	struct vmgl_buffer reply;
};

static struct vmgl_transport *transport_of(struct kunit *test)
{
	struct house *house = test->priv;

	return &house->doors.transport;
}

static int exchange(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);
	struct house *house = test->priv;

	return transport->ops->exchange(transport, "ask", 3, &house->reply);
}

/* Which door answers: its name, or the error number as a text. */
static const char *answer(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);
	struct house *house = test->priv;
	static char text[16];
	int ret;

	ret = transport->ops->open(transport);
	if (!ret)
		ret = exchange(test);
	if (ret)
		snprintf(text, sizeof(text), "%d", ret);
	else
		snprintf(text, sizeof(text), "%.*s",
			 (int)house->reply.len - 5,
			 (const char *)house->reply.data + 5);
	if (!ret)
		KUNIT_EXPECT_STREQ(test, transport->name, text);
	return text;
}

static u64 counted(struct kunit *test, enum vmgl_counter which)
{
	struct house *house = test->priv;

	return vmgl_counted(&house->counters, which);
}

static void init_doors(struct kunit *test, bool is_privileged, bool is_urgent)
{
	struct house *house = test->priv;
	const struct vmgl_doors_terms terms = {
		.name = "test",
		.is_privileged = is_privileged,
		.is_urgent = is_urgent,
		.patience_ms = 1000,
	};

	KUNIT_ASSERT_EQ(test, vmgl_doors_init(&house->doors, &house->counters,
					      &terms), 0);
}

static void sockets_are_preferred(struct kunit *test)
{
	struct house *house = test->priv;

	fake_vsock.connects = true;
	init_doors(test, true, false);
	KUNIT_EXPECT_STREQ(test, transport_of(test)->name, "backdoor");
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_TRUE(test, transport_of(test)->is_privileged);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");
	KUNIT_EXPECT_EQ(test, house->doors.vsock.patience_ms, 1000u);
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 0u);
}

static void urgent_conversation(struct kunit *test)
{
	init_doors(test, true, true);
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 1u);
}

static void kernel_without_sockets(struct kunit *test)
{
	fake_vsock.is_missing = true;
	init_doors(test, false, true);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 0u);
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 0u);
	transport_of(test)->ops->close(transport_of(test));
	KUNIT_EXPECT_EQ(test, fake_vsock.closes, 0u);
	KUNIT_EXPECT_FALSE(test, transport_of(test)->ops->gain_trust(
		transport_of(test)));
}

static void out_of_memory(struct kunit *test)
{
	const struct vmgl_doors_terms terms = { .name = "test" };
	struct house *house = test->priv;

	fake_vsock.init_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, vmgl_doors_init(&house->doors, &house->counters,
					      &terms), -ENOMEM);
}

/* 4, 8 ... 300 s, and not a jiffy earlier. */
static void tries_become_rare(struct kunit *test)
{
	static const unsigned int waits_s[] = {
		4, 8, 16, 32, 64, 128, 256, 300, 300,
	};
	unsigned int tries = 1;
	size_t i;

	init_doors(test, false, false);
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
	/* None of these had a request to lose. */
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 0ULL);
}

/* Nobody waits for a connection that is made in the background. */
static void late_connection_is_used(struct kunit *test)
{
	struct house *house = test->priv;

	fake_vsock.connects_later = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	fake_time_run_ms(5000);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.tries, 1u);

	house->doors.vsock.state = VMGL_VSOCK_CONNECTED;
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	/* Channels of the backdoor are scarce. */
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, 0u);
}

static const struct fail_case {
	const char *name;
	int error;
	unsigned int errors;
	bool drops;
	const char *answer;
	u64 reopened;
	u64 failovers;
	unsigned int retry_s;
} fails[] = {
	{ "silent host", -ETIMEDOUT, 1, false, "backdoor", 0, 1, 4 },
	{ "malformed packet", -EPROTO, 1, false, "backdoor", 0, 1, 4 },
	{ "connection lost", -EIO, 1, false, "backdoor", 0, 1, 4 },
	{ "no memory", -ENOMEM, 1, false, "-12", 0, 0, 0 },
	{ "dropped while idle", -ECONNRESET, 1, true, "vsock", 1, 0, 0 },
	{ "dropped again", -ECONNRESET, 2, true, "backdoor", 1, 1, 4 },
};

CASES(fails);

static void failure_of_a_connection(struct kunit *test)
{
	const struct fail_case *one = test->param_value;
	struct house *house = test->priv;

	fake_vsock.connects = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	fake_vsock.error = one->error;
	fake_vsock.errors = one->errors;
	fake_vsock.drops = one->drops;
	KUNIT_EXPECT_STREQ(test, answer(test), one->answer);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_REOPENED),
			one->reopened);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS),
			one->failovers);
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, one->retry_s);
}

static void dropped_and_not_reachable_any_more(struct kunit *test)
{
	fake_vsock.connects = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	fake_vsock.connects = false;
	fake_vsock.error = -ECONNRESET;
	fake_vsock.errors = 1;
	fake_vsock.drops = true;
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_REOPENED), 0ULL);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 1ULL);
}

/* A host that accepts and says nothing is found out ever more rarely. */
static void connection_that_never_answers(struct kunit *test)
{
	struct house *house = test->priv;

	fake_vsock.connects = true;
	fake_vsock.error = -ETIMEDOUT;
	fake_vsock.errors = UINT_MAX;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, 4u);

	fake_time_run_ms(4000);
	/* This request only has the connection made. */
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, 8u);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, 8u);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_FAILOVERS), 2ULL);

	fake_vsock.errors = 0;
	fake_time_run_ms(8000);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	KUNIT_EXPECT_EQ(test, house->doors.retry_s, 0u);
}

static void no_door_at_all(struct kunit *test)
{
	fake_machine.faults[0] = (struct fake_fault) { 'O' };
	fake_vsock.connects = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	fake_vsock.error = -EIO;
	fake_vsock.errors = 1;
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
}

static void sockets_only(struct kunit *test)
{
	vmgl_doors_choose(VMGL_DOOR_VSOCK);
	KUNIT_EXPECT_EQ(test, (int)vmgl_doors_chosen(), (int)VMGL_DOOR_VSOCK);
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");

	fake_vsock.connects = true;
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	fake_vsock.errors = 2;
	fake_vsock.error = -ECONNRESET;
	/* The layer above opens a new one for this error. */
	KUNIT_EXPECT_STREQ(test, answer(test), "-5");
	fake_vsock.error = -ETIMEDOUT;
	KUNIT_EXPECT_STREQ(test, answer(test), "-110");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");
}

static void backdoor_only(struct kunit *test)
{
	fake_vsock.connects = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");

	vmgl_doors_choose(VMGL_DOOR_BACKDOOR);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_EQ(test, fake_vsock.closes, 1u);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_FALSE(test, transport_of(test)->ops->gain_trust(
		transport_of(test)));

	vmgl_doors_choose(VMGL_DOOR_AUTO);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
}

static void trust_comes_with_sockets(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);

	init_doors(test, true, false);
	KUNIT_EXPECT_FALSE(test, transport->ops->gain_trust(transport));
	fake_vsock.connects = true;
	fake_time_run_ms(4000);
	/* Asked for in the background first: the last try has failed. */
	KUNIT_EXPECT_FALSE(test, transport->ops->gain_trust(transport));
	KUNIT_EXPECT_TRUE(test, transport->ops->gain_trust(transport));
}

static void close_either(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);

	fake_vsock.connects = true;
	init_doors(test, false, false);
	KUNIT_EXPECT_STREQ(test, answer(test), "vsock");
	transport->ops->close(transport);
	KUNIT_EXPECT_EQ(test, fake_vsock.closes, 1u);

	vmgl_doors_choose(VMGL_DOOR_BACKDOOR);
	KUNIT_EXPECT_STREQ(test, answer(test), "backdoor");
	KUNIT_EXPECT_TRUE(test, fake_machine.is_open);
	transport->ops->close(transport);
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
}

static int init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct house), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	fake_time_reset();
	fake_below_reset();
	fake_vsock_reset();
	fake_vsock.reply = "1 by vsock";
	fake_machine_reset();
	fake_machine_answer("1 by backdoor");
	vmgl_doors_choose(VMGL_DOOR_AUTO);
	return 0;
}

static void leave(struct kunit *test)
{
	struct house *house = test->priv;

	vmgl_doors_choose(VMGL_DOOR_AUTO);
	if (!house)
		return;
	vmgl_doors_destroy(&house->doors);
	vmgl_buffer_free(&house->reply);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sockets_are_preferred),
	KUNIT_CASE(urgent_conversation),
	KUNIT_CASE(kernel_without_sockets),
	KUNIT_CASE(out_of_memory),
	KUNIT_CASE(tries_become_rare),
	KUNIT_CASE(late_connection_is_used),
	KUNIT_CASE_PARAM(failure_of_a_connection, fails_gen_params),
	KUNIT_CASE(dropped_and_not_reachable_any_more),
	KUNIT_CASE(connection_that_never_answers),
	KUNIT_CASE(no_door_at_all),
	KUNIT_CASE(sockets_only),
	KUNIT_CASE(backdoor_only),
	KUNIT_CASE(trust_comes_with_sockets),
	KUNIT_CASE(close_either),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_doors",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
