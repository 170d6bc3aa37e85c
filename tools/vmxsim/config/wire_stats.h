/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The statistics as guestlib.info.get sends them.  The table does not use the header of the
 * module, so that the tests find a mistake in either of them.
 */
#ifndef VMXSIM_WIRE_STATS_H
#define VMXSIM_WIRE_STATS_H

#include <stdbool.h>
#include <stddef.h>

enum wire_id {
	WIRE_CPU_RESERVATION_MHZ = 1,
	WIRE_CPU_LIMIT_MHZ,
	WIRE_CPU_SHARES,
	WIRE_CPU_USED_MS,
	WIRE_HOST_MHZ,
	WIRE_MEM_RESERVATION_MB,
	WIRE_MEM_LIMIT_MB,
	WIRE_MEM_SHARES,
	WIRE_MEM_MAPPED_MB,
	WIRE_MEM_ACTIVE_MB,
	WIRE_MEM_OVERHEAD_MB,
	WIRE_MEM_BALLOONED_MB,
	WIRE_MEM_SWAPPED_MB,
	WIRE_MEM_SHARED_MB,
	WIRE_MEM_SHARED_SAVED_MB,
	WIRE_MEM_USED_MB,
	WIRE_ELAPSED_MS,
	WIRE_RESOURCE_POOL_PATH,
	WIRE_CPU_STOLEN_MS,
	WIRE_MEM_TARGET_SIZE_MB,
	WIRE_HOST_CPU_NUM_CORES,
	WIRE_HOST_CPU_USED_MS,
	WIRE_HOST_MEM_SWAPPED_MB,
	WIRE_HOST_MEM_SHARED_MB,
	WIRE_HOST_MEM_USED_MB,
	WIRE_HOST_MEM_PHYS_MB,
	WIRE_HOST_MEM_PHYS_FREE_MB,
	WIRE_HOST_MEM_KERN_OVHD_MB,
	WIRE_HOST_MEM_MAPPED_MB,
	WIRE_HOST_MEM_UNMAPPED_MB,
	WIRE_MEM_ZIPPED_MB,
	WIRE_MEM_ZIP_SAVED_MB,
	WIRE_MEM_LL_SWAPPED_MB,
	WIRE_MEM_SWAP_TARGET_MB,
	WIRE_MEM_BALLOON_TARGET_MB,
	WIRE_MEM_BALLOON_MAX_MB,
	WIRE_RESOURCE_POOL_PATH_LONG,
	WIRE_MEM_SHARES64,
	WIRE_END
};

enum wire_type {
	WIRE_U32,
	WIRE_U64,
	WIRE_STRING,	/* at most WIRE_STRING_MAX bytes */
	WIRE_OPAQUE,
};

#define WIRE_STRING_MAX		512

/* The last statistic of version 2, and the first and the last one about the whole host */
#define WIRE_V2_LAST		WIRE_RESOURCE_POOL_PATH
#define WIRE_HOST_FIRST		WIRE_HOST_CPU_NUM_CORES
#define WIRE_HOST_LAST		WIRE_HOST_MEM_UNMAPPED_MB

struct wire_stat {
	const char *name;
	enum wire_type type;
};

/* Indexed by enum wire_id; element 0 is empty. */
extern const struct wire_stat wire_stats[WIRE_END];

/* Returns the id of the statistic with this name, regardless of case, or 0. */
unsigned int wire_stat_find(const char *name);

static inline bool wire_stat_is_text(unsigned int id)
{
	return wire_stats[id].type == WIRE_STRING ||
	       wire_stats[id].type == WIRE_OPAQUE;
}

#endif
