// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the arbiter of heartbeats: the clock on which deadlines run, the events that stop this
 * clock, and the events that restart a deadline. The window of the host is 30 s.
 */
#include <kunit/test.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

/* Returns the time in ms until a client that does not beat expires, at most @up_to_ms. */
static u64 life_ms(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		   u64 up_to_ms, void (*step)(struct kunit *test))
{
	u64 start_ms = fake_time_ms();

	while (kit_state(test, owner) == VMGUESTLIB_HEARTBEAT_ARMED &&
	       fake_time_ms() - start_ms < up_to_ms)
		step(test);
	return fake_time_ms() - start_ms;
}

/* --- a host that is slow -------------------------------------------------------- */

static u32 delay_ms;

static void hold_the_machine(struct fake_transport *fake)
{
	fake_time_stun_ms(delay_ms);
}

static void answer_late(struct fake_transport *fake)
{
	fake_time_run_ms(delay_ms);
}

static void post_ok(struct kunit *test)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = "OK";

	vmgl_heartbeat_call(kit_heartbeat(test), VMGUESTLIB_APPMON_POST_STATE,
			    text);
	fake_time_run_ms(1);
}

/* Over the backdoor the machine stands still during a request. */
static const struct slow_case {
	const char *name;
	u32 delay_ms;
	u64 at_most_ms;
} slow[] = {
	{ "below a stall", 90, 2400 },
	{ "a little above", 150, 6000 },
	{ "half a second", 500, 9500 },
	/* The first eight stalls do not count. A heartbeat makes three of them 3 s longer. */
	{ "three seconds", 3000, 40000 },
};

CASES(slow);

static void flood_keeps_no_silent_client(struct kunit *test)
{
	const struct slow_case *one = test->param_value;
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};
	u64 lived_ms;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 2000), 0);
	delay_ms = one->delay_ms;
	fixture->beat.during = hold_the_machine;
	lived_ms = life_ms(test, &a, 60000, post_ok);
	fixture->beat.during = NULL;
	KUNIT_EXPECT_GE(test, lived_ms, 2000ULL);
	KUNIT_EXPECT_LE(test, lived_ms, one->at_most_ms);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* Over VMCI sockets a slow answer is no stall and delays no expiry. */
static void slow_answer_is_no_stall(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 11000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &b, "b", 3600000), 0);
	delay_ms = 3000;
	fixture->beat.during = answer_late;
	/* The heartbeat is sent at 10 s and answered at 13 s. The client expires at 11 s. */
	fake_time_run_ms(10100);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);
	fixture->beat.during = NULL;
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* --- stalls --------------------------------------------------------------------- */

static void tick_and_stall(struct kunit *test)
{
	fake_time_run_ms(20);
	fake_time_stun_ms(2000);
	fake_time_run_ms(20);
}

/* The time of the first eight stalls between two beats is not counted, that of the ninth is. */
static void stalls_are_bounded(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};
	int i, beats;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	for (beats = 0; beats < 3; beats++) {
		for (i = 0; i < 8; i++)
			tick_and_stall(test);
		KUNIT_EXPECT_EQ(test, a.client->stalls, 8u);
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(hb, &a), 0);
		KUNIT_EXPECT_EQ(test, a.client->stalls, 0u);
	}
	for (i = 0; i < 8; i++)
		tick_and_stall(test);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	tick_and_stall(test);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* If several clients expire after a stall, the stall counts once for the others. */
static void several_expire_after_a_stall(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner dead[3] = {}, c = {};
	char name[] = "a";
	u32 state, left_ms;
	int i;

	for (i = 0; i < 3; i++, name[0]++)
		KUNIT_EXPECT_EQ(test, kit_arm(test, &dead[i], name, 5000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &c, "live", 3600000), 0);
	for (i = 0; i < 8; i++)
		tick_and_stall(test);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(hb, &c), 0);
	fake_time_run_ms(1000);
	fake_time_stun_ms(60000);
	fake_time_run_ms(20);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, kit_state(test, &dead[i]),
				VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, c.client->stalls, 1u);
	vmgl_heartbeat_query(hb, &c, &state, &left_ms);
	KUNIT_EXPECT_LE(test, left_ms, 3599000u);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &dead[i]), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &c), 0);
}

/* The clock stops with the expiry of its only client, and does not run backwards before. */
static void clock_stops_after_a_stall(struct kunit *test)
{
	struct vmgl_hb_clock *clock = &kit_heartbeat(test)->clock;
	struct vmgl_heartbeat_owner a = {};
	ktime_t before;
	int i;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	for (i = 0; i < 8; i++)
		tick_and_stall(test);
	before = clock->reading;
	fake_time_stun_ms(60000);
	fake_time_run_ms(20);
	KUNIT_EXPECT_FALSE(test, clock->runs);
	KUNIT_EXPECT_GE(test, clock->reading, before);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A beat after a stall, but before the tick, reads the same clock as the tick. */
static void beat_before_the_late_tick(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};
	u32 state, left_ms;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 4000), 0);
	fake_time_run_ms(100);
	fake_time_stun_ms(3600000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(hb, &a), 0);
	fake_time_run_ms(0);
	vmgl_heartbeat_query(hb, &a, &state, &left_ms);
	KUNIT_EXPECT_EQ(test, left_ms, 4000u);
	fake_time_run_ms(3900);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	fake_time_run_ms(200);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A client survives a stall at any moment of its deadline if it beats after the stall. */
static void stall_at_every_moment(struct kunit *test)
{
	u32 at_ms;

	for (at_ms = 0; at_ms < 1000; at_ms += 10) {
		struct vmgl_heartbeat_owner a = {};

		KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
		fake_time_run_ms(at_ms);
		fake_time_stun_ms(700 + at_ms * 7);
		fake_time_run_ms(100);
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test),
							  &a), 0);
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	}
}

/* --- what restarts a deadline ----------------------------------------------------- */

static void see_session_change(struct kunit *test)
{
	vmgl_heartbeat_recheck(kit_heartbeat(test));
	fake_time_run_ms(400);
}

static void see_gray(struct kunit *test)
{
	kit_answer(test, "GetAppStatus", "1 gray");
	see_session_change(test);
}

static void be_refused(struct kunit *test)
{
	kit_answer(test, "MarkActive", "1 2");
	fake_time_run_ms(400);
}

static void join_and_leave(struct kunit *test)
{
	struct vmgl_heartbeat_owner b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	fake_time_run_ms(200);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

static const struct word_of_host {
	const char *name;
	void (*step)(struct kunit *test);
} words[] = {
	{ "session changes", see_session_change },
	{ "gray", see_gray },
	{ "not enabled", be_refused },
	{ "other clients", join_and_leave },
};

CASES(words);

static void only_the_client_restarts_its_deadline(struct kunit *test)
{
	const struct word_of_host *one = test->param_value;
	struct vmgl_heartbeat_owner a = {};
	u64 lived_ms;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 12000), 0);
	lived_ms = life_ms(test, &a, 60000, one->step);
	KUNIT_EXPECT_LE(test, lived_ms, 12400ULL);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- pauses and sleep ------------------------------------------------------------- */

/* A pause ends at its time for every caller, also if the worker has not run since. */
static void pause_ends_with_its_time(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};
	u32 state, left_ms;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 86400), 0);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 86400u);
	kit_stick(test);
	fake_time_stun_ms(86399500);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 1u);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), -EBUSY);
	fake_time_stun_ms(500);
	KUNIT_EXPECT_EQ(test, kit_summary(test).pause_s, 0u);
	KUNIT_EXPECT_EQ(test, kit_arm_exclusive(test, &b, "b"), 0);
	fake_time_run_ms(1000);
	vmgl_heartbeat_query(hb, &a, &state, &left_ms);
	KUNIT_EXPECT_EQ(test, left_ms, 4000u);
	kit_unstick();
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
}

/* The worker sends Enable when the pause ends. */
static void pause_ends_by_itself(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 3600), 0);
	kit_hush(test);
	fake_time_run_ms(3599900);
	kit_expect_said(test, "");
	/* The worker delays its work by at most a second. */
	KUNIT_EXPECT_LE(test, fake_work_left_ms(&hb->work), 1010LL);
	fake_time_run_ms(120);
	kit_expect_said(test, "Enable MarkActive");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A second resume, without a sleep before it, restarts no deadline. */
static void resume_without_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	vmgl_heartbeat_resume(hb);
	fake_time_run_ms(4000);
	vmgl_heartbeat_resume(hb);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static const struct close_case {
	const char *name;
	u32 deadline_ms;
	u32 expires_ms;	/* time from the end of the pause to the expiry */
} closes[] = {
	{ "a short deadline", 5000, 5000 },
	{ "a long one: the window", 3600000, 30000 },
};

CASES(closes);

/*
 * A client whose file is closed during a pause stays armed. After the pause it expires with its
 * deadline, or after a window if the deadline is longer than a window.
 */
static void close_in_a_pause(struct kunit *test)
{
	const struct close_case *one = test->param_value;
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a",
						one->deadline_ms), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	vmgl_heartbeat_abandon(hb, &a);
	kit_hush(test);
	fake_time_run_ms(100000 + one->expires_ms - 200);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"), 0u);
	fake_time_run_ms(400);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState needReset"), 1u);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), 0);
}

/* Until the pause ends, a client with the same name can replace it, or clear can remove it. */
static void place_kept_in_a_pause(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &b, "b", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 100), 0);
	vmgl_heartbeat_abandon(hb, &a);
	vmgl_heartbeat_abandon(hb, &b);
	KUNIT_EXPECT_EQ(test, kit_summary(test).clients, 2u);
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_pause(hb, 0), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), -EBUSY);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "b"), 0);
	kit_beat_for_ms(test, &a, 60000);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static int begin_pause(struct vmgl_heartbeat *hb)
{
	return vmgl_heartbeat_pause(hb, 100);
}

static int begin_shutdown(struct vmgl_heartbeat *hb)
{
	vmgl_heartbeat_stop(hb);
	return 0;
}

static const struct rest_case {
	const char *name;
	int (*begin)(struct vmgl_heartbeat *hb);
	bool is_exclusive;
	int error;
} rests[] = {
	{ "a pause", begin_pause, false, 0 },
	{ "a pause, exclusive", begin_pause, true, -EBUSY },
	{ "a sleep", vmgl_heartbeat_suspend, false, 0 },
	{ "a shutdown", begin_shutdown, false, -ESHUTDOWN },
};

CASES(rests);

static const struct rest_case *rest;
static struct vmgl_heartbeat *resting;

static void begin_rest(struct work_struct *work)
{
	rest->begin(resting);
}

/*
 * A pause or a sleep that begins while the first client waits for the host arms the client at
 * once. In a pause, an exclusive client gets -EBUSY. A shutdown ends the wait with -ESHUTDOWN.
 */
static void rest_begins_while_arming(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};
	struct delayed_work work = {};
	int ret;

	rest = test->param_value;
	resting = hb;
	work.work.func = begin_rest;
	kit_stick(test);
	fake_queue_work(&work, HZ);
	ret = rest->is_exclusive ? kit_arm_exclusive(test, &a, "a") :
				   kit_arm(test, &a, "a", 5000);
	KUNIT_EXPECT_EQ(test, ret, rest->error);
	KUNIT_EXPECT_EQ(test, kit_summary(test).clients, rest->error ? 0u : 1u);
	KUNIT_EXPECT_EQ(test, fake_below.pins, rest->error ? 0 : 1);
	kit_unstick();
	fake_time_run_ms(1000);
	kit_expect_said(test, "");
	if (!rest->error)
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A client whose file is closed during a sleep expires. The state is posted after the sleep. */
static void close_on_the_way_to_sleep(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_suspend(hb), 0);
	kit_hush(test);
	vmgl_heartbeat_abandon(hb, &a);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
	fake_time_run_ms(1000);
	kit_expect_said(test, "");
	vmgl_heartbeat_resume(hb);
	kit_expect_said(test, "Enable MarkActive PostAppState needReset");
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), 0);
}

/* --- the worker ----------------------------------------------------------------- */

/* The status is checked at most once per second, also if there are moves in a row. */
static void moves_in_a_row(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(1500);
	vmgl_heartbeat_recheck(hb);
	fake_time_run_ms(100);
	kit_hush(test);
	vmgl_heartbeat_recheck(hb);
	fake_time_run_ms(1200);
	kit_expect_said(test, "GetAppStatus");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A move is noticed even if all clients have expired, so that the clock is stopped. */
static void move_after_an_expiry(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(2500);
	kit_hush(test);
	vmgl_count(&fixture->device.counters, VMGL_COUNT_CHECKPOINTS, 1);
	fake_time_run_ms(1500);
	kit_expect_said(test, "GetAppStatus");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* The ticks of the clock find interruptions, so the worker sleeps until its next step. */
static void worker_sleeps_until_a_beat(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(500);
	KUNIT_EXPECT_GT(test, fake_work_left_ms(&hb->work), 9000);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* A late beat does not delay the later beats. */
static void beats_keep_their_schedule(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};
	s64 left_ms;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	fake_time_run_ms(500);
	left_ms = fake_work_left_ms(&hb->work);
	fake_time_stun_ms(left_ms + 1000);
	fake_time_run_ms(500);
	KUNIT_EXPECT_LE(test, fake_work_left_ms(&hb->work), 9000);
	KUNIT_EXPECT_GT(test, fake_work_left_ms(&hb->work), 8000);
	/* After a longer delay the missed beats are not sent in a row. */
	fake_time_stun_ms(100000);
	kit_hush(test);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* Beats of the SDK do not delay the arbiter's next beat. */
static void beats_of_the_sdk_delay_no_beat(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};
	int i;

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb, VMGUESTLIB_APPMON_ENABLE, ""), 0);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb,
							  VMGUESTLIB_APPMON_MARK_ACTIVE,
							  ""), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	kit_hush(test);
	fake_time_run_ms(10500);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb, VMGUESTLIB_APPMON_DISABLE, ""), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(flood_keeps_no_silent_client, slow_gen_params),
	KUNIT_CASE(slow_answer_is_no_stall),
	KUNIT_CASE(stalls_are_bounded),
	KUNIT_CASE(several_expire_after_a_stall),
	KUNIT_CASE(clock_stops_after_a_stall),
	KUNIT_CASE(beat_before_the_late_tick),
	KUNIT_CASE(stall_at_every_moment),
	KUNIT_CASE_PARAM(only_the_client_restarts_its_deadline,
			 words_gen_params),
	KUNIT_CASE(pause_ends_with_its_time),
	KUNIT_CASE(pause_ends_by_itself),
	KUNIT_CASE(resume_without_sleep),
	KUNIT_CASE_PARAM(close_in_a_pause, closes_gen_params),
	KUNIT_CASE(place_kept_in_a_pause),
	KUNIT_CASE_PARAM(rest_begins_while_arming, rests_gen_params),
	KUNIT_CASE(close_on_the_way_to_sleep),
	KUNIT_CASE(moves_in_a_row),
	KUNIT_CASE(move_after_an_expiry),
	KUNIT_CASE(worker_sleeps_until_a_beat),
	KUNIT_CASE(beats_keep_their_schedule),
	KUNIT_CASE(beats_of_the_sdk_delay_no_beat),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat_clock",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
