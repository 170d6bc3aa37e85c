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
 * enum vmgl_stat_wire - format in which the host sends a statistic (wire-protocol
 * chapter 4)
 * @VMGL_WIRE_U32: number of 32 bits
 * @VMGL_WIRE_U64: number of 64 bits
 * @VMGL_WIRE_STRING: text of at most 512 bytes
 * @VMGL_WIRE_OPAQUE: text of any length that fits in the reply
 */
enum vmgl_stat_wire {
	VMGL_WIRE_U32,
	VMGL_WIRE_U64,
	VMGL_WIRE_STRING,
	VMGL_WIRE_OPAQUE,
};

/**
 * enum vmgl_stat_group - directory in sysfs that has the file of a statistic
 * @VMGL_GROUP_NONE: no file; another statistic has this one as its fallback
 * @VMGL_GROUP_TOP: /sys/class/misc/vmguestlib itself
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
 * @file: name of the file in sysfs, which ends with the unit if the value has one; NULL if
 *	there is no file
 * @wire: format in which the host sends the statistic
 * @group: directory of the file in sysfs
 * @fallback: statistic that the file shows if the host does not give this one; 0 if none
 * @is_limit: whether the value U32_MAX means "no limit"
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
