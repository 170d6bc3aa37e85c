// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the watchdog device. They call it as the kernel's watchdog core does. */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/watchdog.h>

#include "cases.h"
#include "fake_time.h"
#include "fake_watchdog.h"
#include "heartbeat_kit.h"
#include "watchdog.h"

/* Two addresses that stand for the pids of two processes */
static char processes[2];

static void be_process(int number)
{
	fake_watchdog.pinger = (struct pid *)&processes[number];
}

static int start(void)
{
	return fake_watchdog.wdd->ops->start(fake_watchdog.wdd);
}

static int ping(void)
{
	return fake_watchdog.wdd->ops->ping(fake_watchdog.wdd);
}

static int stop(void)
{
	return fake_watchdog.wdd->ops->stop(fake_watchdog.wdd);
}

/* Returns the client of the device, or a client with state 0 if there is none. */
static struct vmguestlib_heartbeat_client client(struct kunit *test)
{
	struct vmguestlib_heartbeat_client client = {};

	vmgl_heartbeat_list(kit_heartbeat(test), &client, 1);
	return client;
}

static void device(struct kunit *test)
{
	struct watchdog_device *wdd = fake_watchdog.wdd;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, wdd);
	KUNIT_EXPECT_EQ(test, wdd->timeout, 30u);
	KUNIT_EXPECT_EQ(test, wdd->min_timeout, 1u);
	KUNIT_EXPECT_EQ(test, wdd->max_timeout, 3600u);
	/* If this limit were set, the core would ping by itself. */
	KUNIT_EXPECT_EQ(test, wdd->max_hw_heartbeat_ms, 0u);
	KUNIT_EXPECT_EQ(test, wdd->info->options,
			(u32)(WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING |
			      WDIOF_MAGICCLOSE));
	KUNIT_EXPECT_LE(test, strlen((const char *)wdd->info->identity),
			(size_t)30);
}

static void core_that_takes_no_device(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	vmgl_watchdog_unregister();
	KUNIT_EXPECT_NULL(test, fake_watchdog.wdd);
	fake_watchdog.error = -EBUSY;
	vmgl_watchdog_register(kit_heartbeat(test), &fixture->parent);
	KUNIT_EXPECT_EQ(test, fake_watchdog.warnings, 1u);
	/* Without a registration, unregistering does nothing. */
	fake_watchdog.wdd = (struct watchdog_device *)&processes;
	vmgl_watchdog_unregister();
	KUNIT_EXPECT_NOT_NULL(test, fake_watchdog.wdd);
	fake_watchdog.error = 0;
}

static void terms_of_the_client(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	KUNIT_EXPECT_STREQ(test, client(test).name, "watchdog");
	KUNIT_EXPECT_EQ(test, client(test).kind,
			(u32)VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG);
	KUNIT_EXPECT_EQ(test, client(test).action,
			(u32)VMGUESTLIB_HEARTBEAT_NEED_RESET);
	KUNIT_EXPECT_EQ(test, client(test).deadline_ms, 30000u);
	KUNIT_EXPECT_EQ(test, stop(), 0);
	KUNIT_EXPECT_EQ(test, kit_summary(test).clients, 0u);
	/* The core may stop the device when there is no client. */
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

static void pings_restart_the_deadline(struct kunit *test)
{
	struct watchdog_device *wdd = fake_watchdog.wdd;
	int i;

	KUNIT_EXPECT_EQ(test, start(), 0);
	for (i = 0; i < 4; i++) {
		fake_time_run_ms(20000);
		KUNIT_EXPECT_EQ(test, wdd->ops->get_timeleft(wdd), 10u);
		KUNIT_EXPECT_EQ(test, ping(), 0);
		KUNIT_EXPECT_EQ(test, wdd->ops->get_timeleft(wdd), 30u);
	}
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

/* The program of a client that has expired cannot arm it again by a ping. */
static void expired(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	fake_time_run_ms(31000);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
	KUNIT_EXPECT_EQ(test, ping(), -ETIME);
	KUNIT_EXPECT_EQ(test, client(test).state,
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

/* Another process may arm the client again. The process that pinged last counts. */
static void another_process_takes_over(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	be_process(1);
	KUNIT_EXPECT_EQ(test, ping(), 0);
	fake_time_run_ms(31000);
	KUNIT_EXPECT_EQ(test, ping(), -ETIME);
	be_process(0);
	KUNIT_EXPECT_EQ(test, ping(), 0);
	KUNIT_EXPECT_EQ(test, client(test).state,
			(u32)VMGUESTLIB_HEARTBEAT_ARMED);
	/* This process has now pinged last, so its ping does not arm either. */
	fake_time_run_ms(31000);
	KUNIT_EXPECT_EQ(test, ping(), -ETIME);
	KUNIT_EXPECT_EQ(test, fake_watchdog.references, 1);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

static void no_process_takes_over_with_nowayout(struct kunit *test)
{
	set_bit(WDOG_NO_WAY_OUT, &fake_watchdog.wdd->status);
	KUNIT_EXPECT_EQ(test, start(), 0);
	fake_time_run_ms(31000);
	be_process(1);
	KUNIT_EXPECT_EQ(test, ping(), -ETIME);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

/* An administrator has cleared the client, but for the core the device is active. */
static void cleared(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	fake_time_run_ms(31000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(kit_heartbeat(test),
						   "watchdog"), 0);
	KUNIT_EXPECT_EQ(test, ping(), 0);
	KUNIT_EXPECT_EQ(test, client(test).state,
			(u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

/* The core pings for a process that is killed. This ping must not arm, as no ping would follow. */
static void ping_of_an_exiting_process(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	fake_time_run_ms(31000);
	be_process(1);
	fake_watchdog.task.flags = PF_EXITING;
	KUNIT_EXPECT_EQ(test, ping(), -ETIME);
	KUNIT_EXPECT_EQ(test, client(test).state,
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(kit_heartbeat(test),
						   "watchdog"), 0);
	KUNIT_EXPECT_EQ(test, ping(), -ENOTCONN);
	fake_watchdog.task.flags = PF_KTHREAD;
	KUNIT_EXPECT_EQ(test, ping(), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, kit_summary(test).clients, 0u);
	fake_watchdog.task.flags = 0;
	KUNIT_EXPECT_EQ(test, ping(), 0);
	/* Such a ping restarts the deadline of a live client, as the core intends. */
	fake_watchdog.task.flags = PF_EXITING;
	KUNIT_EXPECT_EQ(test, ping(), 0);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

/* nowayout is a bit of the core's device. A program can also set it later, in sysfs. */
static void pause_is_forbidden_by_nowayout(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	KUNIT_EXPECT_EQ(test, start(), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	set_bit(WDOG_NO_WAY_OUT, &fake_watchdog.wdd->status);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), -EBUSY);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

static const struct timeout_case {
	const char *name;
	unsigned int timeout_s;
	unsigned int pretimeout_s;
	unsigned int left_s;	/* pretimeout after the change, in s */
} timeouts[] = {
	{ "above the pretimeout", 8, 7, 7 },
	{ "the pretimeout itself", 7, 7, 0 },
	{ "below it", 5, 7, 0 },
};

CASES(timeouts);

static void timeout_is_changed(struct kunit *test)
{
	const struct timeout_case *one = test->param_value;
	struct watchdog_device *wdd = fake_watchdog.wdd;

	KUNIT_EXPECT_EQ(test, start(), 0);
	wdd->pretimeout = one->pretimeout_s;
	KUNIT_EXPECT_EQ(test, wdd->ops->set_timeout(wdd, one->timeout_s), 0);
	KUNIT_EXPECT_EQ(test, wdd->timeout, one->timeout_s);
	KUNIT_EXPECT_EQ(test, wdd->pretimeout, one->left_s);
	KUNIT_EXPECT_EQ(test, client(test).deadline_ms, one->timeout_s * 1000);
	KUNIT_EXPECT_EQ(test, stop(), 0);
	/* The next client has the same timeout. */
	KUNIT_EXPECT_EQ(test, start(), 0);
	KUNIT_EXPECT_EQ(test, client(test).deadline_ms, one->timeout_s * 1000);
	KUNIT_EXPECT_EQ(test, stop(), 0);
}

static int init(struct kunit *test)
{
	struct fixture *fixture;
	int ret = fixture_init(test);

	if (ret)
		return ret;
	fixture = test->priv;
	fake_watchdog_reset();
	be_process(0);
	vmgl_watchdog_register(kit_heartbeat(test), &fixture->parent);
	if (!fake_watchdog.wdd)
		return -ENODEV;
	fake_watchdog.wdd->status = 0;
	fake_watchdog.wdd->timeout = 30;
	fake_watchdog.wdd->pretimeout = 0;
	return 0;
}

/* This must be the last case. Unregistering drops the reference to the last process. */
static void withdrawn(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, start(), 0);
	KUNIT_EXPECT_EQ(test, stop(), 0);
	vmgl_watchdog_unregister();
	KUNIT_EXPECT_NULL(test, fake_watchdog.wdd);
	KUNIT_EXPECT_EQ(test, fake_watchdog.references, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device),
	KUNIT_CASE(core_that_takes_no_device),
	KUNIT_CASE(terms_of_the_client),
	KUNIT_CASE(pings_restart_the_deadline),
	KUNIT_CASE(expired),
	KUNIT_CASE(another_process_takes_over),
	KUNIT_CASE(no_process_takes_over_with_nowayout),
	KUNIT_CASE(cleared),
	KUNIT_CASE(ping_of_an_exiting_process),
	KUNIT_CASE(pause_is_forbidden_by_nowayout),
	KUNIT_CASE_PARAM(timeout_is_changed, timeouts_gen_params),
	KUNIT_CASE(withdrawn),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_watchdog",
	.init = init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
