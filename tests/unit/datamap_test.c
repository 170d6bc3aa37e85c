// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Compares the virtual host's packets with wire-protocol chapters 3.3 and 3.4.
 *
 * Links: tools/vmxsim/vmci
 */
#include <stdlib.h>

#include "ktap.h"
#include "model/prng.h"
#include "vmci/datamap.h"

/* The packet of the worked example, without the length at its beginning */
static const uint8_t example[] =
	"\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
	"\0\0\0\2\0\0\0\2\0\0\0\x1e"
	"guestlib.stat.get json session"
	"\0\0\0\1\0\0\0\3\0\0\0\1\0\0\0\0";
#define EXAMPLE_LEN	(sizeof(example) - 1)

#define KIND		"\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
#define PAYLOAD		"\0\0\0\2\0\0\0\2\0\0\0\1x"
#define FAST_CLOSE	"\0\0\0\1\0\0\0\3\0\0\0\1\0\0\0\0"

/* Decodes a copy of the exact length, so that the sanitizer notices reads beyond the copy. */
static bool decode(const void *bytes, size_t len, struct datamap *map)
{
	static uint8_t *data;

	free(data);
	data = malloc(len ? len : 1);
	memcpy(data, bytes, len);
	return datamap_decode(data, len, map);
}

#define DECODE(text, map)	decode(text, sizeof(text) - 1, map)

KTAP_TEST(worked_example)
{
	struct datamap map;

	CHECK_EQ(EXAMPLE_LEN, 74);
	CHECK(decode(example, EXAMPLE_LEN, &map));
	CHECK(map.has_kind && map.has_payload && map.has_fast_close);
	CHECK(map.ascending);
	CHECK_EQ(map.kind, DATAMAP_KIND_DATA);
	CHECK_EQ(map.fast_close, 1);
	CHECK_EQ(map.payload_len, 30);
	CHECK(!memcmp(map.payload, "guestlib.stat.get json session", 30));
}

KTAP_TEST(every_cut_is_refused)
{
	/* At these offsets a field ends, so that a cut packet is still valid. */
	static const size_t whole[] = { 0, 16, 58, 74 };
	struct datamap map;
	size_t len, i = 0;

	for (len = 0; len <= EXAMPLE_LEN; len++) {
		CHECK_EQ(decode(example, len, &map), len == whole[i]);
		if (len == whole[i])
			i++;
	}
}

KTAP_TEST(order_and_unknown_fields)
{
	struct datamap map;

	CHECK(DECODE(FAST_CLOSE PAYLOAD KIND, &map));
	CHECK(!map.ascending);
	CHECK_EQ(map.kind, 1);
	CHECK(DECODE("\0\0\0\1\0\0\0\x4d\xff\xff\xff\xff\xff\xff\xff\xff"
		     "\0\0\0\2\0\0\0\0\0\0\0\0"
		     "\0\0\0\3\0\0\0\4\0\0\0\2" "8 bytes.8 bytes."
		     "\0\0\0\3\0\0\0\5\0\0\0\0"
		     "\0\0\0\4\0\0\0\6\0\0\0\2\0\0\0\0\0\0\0\2ab"
		     PAYLOAD, &map));
	CHECK_EQ(map.payload_len, 1);
	CHECK(!map.has_kind);
	CHECK(DECODE("\0\0\0\2\0\0\0\2\0\0\0\0", &map));
	CHECK(map.has_payload);
	CHECK_EQ(map.payload_len, 0);
}

KTAP_TEST(malformed_fields)
{
	struct datamap map;

	CHECK(!DECODE(PAYLOAD PAYLOAD, &map));
	CHECK(!DECODE(KIND PAYLOAD KIND, &map));
	CHECK(!DECODE("\0\0\0\1\0\0\0\x4d" "8 bytes."
		      "\0\0\0\1\0\0\0\x4d" "8 bytes.", &map));
	CHECK(!DECODE("\0\0\0\0\0\0\0\x4d" "8 bytes.", &map));
	CHECK(!DECODE("\0\0\0\5\0\0\0\x4d" "8 bytes.", &map));
	CHECK(!DECODE("\xff\xff\xff\xff\0\0\0\x4d" "8 bytes.", &map));
	/* Fields of a type that GuestRPC does not have */
	CHECK(!DECODE("\0\0\0\2\0\0\0\1\0\0\0\1x", &map));
	CHECK(!DECODE("\0\0\0\1\0\0\0\2" "8 bytes.", &map));
	/* Lengths that are greater than the rest of the packet */
	CHECK(!DECODE("\0\0\0\2\0\0\0\2\0\0\0\2x", &map));
	CHECK(!DECODE("\0\0\0\2\0\0\0\2\xff\xff\xff\xffx", &map));
	CHECK(!DECODE("\0\0\0\3\0\0\0\4\0\0\0\2" "8 bytes.", &map));
	CHECK(!DECODE("\0\0\0\3\0\0\0\4\x20\0\0\0" "8 bytes.", &map));
	CHECK(!DECODE("\0\0\0\4\0\0\0\4\xff\xff\xff\xff\0\0\0\0", &map));
	CHECK(!DECODE("\0\0\0\4\0\0\0\4\0\0\0\2\0\0\0\1a\0\0\0\2b", &map));
}

KTAP_TEST(too_many_fields)
{
	static uint8_t data[16 * (DATAMAP_FIELDS_MAX + 1)];
	struct datamap map;
	size_t i;

	for (i = 0; i <= DATAMAP_FIELDS_MAX; i++) {
		data[16 * i + 3] = DATAMAP_INT64;
		data[16 * i + 7] = (uint8_t)(10 + i);
	}
	CHECK(decode(data, 16 * DATAMAP_FIELDS_MAX, &map));
	CHECK(!decode(data, sizeof(data), &map));
}

KTAP_TEST(numbers_have_their_low_word_first)
{
	struct datamap map;

	CHECK(DECODE("\0\0\0\1\0\0\0\1\x12\x34\x56\x78\x9a\xbc\xde\xf0", &map));
	CHECK_EQ(map.kind, 0x9abcdef012345678);
	CHECK(DECODE("\0\0\0\1\0\0\0\3\xff\xff\xff\xfe\xff\xff\xff\xff", &map));
	CHECK(map.fast_close == -2);
}

KTAP_TEST(encoding)
{
	static const char expected[] =
		"\0\0\0\x1f" KIND "\0\0\0\2\0\0\0\2\0\0\0\3" "1 x";
	struct datamap_packet packet;
	struct datamap map;

	datamap_start(&packet);
	datamap_put_int64(&packet, DATAMAP_ID_KIND, DATAMAP_KIND_DATA);
	datamap_put_string(&packet, DATAMAP_ID_PAYLOAD,
			   (const uint8_t *)"1 x", 3, 3);
	datamap_finish(&packet, 0);
	if (CHECK_EQ(packet.len, sizeof(expected) - 1))
		CHECK(!memcmp(packet.data, expected, packet.len));
	CHECK_EQ(datamap_word(packet.data), packet.len - 4);
	CHECK(datamap_decode(packet.data + 4, packet.len - 4, &map));
	datamap_finish(&packet, 7);
	CHECK_EQ(datamap_word(packet.data), packet.len + 3);
	datamap_finish(&packet, UINT64_MAX / 2);
	CHECK_EQ(datamap_word(packet.data), UINT32_MAX);
	datamap_set_length(&packet, 0x89abcdef);
	CHECK_EQ(datamap_word(packet.data), 0x89abcdef);
	free(packet.data);

	datamap_start(&packet);
	datamap_put_int64(&packet, 9, -2);
	CHECK(!memcmp(packet.data + 12, "\xff\xff\xff\xfe\xff\xff\xff\xff", 8));
	free(packet.data);
}

/* The payload lies inside the packet, regardless of the bytes that change. */
KTAP_TEST(changed_bytes)
{
	uint8_t data[EXAMPLE_LEN];
	unsigned int accepted = 0, i;
	struct datamap map;
	struct prng prng;

	prng_seed(&prng, 5, 6);
	for (i = 0; i < 200000; i++) {
		size_t len = prng_next(&prng) % (EXAMPLE_LEN + 1);
		unsigned int changes = prng_next(&prng) % 4;

		memcpy(data, example, EXAMPLE_LEN);
		while (changes--)
			data[prng_next(&prng) % EXAMPLE_LEN] =
				(uint8_t)(prng_next(&prng) % 6);
		if (i & 1)
			len = EXAMPLE_LEN;
		if (!datamap_decode(data, len, &map))
			continue;
		accepted++;
		if (map.has_payload)
			CHECK(map.payload >= data &&
			      map.payload + map.payload_len <= data + len);
	}
	CHECK(accepted > 1000);
	CHECK(accepted < 190000);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(worked_example),
	KTAP_ENTRY(every_cut_is_refused),
	KTAP_ENTRY(order_and_unknown_fields),
	KTAP_ENTRY(malformed_fields),
	KTAP_ENTRY(too_many_fields),
	KTAP_ENTRY(numbers_have_their_low_word_first),
	KTAP_ENTRY(encoding),
	KTAP_ENTRY(changed_bytes),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
