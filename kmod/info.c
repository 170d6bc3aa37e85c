// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Decoder of the reply to guestlib.info.get (wire-protocol chapter 4).
 *
 * A record of either version begins with the version and the session id, both
 * little-endian.  In version 2, little-endian elements of fixed size follow.  In version
 * 3, a little-endian length and a big-endian XDR stream of that length follow.  Both
 * versions list the statistics in the order of their identifiers.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "compat/unaligned.h"
#include "info.h"
#include "stat_table.h"

/* Lengths and offsets in bytes.  V2_VALID_LEN is a valid flag and 3 bytes of padding. */
#define VMGL_INFO_HEADER_LEN		12
#define VMGL_INFO_V2_LEN		669
#define VMGL_INFO_V2_PATH_LEN		512
#define VMGL_INFO_V2_VALID_LEN		4
#define VMGL_INFO_V3_DATA		16
#define VMGL_INFO_V3_STRING_MAX		512

/* The part of the record that is not yet decoded: @left bytes that begin at @at */
struct vmgl_span {
	const u8 *at;
	size_t left;
};

static const u8 *vmgl_take(struct vmgl_span *span, size_t len)
{
	const u8 *at = span->at;

	if (len > span->left)
		return NULL;
	span->at += len;
	span->left -= len;
	return at;
}

static void vmgl_info_set(struct vmgl_info *info, enum vmguestlib_stat_id id,
			  bool valid, u64 value)
{
	info->values[id].state = valid ? VMGUESTLIB_VALUE_GIVEN :
					 VMGUESTLIB_VALUE_UNAVAILABLE;
	info->values[id].value = valid ? value : 0;
}

/* The text ends at its first NUL, because the SDK returns C strings. */
static void vmgl_info_set_text(struct vmgl_info *info,
			       enum vmguestlib_stat_id id, bool valid,
			       const u8 *bytes, u32 len)
{
	struct vmgl_info_text *text = id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH ?
				      &info->path : &info->long_path;

	len = strnlen((const char *)bytes, len);
	vmgl_info_set(info, id, valid, len);
	if (valid)
		*text = (struct vmgl_info_text) { .bytes = bytes, .len = len };
}

static int vmgl_info_decode_v2(struct vmgl_span body, struct vmgl_info *info)
{
	enum vmguestlib_stat_id id;
	const u8 *at;

	if (body.left != VMGL_INFO_V2_LEN - VMGL_INFO_HEADER_LEN)
		return -EPROTO;

	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH; id++) {
		bool wide = vmgl_stats[id].wire == VMGL_WIRE_U64;
		const u8 *valid = vmgl_take(&body, VMGL_INFO_V2_VALID_LEN);

		at = vmgl_take(&body, wide ? sizeof(u64) : sizeof(u32));
		if (!valid || !at)
			return -EPROTO;
		vmgl_info_set(info, id, *valid, wide ? get_unaligned_le64(at) :
						       get_unaligned_le32(at));
	}

	/* The last byte of the field is for the terminating NUL, whether or not it is 0. */
	at = vmgl_take(&body, 1 + VMGL_INFO_V2_PATH_LEN);
	if (!at)
		return -EPROTO;
	vmgl_info_set_text(info, id, *at, at + 1, VMGL_INFO_V2_PATH_LEN - 1);
	info->count = id;
	return 0;
}

static int vmgl_xdr_u32(struct vmgl_span *span, u32 *value)
{
	const u8 *at = vmgl_take(span, sizeof(*value));

	if (!at)
		return -EPROTO;
	*value = get_unaligned_be32(at);
	return 0;
}

static int vmgl_xdr_text(struct vmgl_span *span, struct vmgl_info *info,
			 enum vmguestlib_stat_id id, bool valid)
{
	const u8 *bytes;
	u32 len;

	if (vmgl_xdr_u32(span, &len))
		return -EPROTO;
	if (vmgl_stats[id].wire == VMGL_WIRE_STRING &&
	    len > VMGL_INFO_V3_STRING_MAX)
		return -EPROTO;

	bytes = vmgl_take(span, len);
	if (!bytes || !vmgl_take(span, -len % sizeof(u32)))
		return -EPROTO;
	vmgl_info_set_text(info, id, valid, bytes, len);
	return 0;
}

static int vmgl_xdr_element(struct vmgl_span *span, struct vmgl_info *info,
			    enum vmguestlib_stat_id id)
{
	u32 discriminant, flag;
	const u8 *at;
	bool valid;

	if (vmgl_xdr_u32(span, &discriminant) || discriminant != id ||
	    vmgl_xdr_u32(span, &flag))
		return -EPROTO;

	/* The reference client uses only the low byte. */
	valid = flag & 0xff;

	if (vmgl_stat_is_text(&vmgl_stats[id]))
		return vmgl_xdr_text(span, info, id, valid);

	if (vmgl_stats[id].wire == VMGL_WIRE_U64) {
		at = vmgl_take(span, sizeof(u64));
		if (!at)
			return -EPROTO;
		vmgl_info_set(info, id, valid, get_unaligned_be64(at));
		return 0;
	}

	at = vmgl_take(span, sizeof(u32));
	if (!at)
		return -EPROTO;
	vmgl_info_set(info, id, valid, get_unaligned_be32(at));
	return 0;
}

static int vmgl_info_decode_v3(const u8 *data, size_t len,
			       struct vmgl_info *info)
{
	enum vmguestlib_stat_id id;
	struct vmgl_span span;
	u32 data_len, count;
	int ret;

	if (len < VMGL_INFO_V3_DATA)
		return -EPROTO;
	data_len = get_unaligned_le32(data + VMGL_INFO_HEADER_LEN);
	if (data_len > len - VMGL_INFO_V3_DATA)
		return -EPROTO;

	span = (struct vmgl_span) { data + VMGL_INFO_V3_DATA, data_len };
	if (vmgl_xdr_u32(&span, &count))
		return -EPROTO;

	/* The statistics that a newer host may send after the known ones are ignored. */
	info->count = min_t(u32, count, VMGUESTLIB_STAT_END - 1);
	for (id = 1; id <= info->count; id++) {
		ret = vmgl_xdr_element(&span, info, id);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * vmgl_info_decode() - decode a record
 * @data: the reply without the prefix "1 "
 * @len: length of @data in bytes
 * @version: version of the record that was requested, 2 or 3
 * @info: filled; the texts in it point into @data
 *
 * If any part of the record is malformed, this function rejects the whole record.  The
 * reference client accepts some malformed records and fails later.
 *
 * Context: Any.
 * Return: 0, or -EPROTO if the record is malformed.  After -EPROTO, @info is undefined.
 */
int vmgl_info_decode(const u8 *data, size_t len, u32 version,
		     struct vmgl_info *info)
{
	struct vmgl_span body = { data, len };

	memset(info, 0, sizeof(*info));

	if (!vmgl_take(&body, VMGL_INFO_HEADER_LEN))
		return -EPROTO;
	info->version = get_unaligned_le32(data);
	info->session_id = get_unaligned_le64(data + sizeof(u32));
	if (info->version != version || !info->session_id)
		return -EPROTO;

	switch (version) {
	case 2:
		return vmgl_info_decode_v2(body, info);
	case 3:
		return vmgl_info_decode_v3(data, len, info);
	default:
		return -EPROTO;
	}
}
