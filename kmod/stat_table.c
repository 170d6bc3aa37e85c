// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The table of statistics (wire-protocol chapter 4.5).  CONTRIBUTING.md says what else to
 * change to add a statistic.  The programs in user space are also built with this file.
 */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/kernel.h>
#else
#include <assert.h>
#include <stddef.h>
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

#include "stat_table.h"

#define STAT(id, _file, _wire, _group, ...)				\
	[VMGUESTLIB_STAT_##id] = {					\
		.file = _file,						\
		.wire = VMGL_WIRE_##_wire,				\
		.group = VMGL_GROUP_##_group,				\
		__VA_ARGS__						\
	}

/* The value 0xffffffff means that there is no limit. */
#define LIMIT		.is_limit = true
/* If the host does not give the statistic of an entry, its sysfs file shows @id instead. */
#define ELSE(id)	.fallback = VMGUESTLIB_STAT_##id

/* Identifiers start at 1, so the element 0 is empty. */
const struct vmgl_stat vmgl_stats[] = {
	STAT(CPU_RESERVATION_MHZ, "reservation_mhz", U32, CPU),
	STAT(CPU_LIMIT_MHZ, "limit_mhz", U32, CPU, LIMIT),
	STAT(CPU_SHARES, "shares", U32, CPU),
	STAT(CPU_USED_MS, "used_ms", U64, CPU),
	STAT(HOST_PROCESSOR_MHZ, "processor_mhz", U32, HOST),
	STAT(MEM_RESERVATION_MB, "reservation_mb", U32, MEM),
	STAT(MEM_LIMIT_MB, "limit_mb", U32, MEM, LIMIT),
	STAT(MEM_SHARES, NULL, U32, NONE),
	STAT(MEM_MAPPED_MB, "mapped_mb", U32, MEM),
	STAT(MEM_ACTIVE_MB, "active_mb", U32, MEM),
	STAT(MEM_OVERHEAD_MB, "overhead_mb", U32, MEM),
	STAT(MEM_BALLOONED_MB, "ballooned_mb", U32, MEM),
	STAT(MEM_SWAPPED_MB, "swapped_mb", U32, MEM),
	STAT(MEM_SHARED_MB, "shared_mb", U32, MEM),
	STAT(MEM_SHARED_SAVED_MB, "shared_saved_mb", U32, MEM),
	STAT(MEM_USED_MB, "used_mb", U32, MEM),
	STAT(ELAPSED_MS, "elapsed_ms", U64, TOP),
	STAT(RESOURCE_POOL_PATH, "resource_pool_path", STRING, TOP,
	     ELSE(RESOURCE_POOL_PATH_LONG)),
	STAT(CPU_STOLEN_MS, "stolen_ms", U64, CPU),
	STAT(MEM_TARGET_SIZE_MB, "target_size_mb", U64, MEM),
	STAT(HOST_NUM_CPU_CORES, "num_cpu_cores", U32, HOST),
	STAT(HOST_CPU_USED_MS, "cpu_used_ms", U64, HOST),
	STAT(HOST_MEM_SWAPPED_MB, "mem_swapped_mb", U64, HOST),
	STAT(HOST_MEM_SHARED_MB, "mem_shared_mb", U64, HOST),
	STAT(HOST_MEM_USED_MB, "mem_used_mb", U64, HOST),
	STAT(HOST_MEM_PHYS_MB, "mem_phys_mb", U64, HOST),
	STAT(HOST_MEM_PHYS_FREE_MB, "mem_phys_free_mb", U64, HOST),
	STAT(HOST_MEM_KERN_OVHD_MB, "mem_kern_ovhd_mb", U64, HOST),
	STAT(HOST_MEM_MAPPED_MB, "mem_mapped_mb", U64, HOST),
	STAT(HOST_MEM_UNMAPPED_MB, "mem_unmapped_mb", U64, HOST),
	STAT(MEM_ZIPPED_MB, "zipped_mb", U32, MEM),
	STAT(MEM_ZIP_SAVED_MB, "zip_saved_mb", U32, MEM),
	STAT(MEM_LL_SWAPPED_MB, "ll_swapped_mb", U32, MEM),
	STAT(MEM_SWAP_TARGET_MB, "swap_target_mb", U32, MEM),
	STAT(MEM_BALLOON_TARGET_MB, "balloon_target_mb", U32, MEM),
	STAT(MEM_BALLOON_MAX_MB, "balloon_max_mb", U32, MEM),
	STAT(RESOURCE_POOL_PATH_LONG, NULL, OPAQUE, NONE),
	STAT(MEM_SHARES64, "shares", U64, MEM, ELSE(MEM_SHARES)),
};

static_assert(ARRAY_SIZE(vmgl_stats) == VMGUESTLIB_STAT_END);
