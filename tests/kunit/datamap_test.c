// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the packets of GuestRPC over VMCI sockets. */
#include <kunit/test.h>

#include "cases.h"
#include "compat/unaligned.h"
#include "datamap.h"

/* Types and identifiers of fields (wire-protocol chapter 3.3) */
#define INT64		1
#define STRING		2
#define INT64_LIST	3
#define STRING_LIST	4
#define PACKET_TYPE	1
#define PAYLOAD		2

static const struct packet_case {
	const char *name;
	unsigned int count;
	int error;
	size_t len;
	u32 words[16];
} packets[] = {
	{ "as the reference client sends it", 8, 0, 4,
	  { INT64, PACKET_TYPE, 1, 0, STRING, PAYLOAD, 4, 'x' } },
	{ "payload first", 8, 0, 4,
	  { STRING, PAYLOAD, 4, 'x', INT64, PACKET_TYPE, 1, 0 } },
	{ "payload alone", 4, 0, 4, { STRING, PAYLOAD, 4, 'x' } },
	{ "unknown fields of all types", 14, 0, 4,
	  { INT64_LIST, 7, 1, 1, 0, STRING_LIST, 8, 1, 4, 'y', STRING, PAYLOAD, 4,
	    'x' } },
	{ "empty lists", 10, 0, 4,
	  { INT64_LIST, 7, 0, STRING_LIST, 8, 0, STRING, PAYLOAD, 4, 'x' } },
	{ "no payload", 4, -EPROTO, 0, { INT64, PACKET_TYPE, 1, 0 } },
	{ "nothing", 0, -EPROTO },
	{ "payload of no bytes", 3, -EPROTO, 0, { STRING, PAYLOAD, 0 } },
	{ "payload that is no string", 4, -EPROTO, 0,
	  { INT64, PAYLOAD, 1, 0 } },
	{ "payload twice", 8, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', STRING, PAYLOAD, 4, 'y' } },
	{ "another field twice", 12, -EPROTO, 0,
	  { INT64, 9, 1, 0, INT64, 9, 1, 0, STRING, PAYLOAD, 4, 'x' } },
	{ "unknown type", 4, -EPROTO, 0, { 5, 9, 1, 0 } },
	{ "payload beyond the end", 4, -EPROTO, 0,
	  { STRING, PAYLOAD, 5, 'x' } },
	{ "payload of 4 GiB", 4, -EPROTO, 0,
	  { STRING, PAYLOAD, 0xffffffff, 'x' } },
	{ "type cut off", 5, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', INT64 } },
	{ "number cut off", 7, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', INT64, 9, 1 } },
	{ "string without a length", 6, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', STRING, 9 } },
	{ "list without a length", 6, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', INT64_LIST, 9 } },
	{ "list longer than its packet", 8, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', INT64_LIST, 9, 0x20000000, 0 } },
	{ "list of 4 GiB, and then as if it were empty", 11, -EPROTO, 0,
	  { INT64_LIST, 9, 0x20000000, INT64, 10, 1, 0, STRING, PAYLOAD, 4,
	    'x' } },
	{ "empty string that is no payload", 7, -EPROTO, 0,
	  { STRING, 9, 0, STRING, PAYLOAD, 4, 'x' } },
	{ "empty string in a list", 8, -EPROTO, 0,
	  { STRING_LIST, 9, 1, 0, STRING, PAYLOAD, 4, 'x' } },
	{ "list of strings without a length", 6, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', STRING_LIST, 9 } },
	{ "list of strings longer than its packet", 9, -EPROTO, 0,
	  { STRING, PAYLOAD, 4, 'x', STRING_LIST, 9, 0xffffffff, 4, 'y' } },
};

CASES(packets);

/* Copies a packet to memory of the same length, so that KASAN finds accesses beyond it. */
static u8 *make_packet(struct kunit *test, const u32 *words, unsigned int count)
{
	u8 *packet = kunit_kzalloc(test, count ? 4 * count : 1, GFP_KERNEL);
	unsigned int i;

	for (i = 0; packet && i < count; i++)
		put_unaligned_be32(words[i], packet + 4 * i);
	return packet;
}

static void packet(struct kunit *test)
{
	const struct packet_case *one = test->param_value;
	unsigned int count = one->count;
	u8 *packet = make_packet(test, one->words, count);
	struct vmgl_datamap_payload payload;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, vmgl_datamap_decode(packet, 4 * count, &payload),
			one->error);
	if (one->error)
		return;
	KUNIT_EXPECT_EQ(test, payload.len, one->len);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(packet + payload.offset),
			(u32)'x');
}

/* A packet with more fields than the limit is refused. The first field is the payload. */
static void many_fields(struct kunit *test)
{
	struct vmgl_datamap_payload payload;
	u32 words[4 + 4 * 32] = { STRING, PAYLOAD, 4, 'x' };
	u8 *packet;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		words[4 + 4 * i] = INT64;
		words[5 + 4 * i] = 100 + i;
	}
	packet = make_packet(test, words, ARRAY_SIZE(words));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, vmgl_datamap_decode(packet, sizeof(words) - 16,
						  &payload), 0);
	KUNIT_EXPECT_EQ(test, vmgl_datamap_decode(packet, sizeof(words),
						  &payload), -EPROTO);
}

static void head_is_read_back(struct kunit *test)
{
	struct vmgl_datamap_payload payload;
	u8 *packet = kunit_kzalloc(test, VMGL_DATAMAP_HEAD_SIZE + 5, GFP_KERNEL);
	u8 *fields;
	u32 len;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, packet);
	vmgl_datamap_head(packet, 5);
	len = vmgl_datamap_length(packet);
	KUNIT_EXPECT_EQ(test, len, (u32)VMGL_DATAMAP_HEAD_SIZE - 4 + 5);

	fields = packet + VMGL_DATAMAP_LENGTH_SIZE;
	KUNIT_ASSERT_EQ(test, vmgl_datamap_decode(fields, len, &payload), 0);
	KUNIT_EXPECT_EQ(test, payload.len, (size_t)5);
	KUNIT_EXPECT_PTR_EQ(test, fields + payload.offset,
			    packet + VMGL_DATAMAP_HEAD_SIZE);
	/* The words as in chapter 3.3. An INT64 has its lower half first. */
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fields), (u32)INT64);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fields + 4), (u32)PACKET_TYPE);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fields + 8), 1u);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fields + 12), 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(packet, packets_gen_params),
	KUNIT_CASE(many_fields),
	KUNIT_CASE(head_is_read_back),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_datamap",
	.test_cases = cases,
};

kunit_test_suite(suite);
