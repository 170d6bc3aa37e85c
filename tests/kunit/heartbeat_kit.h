/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Helper functions with short names for tests of the arbiter.
 */
#ifndef VMGL_KUNIT_HEARTBEAT_KIT_H
#define VMGL_KUNIT_HEARTBEAT_KIT_H

#include <kunit/test.h>

#include "fixture.h"
#include "heartbeat_private.h"

struct vmgl_heartbeat *kit_heartbeat(struct kunit *test);
int kit_arm(struct kunit *test, struct vmgl_heartbeat_owner *owner,
	    const char *name, u32 deadline_ms);
int kit_arm_for_reset(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		      const char *name, u32 deadline_ms);
int kit_arm_exclusive(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		      const char *name);
int kit_disarm(struct kunit *test, struct vmgl_heartbeat_owner *owner);
u32 kit_state(struct kunit *test, struct vmgl_heartbeat_owner *owner);
struct vmgl_heartbeat_summary kit_summary(struct kunit *test);
u64 kit_missed(struct kunit *test);
int kit_call(struct kunit *test, u32 op, const char *word);
int kit_enable(struct kunit *test);
int kit_disable(struct kunit *test);
int kit_mark_active(struct kunit *test);
int kit_post(struct kunit *test, const char *word);
void kit_stick(struct kunit *test);
void kit_unstick(void);
void kit_beat_for_ms(struct kunit *test, struct vmgl_heartbeat_owner *owner,
		     u32 ms);
bool kit_is_awake(struct kunit *test);
void kit_answer(struct kunit *test, const char *request, const char *reply);
void kit_fail(struct kunit *test, const char *request, int error);
void kit_hush(struct kunit *test);
unsigned int kit_count(struct kunit *test, const char *request);

/* Compares the requests since the last such call with @wanted. */
#define kit_expect_said(test, wanted) \
	KUNIT_EXPECT_STREQ(test, fixture_said((test)->priv), wanted)

#endif
