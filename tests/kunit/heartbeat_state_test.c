// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of what the arbiter sends when the host may have another state than it should have:
 * after lost and malformed answers, after a move, and during a pause.
 *
 * "The host is enabled" means that vSphere HA application monitoring is enabled at the host.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "cases.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

/* --- the answer to need-reset is lost ------------------------------------------- */

enum recovery { DISARM, ARM_AGAIN, CLEAR };

static const struct lost_case {
	const char *name;
	enum recovery recovery;
	int error;
	bool is_taken_back;
} lost[] = {
	{ "disarmed", DISARM, -ETIMEDOUT, true },
	{ "armed again", ARM_AGAIN, -EIO, true },
	{ "cleared", CLEAR, -EPROTO, true },
	{ "the host did not serve it", DISARM, -ESHUTDOWN, false },
};

CASES(lost);

/* The host may have served a need-reset whose answer is lost, so OK is posted. */
static void lost_need_reset_is_taken_back(struct kunit *test)
{
	const struct lost_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	kit_fail(test, "PostAppState", one->error);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	if (one->recovery == DISARM)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	else if (one->recovery == ARM_AGAIN)
		KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "a", 3600000), 0);
	else
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(kit_heartbeat(test),
							   "a"), 0);
	fake_time_run_ms(3000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"),
			(unsigned int)one->is_taken_back);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState OK"),
			(unsigned int)one->is_taken_back);
	if (b.client)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* The program gets an error, so its need-reset must have no effect. */
static void lost_need_reset_of_the_sdk_is_taken_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), -ETIMEDOUT);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	fake_time_run_ms(3000);
	kit_expect_said(test, "PostAppState OK");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* A program that has recovered must cause no reset, even if the answer to its OK is lost. */
static void lost_ok_of_the_sdk_is_repeated(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), -ETIMEDOUT);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	fake_time_run_ms(3000);
	kit_expect_said(test, "PostAppState OK");
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* A host may forget the state at Enable, so it is posted again. */
static void state_after_a_second_enable(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(100);
	kit_expect_said(test, "IsEnabled Enable PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* A lost OK is not repeated if the host cannot have need-reset. */
static void lost_ok_without_need_reset(struct kunit *test)
{
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), -ETIMEDOUT);
	kit_hush(test);
	fake_time_run_ms(120000);
	kit_expect_said(test, "");
}

static struct vmgl_heartbeat *late_heartbeat;

/* Does what vmgl_hb_wait() does if the wait of the caller times out during its request. */
static void give_up(struct fake_transport *fake)
{
	if (!strstr(fake->talk, "needReset"))
		return;
	fake->during = NULL;
	vmgl_hb_lock(late_heartbeat);
	late_heartbeat->serving = NULL;
	vmgl_hb_unlock(late_heartbeat);
}

/* The caller gets an error, and the host accepts the state later. */
static void late_need_reset_of_the_sdk_is_taken_back(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	late_heartbeat = kit_heartbeat(test);
	fixture->beat.during = give_up;
	kit_post(test, "needReset");
	fake_time_run_ms(3000);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->posted,
			(int)VMGL_APP_STATE_OK);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* The first need-reset was confirmed, so it stays in effect. */
static void late_need_reset_after_a_confirmed_one(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	late_heartbeat = kit_heartbeat(test);
	kit_hush(test);
	fixture->beat.during = give_up;
	kit_post(test, "needReset");
	KUNIT_EXPECT_NULL(test, fixture->beat.during);
	fake_time_run_ms(3000);
	KUNIT_EXPECT_EQ(test, (int)kit_heartbeat(test)->posted,
			(int)VMGL_APP_STATE_NEED_RESET);
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* A client has expired and recovered, and the answer to OK was lost. The client expires again. */
static void need_reset_after_a_lost_ok(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	vmgl_heartbeat_abandon(kit_heartbeat(test), &a);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	fake_time_run_ms(2000);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(kit_heartbeat(test), "a"), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* While the client is expired, a lost need-reset is repeated. */
static void lost_need_reset_is_repeated(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	kit_fail(test, "PostAppState", -ETIMEDOUT);
	fake_time_run_ms(1100);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	fake_time_run_ms(5000);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- pause ---------------------------------------------------------------------- */

/* The host must not reset the machine in a pause, even if it has accepted need-reset. */
static void need_reset_is_taken_back_for_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	kit_expect_said(test, "PostAppState OK Disable");
	fake_time_run_ms(99000);
	kit_expect_said(test, "");
	fake_time_run_ms(2000);
	kit_expect_said(test, "Enable MarkActive PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A post that has failed during the pause is repeated at once after the pause. */
static void post_that_fails_in_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "PostAppState", "1 1");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 1000), 0);
	fake_time_run_ms(80000);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_answer(test, "PostAppState", "1 0");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	kit_expect_said(test, "PostAppState OK");
}

/* The pause ends although there is no client, and no program reads the state. */
static void need_reset_of_a_pause_is_posted_after_it(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	KUNIT_EXPECT_EQ(test, kit_post(test, "needReset"), 0);
	kit_hush(test);
	fake_time_run_ms(99000);
	kit_expect_said(test, "");
	fake_time_run_ms(3000);
	kit_expect_said(test, "PostAppState needReset");
	KUNIT_EXPECT_EQ(test, kit_post(test, "OK"), 0);
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
}

/* --- moves ---------------------------------------------------------------------- */

/* A program that uses "api" may have died, so the arbiter sends the beat that opens the window. */
static void window_is_opened_for_api(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	fake_time_run_ms(2000);
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	kit_expect_said(test, "GetAppStatus Enable MarkActive PostAppState OK");
	/* Only one beat is sent, because the program may have died. */
	fake_time_run_ms(25000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* A host that stays gray until the first beat does not monitor before the first MarkActive. */
static void window_is_not_opened_before_the_first_beat(struct kunit *test)
{
	kit_answer(test, "GetAppStatus", "1 gray");
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

static const struct odd_status_case {
	const char *name;
	const char *reply;
	int error;
	const char *said;
} odd_statuses[] = {
	{ "no word", "1 ", 0,
	  "GetAppStatus Enable MarkActive PostAppState needReset" },
	{ "a long word",
	  "1 0123456789012345678901234567890123456789012345678901234567890123456789",
	  0, "GetAppStatus Enable MarkActive PostAppState needReset" },
	{ "refused", "0 no", 0, "GetAppStatus PostAppState needReset" },
	{ "no answer", NULL, -ETIMEDOUT, "GetAppStatus PostAppState needReset" },
};

CASES(odd_statuses);

/* A status that the arbiter cannot read does not keep the state from the new host. */
static void state_beside_an_odd_status(struct kunit *test)
{
	const struct odd_status_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	if (one->reply)
		kit_answer(test, "GetAppStatus", one->reply);
	else
		kit_fail(test, "GetAppStatus", one->error);
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	kit_expect_said(test, one->said);
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"), 0u);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 0u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* Without a sign of a move, a malformed status must not delay the reset for an expired client. */
static void malformed_status_without_a_move(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(40000);
	kit_answer(test, "GetAppStatus", "1 ");
	kit_hush(test);
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 0u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_GT(test, kit_count(test, "GetAppStatus"), 0u);
	/* An Enable of the SDK checks the status as well, and is no such sign either. */
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* Even if signs of a move come again and again, the reset for an expired client must come. */
static void malformed_status_after_many_moves(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};
	int i;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(40000);
	kit_answer(test, "GetAppStatus", "1 ");
	kit_hush(test);
	for (i = 0; i < 20; i++) {
		vmgl_heartbeat_recheck(kit_heartbeat(test));
		fake_time_run_ms(20000);
	}
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 10u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 10u);
	/* A status that is not malformed shows that the host can be asked again. */
	kit_answer(test, "GetAppStatus", "1 red");
	fake_time_run_ms(31000);
	kit_answer(test, "GetAppStatus", "1 ");
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The count begins again after a beat of the SDK, and after a sleep. */
static void malformed_status_after_a_beat(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	hb->malformed = 10;
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	KUNIT_EXPECT_EQ(test, hb->malformed, 0u);
	hb->malformed = 10;
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	vmgl_heartbeat_resume(hb);
	KUNIT_EXPECT_EQ(test, hb->malformed, 0u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
}

/* --- requests that were sent over both transports ------------------------------- */

/*
 * The host serves the request of the privileged sender, its answer is lost, and the host
 * refuses the same request over the backdoor.
 */
static void repeat_request(struct fake_transport *fake)
{
	fake->transport.was_repeated = true;
}

static void serve_and_refuse(struct kunit *test, const char *request)
{
	struct fixture *fixture = test->priv;

	kit_answer(test, request, "0 Permission denied");
	fixture->beat.during = repeat_request;
}

static void serve_again(struct kunit *test, const char *request)
{
	struct fixture *fixture = test->priv;

	kit_answer(test, request, "1 0");
	fixture->beat.during = NULL;
}

static void enable_is_served_and_refused(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	serve_and_refuse(test, "Enable");
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), -EPERM);
	kit_expect_said(test, "IsEnabled Enable Disable");
	serve_again(test, "Enable");
}

static void need_reset_is_served_and_refused(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	serve_and_refuse(test, "PostAppState");
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	serve_again(test, "PostAppState");
	kit_hush(test);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState OK"), 1u);
}

/* A refusal of a request that was sent once means that the host has not served it. */
static void enable_is_refused(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	kit_answer(test, "Enable", "0 Permission denied");
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), -EPERM);
	kit_hush(test);
	fake_time_run_ms(2000);
	kit_expect_said(test, "");
}

/* Enable has failed, and it is not known whether the host is enabled. */
static void enable_fails_and_nothing_is_known(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_answer(test, "Enable", "1 1");
	kit_fail(test, "IsEnabled", -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 1), 0);
	fake_time_run_ms(2000);
	kit_hush(test);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "Disable");
}

/* Each Enable delays the reset by a window, so the repetitions have to end. */
static void opening_of_a_window_is_tried_ten_times(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_answer(test, "MarkActive", "1 6");
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 10u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 10u);
	/* After a recovery, and after a move, the count begins again. */
	kit_answer(test, "MarkActive", "1 0");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "MarkActive", "1 6");
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 10u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A host that drops the channel at each MarkActive gets no more of them. */
static void opening_that_drops_the_channel(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_fail(test, "MarkActive", -EIO);
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(300000);
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 10u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A client expires on a gray host before the host has accepted a beat. */
static void window_is_opened_after_an_expiry(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 60000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_answer(test, "MarkActive", "1 1");
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(60000);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			(u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	kit_answer(test, "MarkActive", "1 0");
	kit_hush(test);
	fake_time_run_ms(31000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The failed beats of an earlier expiry do not count for the next expiry. */
static void tries_count_for_one_cause(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_answer(test, "MarkActive", "1 6");
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_answer(test, "MarkActive", "1 0");
	fake_time_run_ms(15000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2000);
	kit_answer(test, "MarkActive", "1 6");
	kit_hush(test);
	fake_time_run_ms(120000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 10u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* Beside other clients the arbiter beats, so no other beat has to open the window. */
static void window_is_not_opened_twice(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	fake_time_run_ms(2000);
	kit_hush(test);
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	KUNIT_EXPECT_EQ(test, kit_count(test, ".Enable"), 1u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- a slow host, and other programs -------------------------------------------- */

/* Beside other clients a beat of "api" waits for no request, like the beat of a file. */
static void beat_beside_others_waits_for_nothing(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};
	unsigned int i;
	u64 before;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	kit_stick(test);
	for (i = 0; i < 5; i++) {
		fake_time_run_ms(10000);
		before = fake_time_ms();
		KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
		KUNIT_EXPECT_EQ(test, fake_time_ms(), before);
	}
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	/* The same holds for Disable. */
	KUNIT_EXPECT_EQ(test, kit_disable(test), 0);
	KUNIT_EXPECT_EQ(test, fake_time_ms(), before);
	fake_time_run_ms(60000);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	kit_unstick();
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static struct vmgl_heartbeat_client *late_client;
static struct vmgl_hb_call late_call;

/* Adds an exclusive client that waits, as a second program would do, during the Enable. */
static void come_late(struct fake_transport *fake)
{
	if (!strstr(fake->talk, ".Enable"))
		return;
	fake->during = NULL;
	late_client->terms.exclusive = true;
	late_client->arming = &late_call;
	late_call.client = late_client;
	vmgl_hb_lock(late_heartbeat);
	vmgl_hb_attach(late_heartbeat, late_client);
	vmgl_hb_unlock(late_heartbeat);
}

/* The last client may be disarmed during Enable. */
static void disarm_during_enable(struct fake_transport *fake)
{
	struct vmgl_heartbeat *hb;

	if (!strstr(fake->talk, ".Enable"))
		return;
	fake->during = NULL;
	hb = late_heartbeat;
	vmgl_hb_lock(hb);
	vmgl_hb_detach(hb, &hb->api);
	vmgl_hb_unlock(hb);
}

static void no_beat_without_a_client(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, kit_enable(test), 0);
	KUNIT_EXPECT_EQ(test, kit_mark_active(test), 0);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_hush(test);
	late_heartbeat = kit_heartbeat(test);
	fixture->beat.during = disarm_during_enable;
	vmgl_heartbeat_recheck(late_heartbeat);
	fake_time_run_ms(2000);
	kit_expect_said(test, "GetAppStatus Enable PostAppState OK Disable");
}

static void pause_during_enable(struct fake_transport *fake)
{
	if (!strstr(fake->talk, ".Enable"))
		return;
	fake->during = NULL;
	vmgl_hb_lock(late_heartbeat);
	late_heartbeat->is_suspended = true;
	vmgl_hb_unlock(late_heartbeat);
}

/* If a sleep begins during Enable, Disable is sent next, and not the beat for the window. */
static void sleep_during_enable(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(5000);
	kit_answer(test, "GetAppStatus", "1 gray");
	kit_hush(test);
	late_heartbeat = kit_heartbeat(test);
	fixture->beat.during = pause_during_enable;
	vmgl_heartbeat_recheck(late_heartbeat);
	fake_time_run_ms(1000);
	kit_expect_said(test, "GetAppStatus Enable Disable");
	vmgl_heartbeat_resume(late_heartbeat);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A client that comes while Enable is served cannot be exclusive on an enabled host. */
static void exclusive_client_during_enable(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	kit_answer(test, "IsEnabled", "1 true");
	late_heartbeat = kit_heartbeat(test);
	late_call = (struct vmgl_hb_call) { .op = VMGL_HB_OP_ARM };
	late_client = kzalloc(sizeof(*late_client), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, late_client);
	fixture->beat.during = come_late;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_NULL(test, late_call.client);
	KUNIT_EXPECT_EQ(test, late_call.result, -EBUSY);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* After a pause, only the arbiter has enabled the host, so a client can be exclusive. */
static void exclusive_client_after_enable(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};

	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_TRUE(test, kit_summary(test).found_enabled);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 10), 0);
	fake_time_run_ms(11000);
	KUNIT_EXPECT_FALSE(test, kit_summary(test).found_enabled);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The channel is closed after a state that is posted while there is no client. */
static void channel_is_closed_after_a_state(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	kit_answer(test, "PostAppState", "1 1");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_answer(test, "PostAppState", "1 0");
	fake_time_run_ms(5000);
	KUNIT_EXPECT_FALSE(test, fixture->beat.is_open);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(lost_need_reset_is_taken_back, lost_gen_params),
	KUNIT_CASE(lost_need_reset_of_the_sdk_is_taken_back),
	KUNIT_CASE(lost_ok_of_the_sdk_is_repeated),
	KUNIT_CASE(lost_ok_without_need_reset),
	KUNIT_CASE(state_after_a_second_enable),
	KUNIT_CASE(late_need_reset_of_the_sdk_is_taken_back),
	KUNIT_CASE(late_need_reset_after_a_confirmed_one),
	KUNIT_CASE(need_reset_after_a_lost_ok),
	KUNIT_CASE(lost_need_reset_is_repeated),
	KUNIT_CASE(need_reset_is_taken_back_for_a_pause),
	KUNIT_CASE(post_that_fails_in_a_pause),
	KUNIT_CASE(need_reset_of_a_pause_is_posted_after_it),
	KUNIT_CASE(window_is_opened_for_api),
	KUNIT_CASE(window_is_not_opened_before_the_first_beat),
	KUNIT_CASE_PARAM(state_beside_an_odd_status, odd_statuses_gen_params),
	KUNIT_CASE(malformed_status_without_a_move),
	KUNIT_CASE(malformed_status_after_many_moves),
	KUNIT_CASE(malformed_status_after_a_beat),
	KUNIT_CASE(enable_is_served_and_refused),
	KUNIT_CASE(need_reset_is_served_and_refused),
	KUNIT_CASE(enable_is_refused),
	KUNIT_CASE(enable_fails_and_nothing_is_known),
	KUNIT_CASE(opening_of_a_window_is_tried_ten_times),
	KUNIT_CASE(opening_that_drops_the_channel),
	KUNIT_CASE(window_is_opened_after_an_expiry),
	KUNIT_CASE(tries_count_for_one_cause),
	KUNIT_CASE(window_is_not_opened_twice),
	KUNIT_CASE(beat_beside_others_waits_for_nothing),
	KUNIT_CASE(no_beat_without_a_client),
	KUNIT_CASE(sleep_during_enable),
	KUNIT_CASE(exclusive_client_during_enable),
	KUNIT_CASE(exclusive_client_after_enable),
	KUNIT_CASE(channel_is_closed_after_a_state),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat_state",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
