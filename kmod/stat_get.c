// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Extended statistics: text that the host composes (wire-protocol chapter 5).
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/vmguestlib.h>

#include "stat_get.h"

#define VMGL_STAT_GET_COMMAND	"guestlib.stat.get "

static size_t vmgl_append(char *request, size_t len, const char *bytes,
			  size_t count)
{
	memcpy(request + len, bytes, count);
	return len + count;
}

/**
 * vmgl_stat_get() - request an extended statistic
 * @rpc: initialized by vmgl_rpc_init()
 * @encoding: ``text``, ``json``, ``xml`` or ``yaml``, without a final NUL
 * @encoding_len: length of @encoding in bytes; 0 leaves the choice to the host
 * @stat: name and parameter of the statistic, without a final NUL
 * @stat_len: length of @stat in bytes; 0 requests the list of statistics
 * @reply: receives the reply, see vmgl_rpc_call()
 *
 * Replies are not cached.
 *
 * Context: Process context; may sleep.
 * Return: 0 if the host answered, even if it refused the request; -ENAMETOOLONG if the
 * request is longer than VMGUESTLIB_STAT_REQUEST_MAX bytes; or an error of
 * vmgl_rpc_call().
 */
int vmgl_stat_get(struct vmgl_rpc *rpc, const char *encoding,
		  size_t encoding_len, const char *stat, size_t stat_len,
		  struct vmgl_reply *reply)
{
	char request[VMGUESTLIB_STAT_REQUEST_MAX];
	size_t room = sizeof(request) - strlen(VMGL_STAT_GET_COMMAND " ");
	size_t len = 0;

	if (encoding_len > room || stat_len > room - encoding_len)
		return -ENAMETOOLONG;

	len = vmgl_append(request, len, VMGL_STAT_GET_COMMAND,
			  strlen(VMGL_STAT_GET_COMMAND));
	len = vmgl_append(request, len, encoding, encoding_len);
	len = vmgl_append(request, len, " ", 1);
	len = vmgl_append(request, len, stat, stat_len);

	return vmgl_rpc_call(rpc, vmgl_priority_of_caller(), request, len,
			     reply);
}
