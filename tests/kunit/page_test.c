// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the page that programs map: its content, and when it changes. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/string.h>

#include "fake_below.h"
#include "fake_time.h"
#include "fixture.h"

static const struct vmguestlib_page *shown(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return fixture->device.page.shown;
}

static void get(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_snapshot *snapshot;

	snapshot = vmgl_snapshot_get(&fixture->device.snapshots, 0);
	if (!IS_ERR(snapshot))
		vmgl_snapshot_put(snapshot);
}

/* Counts the bytes that are not 0, from info_version to the end of the page. */
static size_t bytes_shown(struct kunit *test)
{
	const u8 *bytes = (const u8 *)shown(test);
	size_t i, count = 0;

	for (i = offsetof(struct vmguestlib_page, info_version);
	     i < VMGUESTLIB_PAGE_SIZE; i++)
		count += bytes[i] != 0;
	return count;
}

static void page_is_empty_at_first(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, shown(test)->magic, (u32)VMGUESTLIB_PAGE_MAGIC);
	KUNIT_EXPECT_EQ(test, shown(test)->values_len,
			(u32)VMGUESTLIB_STAT_END);
	KUNIT_EXPECT_EQ(test, shown(test)->size,
			(u32)offsetof(struct vmguestlib_page,
				      values[VMGUESTLIB_STAT_END]));
	KUNIT_EXPECT_EQ(test, shown(test)->sequence, 0u);
	KUNIT_EXPECT_EQ(test, shown(test)->state, (u32)VMGUESTLIB_PAGE_EMPTY);
	KUNIT_EXPECT_EQ(test, bytes_shown(test), (size_t)0);
}

static void page_shows_each_answer(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	get(test);
	KUNIT_EXPECT_EQ(test, shown(test)->sequence, 2u);
	KUNIT_EXPECT_EQ(test, shown(test)->state, (u32)VMGUESTLIB_PAGE_GIVEN);
	KUNIT_EXPECT_EQ(test, shown(test)->session_id, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, shown(test)->generation, 0ULL);
	KUNIT_EXPECT_EQ(test, shown(test)->time_ns, fake_boottime_ns());
	KUNIT_EXPECT_EQ(test, shown(test)->info_version, 3u);
	KUNIT_EXPECT_EQ(test, shown(test)->count, (u32)RECORD_ALL);
	KUNIT_EXPECT_EQ(test, shown(test)->path_len, 14u);
	KUNIT_EXPECT_STREQ(test, shown(test)->path, "host/user/pool");
	KUNIT_EXPECT_EQ(test, shown(test)->values[1].value, record_value(1));
	KUNIT_EXPECT_EQ(test, shown(test)->values[1].state,
			(u32)VMGUESTLIB_VALUE_GIVEN);

	fake_time_run_ms(10);
	fixture_serve_record(fixture, 3, 0x99);
	get(test);
	KUNIT_EXPECT_EQ(test, shown(test)->sequence, 4u);
	KUNIT_EXPECT_EQ(test, shown(test)->generation, 1ULL);
	KUNIT_EXPECT_EQ(test, shown(test)->time_ns, fake_boottime_ns());
}

/* After a new reply, the page has no value of the earlier reply. */
static void page_shows_nothing_of_an_earlier_answer(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	get(test);
	record_begin(&fixture->record, 3, RECORD_SESSION);
	record_finish(&fixture->record, 0);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
	get(test);
	KUNIT_EXPECT_EQ(test, shown(test)->count, 0u);
	KUNIT_EXPECT_EQ(test, shown(test)->path_len, 0u);
	KUNIT_EXPECT_EQ(test, shown(test)->path[0], '\0');
	KUNIT_EXPECT_EQ(test, shown(test)->values[1].value, 0ULL);
}

/* The sequence is odd while the page is written, so readers notice a partial update. */
static void sequence_is_odd_during_an_update(struct kunit *test)
{
	fixture_serve_record(test->priv, 3, RECORD_SESSION);
	get(test);
	KUNIT_EXPECT_EQ(test, fake_below.barriers, 2u);
	KUNIT_EXPECT_EQ(test, fake_below.odd_barriers, 2u);
}

/* The page has room for the longest path and its NUL. */
static void longest_path(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct record *record = &fixture->record;
	char text[512];
	unsigned int id;

	memset(text, 'x', sizeof(text));
	record_begin(record, 3, RECORD_SESSION);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++)
		record_element(record, id, true);
	record_text(record, id, true, text, sizeof(text));
	record_finish(record, id);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  record->bytes, record->len);
	get(test);
	KUNIT_EXPECT_EQ(test, shown(test)->count, id);
	KUNIT_EXPECT_EQ(test, shown(test)->path_len, (u32)sizeof(text));
	KUNIT_EXPECT_EQ(test, strnlen(shown(test)->path,
				      sizeof(shown(test)->path)), sizeof(text));
}

static void failure_leaves_the_page(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	get(test);
	fake_fail(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	get(test);
	KUNIT_EXPECT_EQ(test, shown(test)->sequence, 2u);
	KUNIT_EXPECT_EQ(test, shown(test)->session_id, RECORD_SESSION);
}

/* The page is for all programs, so it has no values that only privileged senders get. */
static void restricted_answer_leaves_no_number(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	get(test);
	fake_answer_bytes(&fixture->privileged, "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
	fake_answer(&fixture->reader, "guestlib.info.get", "0 no");
	fake_answer(&fixture->reader, "guestlib.info.get 3", "0 no");
	fixture->privileged.gives_privilege = true;
	fixture->privileged.transport.is_privileged = true;
	get(test);
	KUNIT_EXPECT_EQ(test, fixture->privileged.exchanges, 1u);
	KUNIT_EXPECT_EQ(test, shown(test)->state,
			(u32)VMGUESTLIB_PAGE_RESTRICTED);
	KUNIT_EXPECT_EQ(test, shown(test)->sequence, 4u);
	KUNIT_EXPECT_EQ(test, bytes_shown(test), (size_t)0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(page_is_empty_at_first),
	KUNIT_CASE(page_shows_each_answer),
	KUNIT_CASE(page_shows_nothing_of_an_earlier_answer),
	KUNIT_CASE(sequence_is_odd_during_an_update),
	KUNIT_CASE(longest_path),
	KUNIT_CASE(failure_leaves_the_page),
	KUNIT_CASE(restricted_answer_leaves_no_number),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_page",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
