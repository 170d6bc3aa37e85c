// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The HA agent. The tests send its requests, and have a clock that jumps from event to event.
 *
 * Links: tools/vmxsim/host
 */
#include <inttypes.h>

#include "ha_fixture.h"
#include "model/ha.h"

KTAP_TEST(answers)
{
	struct fixture fixture;

	EXACT(&fixture);
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 false");
	CHECK_STR(cmd(&fixture, "GetAppStatus"), "1 Gray");
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 2");
	CHECK_STR(cmd(&fixture, "Disable"), "1 0");
	CHECK_STR(cmd(&fixture, "Enable"), "1 0");
	CHECK_STR(cmd(&fixture, "Enable"), "1 0");
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 true");
	CHECK_STR(cmd(&fixture, "GetAppStatus"), "1 Gray");
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 0");
	CHECK_STR(cmd(&fixture, "GetAppStatus"), "1 Green");
	CHECK_STR(cmd(&fixture, "Disable"), "1 0");
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 false");
	CHECK_STR(cmd(&fixture, "GetAppStatus"), "1 Gray");
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 2");
	CHECK_STR(cmd(&fixture, "PostAppState"), "1 3");
	CHECK_STR(cmd(&fixture, "PostAppState "), "1 4");
	CHECK_STR(cmd(&fixture, "PostAppState   "), "1 4");
	CHECK_STR(cmd(&fixture, "PostAppState (null)"), "1 5");
	CHECK_STR(cmd(&fixture, "PostAppState ok"), "1 5");
	CHECK_STR(cmd(&fixture, "PostAppState OK needReset"), "1 5");
	CHECK_STR(cmd(&fixture, "PostAppState  OK "), "1 0");
	CHECK_STR(cmd(&fixture, ""), "0 Unknown command");
	CHECK_STR(cmd(&fixture, "enable"), "0 Unknown command");
	CHECK_STR(cmd(&fixture, "EnableX"), "0 Unknown command");
	CHECK_STR(ask(&fixture, "GuestAppMonitor.Cmd"), "0 Unknown command");
	CHECK_STR(ask(&fixture, "guestappmonitor.cmd.Enable"),
		  "0 Unknown command");
	fixture_stop(&fixture);
}

static void post(struct fixture *fixture, const char *word, char code)
{
	char command[64], wanted[] = "1 x";

	snprintf(command, sizeof(command), "PostAppState %s", word);
	wanted[2] = code;
	CHECK_STR(cmd(fixture, command), wanted);
}

KTAP_TEST(spellings)
{
	static const struct {
		const char *quirk;
		char short_code, long_code;
	} cases[] = {
		{ "vmxsim.quirk.appState=both", '0', '0' },
		{ "vmxsim.quirk.appState=short", '0', '5' },
		{ "vmxsim.quirk.appState=long", '5', '0' },
	};
	struct fixture fixture;
	size_t i;

	for (i = 0; i < 3; i++) {
		EXACT(&fixture, cases[i].quirk);
		post(&fixture, "needReset", cases[i].short_code);
		post(&fixture, "OK", cases[i].short_code);
		post(&fixture, "appStateNeedReset", cases[i].long_code);
		post(&fixture, "appStateOk", cases[i].long_code);
		CHECK(strstr(ask(&fixture, "vmxsim.ha"), "\"state\":\"ok\""));
		fixture_stop(&fixture);
	}
}

KTAP_TEST(status_words)
{
	static const char *const words[][4] = {
		{ "capitalized", "Gray", "Green", "Red" },
		{ "lower", "gray", "green", "red" },
		{ "upper", "GRAY", "GREEN", "RED" },
		{ "long", "appStatusGray", "appStatusGreen", "appStatusRed" },
	};
	struct fixture fixture;
	char request[64];
	size_t i;

	for (i = 0; i < 4; i++) {
		EXACT(&fixture);
		snprintf(request, sizeof(request),
			 "vmxsim.set vmxsim.quirk.statusWords %s", words[i][0]);
		CHECK_STR(ask(&fixture, request), "1 ");
		CHECK_STR(status(&fixture), words[i][1]);
		cmd(&fixture, "Enable");
		cmd(&fixture, "MarkActive");
		CHECK_STR(status(&fixture), words[i][2]);
		run_to(&fixture, W * SEC);
		CHECK_STR(status(&fixture), words[i][3]);
		fixture_stop(&fixture);
	}
}

/* The commands that a host knows, by sender. */
KTAP_TEST(hosts)
{
	static const struct {
		const char *host;
		const char *enabled, *posted;
	} cases[] = {
		{ "vmxsim.host=4.0", "0 Unknown command", "0 Unknown command" },
		{ "vmxsim.host=4.1", "1 false", "0 Unknown command" },
		{ "vmxsim.host=5.5", "1 false", "1 0" },
		{ "vmxsim.host=6.0", "1 false", "1 0" },
		{ "vmxsim.ha.known=FALSE", "0 Unknown command",
		  "0 Unknown command" },
	};
	struct fixture fixture;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXACT(&fixture, cases[i].host);
		CHECK_STR(cmd(&fixture, "IsEnabled"), cases[i].enabled);
		CHECK_STR(cmd(&fixture, "PostAppState OK"), cases[i].posted);
		fixture_stop(&fixture);
	}
	EXACT(&fixture, "guest_rpc.rpci.auth.app.APP_MONITOR=TRUE",
		"vmxsim.quirk.authText=not you");
	CHECK_STR(cmd(&fixture, "Enable"), "0 not you");
	CHECK_STR(cmd(&fixture, "PostAppState needReset"), "0 not you");
	CHECK_STR(cmd(&fixture, "Nothing"), "0 Unknown command");
	CHECK_STR(ask_bytes(&fixture, "GuestAppMonitor.Cmd.Enable", 26, true),
		  "1 0");
	CHECK_EQ(when(&fixture, "needReset"), UINT64_MAX);
	fixture_stop(&fixture);
}

KTAP_TEST(broken_host)
{
	struct fixture fixture;

	EXACT(&fixture);
	go_green(&fixture, SEC);
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.ha.result 1"), "1 ");
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 1");
	CHECK_STR(cmd(&fixture, "PostAppState needReset"), "1 1");
	CHECK_STR(cmd(&fixture, "Enable"), "1 1");
	CHECK_STR(cmd(&fixture, "Disable"), "1 1");
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 true");
	CHECK_STR(status(&fixture), "Green");
	CHECK_STR(cmd(&fixture, "Nothing"), "0 Unknown command");
	CHECK_EQ(figure(&fixture, "beats"), 1);
	CHECK_STR(ask(&fixture, "vmxsim.set vmxsim.ha.result"), "1 ");
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 0");
	CHECK_EQ(when(&fixture, "needReset"), UINT64_MAX);
	fixture_stop(&fixture);
}

KTAP_TEST(missing_beats)
{
	const uint64_t beat = 7 * SEC + 123456789;
	struct fixture fixture;

	EXACT(&fixture);
	go_green(&fixture, beat);
	run_to(&fixture, beat + W * SEC - 1);
	CHECK_STR(status(&fixture), "Green");
	run_to(&fixture, beat + W * SEC);
	CHECK_STR(status(&fixture), "Red");
	run_to(&fixture, beat + (W + F) * SEC - 1);
	CHECK_EQ(fixture.resets, 0);
	CHECK_STR(status(&fixture), "Red");
	run_to(&fixture, beat + (W + F) * SEC);
	CHECK_EQ(fixture.resets, 1);
	CHECK_EQ(when(&fixture, "red"), beat + W * SEC);
	CHECK_EQ(when(&fixture, "reset"), beat + (W + F) * SEC);
	CHECK_STR(status(&fixture), "Gray");
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 false");
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 1);
	fixture_stop(&fixture);
}

/* The last nanosecond at which a beat is in time, and the first at which it is late. */
KTAP_TEST(boundaries)
{
	struct fixture fixture;

	EXACT(&fixture);
	go_green(&fixture, SEC);
	run_to(&fixture, SEC + W * SEC - 1);
	cmd(&fixture, "MarkActive");
	run_to(&fixture, fixture.now_ns + W * SEC - 1);
	CHECK_EQ(when(&fixture, "red"), UINT64_MAX);
	fixture.now_ns++;
	/* A late beat counts as late even if the timer has not run yet. */
	CHECK_STR(cmd(&fixture, "MarkActive"), "1 0");
	CHECK_EQ(when(&fixture, "red"), fixture.now_ns);
	CHECK_EQ(when(&fixture, "green"), fixture.now_ns);
	CHECK_STR(status(&fixture), "Green");

	/* A beat makes a red status green until the last nanosecond. */
	run_to(&fixture, fixture.now_ns + (W + F) * SEC - 1);
	CHECK_STR(status(&fixture), "Red");
	cmd(&fixture, "MarkActive");
	run_to(&fixture, fixture.now_ns + F * SEC);
	CHECK_EQ(fixture.resets, 0);
	fixture_stop(&fixture);
}

KTAP_TEST(enable_is_no_beat)
{
	struct fixture fixture;
	int i;

	EXACT(&fixture);
	for (i = 0; i < W; i++) {
		run_to(&fixture, i * SEC);
		cmd(&fixture, "Enable");
	}
	run_to(&fixture, W * SEC);
	CHECK_STR(status(&fixture), "Red");
	run_to(&fixture, (W + F) * SEC);
	CHECK_EQ(fixture.resets, 1);
	fixture_stop(&fixture);

	EXACT(&fixture, "vmxsim.quirk.noFirstBeat=gray");
	cmd(&fixture, "Enable");
	run_to(&fixture, DAY);
	CHECK_STR(status(&fixture), "Gray");
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 true");
	go_green(&fixture, DAY);
	run_to(&fixture, DAY + (W + F) * SEC);
	CHECK_EQ(fixture.resets, 1);
	fixture_stop(&fixture);
}

KTAP_TEST(disabling)
{
	static const uint64_t after[] = { 0, W - 1, W, W + F - 1 };
	struct fixture fixture;
	size_t i;

	EXACT(&fixture);
	for (i = 0; i < 4; i++) {
		go_green(&fixture, (i + 1) * DAY);
		run_to(&fixture, fixture.now_ns + after[i] * SEC);
		CHECK_STR(cmd(&fixture, "Disable"), "1 0");
		CHECK_STR(status(&fixture), "Gray");
		run_to(&fixture, fixture.now_ns + DAY / 2);
		CHECK_EQ(fixture.resets, 0);
		CHECK_EQ(fixture.timer_ns, UINT64_MAX);
	}
	fixture_stop(&fixture);
	EXACT(&fixture, "vmxsim.quirk.disableTwice=refused");
	CHECK_STR(cmd(&fixture, "Disable"), "1 2");
	cmd(&fixture, "Enable");
	CHECK_STR(cmd(&fixture, "Disable"), "1 0");
	CHECK_STR(cmd(&fixture, "Disable"), "1 2");
	fixture_stop(&fixture);
}


static void check_gray(const char *quirk, const char *enabled,
		       const char *beaten)
{
	struct fixture fixture;
	uint64_t moved, beats;
	size_t i;

	EXACT(&fixture, quirk);
	for (i = 0; i < 3; i++) {
		go_green(&fixture, (i + 1) * DAY);
		moved = fixture.now_ns + 5 * SEC;
		run_to(&fixture, moved);
		CHECK_STR(ask(&fixture, moves[i]), "1 ");
		CHECK_STR(status(&fixture), "Gray");
		CHECK_EQ(when(&fixture, "gray"), moved);
		CHECK_STR(cmd(&fixture, "IsEnabled"), enabled);
		beats = figure(&fixture, "beats");
		CHECK_STR(cmd(&fixture, "MarkActive"), beaten);
		CHECK_EQ(figure(&fixture, "beats"), beats);
		CHECK_STR(status(&fixture), "Gray");
		run_to(&fixture, moved + DAY / 2 + i * SEC);
		CHECK_EQ(fixture.resets, 0);
		CHECK_STR(status(&fixture), "Gray");
		go_green(&fixture, fixture.now_ns);
		CHECK_EQ(figure(&fixture, "longest_gray_ns"),
			 DAY / 2 + i * SEC);
		/* While monitoring is off there is no gap between beats. */
		CHECK_EQ(figure(&fixture, "longest_gap_ns"), 0);
		if (i < 2)
			cmd(&fixture, "Disable");
	}
	run_to(&fixture, fixture.now_ns + (W + F) * SEC);
	CHECK_EQ(fixture.resets, 1);
	fixture_stop(&fixture);
}

KTAP_TEST(gray)
{
	struct fixture fixture;

	check_gray("vmxsim.quirk.grayBeat=refused", "1 false", "1 2");
	check_gray("vmxsim.quirk.grayBeat=accepted", "1 true", "1 0");

	/* A machine that moves while it is red is not reset. A hotplug changes nothing. */
	EXACT(&fixture);
	go_green(&fixture, SEC);
	ask(&fixture, "vmxsim.hotplug");
	CHECK_STR(status(&fixture), "Green");
	run_to(&fixture, (W + F) * SEC);
	ask(&fixture, "vmxsim.vmotion");
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 0);

	/* A machine that is not enabled does not become gray when the host forgets it. */
	ask(&fixture, "vmxsim.ha clear");
	cmd(&fixture, "Disable");
	ask(&fixture, "vmxsim.vmotion");
	run_to(&fixture, 2 * DAY);
	go_green(&fixture, 2 * DAY);
	CHECK_EQ(figure(&fixture, "longest_gray_ns"), 0);
	fixture_stop(&fixture);
}

KTAP_TEST(need_reset)
{
	struct fixture fixture;

	EXACT(&fixture, "vmxsim.ha.poll=10");
	run_to(&fixture, 13 * SEC);
	post(&fixture, "needReset", '0');
	run_to(&fixture, 15 * SEC);
	post(&fixture, "appStateNeedReset", '0');
	run_to(&fixture, 20 * SEC - 1);
	CHECK_EQ(fixture.resets, 0);
	run_to(&fixture, 20 * SEC);
	CHECK_EQ(fixture.resets, 1);
	CHECK_EQ(when(&fixture, "reset"), 20 * SEC);
	CHECK(strstr(ask(&fixture, "vmxsim.ha"), "\"state\":\"none\""));

	/* If a state is posted at the time of a poll, only the next poll sees the state. */
	run_to(&fixture, 40 * SEC);
	post(&fixture, "needReset", '0');
	run_to(&fixture, 50 * SEC - 1);
	CHECK_EQ(fixture.resets, 1);
	post(&fixture, "OK", '0');
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 1);

	/* A posted needReset leads to a reset despite a green status, Disable and vMotion. */
	go_green(&fixture, DAY + SEC);
	post(&fixture, "needReset", '0');
	ask(&fixture, "vmxsim.vmotion");
	cmd(&fixture, "Disable");
	run_to(&fixture, DAY + 10 * SEC);
	CHECK_EQ(fixture.resets, 2);
	fixture_stop(&fixture);
}

static void need_reset_at(struct fixture *fixture, uint64_t ns)
{
	run_to(fixture, ns);
	post(fixture, "needReset", '0');
}

KTAP_TEST(limit)
{
	struct fixture fixture;
	uint64_t i;

	EXACT(&fixture, "vmxsim.ha.maxResets=3", "vmxsim.ha.failureWindow=3600");
	for (i = 1; i <= 4; i++)
		need_reset_at(&fixture, i * 600 * SEC);
	run_to(&fixture, 600 * SEC + 3601 * SEC - 1);
	CHECK_EQ(fixture.resets, 3);
	CHECK_EQ(when(&fixture, "limit"), 2401 * SEC);
	run_to(&fixture, 4201 * SEC);
	CHECK_EQ(fixture.resets, 4);
	CHECK_EQ(when(&fixture, "reset"), 4201 * SEC);
	/* At 4801 s, the second reset is 3600 s ago, and leaves the window. */
	need_reset_at(&fixture, 4700 * SEC);
	run_to(&fixture, 4750 * SEC);
	post(&fixture, "OK", '0');
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 4);
	fixture_stop(&fixture);

	/* The limit also counts for missing beats. A late beat ends the failure. */
	EXACT(&fixture, "vmxsim.ha.maxResets=1", "vmxsim.ha.failureWindow=3600");
	need_reset_at(&fixture, SEC);
	go_green(&fixture, 100 * SEC);
	run_to(&fixture, 1000 * SEC);
	CHECK_STR(status(&fixture), "Red");
	CHECK_EQ(when(&fixture, "limit"), 160 * SEC);
	cmd(&fixture, "MarkActive");
	CHECK_STR(status(&fixture), "Green");
	run_to(&fixture, 3601 * SEC);
	CHECK_EQ(fixture.resets, 1);
	CHECK_EQ(when(&fixture, "limit"), 1060 * SEC);
	run_to(&fixture, 3602 * SEC);
	CHECK_EQ(fixture.resets, 2);
	fixture_stop(&fixture);

	EXACT(&fixture, "vmxsim.ha.maxResets=0", "vmxsim.ha.failureWindow=3600");
	need_reset_at(&fixture, SEC);
	go_green(&fixture, 100 * SEC);
	run_to(&fixture, 30 * DAY);
	CHECK_EQ(fixture.resets, 0);
	CHECK_EQ(fixture.timer_ns, UINT64_MAX);
	fixture_stop(&fixture);

	EXACT(&fixture, "vmxsim.ha.maxResets=2");
	for (i = 1; i <= 5; i++)
		need_reset_at(&fixture, i * DAY);
	run_to(&fixture, 30 * DAY);
	CHECK_EQ(fixture.resets, 2);
	fixture_stop(&fixture);
}

KTAP_TEST(action_log)
{
	struct fixture fixture;
	uint64_t i;

	EXACT(&fixture, "vmxsim.ha.action=log");
	for (i = 1; i <= 100; i++) {
		go_green(&fixture, i * 1000 * SEC);
		run_to(&fixture, fixture.now_ns + 500 * SEC);
		CHECK_STR(status(&fixture), "Red");
		CHECK_EQ(figure(&fixture, "logged_resets"), 2 * i - 1);
		CHECK_EQ(when(&fixture, "loggedReset"),
			 (i * 1000 + W + F) * SEC);
		need_reset_at(&fixture, fixture.now_ns);
		run_to(&fixture, fixture.now_ns + 100 * SEC);
		CHECK_EQ(figure(&fixture, "logged_resets"), 2 * i);
		CHECK_EQ(when(&fixture, "loggedReset"),
			 (i * 1000 + 501) * SEC);
		post(&fixture, "OK", '0');
	}
	CHECK_EQ(fixture.resets, 0);
	CHECK_EQ(figure(&fixture, "resets"), 0);
	fixture_stop(&fixture);

	/* The limit does not count for the action "log". */
	EXACT(&fixture, "vmxsim.ha.action=log", "vmxsim.ha.maxResets=0");
	need_reset_at(&fixture, SEC);
	run_to(&fixture, DAY);
	CHECK_EQ(figure(&fixture, "logged_resets"), 1);
	fixture_stop(&fixture);
}

/* Two settings decide whether the host keeps the posted state. */
KTAP_TEST(state_kept)
{
	struct fixture fixture;
	size_t i;

	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		EXACT(&fixture, "vmxsim.ha.poll=10");
		run_to(&fixture, SEC);
		cmd(&fixture, "PostAppState needReset");
		ask(&fixture, moves[i]);
		run_to(&fixture, 10 * SEC);
		CHECK_EQ(fixture.resets, 1);
		run_to(&fixture, DAY);
		CHECK_EQ(fixture.resets, 1);
		fixture_stop(&fixture);

		EXACT(&fixture, "vmxsim.ha.poll=10", "vmxsim.quirk.stateAcrossMove=FALSE");
		run_to(&fixture, SEC);
		cmd(&fixture, "PostAppState needReset");
		ask(&fixture, moves[i]);
		run_to(&fixture, DAY);
		CHECK_EQ(fixture.resets, 0);
		fixture_stop(&fixture);
	}

	EXACT(&fixture, "vmxsim.ha.poll=10", "vmxsim.quirk.stateAcrossReset=TRUE");
	run_to(&fixture, SEC);
	cmd(&fixture, "PostAppState needReset");
	run_to(&fixture, 20 * SEC);
	CHECK_EQ(fixture.resets, 2);
	cmd(&fixture, "PostAppState OK");
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 2);
	fixture_stop(&fixture);
}

KTAP_TEST(across_reset)
{
	struct fixture fixture;

	EXACT(&fixture, "vmxsim.quirk.enableAcrossReset=TRUE");
	go_green(&fixture, SEC);
	run_to(&fixture, 61 * SEC);
	CHECK_EQ(fixture.resets, 1);
	CHECK_STR(cmd(&fixture, "IsEnabled"), "1 true");
	CHECK_STR(status(&fixture), "Gray");
	run_to(&fixture, 91 * SEC);
	CHECK_STR(status(&fixture), "Red");
	run_to(&fixture, 121 * SEC);
	CHECK_EQ(fixture.resets, 2);
	run_to(&fixture, 140 * SEC);
	cmd(&fixture, "MarkActive");
	CHECK_STR(status(&fixture), "Green");
	/* A reset that the guest makes itself does not count. */
	run_to(&fixture, 150 * SEC);
	host_reset(fixture.host);
	run_to(&fixture, 180 * SEC - 1);
	CHECK_STR(status(&fixture), "Gray");
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 3);
	CHECK_EQ(figure(&fixture, "resets"), 3);
	fixture_stop(&fixture);

	EXACT(&fixture);
	go_green(&fixture, SEC);
	run_to(&fixture, 50 * SEC);
	post(&fixture, "needReset", '0');
	host_reset(fixture.host);
	CHECK_EQ(when(&fixture, "reboot"), 50 * SEC);
	run_to(&fixture, DAY);
	CHECK_EQ(fixture.resets, 0);
	CHECK(strstr(ask(&fixture, "vmxsim.ha"), "\"state\":\"none\""));
	fixture_stop(&fixture);
}

/* Returns the time of the reset after a last beat at @beat, with the default settings. */
static uint64_t sampled_reset(const char *seed, uint64_t beat)
{
	struct fixture fixture;
	uint64_t reset;

	FIXTURE(&fixture, seed, "vmxsim.ha.minUpTime=0");
	go_green(&fixture, beat);
	run_to(&fixture, beat + (W + F) * SEC - 1);
	CHECK_EQ(fixture.resets, 0);
	CHECK_EQ(when(&fixture, "red"), beat + W * SEC);
	run_to(&fixture, beat + (W + F + 29) * SEC);
	CHECK_EQ(fixture.resets, 1);
	reset = when(&fixture, "reset");
	fixture_stop(&fixture);
	return reset - beat;
}

/* The host samples the beats, so the reset comes up to 29 s late. The seed determines the delay. */
KTAP_TEST(sampling)
{
	uint64_t least = UINT64_MAX, most = 0, after, i;
	char seed[32];

	for (i = 1; i <= 200; i++) {
		snprintf(seed, sizeof(seed), "vmxsim.seed=%" PRIu64, i);
		after = sampled_reset(seed, i * SEC);
		CHECK_EQ(after, sampled_reset(seed, i * SEC));
		least = after < least ? after : least;
		most = after > most ? after : most;
	}
	CHECK(least < (W + F + 2) * SEC);
	CHECK(most > (W + F + 27) * SEC);
}

KTAP_TEST(minimum_up_time)
{
	struct fixture fixture;

	FIXTURE(&fixture, "vmxsim.ha.sampling=0", "vmxsim.ha.poll=7");
	go_green(&fixture, SEC);
	run_to(&fixture, 120 * SEC - 1);
	CHECK_STR(status(&fixture), "Red");
	CHECK_EQ(fixture.resets, 0);
	run_to(&fixture, 120 * SEC);
	CHECK_EQ(fixture.resets, 1);

	/* The minimum time counts from each boot. */
	post(&fixture, "needReset", '0');
	run_to(&fixture, 245 * SEC - 1);
	CHECK_EQ(fixture.resets, 1);
	run_to(&fixture, 245 * SEC);
	CHECK_EQ(fixture.resets, 2);
	CHECK_EQ(when(&fixture, "reset"), 245 * SEC);

	/* A beat within the minimum time prevents the reset. After that time the reset comes. */
	go_green(&fixture, 250 * SEC);
	run_to(&fixture, 350 * SEC);
	cmd(&fixture, "MarkActive");
	run_to(&fixture, (350 + W + F) * SEC - 1);
	CHECK_EQ(fixture.resets, 2);
	run_to(&fixture, (350 + W + F) * SEC);
	CHECK_EQ(fixture.resets, 3);
	fixture_stop(&fixture);
}

/* Without a window for the limit, the agent makes at most three resets altogether. */
KTAP_TEST(no_failure_window)
{
	struct fixture fixture;
	uint64_t i;

	EXACT(&fixture);
	for (i = 1; i <= 5; i++) {
		run_to(&fixture, i * DAY);
		post(&fixture, "needReset", '0');
	}
	run_to(&fixture, 30 * DAY);
	CHECK_EQ(fixture.resets, 3);
	fixture_stop(&fixture);
}

KTAP_TEST(settings_change)
{
	struct fixture fixture;

	EXACT(&fixture);
	go_green(&fixture, SEC);
	run_to(&fixture, 20 * SEC);
	ask(&fixture, "vmxsim.set vmxsim.ha.window 100");
	run_to(&fixture, 101 * SEC - 1);
	CHECK_STR(status(&fixture), "Green");
	run_to(&fixture, 101 * SEC);
	CHECK_STR(status(&fixture), "Red");
	ask(&fixture, "vmxsim.set vmxsim.ha.failureInterval 50");
	run_to(&fixture, 151 * SEC - 1);
	CHECK_EQ(fixture.resets, 0);
	run_to(&fixture, 151 * SEC);
	CHECK_EQ(fixture.resets, 1);

	/* If a shorter window makes an event overdue, the event happens and is logged now. */
	go_green(&fixture, 1000 * SEC);
	run_to(&fixture, 1050 * SEC);
	ask(&fixture, "vmxsim.set vmxsim.ha.window 10");
	CHECK_STR(status(&fixture), "Red");
	CHECK_EQ(when(&fixture, "red"), 1050 * SEC);

	/* A request during the reset does not cause a second reset. */
	run_to(&fixture, 1099 * SEC);
	fixture.now_ns = 1100 * SEC;
	cmd(&fixture, "MarkActive");
	CHECK_EQ(fixture.resets, 2);
	CHECK_EQ(fixture.timer_ns, UINT64_MAX);
	host_timer(fixture.host);
	CHECK_EQ(fixture.resets, 2);
	fixture_stop(&fixture);
}

KTAP_TEST(account)
{
	struct fixture fixture;
	uint64_t i;

	EXACT(&fixture);
	CHECK_STR(ask(&fixture, "vmxsim.ha"),
		  "1 {\"now_ns\":0,\"enabled\":false,\"status\":\"gray\","
		  "\"state\":\"none\",\"last_beat_ns\":null,\"beats\":0,"
		  "\"refused\":0,\"longest_gap_ns\":0,\"longest_gray_ns\":0,"
		  "\"resets\":0,\"logged_resets\":0,\"lost\":0,\"log\":[]}");
	CHECK_STR(ask(&fixture, "vmxsim.ha x"),
		  "0 expected nothing or clear, got \"x\"");
	cmd(&fixture, "MarkActive");
	run_to(&fixture, SEC);
	cmd(&fixture, "Enable");
	run_to(&fixture, 3 * SEC);
	cmd(&fixture, "MarkActive");
	CHECK_STR(ask(&fixture, "vmxsim.ha"),
		  "1 {\"now_ns\":3000000000,\"enabled\":true,"
		  "\"status\":\"green\",\"state\":\"none\","
		  "\"last_beat_ns\":3000000000,\"beats\":1,\"refused\":1,"
		  "\"longest_gap_ns\":2000000000,\"longest_gray_ns\":0,"
		  "\"resets\":0,\"logged_resets\":0,\"lost\":0,\"log\":["
		  "{\"t_ns\":1000000000,\"event\":\"enabled\","
		  "\"why\":\"request\"},{\"t_ns\":3000000000,"
		  "\"event\":\"green\",\"why\":\"beat\"}]}");

	/* Beats that do not change the status are not logged. */
	for (i = 0; i < 1000; i++)
		cmd(&fixture, "MarkActive");
	CHECK_EQ(figure(&fixture, "beats"), 1001);
	CHECK_EQ(when(&fixture, "green"), 3 * SEC);

	for (i = 0; i < HA_LOG_SIZE; i++)
		post(&fixture, i % 2 ? "OK" : "needReset", '0');
	CHECK_EQ(figure(&fixture, "lost"), 2);
	CHECK_EQ(when(&fixture, "green"), UINT64_MAX);
	CHECK(fixture.reply.len < 65536);

	CHECK_STR(ask(&fixture, "vmxsim.ha clear"), "1 ");
	CHECK_EQ(figure(&fixture, "lost"), 0);
	CHECK_EQ(figure(&fixture, "beats"), 0);
	CHECK_EQ(figure(&fixture, "last_beat_ns"), 3 * SEC);
	CHECK_STR(status(&fixture), "Green");
	fixture_stop(&fixture);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(answers),
	KTAP_ENTRY(spellings),
	KTAP_ENTRY(status_words),
	KTAP_ENTRY(hosts),
	KTAP_ENTRY(broken_host),
	KTAP_ENTRY(missing_beats),
	KTAP_ENTRY(boundaries),
	KTAP_ENTRY(enable_is_no_beat),
	KTAP_ENTRY(disabling),
	KTAP_ENTRY(gray),
	KTAP_ENTRY(need_reset),
	KTAP_ENTRY(limit),
	KTAP_ENTRY(action_log),
	KTAP_ENTRY(state_kept),
	KTAP_ENTRY(across_reset),
	KTAP_ENTRY(sampling),
	KTAP_ENTRY(minimum_up_time),
	KTAP_ENTRY(no_failure_window),
	KTAP_ENTRY(settings_change),
	KTAP_ENTRY(account),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
