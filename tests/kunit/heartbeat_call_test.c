// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the calls of the SDK, which share the client "api".
 *
 * "The host is enabled" means that vSphere HA application monitoring is enabled at the host.
 */
#include <kunit/test.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

static struct vmguestlib_heartbeat_client api(struct kunit *test)
{
	struct vmguestlib_heartbeat_client list[4] = {};
	u32 i, count = vmgl_heartbeat_list(kit_heartbeat(test), list, 4);

	for (i = 0; i < count; i++)
		if (list[i].kind == VMGUESTLIB_HEARTBEAT_KIND_API)
			return list[i];
	return (struct vmguestlib_heartbeat_client) {
		.state = VMGUESTLIB_HEARTBEAT_UNARMED,
	};
}

static u32 api_state(struct kunit *test)
{
	return api(test).state;
}

/* Without other clients the arbiter sends no heartbeats by itself, and "api" has no deadline. */
static void api_without_other_clients(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_expect_said(test, "IsEnabled Enable");
	KUNIT_EXPECT_EQ(test, fake_below.pins, 1);
	KUNIT_EXPECT_EQ(test, api(test).deadline_ms, 0u);
	fake_time_run_ms(29000);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	kit_expect_said(test, "MarkActive");
	fake_time_run_ms(3600000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_expect_said(test, "Disable");
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
}

/* Beside other clients the deadline of "api" is the window of the host. */
static void api_beside_other_clients(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(20000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, api(test).deadline_ms, 30000u);
	fake_time_run_ms(9000);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	/* The beat only restarts the deadline. The arbiter sends the heartbeats to the host. */
	kit_expect_said(test, "");
	fake_time_run_ms(29800);
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 3u);
	kit_hush(test);
	fake_time_run_ms(30000);
	KUNIT_EXPECT_EQ(test, api_state(test),
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	/* "api" is the only client that a beat arms again after its expiry. */
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);

	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "Disable");
}

/* The deadline of "api" runs from its own last beat, not from another client's arming. */
static void joining_restarts_no_deadline(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(25000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(4900);
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	fake_time_run_ms(200);
	KUNIT_EXPECT_EQ(test, api_state(test),
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void disable_without_enable(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_expect_said(test, "Disable");
	kit_answer(test, "Disable", "1 2");
	KUNIT_EXPECT_EQ(test, kit_disable(test), -EACCES);
}

static void second_enable(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_answer(test, "IsEnabled", "1 true");
	kit_answer(test, "Enable", "1 1");
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_FALSE(test, kit_heartbeat(test)->found_enabled);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 1);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

static const struct enable_case {
	const char *name;
	const char *is_enabled;
	const char *enable;
	int error;
} enables[] = {
	{ "cannot be asked", "0 no", "1 0", -EPERM },
	{ "desktop product", "0 Unknown command", "1 0", -EOPNOTSUPP },
	{ "refused", "1 false", "0 no", -EPERM },
	{ "host failed", "1 false", "1 1", -EREMOTEIO },
};

CASES(enables);

static void enable_that_fails(struct kunit *test)
{
	const struct enable_case *one = test->param_value;

	kit_answer(test, "IsEnabled", one->is_enabled);
	kit_answer(test, "Enable", one->enable);
	KUNIT_EXPECT_EQ(test, kit_enable(test), one->error);
	KUNIT_EXPECT_EQ(test, api_state(test),
			(u32)VMGUESTLIB_HEARTBEAT_UNARMED);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
}

static void enable_in_a_pause(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 10), 0);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	kit_expect_said(test, "");
	fake_time_run_ms(10100);
	kit_expect_said(test, "Enable MarkActive");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* During a pause the host is disabled already, but a Disable of a program still succeeds. */
static void disable_in_a_pause(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 10), 0);
	kit_hush(test);
	kit_answer(test, "Disable", "1 2");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
	KUNIT_EXPECT_EQ(test, kit_disable(test), -EACCES);
	fake_time_run_ms(20000);
	kit_expect_said(test, "Disable");
}

static void beat_that_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_answer(test, "MarkActive", "1 2");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), -EACCES);
	/* After Enable and a beat that opens the window, the beat is repeated only once. */
	kit_expect_said(test, "MarkActive Enable MarkActive MarkActive");
	/* Enable and the beat that opens the window are tried ten times in all. */
	fake_time_run_ms(15000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 9u);
	kit_hush(test);

	/* This error does not show whether the host is enabled, so the module checks the status. */
	kit_answer(test, "MarkActive", "1 1");
	kit_answer(test, "GetAppStatus", "1 gray");
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), -EREMOTEIO);
	kit_expect_said(test,
			"MarkActive GetAppStatus Enable MarkActive MarkActive");

	/* A malformed reply is no refusal: the host may have accepted the beat. */
	kit_fail(test, "MarkActive", -EPROTO);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), -EPROTO);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	kit_answer(test, "MarkActive", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

static const struct unarmed_case {
	const char *name;
	const char *is_enabled;
	int error;
} unarmed[] = {
	{ "a host with application monitoring", "1 false", -EACCES },
	{ "enabled by another program", "1 true", -EACCES },
	{ "a host that refuses", "0 no", -EACCES },
	{ "a host without application monitoring", "0 Unknown command",
	  -EOPNOTSUPP },
};

static void beat_of_an_unarmed_client(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unarmed); i++) {
		kit_answer(test, "IsEnabled", unarmed[i].is_enabled);
		KUNIT_EXPECT_EQ(test, kit_mark_active(test), unarmed[i].error);
		kit_expect_said(test, "IsEnabled");
		KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
	}
}

/* The arbiter and a client that expires during the first of several calls */
static struct vmgl_heartbeat *flooded;
static struct vmgl_heartbeat_owner victim;

static void expire_victim(struct fake_transport *fake)
{
	fake->during = NULL;
	vmgl_heartbeat_abandon(flooded, &victim);
}

static void no_flood_goes_before_an_expiry(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_hb_call calls[4] = {};
	struct vmgl_heartbeat_owner a = {};
	size_t i;

	flooded = kit_heartbeat(test);
	victim = (struct vmgl_heartbeat_owner) {};
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &victim, "v", 3600000),
			0);
	kit_hush(test);
	kit_stick(test);
	vmgl_hb_lock(flooded);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i].op = VMGUESTLIB_APPMON_MARK_ACTIVE;
		calls[i].text = "";
		vmgl_hb_submit(flooded, &calls[i]);
	}
	vmgl_hb_unlock(flooded);
	fixture->beat.during = expire_victim;
	kit_unstick();
	fake_time_run_ms(10);
	kit_expect_said(test,
			"IsEnabled PostAppState needReset IsEnabled IsEnabled IsEnabled");
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_EQ(test, vmgl_hb_wait(flooded, &calls[i], true),
				-EACCES);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(flooded, "v"), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* During a pause no state is posted, because the machine must not be reset. */
static void state_in_a_pause(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 10), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needreset"), -EINVAL);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(kit_heartbeat(test), 0), 0);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
}

/* A host may accept a beat of a program and stay gray. The module then sends one more Enable. */
static void beat_renews_gray_recovery(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	fake_time_run_ms(100000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 2u);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	fake_time_run_ms(100000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/*
 * After a client has expired, no heartbeats are sent. Each further Enable would delay the reset
 * by a window.
 */
static void beat_beside_an_expired_client_renews_nothing(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	fake_time_run_ms(100000);
	kit_hush(test);
	fake_time_run_ms(100000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 0u);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	fake_time_run_ms(100000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 0u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* If a program calls Enable again, it may have read gray, so the status is checked at once. */
static void enable_again_looks_at_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(30100);
	KUNIT_EXPECT_EQ(test, kit_count(test, "GetAppStatus"), 1u);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_expect_said(test, "GetAppStatus");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

static const struct word_case {
	const char *name;
	int error;
	enum vmgl_app_state state;
} words[] = {
	{ "OK", 0, VMGL_APP_STATE_OK },
	{ "appStateOk", 0, VMGL_APP_STATE_OK },
	{ "needReset", 0, VMGL_APP_STATE_NEED_RESET },
	{ "appStateNeedReset", 0, VMGL_APP_STATE_NEED_RESET },
	{ "needreset", -EINVAL, VMGL_APP_STATE_NONE },
	{ "", -EINVAL, VMGL_APP_STATE_NONE },
};

CASES(words);

static void words_of_state(struct kunit *test)
{
	const struct word_case *one = test->param_value;

	KUNIT_EXPECT_EQ(test, kit_post(test, one->name), one->error);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->posted,
			(int)one->state);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"),
			one->error ? 0u : 1u);
}

static void host_with_the_other_spelling(struct kunit *test)
{
	kit_answer(test, "PostAppState", "1 5");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), -EINVAL);
	kit_expect_said(test,
			"PostAppState OK PostAppState OK PostAppState appStateOk");
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->api_state,
			(int)VMGL_APP_STATE_NONE);
	kit_answer(test, "PostAppState appStateNeedReset", "1 0");
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	kit_answer(test, "PostAppState", "1 0");
}

/* OK from a program is not posted while a client with action need-reset has expired. */
static void ok_beside_an_expired_client(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	/* The last state of the programs is still needReset, so no OK is sent. */
	kit_expect_said(test, "Disable");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
	kit_expect_said(test, "PostAppState OK");
}

static void unknown_call(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_call(test, 0, ""), -EINVAL);
	KUNIT_EXPECT_EQ(test, kit_call(test, 7, ""), -EINVAL);
	/* A program cannot use the numbers of the arbiter's internal calls. */
	KUNIT_EXPECT_EQ(test, kit_call(test, VMGL_HB_OP_ARM, ""), -EINVAL);
	KUNIT_EXPECT_EQ(test, kit_call(test, VMGL_HB_OP_SYNC, ""), -EINVAL);
	KUNIT_EXPECT_EQ(test, kit_call(test, VMGL_HB_OP_OFF, ""), -EINVAL);
	kit_expect_said(test, "");
}

/* A call that has timed out is not served later. A signal does not end a call. */
static void call_that_times_out(struct kunit *test)
{
	u64 before = fake_time_ms();

	kit_stick(test);
	KUNIT_EXPECT_EQ(test, kit_enable(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake_time_ms() - before, 2000ULL);
	fake_time.has_signal = true;
	KUNIT_EXPECT_EQ(test, kit_enable(test), -ETIMEDOUT);
	fake_time.has_signal = false;
	kit_unstick();
	fake_time_run_ms(5000);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
}

/* give_up() does what vmgl_hb_wait() does if the caller's wait times out during its request. */
static struct vmgl_heartbeat *interrupted;

static void give_up(struct fake_transport *fake)
{
	vmgl_hb_lock(interrupted);
	interrupted->serving = NULL;
	if (interrupted->api.arming)
		vmgl_hb_detach(interrupted, &interrupted->api);
	vmgl_hb_unlock(interrupted);
}

/* The caller assumes that Enable has failed, and does not beat. The host is therefore disabled. */
static void caller_gives_up_meanwhile(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	interrupted = kit_heartbeat(test);
	fixture->beat.during = give_up;
	kit_enable(test);
	fixture->beat.during = NULL;
	KUNIT_EXPECT_EQ(test, api_state(test),
			(u32)VMGUESTLIB_HEARTBEAT_UNARMED);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, "Disable"), 1u);

	/* A host that was enabled before stays enabled. */
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fixture->beat.during = give_up;
	kit_enable(test);
	fixture->beat.during = NULL;
	KUNIT_EXPECT_EQ(test, api_state(test), (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(api_without_other_clients),
	KUNIT_CASE(api_beside_other_clients),
	KUNIT_CASE(joining_restarts_no_deadline),
	KUNIT_CASE(beat_of_an_unarmed_client),
	KUNIT_CASE(no_flood_goes_before_an_expiry),
	KUNIT_CASE(state_in_a_pause),
	KUNIT_CASE(beat_renews_gray_recovery),
	KUNIT_CASE(beat_beside_an_expired_client_renews_nothing),
	KUNIT_CASE(enable_again_looks_at_once),
	KUNIT_CASE(disable_without_enable),
	KUNIT_CASE(second_enable),
	KUNIT_CASE_PARAM(enable_that_fails, enables_gen_params),
	KUNIT_CASE(enable_in_a_pause),
	KUNIT_CASE(disable_in_a_pause),
	KUNIT_CASE(beat_that_is_refused),
	KUNIT_CASE_PARAM(words_of_state, words_gen_params),
	KUNIT_CASE(host_with_the_other_spelling),
	KUNIT_CASE(ok_beside_an_expired_client),
	KUNIT_CASE(unknown_call),
	KUNIT_CASE(call_that_times_out),
	KUNIT_CASE(caller_gives_up_meanwhile),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat_call",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
