/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Decoder of the host's information record: bytes in, struct out.  It takes no locks
 * and allocates no memory.  The tests compile it for user space as well.
 */
#ifndef VMGL_INFO_H
#define VMGL_INFO_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

/**
 * struct vmgl_info_text - a text inside the record
 * @bytes: first byte, NULL when the host sent no such text
 * @len: number of bytes, none of them NUL
 */
struct vmgl_info_text {
	const u8 *bytes;
	u32 len;
};

/**
 * struct vmgl_info - a decoded record
 * @session_id: never 0
 * @version: 2 or 3
 * @count: statistics that the host sent and this module knows
 * @values: indexed by enum vmguestlib_stat_id
 * @path: resource pool path of at most 512 bytes
 * @long_path: resource pool path of any length
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
