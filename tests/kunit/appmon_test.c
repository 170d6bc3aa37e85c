// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the requests for application monitoring and for extended statistics. */
#include <kunit/test.h>

#include "appmon.h"
#include "cases.h"
#include "compat/workqueue.h"
#include "fake_transport.h"
#include "stat_get.h"

struct kit {
	struct vmgl_counters counters;
	struct fake_transport fake;
	struct vmgl_rpc rpc;
	struct vmgl_reply reply;
	char status[8];
	bool enabled;
};

static int enable(struct kit *talk)
{
	return vmgl_appmon_command(&talk->rpc, &talk->reply, VMGL_APPMON_ENABLE);
}

static int disable(struct kit *talk)
{
	return vmgl_appmon_command(&talk->rpc, &talk->reply, VMGL_APPMON_DISABLE);
}

static int mark_active(struct kit *talk)
{
	return vmgl_appmon_command(&talk->rpc, &talk->reply, VMGL_APPMON_MARK_ACTIVE);
}

static int post_state(struct kit *talk)
{
	return vmgl_appmon_post_state(&talk->rpc, &talk->reply, "needReset");
}

static int is_enabled(struct kit *talk)
{
	return vmgl_appmon_is_enabled(&talk->rpc, VMGL_PRIORITY_USER, &talk->reply,
				      &talk->enabled);
}

static int status(struct kit *talk)
{
	return vmgl_appmon_status(&talk->rpc, VMGL_PRIORITY_USER, &talk->reply,
				  talk->status, sizeof(talk->status));
}

static const struct request_case {
	const char *name;
	int (*ask)(struct kit *talk);
} requests[] = {
	{ "GuestAppMonitor.Cmd.Enable", enable },
	{ "GuestAppMonitor.Cmd.Disable", disable },
	{ "GuestAppMonitor.Cmd.MarkActive", mark_active },
	{ "GuestAppMonitor.Cmd.PostAppState needReset", post_state },
	{ "GuestAppMonitor.Cmd.IsEnabled", is_enabled },
	{ "GuestAppMonitor.Cmd.GetAppStatus", status },
};

CASES(requests);

static void request_and_its_failures(struct kunit *test)
{
	const struct request_case *one = test->param_value;
	struct kit *talk = test->priv;

	KUNIT_EXPECT_EQ(test, one->ask(talk), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, fake_talk(&talk->fake, ""), one->name);
	/* The only known reason for a refusal is a sender that is not privileged. */
	fake_answer(&talk->fake, one->name, "0 Permission denied");
	KUNIT_EXPECT_EQ(test, one->ask(talk), -EPERM);
	fake_fail(&talk->fake, one->name, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, one->ask(talk), -ETIMEDOUT);
}

static const struct code_case {
	const char *name;
	const char *reply;
	int error;
} codes[] = {
	{ "ok", "1 0", 0 },
	{ "internal error", "1 1", -EREMOTEIO },
	{ "not enabled", "1 2", -EACCES },
	{ "argument expected", "1 3", -EINVAL },
	{ "null argument", "1 4", -EINVAL },
	{ "bad argument", "1 5", -EINVAL },
	{ "first unknown code", "1 6", -EPROTO },
	{ "below the digits", "1 /", -EPROTO },
	{ "a letter", "1 a", -EPROTO },
	{ "a byte above all", "1 \xff", -EPROTO },
	{ "no code", "1 ", -EPROTO },
	{ "two digits", "1 00", -EPROTO },
};

CASES(codes);

static void result_code(struct kunit *test)
{
	const struct code_case *one = test->param_value;
	struct kit *talk = test->priv;

	fake_answer(&talk->fake, "GuestAppMonitor.Cmd.MarkActive", one->reply);
	KUNIT_EXPECT_EQ(test, mark_active(talk), one->error);
}

static const struct word_case {
	const char *name;
	const char *reply;
	size_t len;
	bool enabled;
} words[] = {
	{ "true", "1 true", 6, true },
	{ "false", "1 false", 7, false },
	{ "nothing", "1 ", 2, false },
	{ "more than true", "1 true ", 7, false },
	{ "other letters", "1 TRUE", 6, false },
};

CASES(words);

static void word_of_is_enabled(struct kunit *test)
{
	const struct word_case *one = test->param_value;
	struct kit *talk = test->priv;

	talk->enabled = !one->enabled;
	fake_answer_bytes(&talk->fake, "GuestAppMonitor.Cmd.IsEnabled",
			  one->reply, one->len);
	KUNIT_EXPECT_EQ(test, is_enabled(talk), 0);
	KUNIT_EXPECT_EQ(test, talk->enabled, one->enabled);
}

/* The buffer for the status has room for seven letters and a NUL. */
static const struct status_case {
	const char *name;
	const char *reply;
	size_t len;
	int error;
	const char *status;
} statuses[] = {
	{ "green", "1 green", 7, 0, "green" },
	{ "longest", "1 sevenle", 9, 0, "sevenle" },
	{ "too long", "1 eightlet", 10, -EPROTO },
	{ "empty", "1 ", 2, -EPROTO },
	{ "cut at a NUL", "1 red\0x", 7, 0, "red" },
	{ "only a NUL", "1 \0", 3, -EPROTO },
};

CASES(statuses);

static void word_of_status(struct kunit *test)
{
	const struct status_case *one = test->param_value;
	struct kit *talk = test->priv;

	strscpy(talk->status, "before", sizeof(talk->status));
	fake_answer_bytes(&talk->fake, "GuestAppMonitor.Cmd.GetAppStatus",
			  one->reply, one->len);
	KUNIT_EXPECT_EQ(test, status(talk), one->error);
	KUNIT_EXPECT_STREQ(test, talk->status,
			   one->error ? "before" : one->status);
}

/* Number of bytes that the encoding and the statistic may have together */
#define STAT_ROOM	(VMGUESTLIB_STAT_REQUEST_MAX - \
			 sizeof("guestlib.stat.get ") + 1 - 1)

static const struct stat_case {
	const char *name;
	size_t encoding_len;
	size_t stat_len;
	int error;
} stats[] = {
	{ "both texts", 4, 7, 0 },
	{ "the list", 4, 0, 0 },
	{ "the host's choice of encoding", 0, 7, 0 },
	{ "nothing", 0, 0, 0 },
	{ "longest", 4, STAT_ROOM - 4, 0 },
	{ "too long together", 4, STAT_ROOM - 3, -ENAMETOOLONG },
	{ "encoding alone too long", STAT_ROOM + 1, 0, -ENAMETOOLONG },
};

CASES(stats);

static void extended_statistic(struct kunit *test)
{
	const struct stat_case *one = test->param_value;
	struct kit *talk = test->priv;
	char *text = kunit_kzalloc(test, VMGUESTLIB_STAT_REQUEST_MAX + 1,
				   GFP_KERNEL);
	char *wanted = kunit_kzalloc(test, FAKE_TALK_MAX, GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, text && wanted);
	memset(text, 'x', VMGUESTLIB_STAT_REQUEST_MAX);
	snprintf(wanted, FAKE_TALK_MAX, "guestlib.stat.get %.*s %.*s",
		 (int)one->encoding_len, text, (int)one->stat_len, text);

	fake_answer(&talk->fake, "guestlib.stat.get", "1 {}");
	KUNIT_EXPECT_EQ(test, vmgl_stat_get(&talk->rpc, text, one->encoding_len,
					    text, one->stat_len, &talk->reply),
			one->error);
	if (one->error)
		KUNIT_EXPECT_EQ(test, talk->fake.exchanges, 0u);
	else
		KUNIT_EXPECT_STREQ(test, fake_talk(&talk->fake, ""), wanted);
}

static int init(struct kunit *test)
{
	struct kit *talk = kunit_kzalloc(test, sizeof(*talk),
						  GFP_KERNEL);

	if (!talk)
		return -ENOMEM;
	fake_transport_init(&talk->fake);
	vmgl_rpc_init(&talk->rpc, &talk->fake.transport, &talk->counters,
		      system_dfl_wq);
	test->priv = talk;
	return 0;
}

static void leave(struct kunit *test)
{
	struct kit *talk = test->priv;

	if (!talk)
		return;
	vmgl_reply_free(&talk->reply);
	vmgl_rpc_close(&talk->rpc);
	vmgl_rpc_destroy(&talk->rpc);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(request_and_its_failures, requests_gen_params),
	KUNIT_CASE_PARAM(result_code, codes_gen_params),
	KUNIT_CASE_PARAM(word_of_is_enabled, words_gen_params),
	KUNIT_CASE_PARAM(word_of_status, statuses_gen_params),
	KUNIT_CASE_PARAM(extended_statistic, stats_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_appmon",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
