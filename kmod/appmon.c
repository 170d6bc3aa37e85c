// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The six requests of vSphere HA application monitoring (wire-protocol chapter
 * 7).
 *
 * Nothing is allocated as long as the reply fits the caller's buffer.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmguestlib.h>

#include "appmon.h"

/* Result codes of the host, one digit each */
static const int vmgl_appmon_errors[] = {
	[0] = 0,
	[1] = -EREMOTEIO,	/* internal error */
	[2] = -EACCES,		/* not enabled */
	[3] = -EINVAL,		/* argument expected */
	[4] = -EINVAL,		/* null argument */
	[5] = -EINVAL,		/* bad argument */
};

/*
 * The only reason known for a host to refuse these requests is that it does not
 * trust the sender.
 */
static int vmgl_appmon_call(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			    const char *request)
{
	int ret;

	ret = vmgl_rpc_call(rpc, VMGL_PRIORITY_BEAT, request, strlen(request),
			    reply);
	if (!ret)
		ret = vmgl_reply_error(reply);
	return ret == -EREMOTEIO ? -EPERM : ret;
}

static int vmgl_appmon_result(const struct vmgl_reply *reply)
{
	unsigned int code;

	if (reply->len != 1)
		return -EPROTO;
	code = reply->text[0] - '0';
	if (code >= ARRAY_SIZE(vmgl_appmon_errors))
		return -EPROTO;
	return vmgl_appmon_errors[code];
}

/**
 * vmgl_appmon_command() - have the host do something
 * @rpc: how to ask
 * @reply: as for vmgl_rpc_call()
 * @request: VMGL_APPMON_ENABLE: expect heartbeats, VMGL_APPMON_DISABLE: expect none,
 *	VMGL_APPMON_MARK_ACTIVE: a heartbeat
 *
 * Context: Process context; may sleep.
 * Return: 0; -EOPNOTSUPP when the host does not know the request, -EPERM when it
 * refused, -EACCES when monitoring is not enabled, -EINVAL for an argument it
 * does not like, -EREMOTEIO when it failed, -EPROTO for an answer that is none;
 * else as vmgl_rpc_call().
 */
int vmgl_appmon_command(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			const char *request)
{
	int ret = vmgl_appmon_call(rpc, reply, request);

	return ret ? ret : vmgl_appmon_result(reply);
}

/**
 * vmgl_appmon_post_state() - tell whether a reset is needed
 * @rpc: how to ask
 * @reply: as for vmgl_rpc_call()
 * @state: the word, shorter than VMGUESTLIB_APPMON_TEXT_SIZE
 *
 * Context: Process context; may sleep.
 * Return: as vmgl_appmon_command().
 */
int vmgl_appmon_post_state(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			   const char *state)
{
	char request[sizeof(VMGL_APPMON_PREFIX "PostAppState ") +
		     VMGUESTLIB_APPMON_TEXT_SIZE];

	scnprintf(request, sizeof(request), VMGL_APPMON_PREFIX "PostAppState %s",
		  state);
	return vmgl_appmon_command(rpc, reply, request);
}

/**
 * vmgl_appmon_is_enabled() - ask whether the host expects heartbeats
 * @rpc: how to ask
 * @reply: as for vmgl_rpc_call()
 * @enabled: the answer
 *
 * Context: Process context; may sleep.
 * Return: as vmgl_appmon_command().
 */
int vmgl_appmon_is_enabled(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			   bool *enabled)
{
	int ret = vmgl_appmon_call(rpc, reply, VMGL_APPMON_PREFIX "IsEnabled");

	if (ret)
		return ret;
	*enabled = reply->len == strlen("true") &&
		   !memcmp(reply->text, "true", reply->len);
	return 0;
}

/**
 * vmgl_appmon_status() - ask for the status of the application
 * @rpc: how to ask
 * @reply: as for vmgl_rpc_call()
 * @status: for the host's word, cut at a NUL
 * @size: its size in bytes
 *
 * Context: Process context; may sleep.
 * Return: -EPROTO when the word is empty or does not fit; else as
 * vmgl_appmon_command().
 */
int vmgl_appmon_status(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
		       char *status, size_t size)
{
	int ret = vmgl_appmon_call(rpc, reply,
				   VMGL_APPMON_PREFIX "GetAppStatus");

	if (ret)
		return ret;
	if (!reply->len || !reply->text[0] || reply->len >= size)
		return -EPROTO;
	memcpy(status, reply->text, reply->len);
	status[reply->len] = '\0';
	return 0;
}
