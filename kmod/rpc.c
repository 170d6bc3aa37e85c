// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * GuestRPC requests and replies (wire-protocol chapter 2.8), independent of the
 * transport.
 *
 * Callers wait for their turn by priority (turns.c).  A request opens the transport
 * again if it was closed while the caller waited.
 *
 * Delivery is at least once: when the host drops the channel during a request, the
 * request is sent again over a new channel, and the host may serve both.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "rpc.h"
#include "trace.h"

#define VMGL_PREFIX_LEN		2
#define VMGL_UNKNOWN_COMMAND	"Unknown command"

/**
 * vmgl_rpc_init() - initialize without a request to the host
 * @rpc: the object, zeroed
 * @transport: the transport to the host
 * @counters: counters of requests
 *
 * @transport and @counters must live at least as long as @rpc.
 *
 * Context: Any; before any other call.
 */
void vmgl_rpc_init(struct vmgl_rpc *rpc, struct vmgl_transport *transport,
		   struct vmgl_counters *counters)
{
	vmgl_turns_init(&rpc->turns);
	rpc->transport = transport;
	rpc->counters = counters;
}

/**
 * vmgl_rpc_destroy() - release, after the last request
 * @rpc: the object
 *
 * Context: Process context; may sleep.
 */
void vmgl_rpc_destroy(struct vmgl_rpc *rpc)
{
	vmgl_turns_destroy(&rpc->turns);
}

static void vmgl_rpc_close_transport(struct vmgl_rpc *rpc)
{
	lockdep_assert_held(&rpc->turns);

	rpc->transport->ops->close(rpc->transport);
}

/**
 * vmgl_rpc_close() - close the transport
 * @rpc: the object; the next request opens the transport again
 *
 * Context: Process context; waits for a request in flight and for waiters of the same
 * or a higher priority.
 */
void vmgl_rpc_close(struct vmgl_rpc *rpc)
{
	vmgl_turns_begin(&rpc->turns, VMGL_PRIORITY_CONTROL);
	vmgl_rpc_close_transport(rpc);
	vmgl_turns_end(&rpc->turns);
}

/**
 * vmgl_rpc_suspend() - close the transport now, and after each request from now on
 * @rpc: the object
 *
 * Programs make requests until they are frozen.  The host may have dropped a channel
 * that was open during the sleep, for example after hibernation.
 *
 * Context: as vmgl_rpc_close().
 */
void vmgl_rpc_suspend(struct vmgl_rpc *rpc)
{
	vmgl_turns_begin(&rpc->turns, VMGL_PRIORITY_CONTROL);
	rpc->is_suspended = true;
	vmgl_rpc_close_transport(rpc);
	vmgl_turns_end(&rpc->turns);
}

/**
 * vmgl_rpc_resume() - leave the transport open between requests again
 * @rpc: the object; need not be suspended
 *
 * Context: as vmgl_rpc_close().
 */
void vmgl_rpc_resume(struct vmgl_rpc *rpc)
{
	vmgl_turns_begin(&rpc->turns, VMGL_PRIORITY_CONTROL);
	rpc->is_suspended = false;
	/* The sleep broke a connection that was made in the background before it. */
	vmgl_rpc_close_transport(rpc);
	vmgl_turns_end(&rpc->turns);
}

/**
 * vmgl_rpc_stop() - close the transport, and fail all later requests
 * @rpc: the object
 *
 * Context: as vmgl_rpc_close().
 */
void vmgl_rpc_stop(struct vmgl_rpc *rpc)
{
	vmgl_turns_begin(&rpc->turns, VMGL_PRIORITY_CONTROL);
	rpc->is_stopped = true;
	vmgl_rpc_close_transport(rpc);
	vmgl_turns_end(&rpc->turns);
}

/* On success the caller ends the turn with vmgl_turns_end(). */
static int vmgl_rpc_begin(struct vmgl_rpc *rpc, enum vmgl_priority priority)
{
	if (vmgl_turns_begin(&rpc->turns, priority))
		return -ERESTARTSYS;
	if (!rpc->is_stopped)
		return 0;
	vmgl_turns_end(&rpc->turns);
	return -ESHUTDOWN;
}

/**
 * vmgl_rpc_open() - choose the transport and open it
 * @rpc: the object; while it is suspended nothing is opened
 * @priority: of the caller
 *
 * Context: Process context; waits for its turn.
 * Return: 0, -EIO, -ESHUTDOWN or -ERESTARTSYS.
 */
int vmgl_rpc_open(struct vmgl_rpc *rpc, enum vmgl_priority priority)
{
	int ret = vmgl_rpc_begin(rpc, priority);

	if (ret)
		return ret;
	if (!rpc->is_suspended)
		ret = rpc->transport->ops->open(rpc->transport);
	vmgl_turns_end(&rpc->turns);
	return ret;
}

/**
 * vmgl_rpc_open_privileged() - open the transport as a privileged sender
 * @rpc: the object
 * @priority: of the caller
 *
 * Opens nothing if the host cannot be reached as a privileged sender.  While @rpc is
 * suspended, the transport is closed again.
 *
 * Context: Process context; waits for its turn.
 * Return: 0: the host regards the next request as that of a privileged sender, unless it
 * drops the connection before; -EPERM; -ESHUTDOWN; -ERESTARTSYS.
 */
int vmgl_rpc_open_privileged(struct vmgl_rpc *rpc, enum vmgl_priority priority)
{
	struct vmgl_transport *transport = rpc->transport;
	bool is_privileged;
	int ret;

	if (!transport->ops->open_privileged)
		return -EPERM;
	ret = vmgl_rpc_begin(rpc, priority);
	if (ret)
		return ret;
	is_privileged = transport->ops->open_privileged(transport);
	if (rpc->is_suspended)
		vmgl_rpc_close_transport(rpc);
	vmgl_turns_end(&rpc->turns);
	return is_privileged ? 0 : -EPERM;
}

/**
 * vmgl_rpc_transport_name() - name of the transport of the last request
 * @rpc: the object
 *
 * Context: Any.
 * Return: a constant string.
 */
const char *vmgl_rpc_transport_name(struct vmgl_rpc *rpc)
{
	return READ_ONCE(rpc->transport->name);
}

static bool vmgl_text_is(const u8 *text, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(text, word, len);
}

static int vmgl_reply_parse(struct vmgl_reply *reply)
{
	const struct vmgl_buffer *raw = &reply->raw;

	if (raw->len < VMGL_PREFIX_LEN || raw->data[1] != ' ')
		return -EPROTO;

	reply->text = raw->data + VMGL_PREFIX_LEN;
	reply->len = raw->len - VMGL_PREFIX_LEN;

	switch (raw->data[0]) {
	case '1':
		reply->verdict = VMGUESTLIB_REPLY_OK;
		return 0;
	case '0':
		reply->verdict = VMGUESTLIB_REPLY_REFUSED;
		if (vmgl_text_is(reply->text, reply->len, VMGL_UNKNOWN_COMMAND))
			reply->verdict = VMGUESTLIB_REPLY_UNKNOWN_COMMAND;
		return 0;
	default:
		return -EPROTO;
	}
}

static int vmgl_rpc_exchange(struct vmgl_rpc *rpc, const void *request,
			     size_t len, struct vmgl_buffer *raw)
{
	struct vmgl_transport *transport = rpc->transport;
	int ret;

	lockdep_assert_held(&rpc->turns);

	ret = transport->ops->open(transport);
	if (ret)
		return ret;

	ret = transport->ops->exchange(transport, request, len, raw);
	if (ret != -EIO)
		return ret;

	/* The host drops idle channels, and all of them when the VM moves. */
	ret = transport->ops->open(transport);
	if (ret)
		return ret;
	vmgl_count(rpc->counters, VMGL_COUNT_REOPENED, 1);
	return transport->ops->exchange(transport, request, len, raw);
}

static void vmgl_rpc_account(struct vmgl_rpc *rpc, size_t request_len,
			     const struct vmgl_reply *reply, int error)
{
	if (error) {
		vmgl_count(rpc->counters, VMGL_COUNT_FAILED, 1);
		return;
	}
	vmgl_count(rpc->counters, VMGL_COUNT_REQUESTS, 1);
	if (reply->verdict != VMGUESTLIB_REPLY_OK)
		vmgl_count(rpc->counters, VMGL_COUNT_REFUSED, 1);
	vmgl_count(rpc->counters, VMGL_COUNT_BYTES_SENT, request_len);
	vmgl_count(rpc->counters, VMGL_COUNT_BYTES_RECEIVED, reply->raw.len);
}

/**
 * vmgl_rpc_call() - send a request and receive the reply
 * @rpc: the object
 * @priority: of the caller
 * @request: bytes of the request
 * @len: number of bytes
 * @reply: zeroed or used before; filled on success, its text is valid until the
 *	next call or vmgl_reply_free()
 *
 * A refusal is an answer; see vmgl_reply_error().
 *
 * Context: Process context; waits for its turn and for the host.
 * Return: 0; -ERESTARTSYS when a signal arrived before the turn; -ESHUTDOWN after
 * vmgl_rpc_stop(); -EIO, -ETIMEDOUT, -EPROTO, -EMSGSIZE or -ENOMEM as in
 * struct vmgl_transport_ops.
 */
int vmgl_rpc_call(struct vmgl_rpc *rpc, enum vmgl_priority priority,
		  const void *request, size_t len, struct vmgl_reply *reply)
{
	u64 hypercalls;
	ktime_t start;
	int ret;

	reply->verdict = VMGUESTLIB_REPLY_NONE;

	ret = vmgl_rpc_begin(rpc, priority);
	if (ret)
		return ret;

	trace_vmguestlib_request(vmgl_rpc_transport_name(rpc), request, len);
	hypercalls = vmgl_counted(rpc->counters, VMGL_COUNT_HYPERCALLS);
	start = ktime_get();

	ret = vmgl_rpc_exchange(rpc, request, len, &reply->raw);
	reply->is_privileged = READ_ONCE(rpc->transport->is_privileged);
	if (!ret) {
		ret = vmgl_reply_parse(reply);
		if (ret || rpc->is_suspended)
			vmgl_rpc_close_transport(rpc);
	}
	vmgl_rpc_account(rpc, len, reply, ret);

	hypercalls = vmgl_counted(rpc->counters, VMGL_COUNT_HYPERCALLS) -
		     hypercalls;
	trace_vmguestlib_reply(vmgl_rpc_transport_name(rpc), ret,
			       reply->verdict, ret ? 0 : reply->len, hypercalls,
			       ktime_us_delta(ktime_get(), start));
	vmgl_turns_end(&rpc->turns);
	return ret;
}

/**
 * vmgl_reply_error() - convert a refusal into an error number
 * @reply: filled by a successful vmgl_rpc_call()
 *
 * Context: Any.
 * Return: 0, -EREMOTEIO when the host refused, -EOPNOTSUPP when it does not
 * know the request.
 */
int vmgl_reply_error(const struct vmgl_reply *reply)
{
	switch (reply->verdict) {
	case VMGUESTLIB_REPLY_OK:
		return 0;
	case VMGUESTLIB_REPLY_UNKNOWN_COMMAND:
		return -EOPNOTSUPP;
	default:
		return -EREMOTEIO;
	}
}

/**
 * vmgl_reply_free() - release the storage
 * @reply: zeroed or filled
 *
 * Context: Process context; may sleep.
 */
void vmgl_reply_free(struct vmgl_reply *reply)
{
	vmgl_buffer_free(&reply->raw);
}
