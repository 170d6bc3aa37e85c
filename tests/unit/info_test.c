// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The decoder of the information record, kmod/info.c, in an ordinary program. Every
 * record is in an allocation of its exact length, so that the address sanitizer
 * notices each byte that is read beyond it.
 *
 * Links: kmod/info.c kmod/stat_table.c
 */
#include <errno.h>
#include <stdlib.h>

#include "info.h"
#include "ktap.h"
#include "stat_table.h"

#define SESSION		0x1122334455667788ull
#define ALL		(VMGUESTLIB_STAT_END - 1)
#define RECORD_MAX	8192

struct record {
	size_t len;
	u8 bytes[RECORD_MAX];
};

static void put(struct record *record, const void *bytes, size_t len)
{
	memcpy(record->bytes + record->len, bytes, len);
	record->len += len;
}

static void put_le(struct record *record, u64 value, size_t len)
{
	while (len--) {
		put(record, &(u8){ value & 0xff }, 1);
		value >>= 8;
	}
}

static void put_be(struct record *record, u64 value, size_t len)
{
	while (len--)
		put(record, &(u8){ value >> 8 * len & 0xff }, 1);
}

static void put_xdr_text(struct record *record, const char *text, size_t len)
{
	put_be(record, len, 4);
	put(record, text, len);
	while (record->len % 4)
		put_be(record, 0, 1);
}

static u64 value_of(unsigned int id)
{
	return vmgl_stats[id].wire == VMGL_WIRE_U64 ? 0x100000000ull * id + id :
						      1000 + id;
}

static void put_xdr_element(struct record *record, unsigned int id, u32 valid)
{
	put_be(record, id, 4);
	put_be(record, valid, 4);
	if (id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH)
		put_xdr_text(record, "/pool", 5);
	else if (id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG)
		put_xdr_text(record, "/long/pool", 10);
	else if (id <= ALL && vmgl_stats[id].wire == VMGL_WIRE_U64)
		put_be(record, value_of(id), 8);
	else
		put_be(record, 1000 + id, 4);
}

static void begin_v3(struct record *record)
{
	record->len = 0;
	put_le(record, 3, 4);
	put_le(record, SESSION, 8);
	put_le(record, 0, 4);
}

static void end_v3(struct record *record)
{
	size_t len = record->len;

	record->len = 12;
	put_le(record, len - 16, 4);
	record->len = len;
}

static void build_v3(struct record *record, u32 count)
{
	unsigned int id;

	begin_v3(record);
	put_be(record, count, 4);
	for (id = 1; id <= count; id++)
		put_xdr_element(record, id, 1);
	end_v3(record);
}

static void build_v2(struct record *record, const char *path)
{
	char padded[512] = "";
	unsigned int id;

	record->len = 0;
	put_le(record, 2, 4);
	put_le(record, SESSION, 8);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++) {
		put_le(record, 1, 4);
		put_le(record, value_of(id),
		       vmgl_stats[id].wire == VMGL_WIRE_U64 ? 8 : 4);
	}
	memcpy(padded, path, strnlen(path, sizeof(padded)));
	put_le(record, 1, 1);
	put(record, padded, sizeof(padded));
}

static int decode(const struct record *record, u32 version,
		  struct vmgl_info *info)
{
	static u8 *bytes;

	/* The bytes are kept until the next call, because texts point into them. */
	free(bytes);
	bytes = malloc(record->len ? record->len : 1);
	if (!bytes)
		abort();
	memcpy(bytes, record->bytes, record->len);
	return vmgl_info_decode(bytes, record->len, version, info);
}

static bool is_text(const struct vmgl_info_text *text, const char *wanted)
{
	return text->len == strlen(wanted) &&
	       !memcmp(text->bytes, wanted, text->len);
}

KTAP_TEST(v3_all_statistics)
{
	static struct record record;
	struct vmgl_info info;
	unsigned int id;

	build_v3(&record, ALL);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK_EQ(info.session_id, SESSION);
	CHECK_EQ(info.version, 3);
	CHECK_EQ(info.count, ALL);
	for (id = 1; id <= ALL; id++) {
		CHECK_EQ(info.values[id].state, VMGUESTLIB_VALUE_GIVEN);
		if (!vmgl_stat_is_text(&vmgl_stats[id]))
			CHECK_EQ(info.values[id].value, value_of(id));
	}
	CHECK(is_text(&info.path, "/pool"));
	CHECK(is_text(&info.long_path, "/long/pool"));
	CHECK_EQ(info.values[0].state, VMGUESTLIB_VALUE_NOT_SENT);
}

/* The worked example of wire-protocol chapter 4.7 */
KTAP_TEST(v3_worked_example)
{
	static const u8 bytes[] = {
		0x03, 0x00, 0x00, 0x00,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0x38, 0x00, 0x00, 0x00,
		0, 0, 0, 4,
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0x03, 0xe8,
		0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0x07, 0xd0,
		0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2,
	};
	static struct record record;
	struct vmgl_info info;

	put(&record, bytes, sizeof(bytes));
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK_EQ(info.session_id, SESSION);
	CHECK_EQ(info.count, 4);
	CHECK_EQ(info.values[1].value, 1000);
	CHECK_EQ(info.values[2].value, 2000);
	CHECK_EQ(info.values[3].state, VMGUESTLIB_VALUE_UNAVAILABLE);
	CHECK_EQ(info.values[4].value, 4294967298ull);
	CHECK_EQ(info.values[5].state, VMGUESTLIB_VALUE_NOT_SENT);
}

KTAP_TEST(v3_newer_host_sends_more)
{
	static struct record record;
	struct vmgl_info info;

	build_v3(&record, ALL + 2);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK_EQ(info.count, ALL);
	CHECK_EQ(info.values[ALL].value, value_of(ALL));
}

KTAP_TEST(v3_older_host_sends_less)
{
	static struct record record;
	struct vmgl_info info;
	unsigned int count;

	for (count = 0; count <= ALL; count++) {
		build_v3(&record, count);
		CHECK_EQ(decode(&record, 3, &info), 0);
		CHECK_EQ(info.count, count);
		if (count < ALL)
			CHECK_EQ(info.values[count + 1].state,
				 VMGUESTLIB_VALUE_NOT_SENT);
	}
}

KTAP_TEST(v3_every_truncation_is_refused)
{
	static struct record record;
	struct vmgl_info info;
	size_t whole;

	build_v3(&record, ALL);
	for (whole = record.len; record.len--; )
		CHECK_EQ(decode(&record, 3, &info), -EPROTO);

	/* The same records with a length word that matches the shorter length */
	for (record.len = whole - 1; record.len >= 16; record.len--) {
		end_v3(&record);
		CHECK_EQ(decode(&record, 3, &info), -EPROTO);
	}
}

KTAP_TEST(v3_bytes_behind_the_stream_are_ignored)
{
	static struct record record;
	struct vmgl_info info;

	build_v3(&record, ALL);
	put_be(&record, 0, 3);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK_EQ(info.count, ALL);
}

KTAP_TEST(v3_stream_must_not_reach_beyond_its_length)
{
	static struct record record;
	struct vmgl_info info;
	size_t len;

	build_v3(&record, ALL);
	len = record.len;
	record.len = 12;
	put_le(&record, len - 17, 4);
	record.len = len;
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);

	record.len = 12;
	put_le(&record, len - 15, 4);
	record.len = len;
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);

	record.len = 12;
	put_le(&record, UINT32_MAX, 4);
	record.len = len;
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);
}

KTAP_TEST(v3_order_is_binding)
{
	static const unsigned int wrong[] = { 0, 1, 3, 39, UINT32_MAX };
	static struct record record;
	struct vmgl_info info;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin_v3(&record);
		put_be(&record, 2, 4);
		put_xdr_element(&record, 1, 1);
		put_xdr_element(&record, wrong[i], 1);
		end_v3(&record);
		CHECK_EQ(decode(&record, 3, &info), -EPROTO);
	}
}

/* The reference client reads the flag as one byte. */
KTAP_TEST(v3_valid_is_the_low_byte)
{
	static const struct {
		u32 flag;
		u32 state;
	} cases[] = {
		{ 0, VMGUESTLIB_VALUE_UNAVAILABLE },
		{ 1, VMGUESTLIB_VALUE_GIVEN },
		{ 0x80, VMGUESTLIB_VALUE_GIVEN },
		{ 0x100, VMGUESTLIB_VALUE_UNAVAILABLE },
	};
	static struct record record;
	struct vmgl_info info;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin_v3(&record);
		put_be(&record, 1, 4);
		put_xdr_element(&record, 1, cases[i].flag);
		end_v3(&record);
		CHECK_EQ(decode(&record, 3, &info), 0);
		CHECK_EQ(info.values[1].state, cases[i].state);
		CHECK_EQ(info.values[1].value,
			 cases[i].state == VMGUESTLIB_VALUE_GIVEN ? 1001 : 0);
	}
}

static void build_v3_paths(struct record *record, const char *path,
			   size_t path_len, u32 valid, const char *long_path,
			   size_t long_len)
{
	unsigned int id;

	begin_v3(record);
	put_be(record, VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG, 4);
	for (id = 1; id <= VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG; id++) {
		if (!vmgl_stat_is_text(&vmgl_stats[id])) {
			put_xdr_element(record, id, 1);
			continue;
		}
		put_be(record, id, 4);
		if (vmgl_stats[id].wire == VMGL_WIRE_STRING) {
			put_be(record, valid, 4);
			put_xdr_text(record, path, path_len);
		} else {
			put_be(record, 1, 4);
			put_xdr_text(record, long_path, long_len);
		}
	}
	end_v3(record);
}

KTAP_TEST(v3_path_lengths)
{
	static struct record record;
	static char path[4096];
	struct vmgl_info info;

	memset(path, 'p', sizeof(path));
	build_v3_paths(&record, path, 512, 1, path, 4096);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK_EQ(info.path.len, 512);
	CHECK_EQ(info.long_path.len, 4096);
	CHECK_EQ(info.values[VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG].value,
		 4096);

	build_v3_paths(&record, path, 513, 1, path, 1);
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);

	build_v3_paths(&record, "", 0, 0, path, 600);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK(!info.path.bytes);
	CHECK_EQ(info.values[VMGUESTLIB_STAT_RESOURCE_POOL_PATH].state,
		 VMGUESTLIB_VALUE_UNAVAILABLE);
	CHECK_EQ(info.long_path.len, 600);
}

KTAP_TEST(texts_end_at_a_nul)
{
	static struct record record;
	struct vmgl_info info;

	build_v3_paths(&record, "ab\0cd", 5, 1, "x\0y", 3);
	CHECK_EQ(decode(&record, 3, &info), 0);
	CHECK(is_text(&info.path, "ab"));
	CHECK(is_text(&info.long_path, "x"));
}

KTAP_TEST(v3_text_length_of_all_ones)
{
	static struct record record;
	struct vmgl_info info;
	unsigned int id;

	begin_v3(&record);
	put_be(&record, ALL, 4);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG; id++)
		put_xdr_element(&record, id, 1);
	put_be(&record, id, 4);
	put_be(&record, 1, 4);
	put_be(&record, UINT32_MAX, 4);
	put_be(&record, 0, 8);
	end_v3(&record);
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);
}

KTAP_TEST(v2_all_statistics)
{
	static struct record record;
	struct vmgl_info info;
	unsigned int id;

	build_v2(&record, "/pool");
	CHECK_EQ(record.len, 669);
	CHECK_EQ(decode(&record, 2, &info), 0);
	CHECK_EQ(info.session_id, SESSION);
	CHECK_EQ(info.count, VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++)
		CHECK_EQ(info.values[id].value, value_of(id));
	CHECK(is_text(&info.path, "/pool"));
	for (id = info.count + 1; id <= ALL; id++)
		CHECK_EQ(info.values[id].state, VMGUESTLIB_VALUE_NOT_SENT);
}

KTAP_TEST(v2_length_is_exact)
{
	static struct record record;
	struct vmgl_info info;

	build_v2(&record, "/pool");
	put_le(&record, 0, 1);
	CHECK_EQ(decode(&record, 2, &info), -EPROTO);
	for (record.len -= 2; record.len; record.len--)
		CHECK_EQ(decode(&record, 2, &info), -EPROTO);
}

KTAP_TEST(v2_path_without_terminator)
{
	static struct record record;
	struct vmgl_info info;
	char path[512];

	memset(path, 'p', sizeof(path));
	build_v2(&record, path);
	CHECK_EQ(decode(&record, 2, &info), 0);
	CHECK_EQ(info.path.len, 511);
}

KTAP_TEST(version_must_be_the_one_asked_for)
{
	static struct record record;
	struct vmgl_info info;

	build_v3(&record, ALL);
	CHECK_EQ(decode(&record, 2, &info), -EPROTO);
	record.bytes[0] = 2;
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);
	build_v2(&record, "");
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);
	record.bytes[0] = 4;
	CHECK_EQ(decode(&record, 4, &info), -EPROTO);
}

KTAP_TEST(session_zero_is_refused)
{
	static struct record record;
	struct vmgl_info info;

	build_v3(&record, ALL);
	memset(record.bytes + 4, 0, 8);
	CHECK_EQ(decode(&record, 3, &info), -EPROTO);
}

/* For any reply, the decoder reads no byte beyond the record, and texts lie inside the record. */
KTAP_TEST(any_damage_is_survived)
{
	static struct record whole, record;
	struct vmgl_info info;
	unsigned int round, n, accepted = 0;

	srandom(1);
	for (round = 0; round < 200000; round++) {
		u32 version = 2 + round % 2;

		if (version == 2)
			build_v2(&whole, "/pool");
		else
			build_v3(&whole, random() % (ALL + 3));
		record = whole;
		for (n = random() % 4; n--; )
			record.bytes[random() % record.len] = random();
		if (random() % 4 == 0)
			record.len = random() % (record.len + 1);
		if (decode(&record, version, &info))
			continue;
		accepted++;
		CHECK(info.path.len <= record.len);
		CHECK(info.long_path.len <= record.len);
	}
	CHECK(accepted > 1000);
	CHECK(accepted < 199000);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(v3_all_statistics),
	KTAP_ENTRY(v3_worked_example),
	KTAP_ENTRY(v3_newer_host_sends_more),
	KTAP_ENTRY(v3_older_host_sends_less),
	KTAP_ENTRY(v3_every_truncation_is_refused),
	KTAP_ENTRY(v3_bytes_behind_the_stream_are_ignored),
	KTAP_ENTRY(v3_stream_must_not_reach_beyond_its_length),
	KTAP_ENTRY(v3_order_is_binding),
	KTAP_ENTRY(v3_valid_is_the_low_byte),
	KTAP_ENTRY(v3_path_lengths),
	KTAP_ENTRY(texts_end_at_a_nul),
	KTAP_ENTRY(v3_text_length_of_all_ones),
	KTAP_ENTRY(v2_all_statistics),
	KTAP_ENTRY(v2_length_is_exact),
	KTAP_ENTRY(v2_path_without_terminator),
	KTAP_ENTRY(version_must_be_the_one_asked_for),
	KTAP_ENTRY(session_zero_is_refused),
	KTAP_ENTRY(any_damage_is_survived),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
