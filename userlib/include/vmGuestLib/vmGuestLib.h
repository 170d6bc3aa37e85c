/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The vSphere Guest API: statistics of the VMware host about the guest's share of its
 * processors and memory.
 *
 *	VMGuestLibHandle handle;
 *	uint64 used;
 *
 *	if (VMGuestLib_OpenHandle(&handle) == VMGUESTLIB_ERROR_SUCCESS) {
 *		if (VMGuestLib_UpdateInfo(handle) == VMGUESTLIB_ERROR_SUCCESS &&
 *		    VMGuestLib_GetCpuUsedMs(handle, &used) ==
 *						VMGUESTLIB_ERROR_SUCCESS)
 *			printf("%" FMT64 "u ms\n", used);
 *		VMGuestLib_CloseHandle(handle);
 *	}
 *
 * This implementation asks the kernel module vmguestlib through
 * /dev/vmguestlib, which every user may read.  The device is opened for the
 * duration of a call only, so nothing is left open between calls and nothing
 * is inherited by exec or fork.  No signal handler, no thread, no cache, no
 * port access.
 *
 * Source of every description here: vSphere Guest SDK, tables 2 to 4.
 */
#ifndef _VM_GUEST_LIB_H_
#define _VM_GUEST_LIB_H_

#include "vm_basic_types.h"
#include "vmSessionId.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#define VMGUESTLIB_DEPRECATED __attribute__((__deprecated__))
#else
#define VMGUESTLIB_DEPRECATED
#endif

typedef enum {
	/* The call has succeeded. */
	VMGUESTLIB_ERROR_SUCCESS = 0,
	/* Anything that has no code of its own, such as a malformed reply. */
	VMGUESTLIB_ERROR_OTHER = 1,
	/* This machine is not a VMware virtual machine. */
	VMGUESTLIB_ERROR_NOT_RUNNING_IN_VM = 2,
	/* The host refuses or cannot be reached, or the kernel module is
	 * missing or out of the caller's reach.
	 */
	VMGUESTLIB_ERROR_NOT_ENABLED = 3,
	/* The host knows the statistic but gives no value at present. */
	VMGUESTLIB_ERROR_NOT_AVAILABLE = 4,
	/* No VMGuestLib_UpdateInfo() yet, or the last one failed. */
	VMGUESTLIB_ERROR_NO_INFO = 5,
	/* Out of memory. */
	VMGUESTLIB_ERROR_MEMORY = 6,
	/* The caller's buffer, or the longest possible request, is too short. */
	VMGUESTLIB_ERROR_BUFFER_TOO_SMALL = 7,
	/* The handle is NULL. */
	VMGUESTLIB_ERROR_INVALID_HANDLE = 8,
	/* A pointer that must not be NULL is NULL. */
	VMGUESTLIB_ERROR_INVALID_ARG = 9,
	/* This host does not know the statistic or the request. */
	VMGUESTLIB_ERROR_UNSUPPORTED_VERSION = 10
} VMGuestLibError;

/*
 * The English text for an error.  It is constant and never NULL; a number that
 * is no error code gives the text of VMGUESTLIB_ERROR_OTHER.
 */
char const *VMGuestLib_GetErrorText(VMGuestLibError error);

/*
 * A handle owns one set of statistics.  Handles are independent of each other.
 * The SDK asks callers not to share a handle between threads without a lock of
 * their own.  Doing so nevertheless is harmless to memory here; what is read
 * during an update may then belong to either of the two updates.  Closing a
 * handle that is still in use is an error of the caller.
 */
struct _VMGuestLibHandle;
typedef struct _VMGuestLibHandle *VMGuestLibHandle;

/*
 * Makes a handle.
 *
 * NOT_RUNNING_IN_VM	no device, and not a VMware virtual machine
 * INVALID_ARG		handle is NULL
 * NOT_ENABLED		a VMware virtual machine, but the device is missing or
 *			may not be opened
 * MEMORY		out of memory
 *
 * The first of these that applies is returned.  *handle is unchanged on error.
 */
VMGuestLibError VMGuestLib_OpenHandle(VMGuestLibHandle *handle);

/*
 * Releases a handle.  INVALID_HANDLE when it is NULL.
 */
VMGuestLibError VMGuestLib_CloseHandle(VMGuestLibHandle handle);

/*
 * Requests all statistics of the host at once; the accessors then return the values of
 * this answer, which is never older than the call.
 *
 * INVALID_HANDLE	handle is NULL
 * NOT_ENABLED		the host refuses, does not know the request or cannot
 *			be reached; or the device cannot be opened
 * MEMORY		out of memory
 * OTHER		the host's reply is malformed or too long
 *
 * After an error the accessors answer NO_INFO until an update succeeds.
 */
VMGuestLibError VMGuestLib_UpdateInfo(VMGuestLibHandle handle);

/*
 * Errors of the session id and of all accessors; the first that applies is returned:
 *
 * INVALID_HANDLE	handle is NULL
 * INVALID_ARG		an address for the result is NULL
 * NO_INFO		there was no successful update
 * UNSUPPORTED_VERSION	this host does not send the statistic
 * NOT_AVAILABLE	the host sends it without a value
 *
 * The result is unchanged on error.  A limit of 0xFFFFFFFF means unlimited.
 * Milliseconds are cumulative: their differences are meaningful within one session only.
 */

/*
 * The session of the last update.
 */
VMGuestLibError VMGuestLib_GetSessionId(VMGuestLibHandle handle,
					VMSessionId *id);

/* MHz that the host guarantees to the virtual machine */
VMGuestLibError VMGuestLib_GetCpuReservationMHz(VMGuestLibHandle handle,
						uint32 *cpuReservationMHz);

/* MHz that the virtual machine may use at most */
VMGuestLibError VMGuestLib_GetCpuLimitMHz(VMGuestLibHandle handle,
					  uint32 *cpuLimitMHz);

/* Processor shares, a weight against the host's other virtual machines */
VMGuestLibError VMGuestLib_GetCpuShares(VMGuestLibHandle handle,
					uint32 *cpuShares);

/*
 * Milliseconds of processor time used since the session began, the host's work
 * on behalf of the virtual machine included
 */
VMGuestLibError VMGuestLib_GetCpuUsedMs(VMGuestLibHandle handle,
					uint64 *cpuUsedMs);

/*
 * Speed of the host's processors in MHz.  Times the growth of CpuUsedMs over
 * the growth of ElapsedMs it is the speed that the virtual machine really got.
 */
VMGuestLibError VMGuestLib_GetHostProcessorSpeed(VMGuestLibHandle handle,
						 uint32 *mhz);

/* MB of host memory guaranteed to the virtual machine */
VMGuestLibError VMGuestLib_GetMemReservationMB(VMGuestLibHandle handle,
					       uint32 *memReservationMB);

/* MB of host memory that the virtual machine may occupy at most */
VMGuestLibError VMGuestLib_GetMemLimitMB(VMGuestLibHandle handle,
					 uint32 *memLimitMB);

/*
 * Memory shares.  NOT_AVAILABLE where the number needs more than 32 bits: use
 * VMGuestLib_GetMemShares64().
 */
VMGuestLibError VMGuestLib_GetMemShares(VMGuestLibHandle handle,
					uint32 *memShares);

/*
 * Memory shares in 64 bits; from the 32-bit statistic where the host (before
 * ESX 7.0) has no other.
 */
VMGuestLibError VMGuestLib_GetMemShares64(VMGuestLibHandle handle,
					  uint64 *memShares64);

/*
 * MB of guest memory that host memory backs; a page shared with others counts
 * in full
 */
VMGuestLibError VMGuestLib_GetMemMappedMB(VMGuestLibHandle handle,
					  uint32 *memMappedSizeMB);

/* MB in active use: the host's estimate of the working set */
VMGuestLibError VMGuestLib_GetMemActiveMB(VMGuestLibHandle handle,
					  uint32 *memActiveMB);

/* MB of host memory spent on running the virtual machine, beside its memory */
VMGuestLibError VMGuestLib_GetMemOverheadMB(VMGuestLibHandle handle,
					    uint32 *memOverheadMB);

/* MB that the balloon driver took from the guest */
VMGuestLibError VMGuestLib_GetMemBalloonedMB(VMGuestLibHandle handle,
					     uint32 *memBalloonedMB);

/* MB of guest memory that the host has swapped out */
VMGuestLibError VMGuestLib_GetMemSwappedMB(VMGuestLibHandle handle,
					   uint32 *memSwappedMB);

/* MB of guest memory shared copy-on-write */
VMGuestLibError VMGuestLib_GetMemSharedMB(VMGuestLibHandle handle,
					  uint32 *memSharedMB);

/* MB of host memory that the sharing saves, an estimate */
VMGuestLibError VMGuestLib_GetMemSharedSavedMB(VMGuestLibHandle handle,
					       uint32 *memSharedSavedMB);

/* MB of host memory consumed for guest memory: mapped less shared-saved */
VMGuestLibError VMGuestLib_GetMemUsedMB(VMGuestLibHandle handle,
					uint32 *memUsedMB);

/* Milliseconds of real time since the session began */
VMGuestLibError VMGuestLib_GetElapsedMs(VMGuestLibHandle handle,
					uint64 *elapsedMs);

/*
 * Path of the virtual machine in the host's resource pools.  Note the order:
 * size first, buffer second, neither of them NULL.
 *
 * *bufferSize is the capacity of pathBuffer in bytes.  When the path with its
 * NUL does not fit, *bufferSize becomes the size that is needed, pathBuffer is
 * unchanged and the result is BUFFER_TOO_SMALL; a *bufferSize of 0 thus asks
 * for the size.  On success *bufferSize is unchanged.  A path ends at the
 * first NUL that the host sent.
 *
 * A path over 512 bytes is NOT_AVAILABLE here, as the host sends it in a
 * statistic for which the SDK has no function.
 */
VMGuestLibError VMGuestLib_GetResourcePoolPath(VMGuestLibHandle handle,
					       size_t *bufferSize,
					       char *pathBuffer);

#ifndef SWIGJAVA
/* Milliseconds during which the virtual machine was ready but did not run */
VMGuestLibError VMGuestLib_GetCpuStolenMs(VMGuestLibHandle handle,
					  uint64 *cpuStolenMs);

/* MB of memory that the host intends to give to the virtual machine */
VMGuestLibError VMGuestLib_GetMemTargetSizeMB(VMGuestLibHandle handle,
					      uint64 *memTargetSizeMB);

/*
 * The whole host.  Sent only where tools.guestlib.enableHostInfo of the virtual machine
 * and Misc.GuestLibAllowHostInfo of the host are set.
 */

/* Physical processor cores */
VMGuestLibError VMGuestLib_GetHostNumCpuCores(VMGuestLibHandle handle,
					      uint32 *hostNumCpuCores);

/* Milliseconds of processor time used on the whole host */
VMGuestLibError VMGuestLib_GetHostCpuUsedMs(VMGuestLibHandle handle,
					    uint64 *hostCpuUsedMs);

/* MB swapped out */
VMGuestLibError VMGuestLib_GetHostMemSwappedMB(VMGuestLibHandle handle,
					       uint64 *hostMemSwappedMB);

/* MB shared copy-on-write */
VMGuestLibError VMGuestLib_GetHostMemSharedMB(VMGuestLibHandle handle,
					      uint64 *hostMemSharedMB);

/* MB consumed */
VMGuestLibError VMGuestLib_GetHostMemUsedMB(VMGuestLibHandle handle,
					    uint64 *hostMemUsedMB);

/* MB that are available to the hypervisor's kernel */
VMGuestLibError VMGuestLib_GetHostMemPhysMB(VMGuestLibHandle handle,
					    uint64 *hostMemPhysMB);

/* MB of physical memory that are free */
VMGuestLibError VMGuestLib_GetHostMemPhysFreeMB(VMGuestLibHandle handle,
						uint64 *hostMemPhysFreeMB);

/*
 * Once the memory overhead of the hypervisor's kernel.  Since SDK 11.2 the
 * result is always 0, whatever the host sends.
 */
VMGUESTLIB_DEPRECATED
VMGuestLibError VMGuestLib_GetHostMemKernOvhdMB(VMGuestLibHandle handle,
						uint64 *hostMemKernOvhdMB);

/* MB mapped */
VMGuestLibError VMGuestLib_GetHostMemMappedMB(VMGuestLibHandle handle,
					      uint64 *hostMemMappedMB);

/* MB not mapped */
VMGuestLibError VMGuestLib_GetHostMemUnmappedMB(VMGuestLibHandle handle,
						uint64 *hostMemUnmappedMB);

/*
 * Extended statistics as formatted text, for troubleshooting: their names and
 * meaning may change with every host release (ESXi 6.0 and later).
 *
 * @encoding: "text", "json", "xml" or "yaml"; "" leaves it to the host
 * @stat: "session", "host", "resources", "vscsi NAME", "vnet MAC"; NULL or ""
 *	asks for the list
 * @reply: receives the text, followed by a NUL that does not count; may hold
 *	any bytes.  May be NULL
 * @replySize: receives the length of the text in bytes.  May be NULL
 *
 * Needs no handle.  INVALID_ARG when encoding is NULL and BUFFER_TOO_SMALL when
 * "guestlib.stat.get ENCODING STAT" is above 255 bytes; both leave reply and
 * replySize unchanged.  Every other result sets them, and reply must be
 * released:
 *
 * SUCCESS		the text is the answer
 * NOT_AVAILABLE	the text says why: the host's own words, or what kept
 *			the request from the host
 * UNSUPPORTED_VERSION	the host does not know the request.  (open-vm-tools
 *			says NOT_AVAILABLE: the only intended difference.)
 * MEMORY		out of memory; the text is NULL
 */
VMGuestLibError VMGuestLib_StatGet(const char *encoding, const char *stat,
				   char **reply, size_t *replySize);

/*
 * Releases a text of VMGuestLib_StatGet(); NULL is allowed.
 */
void VMGuestLib_StatFree(char *reply, size_t replySize);
#endif /* SWIGJAVA */

#ifdef __cplusplus
}
#endif

#endif
