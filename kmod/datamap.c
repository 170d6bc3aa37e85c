// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * DataMap, the format of the packets of GuestRPC over VMCI sockets (wire-protocol chapter
 * 3.3).  A packet consists of its length, which is one word, and a list of fields.  Each
 * field has a type, an id and a value.
 *
 * All words have 4 bytes and are big-endian, but the lower word of an INT64 comes first.
 *
 * The functions take no locks and allocate no memory.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat/unaligned.h"
#include "datamap.h"

#define VMGL_DATAMAP_WORD	4

/* Largest number of fields in a packet.  Three ids are known, but later hosts may add some. */
#define VMGL_DATAMAP_FIELDS_MAX	32

enum vmgl_datamap_type {
	VMGL_DATAMAP_INT64 = 1,
	VMGL_DATAMAP_STRING = 2,
	VMGL_DATAMAP_INT64_LIST = 3,
	VMGL_DATAMAP_STRING_LIST = 4,
};

enum vmgl_datamap_id {
	VMGL_DATAMAP_PACKET_TYPE = 1,
	VMGL_DATAMAP_PAYLOAD = 2,
};

#define VMGL_DATAMAP_PACKET_DATA	1

/**
 * struct vmgl_datamap_reader - position in a packet
 * @fields: the packet after its length word
 * @pos: number of bytes of @fields that were read or skipped
 * @len: length of @fields in bytes
 */
struct vmgl_datamap_reader {
	const u8 *fields;
	size_t pos;
	size_t len;
};

/**
 * vmgl_datamap_head() - write the part of a data packet that precedes the payload
 * @head: filled with VMGL_DATAMAP_HEAD_SIZE bytes
 * @payload_len: length of the payload in bytes, at most VMGUESTLIB_RPC_REQUEST_MAX
 *
 * The payload is the last field, so that the caller can send it directly after @head.
 * The reference client uses this order of fields, too.
 *
 * Context: Any.
 */
void vmgl_datamap_head(u8 *head, u32 payload_len)
{
	const u32 words[] = {
		VMGL_DATAMAP_HEAD_SIZE - VMGL_DATAMAP_LENGTH_SIZE + payload_len,
		VMGL_DATAMAP_INT64, VMGL_DATAMAP_PACKET_TYPE,
		VMGL_DATAMAP_PACKET_DATA, 0,
		VMGL_DATAMAP_STRING, VMGL_DATAMAP_PAYLOAD, payload_len,
	};
	size_t i;

	static_assert(sizeof(words) == VMGL_DATAMAP_HEAD_SIZE);

	for (i = 0; i < ARRAY_SIZE(words); i++)
		put_unaligned_be32(words[i], head + i * VMGL_DATAMAP_WORD);
}

/**
 * vmgl_datamap_length() - decode the first word of a packet
 * @word: VMGL_DATAMAP_LENGTH_SIZE bytes
 *
 * Context: Any.
 * Return: number of bytes that follow the first word, as the host sent it.  The caller
 * must check it, because it can be any 32-bit number.
 */
u32 vmgl_datamap_length(const u8 *word)
{
	return get_unaligned_be32(word);
}

static int vmgl_datamap_skip(struct vmgl_datamap_reader *reader, u64 len)
{
	if (len > reader->len - reader->pos)
		return -EPROTO;
	reader->pos += len;
	return 0;
}

static int vmgl_datamap_read_word(struct vmgl_datamap_reader *reader, u32 *word)
{
	size_t pos = reader->pos;

	if (vmgl_datamap_skip(reader, VMGL_DATAMAP_WORD))
		return -EPROTO;
	*word = get_unaligned_be32(reader->fields + pos);
	return 0;
}

/* Stores the place of a string, and skips the string. */
static int vmgl_datamap_read_string(struct vmgl_datamap_reader *reader,
				    struct vmgl_datamap_payload *string)
{
	u32 len;

	if (vmgl_datamap_read_word(reader, &len) || !len)
		return -EPROTO;
	string->offset = reader->pos;
	string->len = len;
	return vmgl_datamap_skip(reader, len);
}

static int vmgl_datamap_skip_int64_list(struct vmgl_datamap_reader *reader)
{
	u32 count;

	if (vmgl_datamap_read_word(reader, &count))
		return -EPROTO;
	return vmgl_datamap_skip(reader, (u64)count * sizeof(u64));
}

static int vmgl_datamap_skip_string_list(struct vmgl_datamap_reader *reader)
{
	struct vmgl_datamap_payload string;
	u32 count;

	if (vmgl_datamap_read_word(reader, &count))
		return -EPROTO;
	/* The loop ends for any @count, because each string takes bytes of the packet. */
	while (count--)
		if (vmgl_datamap_read_string(reader, &string))
			return -EPROTO;
	return 0;
}

static int vmgl_datamap_read_field(struct vmgl_datamap_reader *reader, u32 *id,
				   struct vmgl_datamap_payload *payload)
{
	struct vmgl_datamap_payload string;
	u32 type;

	if (vmgl_datamap_read_word(reader, &type) ||
	    vmgl_datamap_read_word(reader, id))
		return -EPROTO;
	if (*id == VMGL_DATAMAP_PAYLOAD) {
		if (type != VMGL_DATAMAP_STRING)
			return -EPROTO;
		return vmgl_datamap_read_string(reader, payload);
	}

	switch (type) {
	case VMGL_DATAMAP_INT64:
		return vmgl_datamap_skip(reader, sizeof(u64));
	case VMGL_DATAMAP_STRING:
		return vmgl_datamap_read_string(reader, &string);
	case VMGL_DATAMAP_INT64_LIST:
		return vmgl_datamap_skip_int64_list(reader);
	case VMGL_DATAMAP_STRING_LIST:
		return vmgl_datamap_skip_string_list(reader);
	default:
		return -EPROTO;
	}
}

static bool vmgl_datamap_has(const u32 *ids, u32 count, u32 id)
{
	while (count--)
		if (ids[count] == id)
			return true;
	return false;
}

/**
 * vmgl_datamap_decode() - find the payload of a packet
 * @fields: the packet after its length word
 * @len: length of @fields in bytes
 * @payload: set on success to a place inside of @fields
 *
 * As in the reference client, the fields may have any order, and fields with an unknown
 * id are skipped.
 *
 * Context: Any.
 * Return: 0; -EPROTO if a field is truncated, duplicate or of an unknown type, if a string
 * is empty, if the payload is not a string, if there are more than
 * VMGL_DATAMAP_FIELDS_MAX fields, or if there is no payload.
 */
int vmgl_datamap_decode(const u8 *fields, size_t len,
			struct vmgl_datamap_payload *payload)
{
	struct vmgl_datamap_reader reader = { .fields = fields, .len = len };
	u32 ids[VMGL_DATAMAP_FIELDS_MAX];
	u32 count = 0;

	payload->len = 0;
	while (reader.pos < reader.len) {
		u32 id;

		if (count == ARRAY_SIZE(ids) ||
		    vmgl_datamap_read_field(&reader, &id, payload) ||
		    vmgl_datamap_has(ids, count, id))
			return -EPROTO;
		ids[count++] = id;
	}
	return payload->len ? 0 : -EPROTO;
}
