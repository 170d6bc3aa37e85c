// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The six requests of vSphere HA application monitoring (wire-protocol chapter 7).
 *
 * A heartbeat should not wait for memory.  The functions below allocate none if the buffer
 * of @reply has room for VMGUESTLIB_APPMON_TEXT_SIZE + 2 bytes, and vmgl_buffer_fix() has
 * fixed its size.  The 2 bytes are the prefix "1 " or "0 " of each reply.  A reply that is
 * longer than this buffer gives -EMSGSIZE.  A transport may still allocate memory.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmguestlib.h>

#include "appmon.h"

/* Error numbers for the result codes of the host.  A result code is one digit. */
static const int vmgl_appmon_errors[] = {
	[0] = 0,
	[1] = -EREMOTEIO,	/* internal error */
	[2] = -EACCES,		/* not enabled */
	[3] = -EINVAL,		/* argument expected */
	[4] = -EINVAL,		/* null argument */
	[5] = -EINVAL,		/* bad argument */
};

/*
 * A refusal with the text "Unknown command" becomes -EOPNOTSUPP.  No other text of a refusal
 * is specified, so any other text is ignored.  The only known cause is that the sender is
 * not privileged.  Any other refusal therefore becomes -EPERM.
 */
static int vmgl_appmon_call(struct vmgl_rpc *rpc, enum vmgl_priority priority,
			    struct vmgl_reply *reply, const char *request)
{
	int ret;

	ret = vmgl_reply_reserve(reply, VMGUESTLIB_APPMON_TEXT_SIZE);
	if (!ret)
		ret = vmgl_rpc_call(rpc, priority, request, strlen(request),
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
 * vmgl_appmon_command() - send a request whose reply is a result code
 * @rpc: rpc object over which the request is made
 * @reply: storage for the reply, see vmgl_rpc_call()
 * @request: VMGL_APPMON_ENABLE, VMGL_APPMON_DISABLE, VMGL_APPMON_MARK_ACTIVE, or a
 *           PostAppState with its argument
 *
 * Context: Process context; waits for the host, but not for a turn, because the priority is
 * VMGL_PRIORITY_KERNEL.
 * Return: 0; -EOPNOTSUPP if the host does not know the request, -EPERM if the host
 * refused the request, -EACCES if monitoring is not enabled, -EINVAL if the host
 * rejected the argument, -EREMOTEIO if the host reported an internal error, -EPROTO if
 * the result code is malformed, or an error of vmgl_rpc_call().
 */
int vmgl_appmon_command(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			const char *request)
{
	int ret = vmgl_appmon_call(rpc, VMGL_PRIORITY_KERNEL, reply, request);

	return ret ? ret : vmgl_appmon_result(reply);
}

/**
 * vmgl_appmon_post_state() - post the application state
 * @rpc: rpc object over which the request is made
 * @reply: storage for the reply, see vmgl_rpc_call()
 * @state: name of the state, shorter than VMGUESTLIB_APPMON_TEXT_SIZE
 *
 * Context: Process context; waits as vmgl_appmon_command() does.
 * Return: 0 or an error of vmgl_appmon_command().
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
 * @rpc: rpc object over which the request is made
 * @priority: priority of the request among those that wait for @rpc
 * @reply: storage for the reply, see vmgl_rpc_call()
 * @enabled: set on success: whether the host expects heartbeats
 *
 * Context: Process context; waits for the turn of the caller and for the host.
 * Return: 0, -EOPNOTSUPP if the host does not know the request, -EPERM if the host
 * refused the request, or an error of vmgl_rpc_call().
 */
int vmgl_appmon_is_enabled(struct vmgl_rpc *rpc, enum vmgl_priority priority,
			   struct vmgl_reply *reply, bool *enabled)
{
	int ret = vmgl_appmon_call(rpc, priority, reply,
				   VMGL_APPMON_PREFIX "IsEnabled");

	if (ret)
		return ret;
	*enabled = reply->len == strlen("true") &&
		   !memcmp(reply->text, "true", reply->len);
	return 0;
}

/**
 * vmgl_appmon_status() - ask the host for the status of the application
 * @rpc: rpc object over which the request is made
 * @priority: priority of the request among those that wait for @rpc
 * @reply: storage for the reply, see vmgl_rpc_call()
 * @status: buffer for the word that the host sends, terminated by a NUL
 * @size: size of @status in bytes, at most VMGUESTLIB_APPMON_TEXT_SIZE, because @reply may
 *	have no more bytes of the text
 *
 * Context: Process context; waits for the turn of the caller and for the host.
 * Return: 0, -EOPNOTSUPP if the host does not know the request, -EPERM if the host
 * refused the request, -EPROTO if the word is empty or does not fit in @status, or an
 * error of vmgl_rpc_call().
 */
int vmgl_appmon_status(struct vmgl_rpc *rpc, enum vmgl_priority priority,
		       struct vmgl_reply *reply, char *status, size_t size)
{
	int ret = vmgl_appmon_call(rpc, priority, reply,
				   VMGL_APPMON_PREFIX "GetAppStatus");

	if (ret)
		return ret;
	if (!reply->len || !reply->text[0] || reply->len >= size)
		return -EPROTO;
	memcpy(status, reply->text, reply->len);
	status[reply->len] = '\0';
	return 0;
}
