/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Decoder of the host's information record, which is the reply to guestlib.info.get.  The
 * record has all statistics.  The decoder takes no locks and allocates no memory.  The
 * tests compile it for user space as well.
 */
#ifndef VMGL_INFO_H
#define VMGL_INFO_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

/**
 * struct vmgl_info_text - a text in the decoded data, without a terminating NUL
 * @bytes: pointer into the decoded data; NULL if the host did not send this text, or
 *	sent it as unavailable, which means that its valid flag is 0
 * @len: number of bytes, none of them NUL
 */
struct vmgl_info_text {
	const u8 *bytes;
	u32 len;
};

/**
 * struct vmgl_info - a decoded record
 * @session_id: id of the host's session; never 0
 * @version: version of the record, 2 or 3
 * @count: number of statistics that the host sent and this module knows; some may be
 *	unavailable
 * @values: statistics, indexed by enum vmguestlib_stat_id; the value of a text is its
 *	length in bytes
 * @path: text of VMGUESTLIB_STAT_RESOURCE_POOL_PATH, at most 512 bytes
 * @long_path: text of VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG; only the size of the
 *	reply limits its length
 */
struct vmgl_info {
	u64 session_id;
	u32 version;
	u32 count;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	struct vmgl_info_text path;
	struct vmgl_info_text long_path;
};

int vmgl_info_decode(const u8 *data, size_t len, u32 version,
		     struct vmgl_info *info);

#endif
