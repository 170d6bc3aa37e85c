// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <strings.h>

#include "config/wire_stats.h"

/* The names and widths are those of the wire protocol, chapter 4.5. */
const struct wire_stat wire_stats[WIRE_END] = {
	[WIRE_CPU_RESERVATION_MHZ]	= { "cpuReservationMHz", WIRE_U32 },
	[WIRE_CPU_LIMIT_MHZ]		= { "cpuLimitMHz", WIRE_U32 },
	[WIRE_CPU_SHARES]		= { "cpuShares", WIRE_U32 },
	[WIRE_CPU_USED_MS]		= { "cpuUsedMs", WIRE_U64 },
	[WIRE_HOST_MHZ]			= { "hostMHz", WIRE_U32 },
	[WIRE_MEM_RESERVATION_MB]	= { "memReservationMB", WIRE_U32 },
	[WIRE_MEM_LIMIT_MB]		= { "memLimitMB", WIRE_U32 },
	[WIRE_MEM_SHARES]		= { "memShares", WIRE_U32 },
	[WIRE_MEM_MAPPED_MB]		= { "memMappedMB", WIRE_U32 },
	[WIRE_MEM_ACTIVE_MB]		= { "memActiveMB", WIRE_U32 },
	[WIRE_MEM_OVERHEAD_MB]		= { "memOverheadMB", WIRE_U32 },
	[WIRE_MEM_BALLOONED_MB]		= { "memBalloonedMB", WIRE_U32 },
	[WIRE_MEM_SWAPPED_MB]		= { "memSwappedMB", WIRE_U32 },
	[WIRE_MEM_SHARED_MB]		= { "memSharedMB", WIRE_U32 },
	[WIRE_MEM_SHARED_SAVED_MB]	= { "memSharedSavedMB", WIRE_U32 },
	[WIRE_MEM_USED_MB]		= { "memUsedMB", WIRE_U32 },
	[WIRE_ELAPSED_MS]		= { "elapsedMs", WIRE_U64 },
	[WIRE_RESOURCE_POOL_PATH]	= { "resourcePoolPath", WIRE_STRING },
	[WIRE_CPU_STOLEN_MS]		= { "cpuStolenMs", WIRE_U64 },
	[WIRE_MEM_TARGET_SIZE_MB]	= { "memTargetSizeMB", WIRE_U64 },
	[WIRE_HOST_CPU_NUM_CORES]	= { "hostCpuNumCores", WIRE_U32 },
	[WIRE_HOST_CPU_USED_MS]		= { "hostCpuUsedMs", WIRE_U64 },
	[WIRE_HOST_MEM_SWAPPED_MB]	= { "hostMemSwappedMB", WIRE_U64 },
	[WIRE_HOST_MEM_SHARED_MB]	= { "hostMemSharedMB", WIRE_U64 },
	[WIRE_HOST_MEM_USED_MB]		= { "hostMemUsedMB", WIRE_U64 },
	[WIRE_HOST_MEM_PHYS_MB]		= { "hostMemPhysMB", WIRE_U64 },
	[WIRE_HOST_MEM_PHYS_FREE_MB]	= { "hostMemPhysFreeMB", WIRE_U64 },
	[WIRE_HOST_MEM_KERN_OVHD_MB]	= { "hostMemKernOvhdMB", WIRE_U64 },
	[WIRE_HOST_MEM_MAPPED_MB]	= { "hostMemMappedMB", WIRE_U64 },
	[WIRE_HOST_MEM_UNMAPPED_MB]	= { "hostMemUnmappedMB", WIRE_U64 },
	[WIRE_MEM_ZIPPED_MB]		= { "memZippedMB", WIRE_U32 },
	[WIRE_MEM_ZIP_SAVED_MB]		= { "memZipSavedMB", WIRE_U32 },
	[WIRE_MEM_LL_SWAPPED_MB]	= { "memLLSwappedMB", WIRE_U32 },
	[WIRE_MEM_SWAP_TARGET_MB]	= { "memSwapTargetMB", WIRE_U32 },
	[WIRE_MEM_BALLOON_TARGET_MB]	= { "memBalloonTargetMB", WIRE_U32 },
	[WIRE_MEM_BALLOON_MAX_MB]	= { "memBalloonMaxMB", WIRE_U32 },
	[WIRE_RESOURCE_POOL_PATH_LONG]	= { "resourcePoolPathLong", WIRE_OPAQUE },
	[WIRE_MEM_SHARES64]		= { "memShares64", WIRE_U64 },
};

unsigned int wire_stat_find(const char *name)
{
	unsigned int id;

	for (id = 1; id < WIRE_END; id++)
		if (!strcasecmp(wire_stats[id].name, name))
			return id;
	return 0;
}
