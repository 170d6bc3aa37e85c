/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* A host with an HA agent, and a clock that jumps from event to event. */
#ifndef HA_FIXTURE_H
#define HA_FIXTURE_H

#include "host_fixture.h"

#define SEC	1000000000ull
#define DAY	(86400 * SEC)

/* Without sampling and a minimum uptime, the agent acts at the exact times. */
#define EXACT(fixture, ...)	\
	FIXTURE(fixture, "vmxsim.ha.sampling=0", "vmxsim.ha.minUpTime=0" __VA_OPT__(,) \
		__VA_ARGS__)

/* The defaults of the window and of the failure interval, in s */
#define W	30
#define F	30

static const char *const moves[] = {
	"vmxsim.vmotion", "vmxsim.suspend", "vmxsim.revert",
};

/* Advances the clock to @ns, and runs the timers that expire meanwhile. A reset takes no time. */
static inline void run_to(struct fixture *fixture, uint64_t ns)
{
	unsigned int resets = fixture->resets;

	while (fixture->timer_ns <= ns) {
		if (fixture->now_ns < fixture->timer_ns)
			fixture->now_ns = fixture->timer_ns;
		fixture->timer_ns = UINT64_MAX;
		host_timer(fixture->host);
		if (!CHECK(fixture->timer_ns > fixture->now_ns))
			break;
		if (resets != fixture->resets)
			host_reset(fixture->host);
		resets = fixture->resets;
	}
	fixture->now_ns = ns;
}

static inline const char *cmd(struct fixture *fixture, const char *command)
{
	char request[64];

	snprintf(request, sizeof(request), "GuestAppMonitor.Cmd.%s", command);
	return ask(fixture, request);
}

static inline const char *status(struct fixture *fixture)
{
	return cmd(fixture, "GetAppStatus") + strlen("1 ");
}

/* Returns the number @name in the answer to vmxsim.ha. */
static inline uint64_t figure(struct fixture *fixture, const char *name)
{
	char key[64];
	const char *found;

	snprintf(key, sizeof(key), "\"%s\":", name);
	found = strstr(ask(fixture, "vmxsim.ha"), key);
	return CHECK(found) ? strtoull(found + strlen(key), NULL, 10) : 0;
}

/* Returns the time of the last @event in ns, or UINT64_MAX if there was none. */
static inline uint64_t when(struct fixture *fixture, const char *event)
{
	const char *json = ask(fixture, "vmxsim.ha"), *found;
	uint64_t ns = UINT64_MAX;
	char key[64];

	snprintf(key, sizeof(key), ",\"event\":\"%s\"", event);
	for (; (found = strstr(json, key)); json = found + 1) {
		while (strncmp(found, "\"t_ns\":", 7))
			found--;
		ns = strtoull(found + 7, NULL, 10);
		found = strstr(found, key);
	}
	return ns;
}

/* Sends Enable and a beat at @ns, and checks that the status is green. */
static inline void go_green(struct fixture *fixture, uint64_t ns)
{
	run_to(fixture, ns);
	CHECK_STR(cmd(fixture, "Enable"), "1 0");
	CHECK_STR(cmd(fixture, "MarkActive"), "1 0");
	CHECK_STR(status(fixture), "Green");
}

#endif
