// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Handles and accessors of the vSphere Guest API.  The functions are
 * documented in vmGuestLib.h.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vmguestlib.h>

#include "accessors.h"
#include "device.h"

/* Size of a path: a host sends at most 512 bytes, and the library adds a NUL. */
#define PATH_SIZE	513

/*
 * All members are atomic, and none is a pointer.  Threads that share a handle
 * against the SDK's advice may therefore read values of two updates, but they
 * never use memory that was freed.  A lock would prevent this mixture too, but
 * the child of a fork, or a signal handler, could then wait for a lock that
 * no thread releases.
 */
struct _VMGuestLibHandle {
	_Atomic uint64_t session_id;	/* 0: no update has succeeded, or the last one failed */
	struct {
		_Atomic uint64_t number;
		_Atomic uint32_t state;
	} values[VMGUESTLIB_STAT_END];
	_Atomic char path[PATH_SIZE];
};

struct snapshot {
	uint64_t session_id;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	char path[PATH_SIZE];
};

char const *VMGuestLib_GetErrorText(VMGuestLibError error)
{
	static const char *const texts[] = {
		[VMGUESTLIB_ERROR_SUCCESS] = "No error",
		[VMGUESTLIB_ERROR_OTHER] = "Other error",
		[VMGUESTLIB_ERROR_NOT_RUNNING_IN_VM] =
			"VMware Guest API is not running in a Virtual Machine",
		[VMGUESTLIB_ERROR_NOT_ENABLED] =
			"VMware Guest API is not enabled on the host",
		[VMGUESTLIB_ERROR_NOT_AVAILABLE] =
			"This value is not available on this host",
		[VMGUESTLIB_ERROR_NO_INFO] =
			"VMGuestLib_UpdateInfo() has not been called",
		[VMGUESTLIB_ERROR_MEMORY] =
			"There is not enough system memory",
		[VMGUESTLIB_ERROR_BUFFER_TOO_SMALL] =
			"The provided memory buffer is too small",
		[VMGUESTLIB_ERROR_INVALID_HANDLE] =
			"The provided handle is invalid",
		[VMGUESTLIB_ERROR_INVALID_ARG] =
			"One or more arguments were invalid",
		[VMGUESTLIB_ERROR_UNSUPPORTED_VERSION] =
			"Host does not support this request.",
	};

	if ((size_t)error >= sizeof(texts) / sizeof(texts[0]))
		error = VMGUESTLIB_ERROR_OTHER;
	return texts[error];
}

static VMGuestLibError error_from_errno(int err)
{
	switch (err) {
	case 0:
		return VMGUESTLIB_ERROR_SUCCESS;
	case -ENOMEM:
		return VMGUESTLIB_ERROR_MEMORY;
	case -EREMOTEIO:
	case -EOPNOTSUPP:
	case -EIO:
	case -ETIMEDOUT:
	case -EPERM:
	case -EACCES:
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return VMGUESTLIB_ERROR_NOT_ENABLED;
	default:
		return VMGUESTLIB_ERROR_OTHER;
	}
}

VMGuestLibError VMGuestLib_OpenHandle(VMGuestLibHandle *handle)
{
	int err = vmguestlib_device_probe();
	VMGuestLibHandle opened;

	if (vmguestlib_device_is_absent(err) && !vmguestlib_machine_is_vmware())
		return VMGUESTLIB_ERROR_NOT_RUNNING_IN_VM;
	if (!handle)
		return VMGUESTLIB_ERROR_INVALID_ARG;
	if (err)
		return error_from_errno(err);

	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return VMGUESTLIB_ERROR_MEMORY;
	*handle = opened;
	return VMGUESTLIB_ERROR_SUCCESS;
}

VMGuestLibError VMGuestLib_CloseHandle(VMGuestLibHandle handle)
{
	if (!handle)
		return VMGUESTLIB_ERROR_INVALID_HANDLE;
	free(handle);
	return VMGUESTLIB_ERROR_SUCCESS;
}

static int take_snapshot(struct snapshot *snapshot)
{
	struct vmguestlib_get_info info;
	int err;

	memset(snapshot, 0, sizeof(*snapshot));
	info = (struct vmguestlib_get_info) {
		.size = sizeof(info),
		.values_len = VMGUESTLIB_STAT_END,
		.values = (uintptr_t)snapshot->values,
		.path = (uintptr_t)snapshot->path,
		.path_len = sizeof(snapshot->path),
	};
	err = vmguestlib_device_request(VMGUESTLIB_IOC_GET_INFO, &info);
	if (err)
		return err;
	if (info.path_len > sizeof(snapshot->path))
		return -EMSGSIZE;
	snapshot->session_id = info.out_session_id;
	return 0;
}

static void publish(VMGuestLibHandle handle, const struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < VMGUESTLIB_STAT_END; i++) {
		const struct vmguestlib_value *value = &snapshot->values[i];

		atomic_store_explicit(&handle->values[i].number, value->value,
				      memory_order_relaxed);
		atomic_store_explicit(&handle->values[i].state, value->state,
				      memory_order_release);
	}
	for (i = 0; i < PATH_SIZE; i++)
		atomic_store_explicit(&handle->path[i], snapshot->path[i],
				      memory_order_relaxed);
	atomic_store_explicit(&handle->session_id, snapshot->session_id,
			      memory_order_release);
}

VMGuestLibError VMGuestLib_UpdateInfo(VMGuestLibHandle handle)
{
	struct snapshot snapshot;
	int err;

	if (!handle)
		return VMGUESTLIB_ERROR_INVALID_HANDLE;

	err = take_snapshot(&snapshot);
	if (err)
		atomic_store_explicit(&handle->session_id, 0,
				      memory_order_release);
	else
		publish(handle, &snapshot);
	return error_from_errno(err);
}

static VMGuestLibError check_arguments(VMGuestLibHandle handle,
				       const void *result, uint64_t *session_id)
{
	if (!handle)
		return VMGUESTLIB_ERROR_INVALID_HANDLE;
	if (!result)
		return VMGUESTLIB_ERROR_INVALID_ARG;
	*session_id = atomic_load_explicit(&handle->session_id,
					   memory_order_acquire);
	return *session_id ? VMGUESTLIB_ERROR_SUCCESS : VMGUESTLIB_ERROR_NO_INFO;
}

static VMGuestLibError get_number(VMGuestLibHandle handle, const void *result,
				  enum vmguestlib_stat_id id, uint64_t *number)
{
	VMGuestLibError error = check_arguments(handle, result, number);

	if (error)
		return error;
	switch (atomic_load_explicit(&handle->values[id].state,
				     memory_order_acquire)) {
	case VMGUESTLIB_VALUE_GIVEN:
		*number = atomic_load_explicit(&handle->values[id].number,
					       memory_order_relaxed);
		return VMGUESTLIB_ERROR_SUCCESS;
	case VMGUESTLIB_VALUE_UNAVAILABLE:
		return VMGUESTLIB_ERROR_NOT_AVAILABLE;
	default:
		return VMGUESTLIB_ERROR_UNSUPPORTED_VERSION;
	}
}

#define DEFINE_ACCESSOR(name, type, statistic, unit) \
VMGuestLibError VMGuestLib_##name(VMGuestLibHandle handle, type *result) \
{ \
	uint64_t number; \
	VMGuestLibError error = get_number(handle, result, \
					   VMGUESTLIB_STAT_##statistic, \
					   &number); \
\
	if (!error) \
		*result = (type)number; \
	return error; \
}

VMGUESTLIB_DECLARED_ACCESSORS(DEFINE_ACCESSOR)
VMGUESTLIB_UNDECLARED_ACCESSORS(DEFINE_ACCESSOR)

VMGuestLibError VMGuestLib_GetSessionId(VMGuestLibHandle handle,
					VMSessionId *id)
{
	uint64_t session_id;
	VMGuestLibError error = check_arguments(handle, id, &session_id);

	if (!error)
		*id = session_id;
	return error;
}

VMGuestLibError VMGuestLib_GetMemShares64(VMGuestLibHandle handle,
					  uint64 *memShares64)
{
	uint64_t shares;
	VMGuestLibError error = get_number(handle, memShares64,
					   VMGUESTLIB_STAT_MEM_SHARES64,
					   &shares);

	/*
	 * A host without the 64-bit statistic may have the 32-bit one.  If this fails as
	 * well, the caller gets the error of the 64-bit statistic.
	 */
	if (error == VMGUESTLIB_ERROR_UNSUPPORTED_VERSION &&
	    !get_number(handle, memShares64, VMGUESTLIB_STAT_MEM_SHARES,
			&shares))
		error = VMGUESTLIB_ERROR_SUCCESS;
	if (!error)
		*memShares64 = shares;
	return error;
}

VMGuestLibError VMGuestLib_GetHostMemKernOvhdMB(VMGuestLibHandle handle,
						uint64 *hostMemKernOvhdMB)
{
	uint64_t session_id;
	VMGuestLibError error = check_arguments(handle, hostMemKernOvhdMB,
						&session_id);

	if (!error)
		*hostMemKernOvhdMB = 0;
	return error;
}

VMGuestLibError VMGuestLib_GetResourcePoolPath(VMGuestLibHandle handle,
					       size_t *bufferSize,
					       char *pathBuffer)
{
	char path[PATH_SIZE];
	uint64_t sent_length;
	VMGuestLibError error;
	size_t i, need;

	/* The argument is invalid if either of the two pointers is NULL. */
	error = get_number(handle, bufferSize ? pathBuffer : NULL,
			   VMGUESTLIB_STAT_RESOURCE_POOL_PATH, &sent_length);
	if (error)
		return error;

	for (i = 0; i < PATH_SIZE; i++)
		path[i] = atomic_load_explicit(&handle->path[i],
					       memory_order_relaxed);
	need = strnlen(path, PATH_SIZE - 1) + 1;
	if (*bufferSize < need) {
		*bufferSize = need;
		return VMGUESTLIB_ERROR_BUFFER_TOO_SMALL;
	}
	memcpy(pathBuffer, path, need - 1);
	pathBuffer[need - 1] = '\0';
	return VMGUESTLIB_ERROR_SUCCESS;
}
