/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The table of statistics.  Tools and tests compile it for user space as well.
 */
#ifndef VMGL_STAT_TABLE_H
#define VMGL_STAT_TABLE_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include <linux/types.h>
#include <linux/vmguestlib.h>

/**
 * enum vmgl_stat_wire - form of a statistic on the wire (wire-protocol chapter 4)
 * @VMGL_WIRE_U32: 32 bits
 * @VMGL_WIRE_U64: 64 bits
 * @VMGL_WIRE_STRING: text of at most 512 bytes
 * @VMGL_WIRE_OPAQUE: text bounded by the message alone
 */
enum vmgl_stat_wire {
	VMGL_WIRE_U32,
	VMGL_WIRE_U64,
	VMGL_WIRE_STRING,
	VMGL_WIRE_OPAQUE,
};

/**
 * enum vmgl_stat_group - directory of sysfs
 * @VMGL_GROUP_NONE: no file: the fallback of another statistic
 * @VMGL_GROUP_TOP: the device's own directory
 * @VMGL_GROUP_CPU: cpu/
 * @VMGL_GROUP_MEM: mem/
 * @VMGL_GROUP_HOST: host/
 */
enum vmgl_stat_group {
	VMGL_GROUP_NONE,
	VMGL_GROUP_TOP,
	VMGL_GROUP_CPU,
	VMGL_GROUP_MEM,
	VMGL_GROUP_HOST,
};

/**
 * struct vmgl_stat - description of one statistic
 * @file: name in sysfs, with the unit as its last word where there is one
 * @wire: form on the wire
 * @group: directory in sysfs
 * @fallback: statistic that the file shows when the host does not give this one, or 0
 * @is_limit: all ones on the wire (32 bits) mean "no limit"
 */
struct vmgl_stat {
	const char *file;
	enum vmgl_stat_wire wire;
	enum vmgl_stat_group group;
	enum vmguestlib_stat_id fallback;
	bool is_limit;
};

extern const struct vmgl_stat vmgl_stats[];

static inline bool vmgl_stat_is_text(const struct vmgl_stat *stat)
{
	return stat->wire == VMGL_WIRE_STRING || stat->wire == VMGL_WIRE_OPAQUE;
}

#endif
