// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the decoder of the information record. */
#include <kunit/test.h>

#include "cases.h"
#include "compat/unaligned.h"
#include "info.h"
#include "record.h"
#include "stat_table.h"

struct decoding {
	struct record record;
	struct vmgl_info info;
};

static int decode(struct kunit *test, u32 version)
{
	struct decoding *decoding = test->priv;
	size_t len = record_body_len(&decoding->record);
	/* The copy has the exact length, so KASAN finds an access beyond it. */
	u8 *copy = kunit_kzalloc(test, len ? len : 1, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, record_body(&decoding->record), len);
	return vmgl_info_decode(copy, len, version, &decoding->info);
}

static void expect_value(struct kunit *test, unsigned int id)
{
	const struct vmgl_info *info = &((struct decoding *)test->priv)->info;

	KUNIT_EXPECT_EQ(test, info->values[id].state,
			(u32)VMGUESTLIB_VALUE_GIVEN);
	if (vmgl_stat_is_text(&vmgl_stats[id]))
		KUNIT_EXPECT_EQ(test, info->values[id].value,
				(u64)strlen("host/user/pool"));
	else
		KUNIT_EXPECT_EQ(test, info->values[id].value, record_value(id));
}

static void whole_record_of_version_2(struct kunit *test)
{
	struct decoding *decoding = test->priv;
	unsigned int id;

	record_make(&decoding->record, 2, RECORD_SESSION);
	KUNIT_ASSERT_EQ(test, decode(test, 2), 0);
	KUNIT_EXPECT_EQ(test, decoding->info.version, 2u);
	KUNIT_EXPECT_EQ(test, decoding->info.session_id, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, decoding->info.count,
			(u32)VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
	for (id = 1; id <= VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++)
		expect_value(test, id);
	for (; id < VMGUESTLIB_STAT_END; id++)
		KUNIT_EXPECT_EQ(test, decoding->info.values[id].state,
				(u32)VMGUESTLIB_VALUE_NOT_SENT);
}

static void whole_record_of_version_3(struct kunit *test)
{
	struct decoding *decoding = test->priv;
	unsigned int id;

	record_make(&decoding->record, 3, RECORD_SESSION);
	KUNIT_ASSERT_EQ(test, decode(test, 3), 0);
	KUNIT_EXPECT_EQ(test, decoding->info.version, 3u);
	KUNIT_EXPECT_EQ(test, decoding->info.count, (u32)RECORD_ALL);
	for (id = 1; id <= RECORD_ALL; id++)
		expect_value(test, id);
	KUNIT_EXPECT_EQ(test, decoding->info.path.len, 14u);
	KUNIT_EXPECT_EQ(test, decoding->info.long_path.len, 14u);
}

/* The decoder refuses every truncated record. */
static void no_record_may_be_cut(struct kunit *test)
{
	struct decoding *decoding = test->priv;
	u32 version;
	size_t len;

	for (version = 2; version <= 3; version++) {
		record_make(&decoding->record, version, RECORD_SESSION);
		for (len = decoding->record.len - 1; len >= 2; len--) {
			decoding->record.len = len;
			KUNIT_EXPECT_EQ(test, decode(test, version), -EPROTO);
		}
	}
}

static void build_newer(struct record *record)
{
	unsigned int id;

	record_begin(record, 3, RECORD_SESSION);
	for (id = 1; id <= RECORD_ALL; id++)
		record_element(record, id, true);
	record_be32(record, RECORD_ALL + 1);
	record_be32(record, 0xffffffff);
	record_finish(record, RECORD_ALL + 1);
}

static void build_older(struct record *record)
{
	record_begin(record, 3, RECORD_SESSION);
	record_element(record, 1, true);
	record_element(record, 2, false);
	record_finish(record, 2);
}

static void build_empty(struct record *record)
{
	record_begin(record, 3, RECORD_SESSION);
	record_finish(record, 0);
}

static void build_without_session(struct record *record)
{
	record_make(record, 3, 0);
}

static void build_other_version(struct record *record)
{
	record_make(record, 2, RECORD_SESSION);
}

static void build_out_of_order(struct record *record)
{
	record_begin(record, 3, RECORD_SESSION);
	record_element(record, 2, true);
	record_element(record, 1, true);
	record_finish(record, 2);
}

static void build_count_too_large(struct record *record)
{
	record_begin(record, 3, RECORD_SESSION);
	record_element(record, 1, true);
	record_finish(record, 2);
}

static void build_length_too_large(struct record *record)
{
	record_make(record, 3, RECORD_SESSION);
	put_unaligned_le32(0xffffffff, record->bytes + 14);
}

/* Only the low byte of the flag counts; here the high bytes are set. */
static void build_flag_high(struct record *record)
{
	record_begin(record, 3, RECORD_SESSION);
	record_be32(record, 1);
	record_be32(record, 0x100);
	record_be32(record, 1001);
	record_finish(record, 1);
}

static void begin_path(struct record *record)
{
	unsigned int id;

	record_begin(record, 3, RECORD_SESSION);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++)
		record_element(record, id, true);
}

static void build_longest_path(struct record *record)
{
	static const char text[512] = { [0 ... 511] = 'x' };

	begin_path(record);
	record_text(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH, true, text, 512);
	record_finish(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
}

static void build_path_too_long(struct record *record)
{
	static const char text[513] = { [0 ... 512] = 'x' };

	begin_path(record);
	record_text(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH, true, text, 513);
	record_finish(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
}

static void build_path_without_padding(struct record *record)
{
	begin_path(record);
	record_text(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH, true, "abcde", 5);
	record->len -= 3;
	record_finish(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
}

static void build_path_with_nul(struct record *record)
{
	begin_path(record);
	record_text(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH, true,
		    "abc\0def", 7);
	record_finish(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
}

static const struct record_case {
	const char *name;
	void (*build)(struct record *record);
	int error;
	u32 count;
	u32 path_len;
	bool first_is_unavailable;
} records[] = {
	{ "a newer host", build_newer, 0, RECORD_ALL, 14 },
	{ "an older host", build_older, 0, 2 },
	{ "no statistics", build_empty, 0, 0 },
	{ "no session", build_without_session, -EPROTO },
	{ "another version than asked for", build_other_version, -EPROTO },
	{ "out of order", build_out_of_order, -EPROTO },
	{ "fewer than announced", build_count_too_large, -EPROTO },
	{ "shorter than announced", build_length_too_large, -EPROTO },
	{ "high bytes of a flag", build_flag_high, 0, 1, 0, true },
	{ "longest path", build_longest_path, 0,
	  VMGUESTLIB_STAT_RESOURCE_POOL_PATH, 512 },
	{ "path too long", build_path_too_long, -EPROTO },
	{ "path without its padding", build_path_without_padding, -EPROTO },
	{ "path with a NUL", build_path_with_nul, 0,
	  VMGUESTLIB_STAT_RESOURCE_POOL_PATH, 3 },
};

CASES(records);

static void record(struct kunit *test)
{
	const struct record_case *one = test->param_value;
	struct decoding *decoding = test->priv;
	const struct vmgl_info *info = &decoding->info;

	one->build(&decoding->record);
	KUNIT_EXPECT_EQ(test, decode(test, 3), one->error);
	if (one->error)
		return;
	KUNIT_EXPECT_EQ(test, info->count, one->count);
	KUNIT_EXPECT_EQ(test, info->path.len, one->path_len);
	if (one->first_is_unavailable)
		KUNIT_EXPECT_EQ(test, info->values[1].state,
				(u32)VMGUESTLIB_VALUE_UNAVAILABLE);
}

/* The last byte of the path field in version 2 never belongs to the path. */
static void path_of_version_2_ends(struct kunit *test)
{
	struct decoding *decoding = test->priv;
	struct record *record = &decoding->record;

	record_make(record, 2, RECORD_SESSION);
	memset(record->bytes + record->len - 512, 'x', 512);
	KUNIT_ASSERT_EQ(test, decode(test, 2), 0);
	KUNIT_EXPECT_EQ(test, decoding->info.path.len, 511u);

	record->bytes[record->len - 513] = 0;
	KUNIT_ASSERT_EQ(test, decode(test, 2), 0);
	KUNIT_EXPECT_NULL(test, decoding->info.path.bytes);
}

static void unknown_version(struct kunit *test)
{
	struct decoding *decoding = test->priv;

	record_begin(&decoding->record, 4, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, decode(test, 4), -EPROTO);
}

static int init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct decoding), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(whole_record_of_version_2),
	KUNIT_CASE(whole_record_of_version_3),
	KUNIT_CASE(no_record_may_be_cut),
	KUNIT_CASE_PARAM(record, records_gen_params),
	KUNIT_CASE(path_of_version_2_ends),
	KUNIT_CASE(unknown_version),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_info",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
