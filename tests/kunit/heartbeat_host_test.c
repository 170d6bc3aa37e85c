// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the arbiter's requests to a host that is enabled already, refuses, fails, forgets that
 * it was enabled, or does not answer. "The host is enabled" means that vSphere HA application
 * monitoring is enabled at the host. The window is 30 s.
 */
#include <kunit/test.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

static const struct enable_case {
	const char *name;
	const char *is_enabled;
	const char *enable;
	int error;
	bool found_enabled;
	const char *said;
} enables[] = {
	{ "a host that is not enabled", "1 false", "1 0", 0, false,
	  "IsEnabled Enable MarkActive" },
	{ "enabled already", "1 true", "1 0", 0, true,
	  "IsEnabled Enable MarkActive" },
	{ "enabled already, a second time is an error", "1 true", "1 1", 0, true,
	  "IsEnabled Enable IsEnabled MarkActive" },
	{ "enabled already, a second time is a bad argument", "1 true", "1 5", 0,
	  true, "IsEnabled Enable IsEnabled MarkActive" },
	{ "internal error", "1 false", "1 1", -EREMOTEIO, false,
	  "IsEnabled Enable IsEnabled" },
	{ "not privileged", "1 false", "0 no", -EPERM, false, "IsEnabled Enable" },
	/* The host may have served the Enable, so the module sends Disable. */
	{ "nonsense", "1 false", "1 x", -EPROTO, false,
	  "IsEnabled Enable Disable" },
	{ "desktop product", "0 Unknown command", "1 0", -EOPNOTSUPP, false,
	  "IsEnabled" },
};

CASES(enables);

static void first_arm(struct kunit *test)
{
	const struct enable_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {};

	kit_answer(test, "IsEnabled", one->is_enabled);
	kit_answer(test, "Enable", one->enable);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), one->error);
	kit_expect_said(test, one->said);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->enabled,
			one->error ? VMGL_HB_NOT : VMGL_HB_ENABLED);
	KUNIT_EXPECT_EQ(test, kit_heartbeat(test)->found_enabled,
			one->found_enabled);
	KUNIT_EXPECT_EQ(test, !a.client, !!one->error);
	if (!one->error)
		return;
	/* A refused client leaves nothing behind. */
	fake_time_run_ms(60000);
	kit_expect_said(test, "");
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
}

static void exclusive_client(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &a, "a"), -EBUSY);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &a, "a"), -EBUSY);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);

	/* Another program had enabled the host before, and has disabled it since. */
	kit_answer(test, "IsEnabled", "1 false");
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &a, "a"), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 10), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), -EBUSY);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 0), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* found_enabled is false after a pause, because the pause has disabled the host. */
static void exclusive_client_after_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};

	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), -EBUSY);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	kit_stick(test);
	fake_time_stun_ms(10000);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), 0);
	kit_unstick();
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* Arming fails after 2 s if the host does not answer, and leaves no client behind. */
static void silent_host(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};
	u64 before;

	kit_stick(test);
	before = fake_time_ms();
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - before, 2000ULL);
	KUNIT_EXPECT_NULL(test, a.client);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);

	fake_time.has_signal = true;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
	fake_time.has_signal = false;
	kit_unstick();
	fake_time_run_ms(10000);
	kit_expect_said(test, "");
}

static void disarming_does_not_fail(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_hush(test);
	kit_stick(test);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "");
	kit_unstick();
	fake_time_run_ms(0);
	kit_expect_said(test, "Disable");
}

/* The Disable is tried again after 1, 2, 4 and so on up to 60 s. */
static void disable_that_fails_is_repeated(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_answer(test, "Disable", "1 1");
	kit_answer(test, "IsEnabled", "1 true");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "Disable IsEnabled");
	fake_time_run_ms(990);
	kit_expect_said(test, "");
	fake_time_run_ms(20);
	kit_expect_said(test, "Disable IsEnabled");
	fake_time_run_ms(1980);
	kit_expect_said(test, "");
	fake_time_run_ms(40);
	kit_expect_said(test, "Disable IsEnabled");
	fake_time_run_ms(600000);
	kit_hush(test);
	fake_time_run_ms(600000);
	KUNIT_EXPECT_GE(test, kit_count(test, "Disable"), 9u);
	KUNIT_EXPECT_LE(test, kit_count(test, "Disable"), 10u);

	kit_answer(test, "Disable", "1 0");
	fake_time_run_ms(61000);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->enabled,
			VMGL_HB_NOT);
	fake_time_run_ms(600000);
	kit_expect_said(test, "");
}

static const struct disable_case {
	const char *name;
	const char *disable;
	const char *is_enabled;
	bool is_disabled;
} disables[] = {
	{ "done", "1 0", "1 true", true },
	{ "it was not enabled", "1 2", "1 true", true },
	{ "it no longer knows the request", "0 Unknown command", "1 true", true },
	{ "an error, but it is off", "1 1", "1 false", true },
	{ "an error, and it is on", "1 1", "1 true", false },
	{ "refused, and it is on", "0 no", "1 true", false },
	{ "an error, and nothing is known", "1 1", "0 no", false },
};

CASES(disables);

static void last_disarm(struct kunit *test)
{
	const struct disable_case *one = test->param_value;
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_answer(test, "Disable", one->disable);
	kit_answer(test, "IsEnabled", one->is_enabled);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->enabled,
			one->is_disabled ? VMGL_HB_NOT : VMGL_HB_UNKNOWN);
	/* The connection to the host is closed when the module needs it no longer. */
	KUNIT_EXPECT_EQ(test, fixture->beat.is_open, !one->is_disabled);
}

/*
 * A client can be armed while a Disable that failed has not been repeated yet. The host is still
 * enabled then, but not by another program.
 */
static void arm_before_the_disable_is_repeated(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_answer(test, "Disable", "1 1");
	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_FALSE(test, kit_heartbeat(test)->found_enabled);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &a, "a"), 0);
	kit_answer(test, "Disable", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- application state --- */

static void need_reset_is_posted_and_taken_back(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &b, "b", 1000), 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"), 0u);
	kit_hush(test);
	fake_time_run_ms(1100);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->posted,
			(int)VMGL_APP_STATE_NEED_RESET);
	/* The second client has still expired, so the state stays needReset. */
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	kit_expect_said(test, "PostAppState OK Disable");
}

static void stop_posts_nothing(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"), 0u);
}

static const struct post_case {
	const char *name;
	const char *reply;
	const char *said;	/* expected requests until 1.5 s after the expiry */
} posts[] = {
	{ "the other spelling", "1 5",
	  "PostAppState needReset PostAppState appStateNeedReset" },
	{ "it does not know the request", "0 Unknown command",
	  "PostAppState needReset" },
	{ "an error: again after a second", "1 1",
	  "PostAppState needReset PostAppState needReset" },
};

CASES(posts);

static void post_that_fails(struct kunit *test)
{
	const struct post_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	kit_answer(test, "PostAppState", one->reply);
	kit_hush(test);
	fake_time_run_ms(2500);
	kit_expect_said(test, one->said);
	kit_answer(test, "PostAppState", "1 0");
}

/* After a move, the new host may know PostAppState although the old host did not. */
static void post_after_a_move(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	kit_answer(test, "PostAppState", "0 Unknown command");
	fake_time_run_ms(2500);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	fake_time_run_ms(5000);
	kit_expect_said(test, "");
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(1500);
	kit_expect_said(test, "PostAppState needReset GetAppStatus");
}

/* --- gray: a host that has forgotten that it monitors --- */

static void host_turns_gray(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_event_client events;
	struct vmgl_heartbeat_owner a = {};

	vmgl_event_client_add(&fixture->device.events, &events);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_answer(test, "GetAppStatus", "1 appStatusGray");
	kit_hush(test);
	fake_time_run_ms(31000);
	/* The module finds the status gray within one window. */
	kit_expect_said(test,
			"MarkActive MarkActive MarkActive GetAppStatus Enable MarkActive PostAppState OK");
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(&fixture->device.events,
						      &events),
			(u32)VMGUESTLIB_EVENT_STATUS);
	vmgl_event_client_remove(&fixture->device.events, &events);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/*
 * Each Enable begins a new window, in which the host does not reset the machine. While a client
 * is expired, only one Enable is sent, so that the host can reset the machine after this window.
 */
static void gray_without_beats_enables_once(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_hush(test);
	fake_time_run_ms(120000);
	kit_expect_said(test,
			"GetAppStatus Enable MarkActive PostAppState OK GetAppStatus GetAppStatus GetAppStatus");

	/* After a move, one further Enable is sent. */
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	kit_expect_said(test,
			"GetAppStatus Enable MarkActive PostAppState OK");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void gray_and_enable_fails(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_answer(test, "Enable", "1 1");
	kit_hush(test);
	fake_time_run_ms(31000);
	/* Heartbeats are sent at their times while Enable is repeated. */
	kit_expect_said(test,
			"MarkActive MarkActive MarkActive GetAppStatus Enable IsEnabled");
	fake_time_run_ms(30000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 3u);
	KUNIT_EXPECT_GE(test, kit_count(test, ".Enable"), 25u);
	KUNIT_EXPECT_LE(test, kit_count(test, ".Enable"), 31u);
	kit_answer(test, "Enable", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void refused_beat_is_followed_by_a_check(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_answer(test, "MarkActive", "1 1");
	kit_hush(test);
	fake_time_run_ms(11500);
	/* The beat is repeated after a second, not only after a third of the window. */
	kit_expect_said(test,
			"MarkActive GetAppStatus MarkActive GetAppStatus");
	kit_answer(test, "MarkActive", "1 2");
	fake_time_run_ms(1000);
	/* The reply says that the host is not enabled, so the status does not matter. */
	kit_expect_said(test, "MarkActive Enable PostAppState OK");
	kit_answer(test, "MarkActive", "1 0");
	fake_time_run_ms(1100);
	kit_expect_said(test, "MarkActive");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void silent_status_is_asked_again_soon(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_fail(test, "GetAppStatus", -ETIMEDOUT);
	fake_time_run_ms(29000);
	kit_hush(test);
	fake_time_run_ms(4500);
	KUNIT_EXPECT_GE(test, kit_count(test, "GetAppStatus"), 3u);
	kit_answer(test, "GetAppStatus", "1 green");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The signs of a move are a lost channel, a checkpoint, and a failover. */
static void signs_of_a_move(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(1000);
	kit_hush(test);
	fake_fail_once(&fixture->beat, FIXTURE_MONITOR "MarkActive", -EIO);
	fake_time_run_ms(10000);
	kit_expect_said(test, "MarkActive MarkActive GetAppStatus");
	vmgl_count(&fixture->device.counters, VMGL_COUNT_CHECKPOINTS, 1);
	fake_time_run_ms(1500);
	kit_expect_said(test, "GetAppStatus");
	vmgl_count(&fixture->device.counters, VMGL_COUNT_FAILOVERS, 1);
	fake_time_run_ms(1500);
	kit_expect_said(test, "GetAppStatus");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void enable_again_after_a_failure(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	kit_answer(test, "Enable", "1 1");
	kit_hush(test);
	fake_time_run_ms(12500);
	kit_expect_said(test,
			"Enable IsEnabled Enable IsEnabled Enable IsEnabled");
	/* Armed clients stay armed. */
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	kit_answer(test, "Enable", "1 0");
	fake_time_run_ms(1000);
	kit_expect_said(test, "Enable MarkActive");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/*
 * After a pause, one heartbeat is sent even if all clients have expired. Some hosts begin their
 * window with this heartbeat, and would otherwise never reset the machine. A heartbeat that fails
 * is repeated.
 */
static void expired_client_begins_its_window(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(1500);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	kit_hush(test);
	fake_time_run_ms(11000);
	kit_expect_said(test, "Enable MarkActive");
	KUNIT_EXPECT_GE(test, kit_summary(test).age_ms, 0LL);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	kit_hush(test);
	fake_fail_once(&fixture->beat, FIXTURE_MONITOR "MarkActive", -ETIMEDOUT);
	fake_time_run_ms(10600);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	fake_time_run_ms(3600000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 2u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 2u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- pauses and ends --- */

static bool forbid(const struct vmgl_heartbeat_owner *owner)
{
	return true;
}

static void pause_stops_deadlines(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};
	u32 state, left;

	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 0u);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 2000), 0);
	fake_time_run_ms(1500);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	kit_expect_said(test, "Disable");
	fake_time_run_ms(50500);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 50u);
	vmgl_heartbeat_query(hb, &a, &state, &left);
	KUNIT_EXPECT_EQ(test, state, (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, left, 2000u);
	/* A client that is armed during the pause does not wait for the host. */
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 2000), 0);
	kit_expect_said(test, "");

	fake_time_run_ms(50000);
	kit_expect_said(test, "Enable MarkActive");
	/* All deadlines start again. */
	vmgl_heartbeat_query(hb, &a, &state, &left);
	KUNIT_EXPECT_EQ(test, state, (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 0u);

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	kit_expect_said(test, "Disable Enable MarkActive");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The last Disable was tried at 123 s, and the next attempt would be 60 s later. */
static void beat_after_a_disable_that_failed(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_answer(test, "Disable", "1 1");
	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 3600), 0);
	fake_time_run_ms(124000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	kit_fail(test, "MarkActive", -ETIMEDOUT);
	fake_time_run_ms(10500);
	kit_answer(test, "MarkActive", "1 0");
	kit_hush(test);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	kit_answer(test, "Disable", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void pause_may_be_forbidden(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner dog = {};
	struct vmgl_heartbeat_terms watchdog = {
		.name = "watchdog",
		.kind = VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG,
		.deadline_ms = 60000,
		.forbids_pause = forbid,
	};

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_arm(hb, &dog, &watchdog), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), -EBUSY);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 0u);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &dog), 0);
}

static void suspend_and_resume(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_hush(test);
	vmgl_heartbeat_suspend(hb);
	kit_expect_said(test, "Disable");
	fake_time_stun_ms(3600000);
	fake_time_run_ms(10000);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	kit_expect_said(test, "");
	vmgl_heartbeat_resume(hb);
	kit_expect_said(test, "Enable MarkActive PostAppState OK");
	fake_time_run_ms(4900);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void stop_ends_deadlines(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_hush(test);
	vmgl_heartbeat_stop(hb);
	kit_expect_said(test, "Disable");
	fake_time_run_ms(60000);
	kit_expect_said(test, "");
	/* After vmgl_heartbeat_stop() no deadline runs, so the module wakes no thread. */
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 5000), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb, VMGUESTLIB_APPMON_ENABLE,
						  ""), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb, VMGUESTLIB_APPMON_MARK_ACTIVE,
						  ""), -ESHUTDOWN);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A host that does not answer delays a shutdown by at most 2 s. */
static void stop_with_a_silent_host(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};
	u64 before;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_fail(test, "Disable", -ETIMEDOUT);
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	before = fake_time_ms();
	vmgl_heartbeat_stop(kit_heartbeat(test));
	KUNIT_EXPECT_LE(test, fake_time_ms() - before, 2000ULL);
	vmgl_heartbeat_flush(kit_heartbeat(test));
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A host may have forgotten a state after a move, so needReset and OK are posted again. */
static const struct move_case {
	const char *name;
	bool is_gray;
	bool is_expired;
	const char *said;
} moves[] = {
	{ "a green host", false, true,
	  "GetAppStatus PostAppState needReset" },
	{ "a gray host", true, true,
	  "GetAppStatus Enable MarkActive PostAppState needReset" },
	{ "a green host, OK again", false, false,
	  "GetAppStatus PostAppState OK" },
	{ "a gray host, OK again", true, false,
	  "GetAppStatus Enable MarkActive PostAppState OK" },
};

CASES(moves);

static void state_after_a_move(struct kunit *test)
{
	const struct move_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &b, "b", 1000), 0);
	fake_time_run_ms(2000);
	if (!one->is_expired)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	kit_answer(test, "GetAppStatus", one->is_gray ? "1 gray" : "1 green");
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	kit_expect_said(test, one->said);
	/* The state is posted once for each move. */
	fake_time_run_ms(5000);
	kit_expect_said(test, "");
	fake_time_run_ms(2000);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	kit_expect_said(test, one->said);
	if (one->is_expired)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void state_after_a_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	kit_hush(test);
	vmgl_heartbeat_resume(hb);
	kit_expect_said(test, "Enable MarkActive PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A host may forget the posted state at a Disable, so it is posted again. */
static void state_after_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	kit_expect_said(test, "Enable MarkActive PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* If the Disable fails, the caller gets an error: the host might reset a sleeping machine. */
static void sleep_without_disable(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};
	u64 before = fake_time_ms();

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_answer(test, "Disable", "1 1");
	kit_answer(test, "IsEnabled", "1 true");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - before, 2000ULL);
	/* The Disable is tried at once, and again after 1 s. */
	kit_expect_said(test, "Disable IsEnabled Disable IsEnabled");
	vmgl_heartbeat_resume(hb);
	kit_answer(test, "Disable", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static struct vmgl_heartbeat *doubted;
static const char *doubted_in;

static void doubt(struct fake_transport *fake)
{
	if (!strstr(fake->talk, doubted_in))
		return;
	fake->during = NULL;
	vmgl_heartbeat_recheck(doubted);
}

/* The machine is moved during a request. The new host does not have the state. */
static const struct late_doubt_case {
	const char *name;
	const char *request;
	const char *said;
} late_doubts[] = {
	{ "the status", "GetAppStatus",
	  "GetAppStatus GetAppStatus PostAppState needReset" },
	{ "the state", "needReset",
	  "GetAppStatus PostAppState needReset GetAppStatus PostAppState needReset" },
};

CASES(late_doubts);

static void move_during_a_request(struct kunit *test)
{
	const struct late_doubt_case *one = test->param_value;
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(5000);
	kit_hush(test);
	doubted = kit_heartbeat(test);
	doubted_in = one->request;
	fixture->beat.during = doubt;
	vmgl_heartbeat_recheck(doubted);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_NULL(test, fixture->beat.during);
	kit_expect_said(test, one->said);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* After a move during an Enable, the status is checked soon, and not only after a window. */
static void move_during_enable(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	doubted = kit_heartbeat(test);
	doubted_in = ".Enable";
	fixture->beat.during = doubt;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "GetAppStatus"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void show_enabled(struct fake_transport *fake)
{
	if (strstr(fake->talk, "Disable"))
		fake_answer(fake, FIXTURE_MONITOR "IsEnabled", "1 true");
}

/* The module's own Enable, whose answer was lost, has enabled the host. No other program has. */
static void lost_enable_is_our_own(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	kit_fail(test, "Enable", -ETIMEDOUT);
	kit_answer(test, "Disable", "1 1");
	fixture->beat.during = show_enabled;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), -ETIMEDOUT);
	fixture->beat.during = NULL;
	kit_answer(test, "Enable", "1 0");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &a, "a"), 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 1u);
	KUNIT_EXPECT_FALSE(test, kit_summary(test).found_enabled);
	kit_answer(test, "Disable", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static struct vmgl_heartbeat *listed;
static u32 seen_pending;

static void list_clients(struct fake_transport *fake)
{
	seen_pending += vmgl_heartbeat_list(listed, NULL, 0);
	seen_pending += vmgl_heartbeat_clear(listed, "a") != -ENOENT;
	fake->during = NULL;
}

/* A client is not listed while it still waits for the host. */
static void pending_is_not_listed(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	listed = kit_heartbeat(test);
	seen_pending = 0;
	fixture->beat.during = list_clients;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_NULL(test, fixture->beat.during);
	KUNIT_EXPECT_EQ(test, seen_pending, 0u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The next client is armed before the worker has sent the Disable. */
static void last_leaves_and_first_comes(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_hush(test);
	kit_stick(test);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 60000), 0);
	kit_unstick();
	fake_time_run_ms(5000);
	kit_expect_said(test, "");
	fake_time_run_ms(10000);
	kit_expect_said(test, "MarkActive");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

static void age_of_the_last_beat(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_summary(test).interval_ms, 10000u);
	KUNIT_EXPECT_EQ(test, kit_summary(test).age_ms, -1LL);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 60000), 0);
	fake_time_run_ms(3000);
	KUNIT_EXPECT_EQ(test, kit_summary(test).age_ms, 3000LL);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_summary(test).age_ms, -1LL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(first_arm, enables_gen_params),
	KUNIT_CASE(exclusive_client),
	KUNIT_CASE(exclusive_client_after_a_pause),
	KUNIT_CASE(silent_host),
	KUNIT_CASE(disarming_does_not_fail),
	KUNIT_CASE(disable_that_fails_is_repeated),
	KUNIT_CASE_PARAM(last_disarm, disables_gen_params),
	KUNIT_CASE(arm_before_the_disable_is_repeated),
	KUNIT_CASE(need_reset_is_posted_and_taken_back),
	KUNIT_CASE(stop_posts_nothing),
	KUNIT_CASE_PARAM(post_that_fails, posts_gen_params),
	KUNIT_CASE(post_after_a_move),
	KUNIT_CASE(host_turns_gray),
	KUNIT_CASE(gray_without_beats_enables_once),
	KUNIT_CASE(gray_and_enable_fails),
	KUNIT_CASE(refused_beat_is_followed_by_a_check),
	KUNIT_CASE(silent_status_is_asked_again_soon),
	KUNIT_CASE(signs_of_a_move),
	KUNIT_CASE(enable_again_after_a_failure),
	KUNIT_CASE(expired_client_begins_its_window),
	KUNIT_CASE(pause_stops_deadlines),
	KUNIT_CASE(beat_after_a_disable_that_failed),
	KUNIT_CASE(pause_may_be_forbidden),
	KUNIT_CASE(suspend_and_resume),
	KUNIT_CASE(stop_ends_deadlines),
	KUNIT_CASE(stop_with_a_silent_host),
	KUNIT_CASE_PARAM(state_after_a_move, moves_gen_params),
	KUNIT_CASE_PARAM(move_during_a_request, late_doubts_gen_params),
	KUNIT_CASE(move_during_enable),
	KUNIT_CASE(state_after_a_sleep),
	KUNIT_CASE(state_after_a_pause),
	KUNIT_CASE(sleep_without_disable),
	KUNIT_CASE(lost_enable_is_our_own),
	KUNIT_CASE(pending_is_not_listed),
	KUNIT_CASE(last_leaves_and_first_comes),
	KUNIT_CASE(age_of_the_last_beat),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat_host",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
