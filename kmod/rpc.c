// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * GuestRPC requests and replies (wire-protocol chapter 2.8), independent of the
 * transport.
 *
 * One work item makes the requests of tasks that call the module, by priority (turns.c).
 * The arbiter of heartbeats and the snapshots make their requests directly, without a turn
 * (VMGL_PRIORITY_KERNEL).  A mutex serializes the requests of both kinds, and the opening
 * and closing of the transport.  Neither kind of request can starve the other kind.  If
 * the transport is closed, a request opens it.
 *
 * Sleep, shutdown, unload and a change of the transport close the transport, and so does an
 * idle arbiter.  A request that begins while a task wants to close the transport waits until
 * the transport is closed.  Otherwise the request could take the mutex before this task,
 * because a running task may take a mutex before a task that already waits for the mutex.
 *
 * The host may serve a request more than once: if the channel is lost during a request,
 * the request is sent again over a new channel.  With ``transport=vsock``, the same holds
 * for a connection.  transport_choice.c can also send a request again.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "rpc.h"
#include "trace.h"

/* A reply begins with "1 " if the host has served the request, and with "0 " if not. */
#define VMGL_PREFIX_LEN		2
#define VMGL_UNKNOWN_COMMAND	"Unknown command"

/**
 * __vmgl_rpc_init() - initialize without a request to the host, see vmgl_rpc_init()
 * @rpc: object to initialize; zeroed
 * @transport: the transport to the host
 * @counters: counters of requests
 * @wq: an unbound workqueue for the requests of tasks
 * @key: class of the mutex, for lockdep
 *
 * Context: Any.
 */
void __vmgl_rpc_init(struct vmgl_rpc *rpc, struct vmgl_transport *transport,
		     struct vmgl_counters *counters,
		     struct workqueue_struct *wq, struct lock_class_key *key)
{
	vmgl_turns_init(&rpc->turns, wq);
	mutex_init(&rpc->lock);
	lockdep_set_class_and_name(&rpc->lock, key, "vmgl_rpc.lock");
	init_waitqueue_head(&rpc->no_closers);
	rpc->transport = transport;
	rpc->counters = counters;
}

/**
 * vmgl_rpc_destroy() - release the resources of an rpc object, after the last request
 * @rpc: initialized by vmgl_rpc_init()
 *
 * Context: Process context; may sleep.
 */
void vmgl_rpc_destroy(struct vmgl_rpc *rpc)
{
	vmgl_turns_destroy(&rpc->turns);
	vmgl_reply_free(&rpc->reply);
}

static void vmgl_rpc_close_transport(struct vmgl_rpc *rpc)
{
	lockdep_assert_held(&rpc->lock);

	rpc->transport->ops->close(rpc->transport);
}

/* Takes the lock.  A call of vmgl_rpc_lock() waits until vmgl_rpc_unlock_first(). */
static void vmgl_rpc_lock_first(struct vmgl_rpc *rpc)
{
	atomic_inc(&rpc->closers);
	mutex_lock(&rpc->lock);
}

static void vmgl_rpc_unlock_first(struct vmgl_rpc *rpc)
{
	mutex_unlock(&rpc->lock);
	if (atomic_dec_and_test(&rpc->closers))
		wake_up_all(&rpc->no_closers);
}

/* Takes the lock for a request. */
static void vmgl_rpc_lock(struct vmgl_rpc *rpc)
{
	wait_event(rpc->no_closers, !atomic_read(&rpc->closers));
	mutex_lock(&rpc->lock);
}

/**
 * vmgl_rpc_close() - close the transport; the next request opens it again
 * @rpc: initialized by vmgl_rpc_init()
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_rpc_close(struct vmgl_rpc *rpc)
{
	vmgl_rpc_lock_first(rpc);
	vmgl_rpc_close_transport(rpc);
	vmgl_rpc_unlock_first(rpc);
}

/**
 * vmgl_rpc_suspend() - close the transport now, and after each request from now on
 * @rpc: initialized by vmgl_rpc_init()
 *
 * Programs are frozen only after this call, so they can still make requests.  Each of
 * these requests closes the transport again, because the host may drop a channel that
 * stays open during the sleep.
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_rpc_suspend(struct vmgl_rpc *rpc)
{
	vmgl_rpc_lock_first(rpc);
	rpc->is_suspended = true;
	vmgl_rpc_close_transport(rpc);
	vmgl_rpc_unlock_first(rpc);
}

/**
 * vmgl_rpc_resume() - leave the transport open between requests again
 * @rpc: initialized by vmgl_rpc_init(); need not be suspended
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_rpc_resume(struct vmgl_rpc *rpc)
{
	vmgl_rpc_lock_first(rpc);
	rpc->is_suspended = false;
	/* A safeguard: since vmgl_rpc_suspend(), each request has closed the transport. */
	vmgl_rpc_close_transport(rpc);
	vmgl_rpc_unlock_first(rpc);
}

/**
 * vmgl_rpc_stop() - close the transport, and let all later requests fail
 * @rpc: initialized by vmgl_rpc_init()
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_rpc_stop(struct vmgl_rpc *rpc)
{
	vmgl_rpc_lock_first(rpc);
	rpc->is_stopped = true;
	vmgl_rpc_close_transport(rpc);
	vmgl_rpc_unlock_first(rpc);
}

/**
 * struct vmgl_rpc_call - a request or an opening of the transport, on the caller's stack
 * @turn: turn of the request in @turns of @rpc; not used with VMGL_PRIORITY_KERNEL
 * @rpc: object over which the request is made
 * @make: function that makes the request or opens the transport; returns 0 or a negative
 *	error number
 * @request: bytes of the request
 * @len: number of bytes in @request
 * @reply: receives the reply
 * @result: result of @make
 */
struct vmgl_rpc_call {
	struct vmgl_turn turn;
	struct vmgl_rpc *rpc;
	int (*make)(struct vmgl_rpc_call *call);
	const void *request;
	size_t len;
	struct vmgl_reply *reply;
	int result;
};

static void vmgl_rpc_serve(struct vmgl_turn *turn)
{
	struct vmgl_rpc_call *call = container_of(turn, struct vmgl_rpc_call,
						  turn);

	call->result = call->make(call);
}

/* Makes the request in its turn, or without a turn for VMGL_PRIORITY_KERNEL. */
static int vmgl_rpc_run(struct vmgl_rpc_call *call, enum vmgl_priority priority)
{
	int ret;

	if (priority == VMGL_PRIORITY_KERNEL)
		return call->make(call);
	call->turn.serve = vmgl_rpc_serve;
	ret = vmgl_turns_take(&call->rpc->turns, priority, &call->turn);
	return ret ? ret : call->result;
}

static int vmgl_rpc_make_open(struct vmgl_rpc_call *call)
{
	struct vmgl_rpc *rpc = call->rpc;
	int ret = 0;

	vmgl_rpc_lock(rpc);
	if (rpc->is_stopped)
		ret = -ESHUTDOWN;
	else if (!rpc->is_suspended)
		ret = rpc->transport->ops->open(rpc->transport);
	mutex_unlock(&rpc->lock);
	return ret;
}

/**
 * vmgl_rpc_open() - choose the transport and open it
 * @rpc: initialized by vmgl_rpc_init(); while it is suspended, nothing is opened
 * @priority: priority of the caller
 *
 * Context: Process context; waits for the turn of the caller and for the host.
 * Return: 0; -EIO if the transport could not be opened; -ESHUTDOWN after vmgl_rpc_stop();
 * -ERESTARTSYS if a fatal signal or the freezer ended the wait for the turn.
 */
int vmgl_rpc_open(struct vmgl_rpc *rpc, enum vmgl_priority priority)
{
	struct vmgl_rpc_call call = {
		.rpc = rpc,
		.make = vmgl_rpc_make_open,
	};

	return vmgl_rpc_run(&call, priority);
}

static int vmgl_rpc_make_open_privileged(struct vmgl_rpc_call *call)
{
	struct vmgl_rpc *rpc = call->rpc;
	int ret = -ESHUTDOWN;

	vmgl_rpc_lock(rpc);
	if (!rpc->is_stopped) {
		ret = rpc->transport->ops->open_privileged(rpc->transport) ?
		      0 : -EPERM;
		if (rpc->is_suspended)
			vmgl_rpc_close_transport(rpc);
	}
	mutex_unlock(&rpc->lock);
	return ret;
}

/**
 * vmgl_rpc_open_privileged() - open the transport as a privileged sender
 * @rpc: initialized by vmgl_rpc_init()
 * @priority: priority of the caller
 *
 * While @rpc is suspended, this function closes the transport again.
 *
 * The next request may nevertheless be unprivileged, because the transport can be closed
 * before it: by a call of vmgl_rpc_close(), vmgl_rpc_suspend(), vmgl_rpc_resume() or
 * vmgl_rpc_stop(), after a failure of another request, or because the host drops the
 * channel or the connection.
 *
 * Context: Process context; waits for the turn of the caller and for the host.
 * Return: 0 if the transport was opened as a privileged sender; -EPERM if the host cannot
 * be reached as a privileged sender; -ESHUTDOWN after vmgl_rpc_stop(); -ERESTARTSYS if a
 * fatal signal or the freezer ended the wait for the turn.
 */
int vmgl_rpc_open_privileged(struct vmgl_rpc *rpc, enum vmgl_priority priority)
{
	struct vmgl_rpc_call call = {
		.rpc = rpc,
		.make = vmgl_rpc_make_open_privileged,
	};

	if (!rpc->transport->ops->open_privileged)
		return -EPERM;
	return vmgl_rpc_run(&call, priority);
}

/**
 * vmgl_rpc_transport_name() - name of the transport that was chosen last
 * @rpc: initialized by vmgl_rpc_init()
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

	lockdep_assert_held(&rpc->lock);

	ret = transport->ops->open(transport);
	if (ret)
		return ret;

	ret = transport->ops->exchange(transport, request, len, raw);
	if (ret != -EIO)
		return ret;

	/*
	 * The host may drop an idle channel, and drops all channels when the VM moves.
	 * The request is therefore sent again over a new channel.  A connection is reopened
	 * here only with transport=vsock.
	 */
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

static int vmgl_rpc_request(struct vmgl_rpc *rpc, const void *request,
			    size_t len, struct vmgl_reply *reply)
{
	u64 hypercalls = vmgl_counted(rpc->counters, VMGL_COUNT_HYPERCALLS);
	ktime_t start = ktime_get();
	int ret;

	lockdep_assert_held(&rpc->lock);

	reply->verdict = VMGUESTLIB_REPLY_NONE;
	trace_vmguestlib_request(vmgl_rpc_transport_name(rpc), request, len);
	rpc->transport->was_repeated = false;
	ret = vmgl_rpc_exchange(rpc, request, len, &reply->raw);
	reply->is_privileged = READ_ONCE(rpc->transport->is_privileged);
	reply->was_repeated = rpc->transport->was_repeated;
	if (!ret) {
		ret = vmgl_reply_parse(reply);
		if (ret)
			vmgl_rpc_close_transport(rpc);
	}
	/* Close after a failure as well, because a connection may still be in the making. */
	if (rpc->is_suspended)
		vmgl_rpc_close_transport(rpc);
	vmgl_rpc_account(rpc, len, reply, ret);

	hypercalls = vmgl_counted(rpc->counters, VMGL_COUNT_HYPERCALLS) -
		     hypercalls;
	trace_vmguestlib_reply(vmgl_rpc_transport_name(rpc), ret,
			       reply->verdict, ret ? 0 : reply->len, hypercalls,
			       ktime_us_delta(ktime_get(), start));
	return ret;
}

static int vmgl_rpc_make_request(struct vmgl_rpc_call *call)
{
	struct vmgl_rpc *rpc = call->rpc;
	int ret = -ESHUTDOWN;

	vmgl_rpc_lock(rpc);
	if (!rpc->is_stopped)
		ret = vmgl_rpc_request(rpc, call->request, call->len,
				       call->reply);
	mutex_unlock(&rpc->lock);
	return ret;
}

/* Copies as much of a reply as fits into the memory that the task has allocated. */
static void vmgl_reply_copy(struct vmgl_reply *to, const struct vmgl_reply *from)
{
	struct vmgl_buffer *raw = &to->raw;

	raw->len = min(from->raw.len, raw->capacity);
	memcpy(raw->data, from->raw.data, raw->len);
	to->verdict = from->verdict;
	to->text = raw->data + VMGL_PREFIX_LEN;
	to->len = from->len;
	to->is_privileged = from->is_privileged;
	to->was_repeated = from->was_repeated;
}

static int vmgl_rpc_make_request_of_task(struct vmgl_rpc_call *call)
{
	struct vmgl_reply *reply = call->reply;
	int ret;

	call->reply = &call->rpc->reply;
	ret = vmgl_rpc_make_request(call);
	if (!ret)
		vmgl_reply_copy(reply, call->reply);
	return ret;
}

/**
 * vmgl_rpc_call() - send a request and receive the reply
 * @rpc: initialized by vmgl_rpc_init()
 * @priority: priority of the caller
 * @request: bytes of the request
 * @len: number of bytes in @request
 * @reply: zeroed, or filled by an earlier call; filled on success.  @reply->text is valid
 *	until @reply is used for another call or is freed
 *
 * A request that the host refused is a success; see vmgl_reply_error().
 *
 * For VMGL_PRIORITY_KERNEL the storage of @reply grows to the length of the reply, unless
 * vmgl_buffer_fix() has fixed its size.  For the other priorities the caller must have
 * allocated the storage with vmgl_reply_reserve().  If this storage is too short, it gets
 * only the beginning of the text, but @reply->len is the length of the whole text.
 *
 * Context: Process context; waits for the turn of the caller and for the host.
 * Return: 0 if the host answered; -ERESTARTSYS if a fatal signal or the freezer ended the
 * wait for the turn; -ESHUTDOWN after vmgl_rpc_stop(); or -EIO, -ETIMEDOUT, -EPROTO,
 * -EMSGSIZE or -ENOMEM, which struct vmgl_transport_ops documents.
 */
int vmgl_rpc_call(struct vmgl_rpc *rpc, enum vmgl_priority priority,
		  const void *request, size_t len, struct vmgl_reply *reply)
{
	struct vmgl_rpc_call call = {
		.rpc = rpc,
		.make = priority == VMGL_PRIORITY_KERNEL ?
			vmgl_rpc_make_request : vmgl_rpc_make_request_of_task,
		.request = request,
		.len = len,
		.reply = reply,
	};

	reply->verdict = VMGUESTLIB_REPLY_NONE;
	return vmgl_rpc_run(&call, priority);
}

/**
 * vmgl_reply_reserve() - allocate the storage for a reply
 * @reply: zeroed, or filled by an earlier call
 * @room: length of the longest text that the caller wants, in bytes
 *
 * A program can delay the page faults of copy_to_user(), and so keep the storage
 * allocated for any length of time.  Therefore the storage is charged to the memory cgroup
 * of the calling task.
 *
 * Context: Process context; may sleep.
 * Return: 0 or -ENOMEM.
 */
int vmgl_reply_reserve(struct vmgl_reply *reply, size_t room)
{
	return vmgl_buffer_resize(&reply->raw,
				  min_t(size_t, room, VMGUESTLIB_REPLY_MAX) +
				  VMGL_PREFIX_LEN);
}

/**
 * vmgl_reply_error() - convert a refusal into an error number
 * @reply: filled by a successful vmgl_rpc_call()
 *
 * Context: Any.
 * Return: 0 if the host accepted the request; -EOPNOTSUPP if the host does not know the
 * request; -EREMOTEIO if the host refused the request for another reason.
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
 * vmgl_reply_free() - release the storage of a reply
 * @reply: zeroed, or filled by an earlier call
 *
 * Context: Process context; may sleep.
 */
void vmgl_reply_free(struct vmgl_reply *reply)
{
	vmgl_buffer_free(&reply->raw);
}
