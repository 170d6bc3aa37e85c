// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of a host that expects heartbeats although no client is armed, as after a reset. */
#include "cases.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

/* States of the host that an earlier boot may have left, while no client is armed */
static const struct boot_case {
	const char *name;
	const char *is_enabled;
	const char *status;
	const char *said;
	const char *later;	/* expected requests after the first check */
} boots[] = {
	{ "nothing", "1 false", "1 gray", "IsEnabled PostAppState OK", "" },
	{ "a host without application monitoring", "0 Unknown command",
	  "0 Unknown command", "IsEnabled", "" },
	{ "a host that refuses", "0 no", "0 no", "IsEnabled", "" },
	{ "gray", "1 true", "1 Gray", "IsEnabled GetAppStatus PostAppState OK Disable", "" },
	{ "red", "1 true", "1 red", "IsEnabled GetAppStatus PostAppState OK Disable", "" },
	{ "a program that beats", "1 true", "1 Green",
	  "IsEnabled GetAppStatus", "IsEnabled GetAppStatus" },
};

CASES(boots);

static void boot(struct kunit *test)
{
	const struct boot_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	fixture->beat.transport.is_privileged = true;
	kit_answer(test, "IsEnabled", one->is_enabled);
	kit_answer(test, "GetAppStatus", one->status);
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_expect_said(test, one->said);
	KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
	fake_time_run_ms(3600000);
	kit_expect_said(test, one->later);
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->enabled, VMGL_HB_NOT);
	KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
}

/*
 * At first the status is green, as if a program sent heartbeats. It turns red within a window,
 * because the heartbeats were sent before the reset.
 */
static void boot_with_a_late_status(struct kunit *test)
{
	kit_answer(test, "IsEnabled", "1 true");
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_answer(test, "GetAppStatus", "1 red");
	kit_hush(test);
	fake_time_run_ms(29900);
	kit_expect_said(test, "");
	fake_time_run_ms(200);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
}

/* If an answer is lost, the module asks the host again, but not without end. */
static void boot_with_a_lost_answer(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(hb);
	kit_expect_said(test, "IsEnabled");
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 red");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
}

static void boot_with_a_lost_status(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_answer(test, "IsEnabled", "1 true");
	kit_fail(test, "GetAppStatus", -ETIMEDOUT);
	vmgl_heartbeat_start(hb);
	kit_expect_said(test, "IsEnabled GetAppStatus");
	kit_answer(test, "GetAppStatus", "1 green");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled GetAppStatus");
}

/* After a malformed answer, the module asks the host again. */
static void boot_with_a_malformed_answer(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_answer(test, "IsEnabled", "true");
	vmgl_heartbeat_start(hb);
	kit_expect_said(test, "IsEnabled");
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 ");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled GetAppStatus");
	kit_answer(test, "GetAppStatus", "1 red");
	fake_time_run_ms(2100);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
}

/* Arms the first client for 5 s. */
static void arm_first_client(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/*
 * For the first client the module sends Enable. After that it no longer checks whether an earlier
 * boot has left application monitoring enabled.
 */
static void client_after_a_lost_answer(struct kunit *test)
{
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_answer(test, "IsEnabled", "1 false");
	arm_first_client(test);
	KUNIT_EXPECT_EQ(test, kit_count(test, "IsEnabled"), 1u);
}

static void boot_without_an_answer(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(hb);
	fake_time_run_ms(3600000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "IsEnabled"), 8u);
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
}

/* A host may refuse requests over the backdoor, which is used until VMCI sockets work. */
static void boot_before_the_sockets_work(struct kunit *test)
{
	kit_answer(test, "IsEnabled", "0 no");
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_expect_said(test, "IsEnabled");
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 red");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
}

/* A client of this boot has posted no state yet, so Enable is not followed by a state. */
static void client_after_the_boot(struct kunit *test)
{
	vmgl_heartbeat_start(kit_heartbeat(test));
	arm_first_client(test);
	kit_expect_said(test, "IsEnabled Enable MarkActive Disable");
}

/* A need-reset of an earlier boot is withdrawn, if need be by a second request. */
static void lost_ok_of_a_boot(struct kunit *test)
{
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_expect_said(test, "IsEnabled PostAppState OK");
	kit_answer(test, "PostAppState", "1 0");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled PostAppState OK");
	fake_time_run_ms(3600000);
	kit_expect_said(test, "");
}

/* A need-reset of this boot is not withdrawn by a check that comes late. */
static void need_reset_before_the_check(struct kunit *test)
{
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(kit_heartbeat(test));
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	kit_hush(test);
	kit_answer(test, "IsEnabled", "1 false");
	fake_time_run_ms(5000);
	kit_expect_said(test, "IsEnabled");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
}

/* During a pause a client is armed without Enable, so the old host still has to be disabled. */
static void old_host_in_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(hb);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 600), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_hush(test);
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 red");
	fake_time_run_ms(10000);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
}

/* Before a sleep, the module checks the status again at once, and not only after a window. */
static void old_host_before_a_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 green");
	vmgl_heartbeat_start(hb);
	kit_hush(test);
	kit_answer(test, "GetAppStatus", "1 red");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
	vmgl_heartbeat_resume(hb);
}

/* If nothing is known about the old host, the sleep is reported as dangerous. */
static void unknown_host_before_a_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(hb);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), -ETIMEDOUT);
	vmgl_heartbeat_resume(hb);
}

/*
 * The status is still green because of the beats before the reset. A pause or a sleep must not
 * end the check. One window after the first answer, the status is checked again, and the module
 * sends Disable.
 */
static void stale_green_before_a_rest(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 green");
	vmgl_heartbeat_start(hb);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 600), 0);
	/* The host may reset the machine during the sleep. */
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), -ETIMEDOUT);
	vmgl_heartbeat_resume(hb);
	kit_answer(test, "GetAppStatus", "1 red");
	kit_hush(test);
	fake_time_run_ms(24900);
	kit_expect_said(test, "");
	fake_time_run_ms(200);
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
}

/* Disable does not wait for the answer to OK. */
static void lost_ok_of_an_old_host(struct kunit *test)
{
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 red");
	kit_answer(test, "PostAppState", "1 ");
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_expect_said(test, "IsEnabled GetAppStatus PostAppState OK Disable");
	kit_answer(test, "IsEnabled", "1 false");
	kit_answer(test, "PostAppState", "1 0");
	fake_time_run_ms(1100);
	kit_expect_said(test, "IsEnabled PostAppState OK");
	fake_time_run_ms(3600000);
	kit_expect_said(test, "");
}

/* The channel stays open until the retry, so that a connection in the making can serve it. */
static void channel_until_the_last_retry(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	kit_answer(test, "IsEnabled", "0 no");
	vmgl_heartbeat_start(kit_heartbeat(test));
	KUNIT_EXPECT_TRUE(test, fixture->beat.is_open);
	fake_time_run_ms(3600000);
	KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
	KUNIT_EXPECT_EQ(test, kit_count(test, "IsEnabled"), 8u);
}

/* A client that is armed before the check has ended withdraws the need-reset after Enable. */
static void client_before_the_check(struct kunit *test)
{
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_answer(test, "IsEnabled", "1 false");
	arm_first_client(test);
	kit_expect_said(test, "IsEnabled Enable MarkActive PostAppState OK Disable");
}

/* A need-reset of this boot whose answer was lost is not withdrawn by the check. */
static void lost_need_reset_before_the_check(struct kunit *test)
{
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	vmgl_heartbeat_start(kit_heartbeat(test));
	/* As after a lost need-reset; post_known keeps the worker from posting again. */
	kit_heartbeat(test)->post_lost = true;
	kit_heartbeat(test)->post_known = false;
	kit_hush(test);
	kit_answer(test, "IsEnabled", "1 false");
	fake_time_run_ms(5000);
	kit_expect_said(test, "IsEnabled");
}

static struct vmgl_heartbeat *visited;
static unsigned int visits;

/* A client arrives during the check, and is removed before the host gets Enable. */
static void come_and_go(struct fake_transport *fake)
{
	static struct vmgl_hb_call call;

	vmgl_hb_lock(visited);
	switch (++visits) {
	case 2:
		visited->api.stage = VMGL_HB_PENDING;
		visited->api.arming = &call;
		vmgl_hb_attach(visited, &visited->api);
		break;
	case 4:
		vmgl_hb_detach(visited, &visited->api);
		break;
	}
	vmgl_hb_unlock(visited);
}

/* A client that is removed again must not keep the old host from being disabled. */
static void client_during_the_check(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	visited = kit_heartbeat(test);
	visits = 0;
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 red");
	kit_fail(test, "PostAppState", -EACCES);
	fixture->beat.during = come_and_go;
	vmgl_heartbeat_start(visited);
	fake_time_run_ms(5000);
	kit_expect_said(test,
			"IsEnabled GetAppStatus PostAppState OK IsEnabled Enable PostAppState OK Disable");
	KUNIT_EXPECT_EQ(test, (int)visited->enabled, VMGL_HB_NOT);
}

/* Replies to OK, and whether OK follows the Enable of the first client */
static const struct ok_case {
	const char *name;
	const char *reply;
	const char *said;
} oks[] = {
	{ "accepted", "1 0", "IsEnabled Enable MarkActive Disable" },
	{ "not enabled", "1 2", "IsEnabled Enable MarkActive PostAppState OK Disable" },
	{ "internal error", "1 1", "IsEnabled Enable MarkActive PostAppState OK Disable" },
	{ "not known", "0 Unknown command", "IsEnabled Enable MarkActive Disable" },
	{ "no such state", "1 5", "IsEnabled Enable MarkActive Disable" },
};

CASES(oks);

static void ok_of_a_host_that_is_not_enabled(struct kunit *test)
{
	const struct ok_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	fixture->beat.transport.is_privileged = true;
	kit_answer(test, "PostAppState", one->reply);
	vmgl_heartbeat_start(kit_heartbeat(test));
	kit_answer(test, "PostAppState", "1 0");
	arm_first_client(test);
	kit_expect_said(test, one->said);
}

/* A host that always refuses OK gets it once after Enable. */
static void host_that_refuses_each_ok(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture->beat.transport.is_privileged = true;
	kit_answer(test, "PostAppState", "1 1");
	vmgl_heartbeat_start(kit_heartbeat(test));
	arm_first_client(test);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState OK"), 1u);
}

static struct kunit *sleeper;

/* The host does not answer the first request of the sleep, but the second one. */
static void answer_the_retry(struct fake_transport *fake)
{
	if (++visits == 2)
		kit_answer(sleeper, "IsEnabled", "1 true");
}

/* A sleep waits for the retry of the check. */
static void retry_before_a_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct fixture *fixture = test->priv;

	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	kit_answer(test, "GetAppStatus", "1 red");
	vmgl_heartbeat_start(hb);
	kit_hush(test);
	sleeper = test;
	visits = 0;
	fixture->beat.during = answer_the_retry;
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	kit_expect_said(test, "IsEnabled IsEnabled GetAppStatus PostAppState OK Disable");
	vmgl_heartbeat_resume(hb);
}

/* When the module is unloaded, there is only time for Disable. */
static void old_host_at_unload(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "GetAppStatus", "1 green");
	vmgl_heartbeat_start(hb);
	kit_hush(test);
	kit_answer(test, "GetAppStatus", "1 red");
	vmgl_heartbeat_stop(hb);
	kit_expect_said(test, "IsEnabled GetAppStatus Disable");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(client_during_the_check),
	KUNIT_CASE_PARAM(ok_of_a_host_that_is_not_enabled, oks_gen_params),
	KUNIT_CASE(host_that_refuses_each_ok),
	KUNIT_CASE(retry_before_a_sleep),
	KUNIT_CASE(old_host_at_unload),
	KUNIT_CASE(stale_green_before_a_rest),
	KUNIT_CASE(lost_ok_of_an_old_host),
	KUNIT_CASE(channel_until_the_last_retry),
	KUNIT_CASE(client_before_the_check),
	KUNIT_CASE(lost_need_reset_before_the_check),
	KUNIT_CASE_PARAM(boot, boots_gen_params),
	KUNIT_CASE(boot_before_the_sockets_work),
	KUNIT_CASE(client_after_the_boot),
	KUNIT_CASE(lost_ok_of_a_boot),
	KUNIT_CASE(need_reset_before_the_check),
	KUNIT_CASE(old_host_in_a_pause),
	KUNIT_CASE(old_host_before_a_sleep),
	KUNIT_CASE(unknown_host_before_a_sleep),
	KUNIT_CASE(boot_with_a_late_status),
	KUNIT_CASE(boot_with_a_lost_answer),
	KUNIT_CASE(boot_with_a_lost_status),
	KUNIT_CASE(boot_with_a_malformed_answer),
	KUNIT_CASE(client_after_a_lost_answer),
	KUNIT_CASE(boot_without_an_answer),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat_boot",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
