// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the heartbeat arbiter: how clients are armed, beat, expire and are removed. The window
 * of the host is 30 s, so a heartbeat is sent every 10 s.
 */
#include <kunit/test.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "heartbeat_kit.h"

static const struct arm_case {
	const char *name;
	const char *client;
	u32 deadline_ms;
	u32 action;
	int error;
} arms[] = {
	{ "shortest deadline", "a", 1000, 0, 0 },
	{ "longest deadline", "a", 3600000, 1, 0 },
	{ "deadline too short", "a", 999, 0, -EINVAL },
	{ "deadline too long", "a", 3600001, 0, -EINVAL },
	{ "unknown action", "a", 1000, 2, -EINVAL },
	{ "all kinds of letters", "Az09._@:-", 1000, 0, 0 },
	{ "longest name", "0123456789012345678901234567890", 1000, 0, 0 },
	{ "name too long", "01234567890123456789012345678901", 1000, 0,
	  -EINVAL },
	{ "no name", "", 1000, 0, -EINVAL },
	{ "blank in the name", "a b", 1000, 0, -EINVAL },
	{ "newline in the name", "a\n", 1000, 0, -EINVAL },
	{ "letter beyond ASCII", "\xe4", 1000, 0, -EINVAL },
	{ "slash in the name", "a/b", 1000, 0, -EINVAL },
	{ "the kernel's own name", "api", 1000, 0, -EINVAL },
};

CASES(arms);

static void arguments_of_arming(struct kunit *test)
{
	const struct arm_case *one = test->param_value;
	struct vmgl_heartbeat_terms wanted = {
		.kind = VMGUESTLIB_HEARTBEAT_KIND_FILE,
		.deadline_ms = one->deadline_ms,
		.action = one->action,
	};
	struct vmgl_heartbeat_owner owner = {};

	memcpy(wanted.name, one->client,
	       min(strlen(one->client), sizeof(wanted.name)));
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_arm(kit_heartbeat(test), &owner,
						 &wanted), one->error);
	KUNIT_EXPECT_EQ(test, !owner.client, !!one->error);
	KUNIT_EXPECT_EQ(test, fake_below.pins, one->error ? 0 : 1);
}

static void first_client_enables_and_last_disables(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_expect_said(test, "IsEnabled Enable MarkActive");
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 5000), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, fake_below.pins, 2);

	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	kit_expect_said(test, "");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	kit_expect_said(test, "Disable");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);

	/* No client is armed, so no more requests are made. */
	fake_time_run_ms(3600000);
	kit_expect_said(test, "");
	KUNIT_EXPECT_FALSE(test, kit_is_awake(test));
}

static void beats_go_on_while_a_client_lives(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	kit_hush(test);
	kit_beat_for_ms(test, &a, 61000);
	/* A heartbeat is sent every 10 s, and the status is checked once in a window. */
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 6u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "GetAppStatus"), 2u);
}

static void beats_stop_with_an_expired_client(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 3600000), 0);
	kit_beat_for_ms(test, &a, 21000);
	kit_hush(test);
	fake_time_run_ms(4900);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	fake_time_run_ms(200);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);

	/* No heartbeat is sent, although another client still beats. */
	fake_time_run_ms(60000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test), &b), 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "Disable"), 0u);
	KUNIT_EXPECT_EQ(test, kit_count(test, "PostAppState"), 0u);

	/* A client that has expired stays expired until it is disarmed. */
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test), &a),
			-ETIME);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_set_deadline(kit_heartbeat(test),
							  &a, 9000), -ETIME);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 1u);
}

static void expiry_is_noticed_in_time(struct kunit *test)
{
	u32 deadline_ms;

	for (deadline_ms = 1000; deadline_ms <= 3600000; deadline_ms *= 7) {
		struct vmgl_heartbeat_owner a = {};

		KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", deadline_ms), 0);
		fake_time_run_ms(deadline_ms - 1);
		KUNIT_EXPECT_EQ(test, kit_state(test, &a),
				VMGUESTLIB_HEARTBEAT_ARMED);
		fake_time_run_ms(100);
		KUNIT_EXPECT_EQ(test, kit_state(test, &a),
				VMGUESTLIB_HEARTBEAT_EXPIRED);
		KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	}
}

static void expiry_is_counted_and_named(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_event_client events;
	struct vmgl_heartbeat_owner a = { .events = &events };

	vmgl_event_client_add(&fixture->device.events, &events);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
	KUNIT_EXPECT_STREQ(test, kit_summary(test).last_missed, "a");
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(&fixture->device.events,
						      &events),
			(u32)VMGUESTLIB_EVENT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	vmgl_event_client_remove(&fixture->device.events, &events);
}

/* Users that may arm a client with the name of an expired one */
static void names(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {}, b = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "b", 1000), -EALREADY);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), -EALREADY);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "a", 1000), -EEXIST);

	fake_time_run_ms(1100);
	fake_below.is_admin = false;
	fake_below.uid = KUIDT_INIT(1000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "a", 1000), -EPERM);
	fake_below.is_admin = true;
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "a", 1000), 0);
	KUNIT_EXPECT_NULL(test, a.client);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test), &a),
			-ENOTCONN);

	/* The same user may take over a name. The same file may take it over for any user. */
	fake_below.is_admin = false;
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	fake_below.uid = KUIDT_INIT(2000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "a", 1000), -EPERM);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 1);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void number_of_clients_is_bounded(struct kunit *test)
{
	struct vmgl_heartbeat_owner *owners;
	struct vmgl_heartbeat_owner more = {}, watchdog = {};
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	const struct vmgl_heartbeat_terms terms = {
		.name = "watchdog",
		.kind = VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG,
		.deadline_ms = 3600000,
	};
	char name[8];
	int i;

	owners = kunit_kcalloc(test, VMGL_HEARTBEAT_FILES_MAX,
			       sizeof(*owners), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owners);
	for (i = 0; i < VMGL_HEARTBEAT_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		KUNIT_ASSERT_EQ(test, kit_arm(test, &owners[i], name, 3600000),
				0);
	}
	KUNIT_EXPECT_EQ(test, kit_arm(test, &more, "more", 3600000), -ENOSPC);
	/* The list is full, but a client without a file can still be replaced. */
	vmgl_heartbeat_abandon(kit_heartbeat(test), &owners[7]);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &more, "d", 3600000), -ENOSPC);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &more, "c7", 3600000), 0);
	/* The watchdog and "api" do not count. */
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_arm(hb, &watchdog, &terms), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_call(hb, VMGUESTLIB_APPMON_ENABLE,
						  ""), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_list(hb, NULL, 0),
			(u32)VMGL_HEARTBEAT_CLIENTS_MAX);
}

static void unclean_close_is_expiry(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};
	struct vmguestlib_heartbeat_client client = {};

	vmgl_heartbeat_abandon(kit_heartbeat(test), &a);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 60000), 0);
	kit_hush(test);
	vmgl_heartbeat_abandon(kit_heartbeat(test), &a);
	KUNIT_EXPECT_NULL(test, a.client);
	fake_time_run_ms(20000);
	KUNIT_EXPECT_EQ(test, kit_count(test, "MarkActive"), 0u);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_list(kit_heartbeat(test), &client,
						  1), 1u);
	KUNIT_EXPECT_EQ(test, client.state, (u32)VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 1);

	/* Closing the file of an expired client changes nothing. */
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	fake_time_run_ms(1100);
	vmgl_heartbeat_abandon(kit_heartbeat(test), &a);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 2ULL);
}

static void clearing(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {}, dog = {};
	struct vmgl_heartbeat_terms watchdog = {
		.name = "watchdog",
		.kind = VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG,
		.deadline_ms = 1000,
	};

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), -ENOENT);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 1000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_arm(hb, &dog, &watchdog), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), -EBUSY);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "watchdog"), 0);
	KUNIT_EXPECT_NULL(test, dog.client);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_clear(hb, "a"), 0);
	KUNIT_EXPECT_NULL(test, a.client);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &dog), -ENOTCONN);
}

static void list_and_query(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmguestlib_heartbeat_client list[2] = {};
	struct vmgl_heartbeat_owner a = {}, b = {};
	u32 state, left;

	vmgl_heartbeat_query(hb, &a, &state, &left);
	KUNIT_EXPECT_EQ(test, state, (u32)VMGUESTLIB_HEARTBEAT_UNARMED);
	KUNIT_EXPECT_EQ(test, left, 0u);
	fake_below.uid = KUIDT_INIT(1000);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 2000), 0);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &b, "b", 60000), 0);
	fake_time_run_ms(500);
	vmgl_heartbeat_query(hb, &a, &state, &left);
	KUNIT_EXPECT_EQ(test, state, (u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, left, 1500u);

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_list(hb, list, 1), 2u);
	KUNIT_EXPECT_STREQ(test, list[0].name, "a");
	KUNIT_EXPECT_EQ(test, list[0].kind,
			(u32)VMGUESTLIB_HEARTBEAT_KIND_FILE);
	KUNIT_EXPECT_EQ(test, list[0].uid, 1000u);
	KUNIT_EXPECT_EQ(test, list[0].deadline_ms, 2000u);
	KUNIT_EXPECT_EQ(test, list[0].remaining_ms, 1500u);
	KUNIT_EXPECT_STREQ(test, list[1].name, "");

	/* The clock stands still from 100 ms after the tick was due until its thread runs. */
	fake_time_stun_ms(2000);
	vmgl_heartbeat_query(hb, &a, &state, &left);
	KUNIT_EXPECT_EQ(test, left, 1400u);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &b), 0);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void new_deadline_counts_at_once(struct kunit *test)
{
	struct vmgl_heartbeat *hb = kit_heartbeat(test);
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_set_deadline(hb, &a, 1000),
			-ENOTCONN);
	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 3600000), 0);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_set_deadline(hb, &a, 1000), 0);
	fake_time_run_ms(1100);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a),
			VMGUESTLIB_HEARTBEAT_EXPIRED);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

/* --- a stall of the machine does not let a client expire --- */

static const struct stun_case {
	const char *name;
	u32 beaten_ago_ms;	/* time from the last beat to the stall; the deadline is 10 s */
	u32 stun_ms;
	u32 then_ms;
	u32 state;
} stuns[] = {
	{ "1 h, after a recent beat", 0, 3600000, 9000,
	  VMGUESTLIB_HEARTBEAT_ARMED },
	{ "1 h, before a beat", 9500, 3600000, 400,
	  VMGUESTLIB_HEARTBEAT_ARMED },
	{ "1 h, and no beat after that", 9500, 3600000, 1600,
	  VMGUESTLIB_HEARTBEAT_EXPIRED },
	{ "100 ms are no stall", 9500, 100, 450,
	  VMGUESTLIB_HEARTBEAT_EXPIRED },
	{ "3 s leave 1 s to beat", 9500, 3000, 950,
	  VMGUESTLIB_HEARTBEAT_ARMED },
	{ "3 s leave no more than 1 s", 9500, 3000, 1150,
	  VMGUESTLIB_HEARTBEAT_EXPIRED },
	{ "1 h leaves no more than the deadline", 0, 3600000, 10200,
	  VMGUESTLIB_HEARTBEAT_EXPIRED },
};

CASES(stuns);

static void stun(struct kunit *test)
{
	const struct stun_case *one = test->param_value;
	struct vmgl_heartbeat_owner a = {};

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 10000), 0);
	fake_time_run_ms(5000);
	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test), &a), 0);
	fake_time_run_ms(one->beaten_ago_ms);
	fake_time_stun_ms(one->stun_ms);
	fake_time_run_ms(one->then_ms);
	KUNIT_EXPECT_EQ(test, kit_state(test, &a), one->state);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static void take_long(struct fake_transport *fake)
{
	fake_time_stun_ms(3000);
}

/* A slow host does not let a client expire, either. */
static void slow_host_costs_no_deadline(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_heartbeat_owner a = {};
	int i;

	KUNIT_EXPECT_EQ(test, kit_arm(test, &a, "a", 5000), 0);
	fixture->beat.during = take_long;
	for (i = 0; i < 20; i++) {
		fake_time_run_ms(4000);
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test),
							  &a), 0);
	}
	fixture->beat.during = NULL;
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(arguments_of_arming, arms_gen_params),
	KUNIT_CASE(first_client_enables_and_last_disables),
	KUNIT_CASE(beats_go_on_while_a_client_lives),
	KUNIT_CASE(beats_stop_with_an_expired_client),
	KUNIT_CASE(expiry_is_noticed_in_time),
	KUNIT_CASE(expiry_is_counted_and_named),
	KUNIT_CASE(names),
	KUNIT_CASE(number_of_clients_is_bounded),
	KUNIT_CASE(unclean_close_is_expiry),
	KUNIT_CASE(clearing),
	KUNIT_CASE(list_and_query),
	KUNIT_CASE(new_deadline_counts_at_once),
	KUNIT_CASE_PARAM(stun, stuns_gen_params),
	KUNIT_CASE(slow_host_costs_no_deadline),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_heartbeat",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
