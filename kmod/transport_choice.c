// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The choice between the two transports to the host.
 *
 * The following holds unless the module parameter ``transport`` chooses one transport.
 *
 * Like the reference client, this file prefers VMCI sockets (wire-protocol chapter 3.6).
 * If VMCI sockets cannot serve a request, the backdoor serves the request at once, and a
 * delay begins.  The first request after the delay starts a new connection in the
 * background, and uses the backdoor meanwhile.  The first delay is 4 s.  Each further delay
 * is twice as long, up to 300 s, until a request was answered over VMCI sockets.  The delay
 * therefore also grows if the host accepts connections but does not answer.  For heartbeats
 * the delay stays 4 s, because a host may refuse them over the backdoor, which has no
 * privileged senders.  Without requests, no connection is made.
 *
 * A request waits for a new connection, at most struct vmgl_transports_config.wait_ms, in
 * two cases: if no delay has begun since VMCI sockets last served a request, and if the
 * host serves the request to privileged senders only.  The first case includes the first
 * request, the first request after a write of ``transport``, and a request whose connection
 * the host has dropped.
 *
 * The host may receive a request more than once.  If a connection is lost, the request is
 * sent again over a new connection.  If the request fails over VMCI sockets, it is sent
 * again over the backdoor.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "transport_choice.h"

/* Shortest and longest delay before a new connection, in s, as in the reference client */
#define VMGL_TRANSPORTS_RETRY_MIN_S	4U
#define VMGL_TRANSPORTS_RETRY_MAX_S	300U

static enum vmgl_transport_choice vmgl_transport_choice;

/* Number of calls of vmgl_transports_choose() so far */
static unsigned int vmgl_transport_choices_made;

static struct vmgl_transports *to_transports(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_transports, transport);
}

/* Returns false on a kernel without AF_VSOCK. */
static bool vmgl_transports_has_vsock(const struct vmgl_transports *transports)
{
	return transports->vsock.worker;
}

static void vmgl_transports_postpone(struct vmgl_transports *transports)
{
	transports->retry_s = clamp(2 * transports->retry_s,
				    VMGL_TRANSPORTS_RETRY_MIN_S,
				    transports->retry_max_s);
	transports->retry_at = jiffies + transports->retry_s * HZ;
}

/*
 * Ends the delay if the module parameter ``transport`` was written since the last call.
 * An administrator writes the parameter after a repair, to use VMCI sockets at once.
 */
static void vmgl_transports_forget_failures(struct vmgl_transports *transports)
{
	unsigned int made = READ_ONCE(vmgl_transport_choices_made);

	if (transports->choices_seen != made)
		transports->retry_s = 0;
	transports->choices_seen = made;
}

/* Starts a connection and returns true.  Returns false if it is too early for a retry. */
static bool vmgl_transports_begin(struct vmgl_transports *transports)
{
	if (transports->retry_s && time_before(jiffies, transports->retry_at))
		return false;
	vmgl_vsock_connect(&transports->vsock);
	return true;
}

/*
 * Returns whether there is a connection.  If there is none, this function starts a new
 * connection unless it is too early for a retry.  The function waits for the new
 * connection if @retry_s of @transports is 0, or if @is_needed.  The function waits for a
 * connection that the worker is already making only if @is_needed.
 */
static bool vmgl_transports_connect(struct vmgl_transports *transports,
				    bool is_needed)
{
	struct vmgl_vsock *vsock = &transports->vsock;
	bool is_first;

	if (!vmgl_transports_has_vsock(transports))
		return false;
	vmgl_transports_forget_failures(transports);
	is_first = !transports->retry_s;

	switch (vmgl_vsock_state(vsock)) {
	case VMGL_VSOCK_CONNECTED:
		return true;
	case VMGL_VSOCK_CONNECTING:
		return is_needed && vmgl_vsock_wait(vsock, vsock->wait_ms);
	case VMGL_VSOCK_CLOSED:
	case VMGL_VSOCK_FAILED:
		break;
	}

	if (!vmgl_transports_begin(transports))
		return false;
	if ((is_first || is_needed) && vmgl_vsock_wait(vsock, vsock->wait_ms))
		return true;
	vmgl_transports_postpone(transports);
	return false;
}

static void vmgl_transports_activate(struct vmgl_transports *transports,
				     struct vmgl_transport *active)
{
	transports->active = active;
	WRITE_ONCE(transports->transport.name, active->name);
	WRITE_ONCE(transports->transport.is_privileged, active->is_privileged);
}

static void vmgl_transports_close_backdoor(struct vmgl_transports *transports)
{
	struct vmgl_transport *backdoor = &transports->backdoor.transport;

	backdoor->ops->close(backdoor);
}

/*
 * Also closes the channel of the backdoor, because a VM has only a few channels.  After a
 * failure of VMCI sockets, the channel stays open until they have served a request.  If they
 * fail again before that, no failover is counted.  The loss of the open channel is then the
 * sign of a vMotion.
 */
static void vmgl_transports_use_vsock(struct vmgl_transports *transports)
{
	if (!transports->retry_s)
		vmgl_transports_close_backdoor(transports);
	vmgl_transports_activate(transports, &transports->vsock.transport);
}

static int vmgl_transports_use_backdoor(struct vmgl_transports *transports)
{
	struct vmgl_transport *backdoor = &transports->backdoor.transport;

	vmgl_transports_activate(transports, backdoor);
	return backdoor->ops->open(backdoor);
}

static int vmgl_transports_open(struct vmgl_transport *transport)
{
	struct vmgl_transports *transports = to_transports(transport);
	enum vmgl_transport_choice choice = READ_ONCE(vmgl_transport_choice);

	WRITE_ONCE(transports->vsock.is_only, choice == VMGL_TRANSPORT_VSOCK);
	switch (choice) {
	case VMGL_TRANSPORT_BACKDOOR:
		return vmgl_transports_use_backdoor(transports);
	case VMGL_TRANSPORT_VSOCK:
		vmgl_transports_use_vsock(transports);
		return transports->active->ops->open(transports->active);
	case VMGL_TRANSPORT_AUTO:
		break;
	}

	if (!vmgl_transports_connect(transports, false))
		return vmgl_transports_use_backdoor(transports);
	vmgl_transports_use_vsock(transports);
	return 0;
}

static int vmgl_transports_try_vsock(struct vmgl_transports *transports,
				     const void *request, size_t len,
				     struct vmgl_buffer *reply)
{
	struct vmgl_transport *vsock = &transports->vsock.transport;
	int ret = vsock->ops->exchange(vsock, request, len, reply);

	if (!ret && transports->retry_s) {
		transports->retry_s = 0;
		vmgl_transports_close_backdoor(transports);
	}
	return ret;
}

/*
 * Sends a request again after the host has dropped the connection, for example because of
 * a vMotion.
 */
static int vmgl_transports_retry_vsock(struct vmgl_transports *transports,
				       const void *request, size_t len,
				       struct vmgl_buffer *reply)
{
	if (!vmgl_transports_connect(transports, false))
		return -ECONNRESET;
	vmgl_count(transports->counters, VMGL_COUNT_REOPENED, 1);
	return vmgl_transports_try_vsock(transports, request, len, reply);
}

static int vmgl_transports_fail_over(struct vmgl_transports *transports,
				     const void *request, size_t len,
				     struct vmgl_buffer *reply)
{
	struct vmgl_transport *backdoor = &transports->backdoor.transport;
	int ret;

	transports->transport.was_repeated = true;
	ret = vmgl_transports_use_backdoor(transports);
	return ret ? ret : backdoor->ops->exchange(backdoor, request, len,
						   reply);
}

static int vmgl_transports_exchange(struct vmgl_transport *transport,
				    const void *request, size_t request_len,
				    struct vmgl_buffer *reply)
{
	struct vmgl_transports *transports = to_transports(transport);
	struct vmgl_transport *active = transports->active;
	bool has_failed = transports->retry_s;
	int ret;

	if (active != &transports->vsock.transport)
		return active->ops->exchange(active, request, request_len,
					     reply);

	ret = vmgl_transports_try_vsock(transports, request, request_len, reply);
	if (!ret || ret == -ENOMEM)
		return ret;
	if (READ_ONCE(vmgl_transport_choice) == VMGL_TRANSPORT_VSOCK)
		return ret == -ECONNRESET ? -EIO : ret;
	if (ret == -ECONNRESET)
		ret = vmgl_transports_retry_vsock(transports, request,
						  request_len, reply);
	if (!ret || ret == -ENOMEM)
		return ret;
	/* A delay that has not ended yet was set by vmgl_transports_connect().  One is enough. */
	if (!transports->retry_s ||
	    !time_before(jiffies, transports->retry_at))
		vmgl_transports_postpone(transports);
	/* Count repeated failures once, because a failover is taken as a sign of a vMotion. */
	if (!has_failed)
		vmgl_count(transports->counters, VMGL_COUNT_FAILOVERS, 1);
	return vmgl_transports_fail_over(transports, request, request_len, reply);
}

static void vmgl_transports_close(struct vmgl_transport *transport)
{
	struct vmgl_transports *transports = to_transports(transport);
	struct vmgl_transport *vsock = &transports->vsock.transport;

	vmgl_transports_close_backdoor(transports);
	if (vmgl_transports_has_vsock(transports))
		vsock->ops->close(vsock);
}

static bool vmgl_transports_open_privileged(struct vmgl_transport *transport)
{
	struct vmgl_transports *transports = to_transports(transport);

	if (READ_ONCE(vmgl_transport_choice) == VMGL_TRANSPORT_BACKDOOR ||
	    !vmgl_transports_connect(transports, true))
		return false;
	vmgl_transports_use_vsock(transports);
	return transport->is_privileged;
}

static const struct vmgl_transport_ops vmgl_transports_ops = {
	.open = vmgl_transports_open,
	.exchange = vmgl_transports_exchange,
	.close = vmgl_transports_close,
	.open_privileged = vmgl_transports_open_privileged,
};

/**
 * vmgl_transports_choose() - choose the transports that requests may use from now on
 * @choice: new choice, for all requests of the module
 *
 * This function does not close a channel or a connection.  The caller closes them.
 *
 * Context: Process context, under the lock of the module's parameters.
 */
void vmgl_transports_choose(enum vmgl_transport_choice choice)
{
	WRITE_ONCE(vmgl_transport_choice, choice);
	WRITE_ONCE(vmgl_transport_choices_made, vmgl_transport_choices_made + 1);
}

/**
 * vmgl_transports_chosen() - get the transports that requests may use
 *
 * Context: Any.
 * Return: the argument of the last vmgl_transports_choose(); VMGL_TRANSPORT_AUTO before the
 * first call.
 */
enum vmgl_transport_choice vmgl_transports_chosen(void)
{
	return READ_ONCE(vmgl_transport_choice);
}

/**
 * vmgl_transports_init() - initialize both transports, without a request to the host
 * @transports: the transports, zeroed
 * @counters: counters; must live at least as long as @transports
 * @config: properties of the connection over VMCI sockets; not used after the return
 *
 * Context: Process context.
 * Return: 0, -ENOMEM, or -EINTR if the calling task was killed.
 */
int vmgl_transports_init(struct vmgl_transports *transports,
			 struct vmgl_counters *counters,
			 const struct vmgl_transports_config *config)
{
	int ret;

	vmgl_backdoor_init(&transports->backdoor, counters);
	transports->transport.ops = &vmgl_transports_ops;
	transports->transport.name = transports->backdoor.transport.name;
	transports->active = &transports->backdoor.transport;
	transports->counters = counters;
	transports->retry_max_s = config->is_urgent ?
				  VMGL_TRANSPORTS_RETRY_MIN_S :
				  VMGL_TRANSPORTS_RETRY_MAX_S;

	ret = vmgl_vsock_init(&transports->vsock, config->name,
			      config->is_privileged, config->wait_ms,
			      config->timeout_ms);
	if (!ret && config->is_urgent && vmgl_transports_has_vsock(transports))
		sched_set_fifo(transports->vsock.worker->task);
	return ret;
}

/**
 * vmgl_transports_destroy() - close VMCI sockets and release all memory
 * @transports: the transports; the backdoor is closed, and no request is in flight
 *
 * Context: Process context; may sleep, see vmgl_vsock_flush().
 */
void vmgl_transports_destroy(struct vmgl_transports *transports)
{
	if (vmgl_transports_has_vsock(transports))
		vmgl_vsock_destroy(&transports->vsock);
}
