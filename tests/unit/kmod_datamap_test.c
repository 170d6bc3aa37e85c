// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The module's DataMap, kmod/datamap.c, in an ordinary program. Every packet is in an
 * allocation of its exact length, so that the address sanitizer notices each byte that
 * is read beyond it.
 *
 * Links: kmod/datamap.c
 */
#include <errno.h>
#include <stdlib.h>

#include "datamap.h"
#include "ktap.h"

#define PACKET_MAX	4096

enum { INT64 = 1, STRING, INT64_LIST, STRING_LIST };

struct packet {
	size_t len;
	u8 bytes[PACKET_MAX];
};

static void put(struct packet *packet, const void *bytes, size_t len)
{
	memcpy(packet->bytes + packet->len, bytes, len);
	packet->len += len;
}

static void put_word(struct packet *packet, u32 word)
{
	const u8 bytes[] = { word >> 24, word >> 16, word >> 8, word };

	put(packet, bytes, sizeof(bytes));
}

static void put_int64(struct packet *packet, u32 id, u64 value)
{
	put_word(packet, INT64);
	put_word(packet, id);
	put_word(packet, (u32)value);
	put_word(packet, value >> 32);
}

static void put_string(struct packet *packet, u32 id, const char *text)
{
	put_word(packet, STRING);
	put_word(packet, id);
	put_word(packet, strlen(text));
	put(packet, text, strlen(text));
}

static int decode(const struct packet *packet, struct vmgl_datamap_payload *payload)
{
	u8 *exact = malloc(packet->len ? packet->len : 1);
	int ret;

	memcpy(exact, packet->bytes, packet->len);
	ret = vmgl_datamap_decode(exact, packet->len, payload);
	free(exact);
	return ret;
}

static bool decodes_to(const struct packet *packet, const char *text)
{
	struct vmgl_datamap_payload payload;

	return !decode(packet, &payload) && payload.len == strlen(text) &&
	       !memcmp(packet->bytes + payload.offset, text, payload.len);
}

static bool is_refused(const struct packet *packet)
{
	struct vmgl_datamap_payload payload;

	return decode(packet, &payload) == -EPROTO;
}

/* The worked example of the wire protocol, chapter 3.4, without fast close. */
KTAP_TEST(head_is_the_measured_one)
{
	static const u8 measured[] = {
		0, 0, 0, 0x3a,
		0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0,
		0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0x1e,
	};
	u8 head[VMGL_DATAMAP_HEAD_SIZE];

	vmgl_datamap_head(head, strlen("guestlib.stat.get json session"));
	CHECK_EQ(sizeof(head), sizeof(measured));
	CHECK(!memcmp(head, measured, sizeof(head)));
	CHECK_EQ(vmgl_datamap_length(head), 58);
}

KTAP_TEST(own_packets_decode)
{
	struct packet packet = { .len = VMGL_DATAMAP_HEAD_SIZE };

	vmgl_datamap_head(packet.bytes, 5);
	put(&packet, "1 abc", 5);
	CHECK_EQ(vmgl_datamap_length(packet.bytes),
		 packet.len - VMGL_DATAMAP_LENGTH_SIZE);
	packet.len -= VMGL_DATAMAP_LENGTH_SIZE;
	memmove(packet.bytes, packet.bytes + VMGL_DATAMAP_LENGTH_SIZE, packet.len);
	CHECK(decodes_to(&packet, "1 abc"));
}

KTAP_TEST(length_is_unsigned)
{
	CHECK_EQ(vmgl_datamap_length((const u8 *)"\xff\xff\xff\xfe"), 0xfffffffeu);
}

KTAP_TEST(payload_alone)
{
	struct packet packet = {};

	put_string(&packet, 2, "1 ");
	CHECK(decodes_to(&packet, "1 "));
}

KTAP_TEST(any_order_and_unknown_fields)
{
	struct packet packet = {};

	put_int64(&packet, 3, 1);
	put_string(&packet, 77, "whatever");
	put_string(&packet, 2, "1 x");
	put_word(&packet, INT64_LIST);
	put_word(&packet, 78);
	put_word(&packet, 2);
	put(&packet, "0123456789abcdef", 16);
	put_word(&packet, STRING_LIST);
	put_word(&packet, 0xffffffff);
	put_word(&packet, 2);
	put_word(&packet, 1);
	put(&packet, "a", 1);
	put_word(&packet, 2);
	put(&packet, "bc", 2);
	put_int64(&packet, 1, 1);
	CHECK(decodes_to(&packet, "1 x"));
}

KTAP_TEST(empty_lists)
{
	struct packet packet = {};

	put_word(&packet, INT64_LIST);
	put_word(&packet, 5);
	put_word(&packet, 0);
	put_word(&packet, STRING_LIST);
	put_word(&packet, 6);
	put_word(&packet, 0);
	put_string(&packet, 2, "1 ");
	CHECK(decodes_to(&packet, "1 "));
}

KTAP_TEST(packet_without_payload)
{
	struct packet packet = {};

	CHECK(is_refused(&packet));
	put_int64(&packet, 1, 1);
	CHECK(is_refused(&packet));
	put_string(&packet, 2, "");
	CHECK(is_refused(&packet));
}

/* The reference client refuses an empty string, whether or not it is the payload. */
KTAP_TEST(empty_foreign_string)
{
	struct packet packet = {};

	put_string(&packet, 2, "1 ");
	put_string(&packet, 77, "");
	CHECK(is_refused(&packet));
}

/* In 32 bits, eight times the length is 0, so that the list would seem to be empty. */
KTAP_TEST(list_too_long_for_32_bits)
{
	struct packet packet = {};

	put_word(&packet, INT64_LIST);
	put_word(&packet, 5);
	put_word(&packet, 0x20000000);
	put_string(&packet, 2, "1 ");
	CHECK(is_refused(&packet));
}

KTAP_TEST(payload_of_another_type)
{
	struct packet packet = {};

	put_int64(&packet, 2, 1);
	CHECK(is_refused(&packet));
}

KTAP_TEST(duplicates)
{
	struct packet packet = {};

	put_string(&packet, 2, "1 a");
	put_string(&packet, 2, "1 b");
	CHECK(is_refused(&packet));

	packet.len = 0;
	put_int64(&packet, 9, 1);
	put_string(&packet, 2, "1 a");
	CHECK(decodes_to(&packet, "1 a"));
	put_string(&packet, 9, "again");
	CHECK(is_refused(&packet));
}

KTAP_TEST(unknown_types)
{
	static const u32 types[] = { 0, 5, 0x01000000, 0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct packet packet = {};

		put_string(&packet, 2, "1 a");
		put_word(&packet, types[i]);
		put_word(&packet, 9);
		put(&packet, "01234567", 8);
		CHECK(is_refused(&packet));
	}
}

KTAP_TEST(too_many_fields)
{
	struct packet packet = {};
	u32 id;

	put_string(&packet, 2, "1 a");
	for (id = 100; id < 131; id++)
		put_int64(&packet, id, 1);
	CHECK(decodes_to(&packet, "1 a"));
	put_int64(&packet, id, 1);
	CHECK(is_refused(&packet));
}

/* Every cut packet is refused, except if the cut is between two fields. */
KTAP_TEST(truncation)
{
	struct packet packet = {};
	size_t whole, payload_end;

	put_int64(&packet, 1, 1);
	put_string(&packet, 2, "1 abc");
	payload_end = packet.len;
	put_word(&packet, INT64_LIST);
	put_word(&packet, 10);
	put_word(&packet, 1);
	put(&packet, "01234567", 8);
	put_word(&packet, STRING_LIST);
	put_word(&packet, 11);
	put_word(&packet, 1);
	put_word(&packet, 3);
	put(&packet, "xyz", 3);
	whole = packet.len;
	for (packet.len = 0; packet.len < whole; packet.len++)
		if (packet.len == payload_end || packet.len == payload_end + 20)
			CHECK(decodes_to(&packet, "1 abc"));
		else
			CHECK(is_refused(&packet));
}

KTAP_TEST(lengths_beyond_the_packet)
{
	static const u32 lengths[] = { 6, 0x7fffffff, 0x80000000, 0xfffffffc,
				       0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct packet packet = {};
		u32 type;

		put_word(&packet, STRING);
		put_word(&packet, 2);
		put_word(&packet, lengths[i]);
		put(&packet, "1 abc", 5);
		CHECK(is_refused(&packet));

		for (type = STRING; type <= STRING_LIST; type++) {
			packet.len = 0;
			put_string(&packet, 2, "1 a");
			put_word(&packet, type);
			put_word(&packet, 9);
			put_word(&packet, lengths[i]);
			put(&packet, "12345", 5);
			CHECK(is_refused(&packet));
		}
	}
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(head_is_the_measured_one),
	KTAP_ENTRY(own_packets_decode),
	KTAP_ENTRY(length_is_unsigned),
	KTAP_ENTRY(payload_alone),
	KTAP_ENTRY(any_order_and_unknown_fields),
	KTAP_ENTRY(empty_lists),
	KTAP_ENTRY(packet_without_payload),
	KTAP_ENTRY(empty_foreign_string),
	KTAP_ENTRY(list_too_long_for_32_bits),
	KTAP_ENTRY(payload_of_another_type),
	KTAP_ENTRY(duplicates),
	KTAP_ENTRY(unknown_types),
	KTAP_ENTRY(too_many_fields),
	KTAP_ENTRY(truncation),
	KTAP_ENTRY(lengths_beyond_the_packet),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
