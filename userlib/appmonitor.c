// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vSphere HA application monitoring.  The functions are documented in
 * vmGuestAppMonitorLib.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vmguestlib.h>

#include "device.h"
#include "vmGuestAppMonitorLib.h"

#define ERR(name)	VMGUESTAPPMONITORLIB_ERROR_##name

static VMGuestAppMonitorLibError error_from_open(int err)
{
	if (!vmguestlib_device_is_absent(err))
		return ERR(OTHER);
	return vmguestlib_machine_is_vmware() ? ERR(NOT_ENABLED) :
						ERR(NOT_RUNNING_IN_VM);
}

static VMGuestAppMonitorLibError error_from_request(int err)
{
	switch (err) {
	case 0:
		return ERR(SUCCESS);
	case -EACCES:
	case -EIO:	/* VMware's library reports a channel that cannot be opened by this code. */
		return ERR(NOT_ENABLED);
	case -EOPNOTSUPP:
		return ERR(NOT_SUPPORTED);
	default:
		return ERR(OTHER);
	}
}

/* The word may be empty. It always fits, because it is one of the known words. */
static VMGuestAppMonitorLibError call(enum vmguestlib_appmon_op op,
				      const char *word,
				      struct vmguestlib_appmon *answer)
{
	VMGuestAppMonitorLibError error;
	int saved_errno = errno;
	int err, fd;

	*answer = (struct vmguestlib_appmon) { .size = sizeof(*answer), .op = op };
	strcpy(answer->text, word);
	fd = vmguestlib_device_open(O_RDWR);
	if (fd < 0) {
		err = fd;
		error = error_from_open(err);
	} else {
		err = vmguestlib_device_undisturbed(fd, VMGUESTLIB_IOC_APPMON,
						    answer);
		error = error_from_request(err);
		close(fd);
	}
	errno = err ? -err : saved_errno;
	return error;
}

static VMGuestAppMonitorLibError call_plain(enum vmguestlib_appmon_op op)
{
	struct vmguestlib_appmon answer;

	return call(op, "", &answer);
}

VMGuestAppMonitorLibError VMGuestAppMonitor_Enable(void)
{
	return call_plain(VMGUESTLIB_APPMON_ENABLE);
}

VMGuestAppMonitorLibError VMGuestAppMonitor_Disable(void)
{
	return call_plain(VMGUESTLIB_APPMON_DISABLE);
}

int VMGuestAppMonitor_IsEnabled(void)
{
	struct vmguestlib_appmon answer;

	return !call(VMGUESTLIB_APPMON_IS_ENABLED, "", &answer) &&
	       answer.out_enabled;
}

VMGuestAppMonitorLibError VMGuestAppMonitor_MarkActive(void)
{
	return call_plain(VMGUESTLIB_APPMON_MARK_ACTIVE);
}

char *VMGuestAppMonitor_GetAppStatus(void)
{
	struct vmguestlib_appmon answer;
	size_t len;
	char *status;

	if (call(VMGUESTLIB_APPMON_GET_STATUS, "", &answer))
		return NULL;
	len = strnlen(answer.text, sizeof(answer.text));
	if (!len || len == sizeof(answer.text)) {
		errno = EPROTO;
		return NULL;
	}
	status = malloc(len + 1);
	if (status)
		memcpy(status, answer.text, len + 1);
	return status;
}

static bool is_app_state(const char *state)
{
	static const char *const states[] = {
		"OK", "needReset", "appStateOk", "appStateNeedReset",
	};
	size_t i;

	for (i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

VMGuestAppMonitorLibError VMGuestAppMonitor_PostAppState(const char *state)
{
	struct vmguestlib_appmon answer;

	if (!is_app_state(state)) {
		errno = EINVAL;
		return ERR(OTHER);
	}
	return call(VMGUESTLIB_APPMON_POST_STATE, state, &answer);
}

void VMGuestAppMonitor_Free(char *str)
{
	free(str);
}
