// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci/datamap.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const uint8_t *next;
	size_t left;
};

uint32_t datamap_word(const uint8_t *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	       (uint32_t)data[2] << 8 | data[3];
}

static bool take_word(struct reader *reader, uint32_t *word)
{
	if (reader->left < 4)
		return false;
	*word = datamap_word(reader->next);
	reader->next += 4;
	reader->left -= 4;
	return true;
}

/* Each word is big-endian, but the low word comes before the high one. */
static bool take_int64(struct reader *reader, int64_t *value)
{
	uint32_t low, high;

	if (!take_word(reader, &low) || !take_word(reader, &high))
		return false;
	*value = (int64_t)((uint64_t)high << 32 | low);
	return true;
}

static bool take_string(struct reader *reader, const uint8_t **data, size_t *len)
{
	uint32_t announced;

	if (!take_word(reader, &announced) || announced > reader->left)
		return false;
	*data = reader->next;
	*len = announced;
	reader->next += announced;
	reader->left -= announced;
	return true;
}

static bool skip_value(struct reader *reader, uint32_t type)
{
	const uint8_t *data;
	uint32_t count = 1;
	int64_t number;
	size_t len;

	if ((type == DATAMAP_INT64LIST || type == DATAMAP_STRINGLIST) &&
	    !take_word(reader, &count))
		return false;
	/* Each element takes bytes, so the loop ends soon even if @count is too high. */
	for (; count; count--) {
		if (type == DATAMAP_STRING || type == DATAMAP_STRINGLIST ?
		    !take_string(reader, &data, &len) :
		    !take_int64(reader, &number))
			return false;
	}
	return true;
}

static bool take_value(struct reader *reader, uint32_t type, uint32_t id,
		       struct datamap *map)
{
	switch (id) {
	case DATAMAP_ID_KIND:
		map->has_kind = true;
		return type == DATAMAP_INT64 && take_int64(reader, &map->kind);
	case DATAMAP_ID_PAYLOAD:
		map->has_payload = true;
		return type == DATAMAP_STRING &&
		       take_string(reader, &map->payload, &map->payload_len);
	case DATAMAP_ID_FAST_CLOSE:
		map->has_fast_close = true;
		return type == DATAMAP_INT64 &&
		       take_int64(reader, &map->fast_close);
	default:
		return skip_value(reader, type);
	}
}

static bool is_new(const uint32_t *ids, size_t count, uint32_t id)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (ids[i] == id)
			return false;
	return true;
}

bool datamap_decode(const uint8_t *data, size_t len, struct datamap *map)
{
	struct reader reader = { data, len };
	uint32_t ids[DATAMAP_FIELDS_MAX], type, id;
	size_t count = 0;

	memset(map, 0, sizeof(*map));
	map->ascending = true;
	while (reader.left) {
		if (!take_word(&reader, &type) || !take_word(&reader, &id))
			return false;
		if (type == DATAMAP_EMPTY || type >= DATAMAP_TYPES)
			return false;
		if (count == DATAMAP_FIELDS_MAX || !is_new(ids, count, id))
			return false;
		if (count && id < ids[count - 1])
			map->ascending = false;
		ids[count++] = id;
		if (!take_value(&reader, type, id, map))
			return false;
	}
	return true;
}

static void put(struct datamap_packet *packet, const void *data, size_t len)
{
	uint8_t *grown;

	if (packet->broken || !len)
		return;
	grown = realloc(packet->data, packet->len + len);
	if (!grown) {
		free(packet->data);
		packet->data = NULL;
		packet->len = 0;
		packet->broken = true;
		return;
	}
	memcpy(grown + packet->len, data, len);
	packet->data = grown;
	packet->len += len;
}

static void write_word(uint8_t *bytes, uint32_t word)
{
	bytes[0] = (uint8_t)(word >> 24);
	bytes[1] = (uint8_t)(word >> 16);
	bytes[2] = (uint8_t)(word >> 8);
	bytes[3] = (uint8_t)word;
}

static void put_word(struct datamap_packet *packet, uint32_t word)
{
	uint8_t bytes[4];

	write_word(bytes, word);
	put(packet, bytes, sizeof(bytes));
}

void datamap_start(struct datamap_packet *packet)
{
	memset(packet, 0, sizeof(*packet));
	put_word(packet, 0);
}

void datamap_put_field(struct datamap_packet *packet, uint32_t type, uint32_t id)
{
	put_word(packet, type);
	put_word(packet, id);
}

void datamap_put_int64(struct datamap_packet *packet, uint32_t id, int64_t value)
{
	datamap_put_field(packet, DATAMAP_INT64, id);
	put_word(packet, (uint32_t)value);
	put_word(packet, (uint32_t)((uint64_t)value >> 32));
}

void datamap_put_string(struct datamap_packet *packet, uint32_t id,
			const uint8_t *data, size_t len, uint32_t announced)
{
	datamap_put_field(packet, DATAMAP_STRING, id);
	put_word(packet, announced);
	put(packet, data, len);
}

void datamap_set_length(struct datamap_packet *packet, uint32_t length)
{
	if (!packet->broken)
		write_word(packet->data, length);
}

void datamap_finish(struct datamap_packet *packet, uint64_t missing)
{
	uint64_t length = packet->len - DATAMAP_LENGTH_SIZE + missing;

	datamap_set_length(packet, length > UINT32_MAX ? UINT32_MAX :
			   (uint32_t)length);
}
