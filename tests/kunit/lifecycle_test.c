// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of sleep, shutdown, panic and the crash kernel. */
#include <linux/moduleparam.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_lifecycle.h"
#include "fake_machine.h"
#include "heartbeat_kit.h"
#include "lifecycle.h"

static int ask(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_reply reply = {};
	int ret;

	fake_answer(&fixture->reader, "request", "1 text");
	ret = vmgl_rpc_call(&fixture->device.rpc, VMGL_PRIORITY_USER, "request",
			    strlen("request"), &reply);
	vmgl_reply_free(&reply);
	return ret;
}

static const struct sleep_case {
	const char *name;
	unsigned long prepare;
	unsigned long post;
} sleeps[] = {
	{ "suspend", PM_SUSPEND_PREPARE, PM_POST_SUSPEND },
	{ "hibernation", PM_HIBERNATION_PREPARE, PM_POST_HIBERNATION },
	{ "restore of an image", PM_RESTORE_PREPARE, PM_POST_RESTORE },
};

CASES(sleeps);

static void sleep_and_wake(struct kunit *test)
{
	const struct sleep_case *one = test->param_value;
	struct vmgl_heartbeat_owner owner = {};
	struct fixture *fixture = test->priv;

	KUNIT_ASSERT_EQ(test, kit_arm(test, &owner, "app", 60000), 0);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_TRUE(test, fixture->reader.is_open);
	fixture->privileged.is_open = true;
	kit_hush(test);

	fake_notify_chain(FAKE_PM, one->prepare);
	KUNIT_EXPECT_EQ(test, kit_count(test, "Disable"), 1u);
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, 0u);
	KUNIT_EXPECT_FALSE(test, fixture->reader.is_open);
	KUNIT_EXPECT_FALSE(test, fixture->privileged.is_open);
	KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
	/* The request of a program that is not frozen yet leaves no connection open. */
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_FALSE(test, fixture->reader.is_open);

	kit_hush(test);
	fake_notify_chain(FAKE_PM, one->post);
	/* The machine may run on another host now, so the module sends Enable again. */
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 1u);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	KUNIT_EXPECT_TRUE(test, fixture->reader.is_open);
	kit_disarm(test, &owner);
}

static void host_does_not_confirm_the_disable(struct kunit *test)
{
	struct vmgl_heartbeat_owner owner = {};

	KUNIT_ASSERT_EQ(test, kit_arm(test, &owner, "app", 60000), 0);
	kit_fail(test, "Disable", -ETIMEDOUT);
	kit_answer(test, "IsEnabled", "1 true");
	fake_notify_chain(FAKE_PM, PM_SUSPEND_PREPARE);
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, 1u);

	kit_answer(test, "Disable", "1 0");
	fake_notify_chain(FAKE_PM, PM_POST_SUSPEND);
	kit_disarm(test, &owner);
}

static void shutdown(struct kunit *test)
{
	struct vmgl_heartbeat_owner owner = {};
	struct fixture *fixture = test->priv;

	KUNIT_ASSERT_EQ(test, kit_arm(test, &owner, "app", 60000), 0);
	KUNIT_EXPECT_EQ(test, ask(test), 0);
	kit_hush(test);
	fake_notify_chain(FAKE_REBOOT, SYS_RESTART);
	kit_expect_said(test, "Disable");
	KUNIT_EXPECT_FALSE(test, fixture->reader.is_open);
	KUNIT_EXPECT_EQ(test, ask(test), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, fixture->reader.is_open);
	kit_disarm(test, &owner);
}

static void panics(struct kunit *test)
{
	fake_machine_answer("1 0");
	fake_notify_chain(FAKE_PANIC, 0);
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");

	KUNIT_EXPECT_EQ(test, fake_param_panic_action->set("nonsense", NULL),
			-EINVAL);
	fake_below.is_admin = false;
	KUNIT_EXPECT_EQ(test, fake_param_panic_action->set("need-reset", NULL),
			-EPERM);
	fake_below.is_admin = true;
	KUNIT_EXPECT_EQ(test, fake_param_panic_action->set("need-reset", NULL),
			0);
	fake_notify_chain(FAKE_PANIC, 0);
	KUNIT_EXPECT_EQ(test, fake_machine.steps['O'], 2u);
	KUNIT_EXPECT_EQ(test, fake_machine.steps['C'], 2u);
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, 0u);
	fake_machine_answer("1 5");
	fake_notify_chain(FAKE_PANIC, 0);
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, 1u);
	fake_param_panic_action->set("none", NULL);
}

static void crash_kernel(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, vmgl_lifecycle_is_crash_kernel());
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");

	fake_lifecycle.is_crash_kernel = true;
	fake_machine_answer("1 0");
	KUNIT_EXPECT_TRUE(test, vmgl_lifecycle_is_crash_kernel());
	KUNIT_EXPECT_EQ(test, fake_machine.steps['O'], 1u);
	KUNIT_EXPECT_EQ(test, memcmp(fake_machine.request,
				     "GuestAppMonitor.Cmd.Disable",
				     strlen("GuestAppMonitor.Cmd.Disable")), 0);
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, 0u);
}

/* Replies to Disable in a crash kernel. Some of them mean that the host may reset the machine. */
static const struct last_reply {
	const char *text;
	unsigned int warnings;
} last_replies[] = {
	{ "1 0", 0 },
	{ "1 2", 0 },
	{ "0 Unknown command", 0 },
	{ "1 1", 1 },
	{ "1 5", 1 },
	{ "1 ", 1 },
	{ "1 00", 1 },
	{ "0 Permission denied", 1 },
	{ "", 1 },
};

static void last_reply_desc(const struct last_reply *reply, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "'%s'", reply->text);
}

KUNIT_ARRAY_PARAM(last_replies, last_replies, last_reply_desc);

static void reply_to_a_crash_kernel(struct kunit *test)
{
	const struct last_reply *reply = test->param_value;

	fake_lifecycle.is_crash_kernel = true;
	fake_machine_answer(reply->text);
	KUNIT_EXPECT_TRUE(test, vmgl_lifecycle_is_crash_kernel());
	KUNIT_EXPECT_EQ(test, fake_lifecycle.warnings, reply->warnings);
}

/* If one registration fails, the earlier ones are undone. */
static void chain_that_refuses(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	enum fake_chain chain;

	vmgl_lifecycle_unregister();
	for (chain = 0; chain < FAKE_CHAINS; chain++) {
		fake_lifecycle_reset();
		fake_lifecycle.refuses = chain;
		KUNIT_EXPECT_EQ(test, vmgl_lifecycle_register(&fixture->device),
				-EEXIST);
		KUNIT_EXPECT_NULL(test, fake_lifecycle.notifiers[FAKE_REBOOT]);
		KUNIT_EXPECT_NULL(test, fake_lifecycle.notifiers[FAKE_PM]);
		KUNIT_EXPECT_NULL(test, fake_lifecycle.notifiers[FAKE_PANIC]);
	}
	fake_lifecycle_reset();
	KUNIT_EXPECT_EQ(test, vmgl_lifecycle_register(&fixture->device), 0);
}

static int init(struct kunit *test)
{
	struct fixture *fixture;
	int ret = fixture_init(test);

	if (ret)
		return ret;
	fixture = test->priv;
	fake_lifecycle_reset();
	return vmgl_lifecycle_register(&fixture->device);
}

static void leave(struct kunit *test)
{
	if (!test->priv)
		return;
	vmgl_lifecycle_unregister();
	fixture_exit(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(sleep_and_wake, sleeps_gen_params),
	KUNIT_CASE(host_does_not_confirm_the_disable),
	KUNIT_CASE(shutdown),
	KUNIT_CASE(panics),
	KUNIT_CASE(crash_kernel),
	KUNIT_CASE_PARAM(reply_to_a_crash_kernel, last_replies_gen_params),
	KUNIT_CASE(chain_that_refuses),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_lifecycle",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
