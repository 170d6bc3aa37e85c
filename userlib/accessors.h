/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Which statistic each plain accessor reports:
 *
 *	X(function without its prefix, result type, statistic, unit)
 *
 * "Plain" means that the function only returns the value of one statistic.  GetMemShares64,
 * GetHostMemKernOvhdMB and GetResourcePoolPath do something else, and vmGuestLib.c
 * defines them one by one.
 */
#ifndef USERLIB_ACCESSORS_H
#define USERLIB_ACCESSORS_H

#include "vmGuestLib.h"

#define VMGUESTLIB_DECLARED_ACCESSORS(X) \
	X(GetCpuReservationMHz, uint32, CPU_RESERVATION_MHZ, "MHz") \
	X(GetCpuLimitMHz, uint32, CPU_LIMIT_MHZ, "MHz") \
	X(GetCpuShares, uint32, CPU_SHARES, "shares") \
	X(GetCpuUsedMs, uint64, CPU_USED_MS, "ms") \
	X(GetHostProcessorSpeed, uint32, HOST_PROCESSOR_MHZ, "MHz") \
	X(GetMemReservationMB, uint32, MEM_RESERVATION_MB, "MB") \
	X(GetMemLimitMB, uint32, MEM_LIMIT_MB, "MB") \
	X(GetMemShares, uint32, MEM_SHARES, "shares") \
	X(GetMemMappedMB, uint32, MEM_MAPPED_MB, "MB") \
	X(GetMemActiveMB, uint32, MEM_ACTIVE_MB, "MB") \
	X(GetMemOverheadMB, uint32, MEM_OVERHEAD_MB, "MB") \
	X(GetMemBalloonedMB, uint32, MEM_BALLOONED_MB, "MB") \
	X(GetMemSwappedMB, uint32, MEM_SWAPPED_MB, "MB") \
	X(GetMemSharedMB, uint32, MEM_SHARED_MB, "MB") \
	X(GetMemSharedSavedMB, uint32, MEM_SHARED_SAVED_MB, "MB") \
	X(GetMemUsedMB, uint32, MEM_USED_MB, "MB") \
	X(GetElapsedMs, uint64, ELAPSED_MS, "ms") \
	X(GetCpuStolenMs, uint64, CPU_STOLEN_MS, "ms") \
	X(GetMemTargetSizeMB, uint64, MEM_TARGET_SIZE_MB, "MB") \
	X(GetHostNumCpuCores, uint32, HOST_NUM_CPU_CORES, "cores") \
	X(GetHostCpuUsedMs, uint64, HOST_CPU_USED_MS, "ms") \
	X(GetHostMemSwappedMB, uint64, HOST_MEM_SWAPPED_MB, "MB") \
	X(GetHostMemSharedMB, uint64, HOST_MEM_SHARED_MB, "MB") \
	X(GetHostMemUsedMB, uint64, HOST_MEM_USED_MB, "MB") \
	X(GetHostMemPhysMB, uint64, HOST_MEM_PHYS_MB, "MB") \
	X(GetHostMemPhysFreeMB, uint64, HOST_MEM_PHYS_FREE_MB, "MB") \
	X(GetHostMemMappedMB, uint64, HOST_MEM_MAPPED_MB, "MB") \
	X(GetHostMemUnmappedMB, uint64, HOST_MEM_UNMAPPED_MB, "MB")

/* These functions are exported by the SDK's library, but no header of the SDK declares them. */
#define VMGUESTLIB_UNDECLARED_ACCESSORS(X) \
	X(GetMemZippedMB, uint32, MEM_ZIPPED_MB, "MB") \
	X(GetMemZipSavedMB, uint32, MEM_ZIP_SAVED_MB, "MB") \
	X(GetMemLLSwappedMB, uint32, MEM_LL_SWAPPED_MB, "MB") \
	X(GetMemSwapTargetMB, uint32, MEM_SWAP_TARGET_MB, "MB") \
	X(GetMemBalloonTargetMB, uint32, MEM_BALLOON_TARGET_MB, "MB") \
	X(GetMemBalloonMaxMB, uint32, MEM_BALLOON_MAX_MB, "MB")

#define VMGUESTLIB_DECLARE_ACCESSOR(name, type, statistic, unit) \
	VMGuestLibError VMGuestLib_##name(VMGuestLibHandle handle, type *result);

VMGUESTLIB_UNDECLARED_ACCESSORS(VMGUESTLIB_DECLARE_ACCESSOR)

/* No header of the SDK declares this function either.  statGet.c describes it. */
Bool VMGuestLib_AtomicUpdateCookie(const char *src, const char *dst,
				   char **reply, size_t *replySize);

#endif
