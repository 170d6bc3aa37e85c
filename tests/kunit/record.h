/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Builds replies to the request guestlib.info.get.
 */
#ifndef VMGL_KUNIT_RECORD_H
#define VMGL_KUNIT_RECORD_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

#define RECORD_SIZE		8192
#define RECORD_SESSION		0x1122334455667788ULL
#define RECORD_ALL		(VMGUESTLIB_STAT_END - 1)

/**
 * struct record - a reply
 * @len: number of bytes that are built so far
 * @bytes: the bytes; the verdict comes first
 */
struct record {
	size_t len;
	u8 bytes[RECORD_SIZE];
};

/* The record without the verdict, as the decoder gets it */
static inline const u8 *record_body(const struct record *record)
{
	return record->bytes + 2;
}

static inline size_t record_body_len(const struct record *record)
{
	return record->len - 2;
}

u64 record_value(unsigned int id);
void record_begin(struct record *record, u32 version, u64 session);
void record_be32(struct record *record, u32 value);
void record_element(struct record *record, unsigned int id, bool valid);
void record_text(struct record *record, unsigned int id, bool valid,
		 const char *text, size_t len);
void record_finish(struct record *record, u32 count);
void record_make(struct record *record, u32 version, u64 session);

#endif
