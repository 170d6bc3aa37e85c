// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of requests and replies, independent of the transport. */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "cases.h"
#include "compat/workqueue.h"
#include "fake_below.h"
#include "fake_transport.h"
#include "rpc.h"

struct host {
	struct vmgl_counters counters;
	struct fake_transport fake;
	struct vmgl_rpc rpc;
	struct vmgl_reply reply;
};

static int ask(struct host *talk)
{
	return vmgl_rpc_call(&talk->rpc, VMGL_PRIORITY_ROOT, "request",
			     strlen("request"), &talk->reply);
}

static int open_privileged(struct host *talk)
{
	return vmgl_rpc_open_privileged(&talk->rpc, VMGL_PRIORITY_ROOT);
}

static const struct reply_case {
	const char *name;
	const char *raw;
	int error;
	enum vmguestlib_reply verdict;
	const char *text;
	int reply_error;
} replies[] = {
	{ "served", "1 text", 0, VMGUESTLIB_REPLY_OK, "text", 0 },
	{ "served, no text", "1 ", 0, VMGUESTLIB_REPLY_OK, "", 0 },
	{ "refused", "0 because", 0, VMGUESTLIB_REPLY_REFUSED, "because",
	  -EREMOTEIO },
	{ "refused without a reason", "0 ", 0, VMGUESTLIB_REPLY_REFUSED, "",
	  -EREMOTEIO },
	{ "unknown", "0 Unknown command", 0, VMGUESTLIB_REPLY_UNKNOWN_COMMAND,
	  "Unknown command", -EOPNOTSUPP },
	{ "nearly unknown", "0 Unknown command!", 0, VMGUESTLIB_REPLY_REFUSED,
	  "Unknown command!", -EREMOTEIO },
	{ "served, and says so", "1 Unknown command", 0, VMGUESTLIB_REPLY_OK,
	  "Unknown command", 0 },
	{ "empty", "", -EPROTO },
	{ "one byte", "1", -EPROTO },
	{ "no blank", "1:text", -EPROTO },
	{ "another verdict", "2 text", -EPROTO },
	{ "no verdict", "  text", -EPROTO },
};

CASES(replies);

static void reply(struct kunit *test)
{
	const struct reply_case *one = test->param_value;
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", one->raw);
	KUNIT_EXPECT_EQ(test, ask(talk), one->error);
	KUNIT_EXPECT_EQ(test, (int)talk->reply.verdict, (int)one->verdict);
	/* After an invalid reply the channel is not used again. */
	KUNIT_EXPECT_EQ(test, talk->fake.is_open, !one->error);
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters,
					   VMGL_COUNT_FAILED),
			(u64)!!one->error);
	if (one->error)
		return;
	KUNIT_EXPECT_EQ(test, talk->reply.len, strlen(one->text));
	KUNIT_EXPECT_EQ(test, memcmp(talk->reply.text, one->text,
				     talk->reply.len), 0);
	KUNIT_EXPECT_EQ(test, vmgl_reply_error(&talk->reply), one->reply_error);
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters,
					   VMGL_COUNT_REFUSED),
			(u64)(one->verdict != VMGUESTLIB_REPLY_OK));
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters,
					   VMGL_COUNT_BYTES_RECEIVED),
			(u64)strlen(one->raw));
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters,
					   VMGL_COUNT_BYTES_SENT),
			(u64)strlen("request"));
}

static const struct failure_case {
	const char *name;
	int first;
	int second;
	int open_error;
	int error;
	unsigned int exchanges;
	u32 reopened;
} failures[] = {
	{ "dropped once", -EIO, 0, 0, 0, 2, 1 },
	{ "dropped twice", -EIO, -EIO, 0, -EIO, 2, 1 },
	{ "dropped, then silent", -EIO, -ETIMEDOUT, 0, -ETIMEDOUT, 2, 1 },
	{ "silent", -ETIMEDOUT, 0, 0, -ETIMEDOUT, 1, 0 },
	{ "malformed", -EPROTO, 0, 0, -EPROTO, 1, 0 },
	{ "too long", -EMSGSIZE, 0, 0, -EMSGSIZE, 1, 0 },
	{ "no memory", -ENOMEM, 0, 0, -ENOMEM, 1, 0 },
	{ "not to be opened", 0, 0, -EIO, -EIO, 0, 0 },
};

CASES(failures);

static void failure(struct kunit *test)
{
	const struct failure_case *one = test->param_value;
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", "1 text");
	/* The table gives its latest entry first, so the second error is entered first. */
	if (one->second)
		fake_fail_once(&talk->fake, "request", one->second);
	if (one->first)
		fake_fail_once(&talk->fake, "request", one->first);
	talk->fake.open_error = one->open_error;

	KUNIT_EXPECT_EQ(test, ask(talk), one->error);
	KUNIT_EXPECT_EQ(test, talk->fake.exchanges, one->exchanges);
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters,
					   VMGL_COUNT_REOPENED),
			(u64)one->reopened);
	KUNIT_EXPECT_EQ(test, vmgl_counted(&talk->counters, VMGL_COUNT_FAILED),
			(u64)!!one->error);
	if (one->error)
		KUNIT_EXPECT_EQ(test, (int)talk->reply.verdict,
				(int)VMGUESTLIB_REPLY_NONE);
}

/* The buffer still has bytes of the longer reply, which must not count. */
static void one_byte_after_a_longer_reply(struct kunit *test)
{
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", "1 text");
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	fake_answer(&talk->fake, "request", "1");
	KUNIT_EXPECT_EQ(test, ask(talk), -EPROTO);
	KUNIT_EXPECT_EQ(test, (int)talk->reply.verdict,
			(int)VMGUESTLIB_REPLY_NONE);
}

static void become_privileged(struct fake_transport *fake)
{
	fake->transport.is_privileged = !fake->transport.is_privileged;
}

/* The reply shows the privilege at the time of the answer: the transport may change. */
static void privilege_changes_meanwhile(struct kunit *test)
{
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", "1 text");
	talk->fake.during = become_privileged;
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_TRUE(test, talk->reply.is_privileged);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_FALSE(test, talk->reply.is_privileged);
}

static void refuse_to_open(struct fake_transport *fake)
{
	fake->open_error = -EIO;
}

static void repeat_once(struct fake_transport *fake)
{
	fake->transport.was_repeated = true;
	fake->during = NULL;
}

/* The first of two exchanges sends the request over two transports; the host then refuses it. */
static void refusal_after_a_repetition(struct kunit *test)
{
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", "0 no");
	fake_fail_once(&talk->fake, "request", -EIO);
	talk->fake.during = repeat_once;
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_EQ(test, talk->fake.exchanges, 2u);
	KUNIT_EXPECT_TRUE(test, talk->reply.was_repeated);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_FALSE(test, talk->reply.was_repeated);
}

static void dropped_channel_that_cannot_be_opened_again(struct kunit *test)
{
	struct host *talk = test->priv;

	fake_fail(&talk->fake, "request", -EIO);
	talk->fake.during = refuse_to_open;
	KUNIT_EXPECT_EQ(test, ask(talk), -EIO);
	KUNIT_EXPECT_EQ(test, talk->fake.exchanges, 1u);
}

static void close_and_open(struct kunit *test)
{
	struct host *talk = test->priv;

	KUNIT_EXPECT_EQ(test, vmgl_rpc_open(&talk->rpc, VMGL_PRIORITY_ROOT), 0);
	KUNIT_EXPECT_TRUE(test, talk->fake.is_open);
	vmgl_rpc_close(&talk->rpc);
	KUNIT_EXPECT_EQ(test, talk->fake.closes, 1u);
	KUNIT_EXPECT_EQ(test, vmgl_rpc_open(&talk->rpc, VMGL_PRIORITY_ROOT), 0);
	KUNIT_EXPECT_EQ(test, talk->fake.opens, 2u);
	KUNIT_EXPECT_STREQ(test, vmgl_rpc_transport_name(&talk->rpc), "fake");
}

/* Between suspend and sleep, requests are still answered, but no connection stays open. */
static void suspended(struct kunit *test)
{
	struct host *talk = test->priv;

	fake_answer(&talk->fake, "request", "1 text");
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	vmgl_rpc_suspend(&talk->rpc);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, vmgl_rpc_open(&talk->rpc, VMGL_PRIORITY_ROOT), 0);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_EQ(test, talk->reply.len, 4u);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, talk->fake.closes, 2u);

	talk->fake.gives_privilege = true;
	KUNIT_EXPECT_EQ(test, open_privileged(talk), 0);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);

	/* A request may fail while a connection is being made in the background. */
	talk->fake.is_open = true;
	talk->fake.open_error = -EIO;
	KUNIT_EXPECT_EQ(test, ask(talk), -EIO);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);

	/* A connection that is made in the background may be open at the resume. */
	talk->fake.is_open = true;
	vmgl_rpc_resume(&talk->rpc);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_TRUE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, talk->fake.opens, 3u);
}

/* After vmgl_rpc_stop() at a shutdown, every request fails. */
static void stopped(struct kunit *test)
{
	struct host *talk = test->priv;

	talk->fake.gives_privilege = true;
	fake_answer(&talk->fake, "request", "1 text");
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	vmgl_rpc_stop(&talk->rpc);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, ask(talk), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, vmgl_rpc_open(&talk->rpc, VMGL_PRIORITY_ROOT),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, open_privileged(talk), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, talk->fake.is_open);
	KUNIT_EXPECT_EQ(test, talk->fake.exchanges, 1u);
}

static void privilege(struct kunit *test)
{
	struct host *talk = test->priv;
	struct vmgl_transport_ops without = *talk->fake.transport.ops;

	KUNIT_EXPECT_EQ(test, open_privileged(talk), -EPERM);
	talk->fake.gives_privilege = true;
	KUNIT_EXPECT_EQ(test, open_privileged(talk), 0);

	fake_answer(&talk->fake, "request", "1 text");
	talk->fake.transport.is_privileged = true;
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_TRUE(test, talk->reply.is_privileged);

	without.open_privileged = NULL;
	talk->fake.transport.ops = &without;
	KUNIT_EXPECT_EQ(test, open_privileged(talk), -EPERM);
}

/* A task gets the part of a text for which it has room, and the length of the whole text. */
static void long_text_is_cut_for_a_task(struct kunit *test)
{
	static char text[3000];
	struct host *talk = test->priv;
	struct vmgl_reply whole = {};

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "1 ", 2);
	fake_answer(&talk->fake, "request", text);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_EQ(test, (int)talk->reply.verdict, (int)VMGUESTLIB_REPLY_OK);
	KUNIT_EXPECT_EQ(test, talk->reply.len, sizeof(text) - 3);
	KUNIT_EXPECT_EQ(test, talk->reply.raw.len, talk->reply.raw.capacity);
	KUNIT_EXPECT_LT(test, talk->reply.raw.capacity, sizeof(text) - 1);

	KUNIT_EXPECT_EQ(test, vmgl_reply_reserve(&talk->reply, sizeof(text)), 0);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_EQ(test, memcmp(talk->reply.text, text + 2,
				     sizeof(text) - 3), 0);

	KUNIT_EXPECT_EQ(test, vmgl_rpc_call(&talk->rpc, VMGL_PRIORITY_KERNEL,
					    "request", strlen("request"),
					    &whole), 0);
	KUNIT_EXPECT_EQ(test, whole.raw.len, sizeof(text) - 1);
	vmgl_reply_free(&whole);
}

struct interrupted {
	struct host *talk;
	struct completion done;
	int call;
	int open;
	int privilege;
};

/* Waits for its turn, and gets a signal while another caller is served. */
static int be_interrupted(void *data)
{
	struct interrupted *who = data;
	struct vmgl_reply reply = {};

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	who->call = vmgl_rpc_call(&who->talk->rpc, VMGL_PRIORITY_ROOT, "request",
				  strlen("request"), &reply);
	who->open = vmgl_rpc_open(&who->talk->rpc, VMGL_PRIORITY_USER);
	who->privilege = open_privileged(who->talk);
	complete(&who->done);
	return 0;
}

static struct interrupted *guest;

/* Runs while the request of the test is served. */
static void interrupt_another(struct fake_transport *fake)
{
	struct task_struct *task = kthread_run(be_interrupted, guest,
					       "vmguestlib_test");

	fake->during = NULL;
	if (!IS_ERR(task))
		wait_for_completion(&guest->done);
}

static void signal_while_another_is_served(struct kunit *test)
{
	struct host *talk = test->priv;
	struct interrupted who = { .talk = talk };

	init_completion(&who.done);
	guest = &who;
	fake_answer(&talk->fake, "request", "1 text");
	talk->fake.during = interrupt_another;
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_EQ(test, who.call, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, who.open, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, who.privilege, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, talk->fake.exchanges, 1u);
}

struct thread {
	struct host *talk;
	struct completion done;
	int result;
};

static int close_in_thread(void *data)
{
	struct thread *thread = data;

	vmgl_rpc_close(&thread->talk->rpc);
	complete(&thread->done);
	return 0;
}

static int ask_in_thread(void *data)
{
	struct thread *thread = data;

	thread->result = ask(thread->talk);
	complete(&thread->done);
	return 0;
}

/* A request that begins while a task has to close the transport does not wait for the mutex. */
static void closing_goes_first(struct kunit *test)
{
	struct host *talk = test->priv;
	struct thread closing = { .talk = talk }, request = { .talk = talk };

	init_completion(&closing.done);
	init_completion(&request.done);
	fake_answer(&talk->fake, "request", "1 text");
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	mutex_lock(&talk->rpc.lock);
	kthread_run(close_in_thread, &closing, "vmguestlib_test");
	while (!atomic_read(&talk->rpc.closers))
		schedule_timeout_uninterruptible(1);
	kthread_run(ask_in_thread, &request, "vmguestlib_test");
	schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_TRUE(test, waitqueue_active(&talk->rpc.no_closers));
	mutex_unlock(&talk->rpc.lock);
	wait_for_completion(&closing.done);
	wait_for_completion(&request.done);
	KUNIT_EXPECT_EQ(test, request.result, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&talk->rpc.closers), 0);
	KUNIT_EXPECT_EQ(test, talk->fake.closes, 1u);
	KUNIT_EXPECT_EQ(test, talk->fake.opens, 2u);
}

/* Threads of the kernel do not wait for a turn. */
static void kernel_does_not_wait_in_line(struct kunit *test)
{
	struct host *talk = test->priv;
	int queued = fake_below.queued;

	fake_answer(&talk->fake, "request", "1 text");
	KUNIT_EXPECT_EQ(test, vmgl_rpc_open(&talk->rpc, VMGL_PRIORITY_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, vmgl_rpc_call(&talk->rpc, VMGL_PRIORITY_KERNEL,
					    "request", strlen("request"),
					    &talk->reply), 0);
	KUNIT_EXPECT_EQ(test, fake_below.queued, queued);
	KUNIT_EXPECT_EQ(test, ask(talk), 0);
	KUNIT_EXPECT_NE(test, fake_below.queued, queued);
}

static int init(struct kunit *test)
{
	struct host *talk = kunit_kzalloc(test, sizeof(*talk),
						  GFP_KERNEL);

	if (!talk)
		return -ENOMEM;
	fake_transport_init(&talk->fake);
	vmgl_rpc_init(&talk->rpc, &talk->fake.transport, &talk->counters,
		      system_dfl_wq);
	test->priv = talk;
	return vmgl_reply_reserve(&talk->reply, 100);
}

static void leave(struct kunit *test)
{
	struct host *talk = test->priv;

	if (!talk)
		return;
	vmgl_reply_free(&talk->reply);
	fake_transport_init(&talk->fake);
	vmgl_rpc_close(&talk->rpc);
	vmgl_rpc_destroy(&talk->rpc);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(reply, replies_gen_params),
	KUNIT_CASE_PARAM(failure, failures_gen_params),
	KUNIT_CASE(refusal_after_a_repetition),
	KUNIT_CASE(dropped_channel_that_cannot_be_opened_again),
	KUNIT_CASE(close_and_open),
	KUNIT_CASE(suspended),
	KUNIT_CASE(one_byte_after_a_longer_reply),
	KUNIT_CASE(privilege_changes_meanwhile),
	KUNIT_CASE(stopped),
	KUNIT_CASE(privilege),
	KUNIT_CASE(long_text_is_cut_for_a_task),
	KUNIT_CASE(signal_while_another_is_served),
	KUNIT_CASE(closing_goes_first),
	KUNIT_CASE(kernel_does_not_wait_in_line),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_rpc",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
