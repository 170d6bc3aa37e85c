// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Builds records as the host does, see chapter 4 of wire-protocol.md. */
#include <linux/string.h>

#include "compat/unaligned.h"
#include "record.h"
#include "stat_table.h"

/*
 * Offsets in a reply of version 3. The verdict, the version and the session come before the
 * length of the data. The data are the count and the elements.
 */
#define V3_LENGTH	14
#define V3_DATA		18
#define V2_PATH_LEN	512

static const char path[] = "host/user/pool";

/* Returns a value that no other statistic has. 64-bit statistics have values above 32 bits. */
u64 record_value(unsigned int id)
{
	return vmgl_stats[id].wire == VMGL_WIRE_U64 ? 0x100000000ULL * id + id :
						      1000 + id;
}

static void put(struct record *record, const void *bytes, size_t len)
{
	memcpy(record->bytes + record->len, bytes, len);
	record->len += len;
}

static void put_u8(struct record *record, u8 value)
{
	record->bytes[record->len++] = value;
}

static void put_le32(struct record *record, u32 value)
{
	put_unaligned_le32(value, record->bytes + record->len);
	record->len += sizeof(value);
}

static void put_le64(struct record *record, u64 value)
{
	put_unaligned_le64(value, record->bytes + record->len);
	record->len += sizeof(value);
}

void record_be32(struct record *record, u32 value)
{
	put_unaligned_be32(value, record->bytes + record->len);
	record->len += sizeof(value);
}

void record_begin(struct record *record, u32 version, u64 session)
{
	record->len = 0;
	put(record, "1 ", 2);
	put_le32(record, version);
	put_le64(record, session);
	if (version == 3) {
		put_le32(record, 0);
		record_be32(record, 0);
	}
}

/* Adds an element of version 3. */
void record_element(struct record *record, unsigned int id, bool valid)
{
	u64 value = record_value(id);

	if (vmgl_stat_is_text(&vmgl_stats[id])) {
		record_text(record, id, valid, path, strlen(path));
		return;
	}
	record_be32(record, id);
	record_be32(record, valid);
	if (vmgl_stats[id].wire == VMGL_WIRE_U64)
		record_be32(record, value >> 32);
	record_be32(record, value);
}

void record_text(struct record *record, unsigned int id, bool valid,
		 const char *text, size_t len)
{
	record_be32(record, id);
	record_be32(record, valid);
	record_be32(record, len);
	put(record, text, len);
	while (len++ % 4)
		put_u8(record, 0);
}

/* Writes the length and the count of a record of version 3. */
void record_finish(struct record *record, u32 count)
{
	put_unaligned_le32(record->len - V3_DATA, record->bytes + V3_LENGTH);
	put_unaligned_be32(count, record->bytes + V3_DATA);
}

static void put_v2(struct record *record)
{
	unsigned int id;

	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++) {
		put_le32(record, 1);
		if (vmgl_stats[id].wire == VMGL_WIRE_U64)
			put_le64(record, record_value(id));
		else
			put_le32(record, record_value(id));
	}
	put_u8(record, 1);
	memset(record->bytes + record->len, 0, V2_PATH_LEN);
	memcpy(record->bytes + record->len, path, strlen(path));
	record->len += V2_PATH_LEN;
}

/* Builds a record with all statistics that the version has. */
void record_make(struct record *record, u32 version, u64 session)
{
	unsigned int id;

	record_begin(record, version, session);
	if (version == 2) {
		put_v2(record);
		return;
	}
	for (id = 1; id <= RECORD_ALL; id++)
		record_element(record, id, true);
	record_finish(record, RECORD_ALL);
}
