// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the message channel of the backdoor. The fake machine writes a letter for each step
 * of a message; struct fake_machine explains the letters.
 */
#include <kunit/test.h>
#include <linux/vmguestlib.h>

#include "backdoor.h"
#include "cases.h"
#include "fake_machine.h"

struct channel {
	struct vmgl_backdoor backdoor;
	struct vmgl_counters counters;
	struct vmgl_buffer reply;
};

static struct vmgl_transport *transport_of(struct kunit *test)
{
	struct channel *channel = test->priv;

	return &channel->backdoor.transport;
}

static int ask(struct kunit *test, const char *request)
{
	struct vmgl_transport *transport = transport_of(test);
	struct channel *channel = test->priv;
	int ret;

	ret = transport->ops->open(transport);
	if (ret)
		return ret;
	return transport->ops->exchange(transport, request, strlen(request),
					&channel->reply);
}

static u64 counted(struct kunit *test, enum vmgl_counter which)
{
	struct channel *channel = test->priv;

	return vmgl_counted(&channel->counters, which);
}

static const struct talk_case {
	const char *name;
	const char *request;
	const char *reply;
	const char *log;
	struct fake_fault faults[FAKE_FAULTS_MAX];
	bool offers_hb;
	bool is_encrypted;
	bool refuses_cookies;
	int error;
	u32 announced;
	u32 checkpoints;
} talks[] = {
	{ .name = "words", .request = "abcdef", .reply = "1 ok",
	  .log = "OSppRqT" },
	{ .name = "words that end in the middle", .request = "abcde",
	  .reply = "1 okay", .log = "OSppRqqT" },
	{ .name = "empty request", .request = "", .reply = "1 ok",
	  .log = "OSRqT" },
	{ .name = "empty reply", .request = "abcd", .reply = "",
	  .log = "OSpRT" },
	{ .name = "no reply is ready", .request = "abcd", .log = "OSpR" },
	{ .name = "all at once", .request = "abcdef", .reply = "1 okay",
	  .offers_hb = true, .log = "OSPRQT" },
	{ .name = "nothing at once", .request = "", .reply = "",
	  .offers_hb = true, .log = "OSRT" },
	{ .name = "memory that the host cannot read", .request = "abcd",
	  .reply = "1 ok", .offers_hb = true, .is_encrypted = true,
	  .log = "OSpRqT" },
	{ .name = "host without cookies", .request = "abcd", .reply = "1 ok",
	  .refuses_cookies = true, .log = "OOSpRqT" },
	{ .name = "no channel is left", .request = "abcd", .reply = "1 ok",
	  .faults = { { 'O' } }, .error = -EIO, .log = "OO" },
	{ .name = "size of the request refused", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'S' } }, .error = -EIO, .log = "OSC" },
	{ .name = "checkpoint at the size is a refusal", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'S', .status = FAKE_CPT } },
	  .error = -EIO, .log = "OSC" },
	{ .name = "second word refused", .request = "abcdefghi",
	  .reply = "1 ok", .faults = { { 'p', 1, 1 } }, .error = -EIO,
	  .log = "OSppC" },
	{ .name = "payload at once refused", .request = "abcd",
	  .reply = "1 ok", .offers_hb = true, .faults = { { 'P' } },
	  .error = -EIO, .log = "OSPC" },
	{ .name = "checkpoint in the request", .request = "abcdefgh",
	  .reply = "1 ok", .faults = { { 'p', 1, 1, FAKE_CPT } },
	  .checkpoints = 1, .log = "OSppSppRqT" },
	{ .name = "checkpoint in the request at once", .request = "abcd",
	  .reply = "1 ok", .offers_hb = true,
	  .faults = { { 'P', 0, 2, FAKE_CPT } }, .checkpoints = 2,
	  .log = "OSPSPSPRQT" },
	{ .name = "checkpoints without end in the request", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'p', .status = FAKE_CPT } },
	  .error = -EIO, .checkpoints = 17,
	  .log = "OSpSpSpSpSpSpSpSpSpSpSpSpSpSpSpSpSpC" },
	{ .name = "size of the reply refused", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'R' } }, .error = -EIO,
	  .log = "OSpRC" },
	{ .name = "checkpoint at the reply's size is a refusal",
	  .request = "abcd", .reply = "1 ok",
	  .faults = { { 'R', .status = FAKE_CPT } }, .error = -EIO,
	  .log = "OSpRC" },
	{ .name = "what is announced is no size", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'R', .sending = 2 } },
	  .error = -EPROTO, .log = "OSpRC" },
	{ .name = "longest reply announced, less there", .request = "abcd",
	  .reply = "1 ok", .announced = VMGUESTLIB_REPLY_MAX, .error = -EIO,
	  .log = "OSpRqqC" },
	{ .name = "reply above the longest", .request = "abcd",
	  .reply = "1 ok", .announced = VMGUESTLIB_REPLY_MAX + 1,
	  .error = -EMSGSIZE, .log = "OSpRC" },
	{ .name = "4 GiB announced", .request = "abcd", .reply = "1 ok",
	  .announced = U32_MAX, .error = -EMSGSIZE, .log = "OSpRC" },
	{ .name = "second word of the reply refused", .request = "abcd",
	  .reply = "1 okay, then", .faults = { { 'q', 1, 1 } },
	  .error = -EIO, .log = "OSpRqqC" },
	{ .name = "a word of the reply is no payload", .request = "abcd",
	  .reply = "1 okay, then", .faults = { { 'q', 1, 1, 0, 1 } },
	  .error = -EPROTO, .log = "OSpRqqC" },
	{ .name = "reply at once refused", .request = "abcd", .reply = "1 ok",
	  .offers_hb = true, .faults = { { 'Q' } }, .error = -EIO,
	  .log = "OSPRQC" },
	{ .name = "checkpoint in the reply", .request = "abcd",
	  .reply = "1 okay", .faults = { { 'q', 1, 1, FAKE_CPT } },
	  .checkpoints = 1, .log = "OSpRqqRqqT" },
	{ .name = "checkpoint at the end", .request = "abcd", .reply = "1 ok",
	  .faults = { { 'T', 0, 1, FAKE_CPT } }, .checkpoints = 1,
	  .log = "OSpRqTRqT" },
	{ .name = "checkpoints without end in the reply", .request = "abcd",
	  .reply = "1 ok", .faults = { { 'T', .status = FAKE_CPT } },
	  .error = -EIO, .checkpoints = 17,
	  .log = "OSpRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTRqTC" },
	{ .name = "end refused", .request = "abcd", .reply = "1 ok",
	  .faults = { { 'T' } }, .error = -EIO, .log = "OSpRqTC" },
};

CASES(talks);

static void talk(struct kunit *test)
{
	const struct talk_case *one = test->param_value;
	struct channel *channel = test->priv;

	if (one->reply)
		fake_machine_answer(one->reply);
	fake_machine.offers_hb = one->offers_hb;
	fake_machine.is_encrypted = one->is_encrypted;
	fake_machine.refuses_cookies = one->refuses_cookies;
	fake_machine.announced = one->announced;
	memcpy(fake_machine.faults, one->faults, sizeof(one->faults));

	KUNIT_EXPECT_EQ(test, ask(test, one->request), one->error);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, one->log);
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_HYPERCALLS),
			(u64)strlen(one->log));
	KUNIT_EXPECT_EQ(test, counted(test, VMGL_COUNT_CHECKPOINTS),
			(u64)one->checkpoints);
	/* A failed exchange closes its channel. */
	KUNIT_EXPECT_EQ(test, channel->backdoor.is_open, !one->error);
	KUNIT_EXPECT_EQ(test, fake_machine.is_open, !one->error);
	if (one->error)
		return;

	KUNIT_EXPECT_EQ(test, fake_machine.request_len, strlen(one->request));
	KUNIT_EXPECT_EQ(test, memcmp(fake_machine.request, one->request,
				     strlen(one->request)), 0);
	KUNIT_ASSERT_EQ(test, channel->reply.len,
			one->reply ? strlen(one->reply) : 0);
	if (one->reply && *one->reply)
		KUNIT_EXPECT_EQ(test, memcmp(channel->reply.data, one->reply,
					     channel->reply.len), 0);
}

/* Bytes that the host announces but does not write are 0, not bytes of an earlier reply. */
static void payload_that_is_not_written(struct kunit *test)
{
	struct channel *channel = test->priv;

	fake_machine.offers_hb = true;
	fake_machine_answer("1 secret");
	KUNIT_EXPECT_EQ(test, ask(test, "abcd"), 0);
	fake_machine.omits_payload = true;
	KUNIT_EXPECT_EQ(test, ask(test, "efgh"), 0);
	KUNIT_ASSERT_EQ(test, channel->reply.len, strlen("1 secret"));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(channel->reply.data, 0,
					     channel->reply.len), NULL);
}

static void one_channel_serves_many_requests(struct kunit *test)
{
	fake_machine_answer("1 ok");
	KUNIT_EXPECT_EQ(test, ask(test, "abcd"), 0);
	KUNIT_EXPECT_EQ(test, ask(test, "efgh"), 0);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "OSpRqTSpRqT");
}

/* The message is so long that the backdoor lets other tasks run between its parts. */
static void long_message(struct kunit *test)
{
	struct channel *channel = test->priv;
	char *request = kunit_kzalloc(test, FAKE_MESSAGE_MAX, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	for (i = 0; i < FAKE_MESSAGE_MAX - 1; i++)
		request[i] = 'a' + i % 26;
	fake_machine.echo = true;
	KUNIT_EXPECT_EQ(test, ask(test, request), 0);
	KUNIT_ASSERT_EQ(test, channel->reply.len, strlen(request));
	KUNIT_EXPECT_EQ(test, memcmp(channel->reply.data, request,
				     channel->reply.len), 0);
}

static void close_twice(struct kunit *test)
{
	struct vmgl_transport *transport = transport_of(test);

	fake_machine_answer("1 ok");
	transport->ops->close(transport);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");

	KUNIT_EXPECT_EQ(test, ask(test, "abcd"), 0);
	transport->ops->close(transport);
	transport->ops->close(transport);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "OSpRqTC");
}

static void send_once_closes_its_channel(struct kunit *test)
{
	static const char need_reset[] = "need reset";
	char text[8];

	fake_machine_answer("1 0");
	fake_machine.offers_hb = true;
	vmgl_backdoor_send_once(need_reset, strlen(need_reset), text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "1 0");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "OSpppRqTC");
	KUNIT_EXPECT_EQ(test, fake_machine.request_len, strlen(need_reset));
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
}

/* vmgl_backdoor_send_once() allocates no memory, so its buffer is too small for a long reply. */
static void send_once_refuses_a_long_reply(struct kunit *test)
{
	char text[8] = "text";

	fake_machine_answer("1 0");
	fake_machine.announced = 257;
	vmgl_backdoor_send_once("help", 4, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "OSpRC");
}

static void send_once_without_a_channel(struct kunit *test)
{
	char text[8] = "text";

	fake_machine.faults[0] = (struct fake_fault) { 'O' };
	vmgl_backdoor_send_once("help", 4, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "OO");
}

/* The caller gets the beginning of the reply, or nothing after an error. */
static void send_once_returns_the_reply(struct kunit *test)
{
	char text[5] = "text";

	fake_machine_answer("1 0");
	fake_machine.faults[0] = (struct fake_fault) { 'T' };
	vmgl_backdoor_send_once("help", 4, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "");
	fake_machine.faults[0] = (struct fake_fault) {};
	fake_machine_answer("0 Unknown command");
	vmgl_backdoor_send_once("help", 4, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "0 Un");
}

static int init(struct kunit *test)
{
	struct channel *channel = kunit_kzalloc(test, sizeof(*channel),
						GFP_KERNEL);

	if (!channel)
		return -ENOMEM;
	fake_machine_reset();
	vmgl_backdoor_init(&channel->backdoor, &channel->counters);
	test->priv = channel;
	return 0;
}

static void leave(struct kunit *test)
{
	struct channel *channel = test->priv;

	if (channel)
		vmgl_buffer_free(&channel->reply);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(talk, talks_gen_params),
	KUNIT_CASE(payload_that_is_not_written),
	KUNIT_CASE(one_channel_serves_many_requests),
	KUNIT_CASE(long_message),
	KUNIT_CASE(close_twice),
	KUNIT_CASE(send_once_closes_its_channel),
	KUNIT_CASE(send_once_refuses_a_long_reply),
	KUNIT_CASE(send_once_without_a_channel),
	KUNIT_CASE(send_once_returns_the_reply),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_backdoor",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
