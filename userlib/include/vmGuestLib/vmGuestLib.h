/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The vSphere Guest API gives the VMware host's statistics about the virtual machine's
 * share of the host's processors and memory.
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
 * This implementation uses the kernel module vmguestlib through /dev/vmguestlib, which
 * every user may read.  The device is open during a call only, so no descriptor is
 * inherited by exec or fork between calls.  The library has no signal handler, no thread
 * and no cache, and accesses no ports.
 *
 * The source of all descriptions is the vSphere Guest SDK, tables 2 to 4.
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
	/* The failure has no code of its own, such as a malformed reply. */
	VMGUESTLIB_ERROR_OTHER = 1,
	/* This machine is not a VMware virtual machine. */
	VMGUESTLIB_ERROR_NOT_RUNNING_IN_VM = 2,
	/* The host refuses or cannot be reached, the kernel module is missing,
	 * or the caller may not open the device.
	 */
	VMGUESTLIB_ERROR_NOT_ENABLED = 3,
	/* The host knows the statistic but gives no value at present. */
	VMGUESTLIB_ERROR_NOT_AVAILABLE = 4,
	/* VMGuestLib_UpdateInfo() was not called yet, or the last call failed. */
	VMGUESTLIB_ERROR_NO_INFO = 5,
	/* There is not enough memory. */
	VMGUESTLIB_ERROR_MEMORY = 6,
	/* The caller's buffer is too small, or the request is too long. */
	VMGUESTLIB_ERROR_BUFFER_TOO_SMALL = 7,
	/* The handle is NULL. */
	VMGUESTLIB_ERROR_INVALID_HANDLE = 8,
	/* A pointer that must not be NULL is NULL. */
	VMGUESTLIB_ERROR_INVALID_ARG = 9,
	/* This host does not know the statistic or the request. */
	VMGUESTLIB_ERROR_UNSUPPORTED_VERSION = 10
} VMGuestLibError;

/*
 * Returns the English text for an error.  The text is constant and never NULL.  For a
 * number that is no error code it is the text of VMGUESTLIB_ERROR_OTHER.
 */
char const *VMGuestLib_GetErrorText(VMGuestLibError error);

/*
 * A handle owns one set of statistics.  Handles are independent of each other.  The SDK
 * requires a lock of the callers if threads share a handle.  In this implementation a
 * missing lock does not damage memory, but a value that is read during an update may
 * belong to the earlier or to the later set.  Callers must not close a handle that is
 * still in use.
 */
struct _VMGuestLibHandle;
typedef struct _VMGuestLibHandle *VMGuestLibHandle;

/*
 * Makes a handle.  The first error that applies is returned:
 *
 * NOT_RUNNING_IN_VM	there is no device, and this is not a VMware virtual machine
 * INVALID_ARG		handle is NULL
 * NOT_ENABLED		this is a VMware virtual machine, but the device is missing or
 *			the caller may not open it
 * OTHER		the device cannot be opened for another reason
 * MEMORY		there is not enough memory
 *
 * On error *handle is unchanged.
 */
VMGuestLibError VMGuestLib_OpenHandle(VMGuestLibHandle *handle);

/*
 * Releases a handle.  If the handle is NULL, the error is INVALID_HANDLE.
 */
VMGuestLibError VMGuestLib_CloseHandle(VMGuestLibHandle handle);

/*
 * Requests all statistics of the host at once.  The accessors then return the values of
 * the host's reply, which is never older than the call.
 *
 * INVALID_HANDLE	handle is NULL
 * NOT_ENABLED		the host refuses, does not know the request or cannot be
 *			reached, or the caller cannot open the device
 * MEMORY		there is not enough memory
 * OTHER		the host's reply is malformed or too long, or another error
 *
 * After an error the accessors return NO_INFO until an update succeeds.
 */
VMGuestLibError VMGuestLib_UpdateInfo(VMGuestLibHandle handle);

/*
 * VMGuestLib_GetSessionId() and all accessors return the first error that applies:
 *
 * INVALID_HANDLE	handle is NULL
 * INVALID_ARG		an address for the result is NULL
 * NO_INFO		there was no successful update
 * UNSUPPORTED_VERSION	this host does not send the statistic
 * NOT_AVAILABLE	this host sends the statistic without a value
 *
 * On error the result is unchanged.  A limit of 0xFFFFFFFF means unlimited.  Milliseconds
 * are cumulative, and their differences are meaningful within one session only.
 */

/* The session of the last update */
VMGuestLibError VMGuestLib_GetSessionId(VMGuestLibHandle handle,
					VMSessionId *id);

/* MHz that the host guarantees to the virtual machine */
VMGuestLibError VMGuestLib_GetCpuReservationMHz(VMGuestLibHandle handle,
						uint32 *cpuReservationMHz);

/* MHz that the virtual machine may use at most */
VMGuestLibError VMGuestLib_GetCpuLimitMHz(VMGuestLibHandle handle,
					  uint32 *cpuLimitMHz);

/* Processor shares: the weight among the virtual machines of the host */
VMGuestLibError VMGuestLib_GetCpuShares(VMGuestLibHandle handle,
					uint32 *cpuShares);

/*
 * Milliseconds of processor time used since the session began, including the host's work
 * for the virtual machine
 */
VMGuestLibError VMGuestLib_GetCpuUsedMs(VMGuestLibHandle handle,
					uint64 *cpuUsedMs);

/*
 * Speed of the host's processors in MHz.  To get the speed that the virtual machine
 * received, multiply this speed by the growth of CpuUsedMs, and divide by the growth of
 * ElapsedMs.
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
 * Memory shares.  If the number needs more than 32 bits, the error is NOT_AVAILABLE, and
 * VMGuestLib_GetMemShares64() returns the number.
 */
VMGuestLibError VMGuestLib_GetMemShares(VMGuestLibHandle handle,
					uint32 *memShares);

/*
 * Memory shares in 64 bits.  A host before ESX 7.0 has only the 32-bit statistic, which
 * this function returns then.
 */
VMGuestLibError VMGuestLib_GetMemShares64(VMGuestLibHandle handle,
					  uint64 *memShares64);

/*
 * MB of guest memory that is backed by host memory, including the full size of pages that
 * are shared with other virtual machines
 */
VMGuestLibError VMGuestLib_GetMemMappedMB(VMGuestLibHandle handle,
					  uint32 *memMappedSizeMB);

/* MB of guest memory in active use, which the host estimates */
VMGuestLibError VMGuestLib_GetMemActiveMB(VMGuestLibHandle handle,
					  uint32 *memActiveMB);

/* MB of host memory that the host needs for the virtual machine beside the guest memory */
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

/* MB of host memory that sharing saves, which the host estimates */
VMGuestLibError VMGuestLib_GetMemSharedSavedMB(VMGuestLibHandle handle,
					       uint32 *memSharedSavedMB);

/* MB of host memory consumed for guest memory: the mapped minus the saved memory */
VMGuestLibError VMGuestLib_GetMemUsedMB(VMGuestLibHandle handle,
					uint32 *memUsedMB);

/* Milliseconds of real time since the session began */
VMGuestLibError VMGuestLib_GetElapsedMs(VMGuestLibHandle handle,
					uint64 *elapsedMs);

/*
 * Path of the virtual machine in the host's resource pools.  The size is the second
 * argument and the buffer the third.  Neither of them may be NULL.
 *
 * *bufferSize is the capacity of pathBuffer in bytes.  If the path with its NUL does not
 * fit, the function stores the size that is needed in *bufferSize, leaves pathBuffer
 * unchanged, and returns BUFFER_TOO_SMALL.  To get the size, call the function with a
 * *bufferSize of 0.  On success *bufferSize is unchanged.  A path ends at the first NUL
 * that the host sent.
 *
 * For a path over 512 bytes the error is NOT_AVAILABLE, because the host sends it in a
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
 * The following statistics are about the whole host.  A host sends them only if
 * tools.guestlib.enableHostInfo of the virtual machine and Misc.GuestLibAllowHostInfo of
 * the host are set.
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
 * Memory overhead of the hypervisor's kernel.  Since SDK 11.2 the result is always 0,
 * although the host may send another value.
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
 * Gets extended statistics as formatted text for troubleshooting (ESXi 6.0 and later).
 * The names and the meaning of these statistics may change with every host release.
 *
 * @encoding: "text", "json", "xml" or "yaml"; with "" the host chooses
 * @stat: "session", "host", "resources", "vscsi NAME" or "vnet MAC"; with NULL or ""
 *	the text is the list of statistics
 * @reply: receives the text, which may hold any bytes, and a NUL after the text.  May be
 *	NULL
 * @replySize: receives the length of the text in bytes without the NUL.  May be NULL
 *
 * The function needs no handle.  Two errors leave *reply and *replySize unchanged:
 *
 * INVALID_ARG		encoding is NULL
 * BUFFER_TOO_SMALL	"guestlib.stat.get ENCODING STAT" is longer than 255 bytes
 *
 * Every other result sets *reply and *replySize, and the caller must release *reply by
 * VMGuestLib_StatFree():
 *
 * SUCCESS		the text is the answer
 * NOT_AVAILABLE	the text is the reason: the words of the host, or why the
 *			request did not reach the host
 * UNSUPPORTED_VERSION	the host does not know the request.  open-vm-tools returns
 *			NOT_AVAILABLE, which is the only intended difference
 * MEMORY		there is not enough memory; the text is NULL
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
