// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Helper functions for tests of the arbiter. */
#include "fake_time.h"
#include "heartbeat_kit.h"

struct vmgl_heartbeat *kit_heartbeat(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return fixture->device.heartbeat;
}

static int arm(struct kunit *test, struct vmgl_heartbeat_owner *owner,
	       const char *name, struct vmgl_heartbeat_terms terms)
{
	terms.kind = VMGUESTLIB_HEARTBEAT_KIND_FILE;
	strscpy(terms.name, name, sizeof(terms.name));
	return vmgl_heartbeat_arm(kit_heartbeat(test), owner, &terms);
}

int kit_arm(struct kunit *test, struct vmgl_heartbeat_owner *owner,
	    const char *name, u32 deadline_ms)
{
	return arm(test, owner, name, (struct vmgl_heartbeat_terms) {
		.deadline_ms = deadline_ms,
	});
}

int kit_arm_for_reset(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		      const char *name, u32 deadline_ms)
{
	return arm(test, owner, name, (struct vmgl_heartbeat_terms) {
		.deadline_ms = deadline_ms,
		.action = VMGUESTLIB_HEARTBEAT_NEED_RESET,
	});
}

int kit_arm_exclusive(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		      const char *name)
{
	return arm(test, owner, name, (struct vmgl_heartbeat_terms) {
		.deadline_ms = 3600000,
		.exclusive = true,
	});
}

int kit_disarm(struct kunit *test, struct vmgl_heartbeat_owner *owner)
{
	return vmgl_heartbeat_disarm(kit_heartbeat(test), owner);
}

u32 kit_state(struct kunit *test, struct vmgl_heartbeat_owner *owner)
{
	u32 state, remaining_ms;

	vmgl_heartbeat_query(kit_heartbeat(test), owner, &state, &remaining_ms);
	return state;
}

struct vmgl_heartbeat_summary kit_summary(struct kunit *test)
{
	struct vmgl_heartbeat_summary summary;

	vmgl_heartbeat_summarize(kit_heartbeat(test), &summary);
	return summary;
}

int kit_call(struct kunit *test, u32 op, const char *word)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = {};

	strscpy(text, word, sizeof(text));
	return vmgl_heartbeat_call(kit_heartbeat(test), op, text);
}

int kit_enable(struct kunit *test)
{
	return kit_call(test, VMGUESTLIB_APPMON_ENABLE, "");
}

int kit_disable(struct kunit *test)
{
	return kit_call(test, VMGUESTLIB_APPMON_DISABLE, "");
}

int kit_mark_active(struct kunit *test)
{
	return kit_call(test, VMGUESTLIB_APPMON_MARK_ACTIVE, "");
}

int kit_post(struct kunit *test, const char *word)
{
	return kit_call(test, VMGUESTLIB_APPMON_POST_STATE, word);
}

u64 kit_missed(struct kunit *test)
{
	return kit_summary(test).missed;
}

/* Beats four times a second; the last beat is at the end of @ms. */
void kit_beat_for_ms(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		     u32 ms)
{
	u32 done;

	for (done = 0; done < ms; done += 250) {
		fake_time_run_ms(250);
		KUNIT_EXPECT_EQ(test, vmgl_heartbeat_beat(kit_heartbeat(test),
							  owner), 0);
	}
}

/* Stops the worker, the thread that makes requests to the host. */
void kit_stick(struct kunit *test)
{
	fake_time.stuck = kit_heartbeat(test)->worker;
}

void kit_unstick(void)
{
	fake_time.stuck = NULL;
}

bool kit_is_awake(struct kunit *test)
{
	return fake_work_is_queued(&kit_heartbeat(test)->work) ||
	       fake_work_is_queued(&kit_heartbeat(test)->clock.tick);
}

/* @request is the name of the request without its prefix. */
void kit_answer(struct kunit *test, const char *request, const char *reply)
{
	struct fixture *fixture = test->priv;
	char whole[FAKE_REQUEST_MAX];

	snprintf(whole, sizeof(whole), FIXTURE_MONITOR "%s", request);
	fake_answer(&fixture->beat, whole, reply);
}

void kit_fail(struct kunit *test, const char *request, int error)
{
	struct fixture *fixture = test->priv;
	char whole[FAKE_REQUEST_MAX];

	snprintf(whole, sizeof(whole), FIXTURE_MONITOR "%s", request);
	fake_fail(&fixture->beat, whole, error);
}

/* Clears the list of the requests so far. */
void kit_hush(struct kunit *test)
{
	fixture_said(test->priv);
}

/* Returns how often @request was sent since kit_hush(). */
unsigned int kit_count(struct kunit *test, const char *request)
{
	struct fixture *fixture = test->priv;
	const char *at = fixture->beat.talk;
	unsigned int count = 0;

	while ((at = strstr(at, request))) {
		at += strlen(request);
		count++;
	}
	return count;
}
