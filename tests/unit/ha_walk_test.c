// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The HA agent over long times: random actions, whose results are compared with a very simple
 * model, and guests that run for a month.
 *
 * Links: tools/vmxsim/host
 */
#include <inttypes.h>

#include "ha_fixture.h"
#include "model/prng.h"

/* The simple model runs once a second, and every event is at a whole second. */
struct naive {
	bool enabled, monitored, handled, need, optional, keeps, remembers;
	bool log_only;
	char status;		/* g (gray), G (green), R (red) */
	uint64_t since, red, poll_due, limit, span, poll;
	uint64_t resets[4096];
	unsigned int count, logged;
};

static bool naive_may_reset(const struct naive *naive, uint64_t now)
{
	unsigned int i, recent = 0;

	for (i = 0; i < naive->count; i++)
		if (naive->resets[i] + naive->span > now)
			recent++;
	return recent < naive->limit;
}

static void naive_rebooted(struct naive *naive, uint64_t now)
{
	naive->need = false;
	naive->status = 'g';
	naive->handled = false;
	naive->monitored = naive->enabled = naive->enabled && naive->keeps;
	naive->since = now;
}

static void naive_second(struct naive *naive, uint64_t now)
{
	bool need, red;

	if (naive->monitored && naive->status != 'R' &&
	    now >= naive->since + W &&
	    !(naive->status == 'g' && naive->optional)) {
		naive->status = 'R';
		naive->handled = false;
		naive->red = now;
	}
	need = naive->need && now >= naive->poll_due;
	red = naive->status == 'R' && !naive->handled && now >= naive->red + F;
	if (!need && !red)
		return;
	if (naive->log_only) {
		naive->logged += need + red;
		naive->need &= !need;
		naive->handled |= red;
	} else if (naive_may_reset(naive, now)) {
		naive->resets[naive->count++] = now;
		naive_rebooted(naive, now);
	}
}

static void naive_request(struct naive *naive, int what, uint64_t now)
{
	switch (what) {
	case 0:
		naive->enabled = true;
		if (!naive->monitored)
			naive->since = now;
		naive->monitored = true;
		return;
	case 1:
		naive->enabled = naive->monitored = false;
		naive->status = 'g';
		return;
	case 2:
		if (!naive->monitored)
			return;
		naive->since = now;
		naive->status = 'G';
		return;
	case 3:
		if (!naive->need)
			naive->poll_due = (now / naive->poll + 1) * naive->poll;
		naive->need = true;
		return;
	case 4:
		naive->need = false;
		return;
	case 5:
		naive->monitored = false;
		naive->enabled &= naive->remembers;
		naive->status = 'g';
		return;
	case 6:
		naive_rebooted(naive, now);
	}
}

static void host_does(struct fixture *fixture, int what)
{
	static const char *const requests[] = {
		"GuestAppMonitor.Cmd.Enable", "GuestAppMonitor.Cmd.Disable",
		"GuestAppMonitor.Cmd.MarkActive",
		"GuestAppMonitor.Cmd.PostAppState needReset",
		"GuestAppMonitor.Cmd.PostAppState OK", "vmxsim.vmotion",
	};

	if (what < 6)
		ask(fixture, requests[what]);
	else
		host_reset(fixture->host);
}

/* Draws the next action: mostly a beat, sometimes a long silence. */
static int draw(struct prng *prng, bool silent)
{
	unsigned int dice = prng_next(prng) % 1000;

	if (dice < 12)
		return 0;
	if (dice < 14)
		return 1;
	if (dice < 17)
		return 3;
	if (dice < 25)
		return 4;
	if (dice < 32)
		return 5;
	if (dice < 33)
		return 6;
	return dice < 200 && !silent ? 2 : -1;
}

static void compare(struct fixture *fixture, const struct naive *naive,
		    uint64_t now)
{
	static const char *const words[] = { "gray", "green", "red" };
	const char *json = ask(fixture, "vmxsim.ha");
	const char *word = words[naive->status == 'g' ? 0 :
				 naive->status == 'G' ? 1 : 2];
	const char *found = strstr(json, "\"status\":\"");

	CHECK_EQ(now, strtoull(strstr(json, ":") + 1, NULL, 10) / SEC);
	CHECK(!strncmp(found + 10, word, strlen(word)));
	CHECK(strstr(json, naive->enabled ? "\"enabled\":true" :
		     "\"enabled\":false"));
	CHECK_EQ(figure(fixture, "resets"), naive->count);
	CHECK_EQ(figure(fixture, "logged_resets"), naive->logged);
}

static unsigned int walk(uint64_t seed, uint64_t seconds)
{
	struct naive naive = {
		.status = 'g', .optional = seed & 1, .keeps = seed & 2,
		.remembers = seed & 4, .log_only = seed & 8,
		.limit = 1 + seed % 5, .span = seed % 7 ? 3600 : 100,
		.poll = 1 + seed % 3,
	};
	struct fixture fixture;
	struct prng prng;
	char settings[8][64];
	uint64_t now;
	int what;

	snprintf(settings[0], 64, "vmxsim.quirk.noFirstBeat=%s",
		 naive.optional ? "gray" : "red");
	snprintf(settings[1], 64, "vmxsim.quirk.enableAcrossReset=%s",
		 naive.keeps ? "TRUE" : "FALSE");
	snprintf(settings[2], 64, "vmxsim.quirk.grayBeat=%s",
		 naive.remembers ? "accepted" : "refused");
	snprintf(settings[3], 64, "vmxsim.ha.action=%s",
		 naive.log_only ? "log" : "reset");
	snprintf(settings[4], 64, "vmxsim.ha.maxResets=%" PRIu64, naive.limit);
	snprintf(settings[5], 64, "vmxsim.ha.failureWindow=%" PRIu64, naive.span);
	snprintf(settings[6], 64, "vmxsim.ha.poll=%" PRIu64, naive.poll);
	EXACT(&fixture, settings[0], settings[1], settings[2], settings[3],
		settings[4], settings[5], settings[6]);
	prng_seed(&prng, seed, 0);
	for (now = 1; now < seconds; now++) {
		run_to(&fixture, now * SEC);
		naive_second(&naive, now);
		what = draw(&prng, now / 200 % 3 == 0);
		if (what < 0)
			continue;
		host_does(&fixture, what);
		naive_request(&naive, what, now);
		compare(&fixture, &naive, now);
		if (what == 2)
			CHECK_EQ(figure(&fixture, "now_ns"), now * SEC);
	}
	fixture_stop(&fixture);
	return naive.count + naive.logged;
}

KTAP_TEST(random_walks)
{
	unsigned int acted = 0;
	uint64_t seed;

	for (seed = 1; seed <= 32; seed++)
		acted += walk(seed, 8000);
	printf("# the agent acted %u times\n", acted);
	CHECK(acted > 300);
}

/* --- long runs ------------------------------------------------------------------- */

/* Runs a guest that beats in time and is moved from time to time. */
static void live(struct fixture *fixture, uint64_t days)
{
	uint64_t now, moved = 0;

	cmd(fixture, "Enable");
	for (now = 0; now <= days * DAY; now += 10 * SEC) {
		run_to(fixture, now);
		if (now / SEC % 2400 == 1200) {
			ask(fixture, moves[moved++ % 3]);
			continue;
		}
		if (strcmp(cmd(fixture, "MarkActive"), "1 0")) {
			cmd(fixture, "Enable");
			cmd(fixture, "MarkActive");
		}
	}
	CHECK_EQ(moved, days * 36);
}

KTAP_TEST(thirty_days)
{
	struct fixture fixture;

	EXACT(&fixture);
	live(&fixture, 30);
	CHECK_EQ(fixture.resets, 0);
	CHECK_EQ(when(&fixture, "red"), UINT64_MAX);
	CHECK_EQ(figure(&fixture, "longest_gap_ns"), 10 * SEC);
	CHECK_EQ(figure(&fixture, "longest_gray_ns"), 10 * SEC);
	CHECK_EQ(figure(&fixture, "beats"), 30 * 8640 + 1 - 30 * 36);
	CHECK_EQ(figure(&fixture, "refused"), 30 * 36);
	/* After all that time the agent still notices a beat that is missing. */
	run_to(&fixture, 30 * DAY + (W + F) * SEC - 1);
	CHECK_EQ(fixture.resets, 0);
	run_to(&fixture, 30 * DAY + (W + F) * SEC);
	CHECK_EQ(fixture.resets, 1);
	fixture_stop(&fixture);
}

KTAP_TEST(repeatable)
{
	struct fixture first, second;

	FIXTURE(&first, "vmxsim.seed=1");
	FIXTURE(&second, "vmxsim.seed=1");
	live(&first, 3);
	live(&second, 3);
	CHECK_STR(ask(&first, "vmxsim.ha"), ask(&second, "vmxsim.ha"));
	fixture_stop(&first);
	fixture_stop(&second);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(random_walks),
	KTAP_ENTRY(thirty_days),
	KTAP_ENTRY(repeatable),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
