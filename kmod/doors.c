// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Which of the two doors to the host is used.
 *
 * VMCI sockets are preferred, as by the reference client (wire-protocol chapter
 * 3.6), but nobody waits for them in vain: the first conversation, and one whose
 * connection the host has dropped, give them a moment; after any failure the
 * backdoor serves at once and a connection is tried in the background, by the
 * first request after 4, 8 ... 300 s.  A try counts as failed until a request was
 * answered, so a host that accepts connections and then keeps silent is found out
 * ever more rarely.  Without requests nothing is tried.
 *
 * Delivery is at least once: what got no answer through one door is sent through
 * the other one.
 */
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "doors.h"

/* A hypervisor that is there needs a fraction of it */
#define VMGL_DOORS_MOMENT_MS	250

#define VMGL_DOORS_RETRY_MIN_S	4U
#define VMGL_DOORS_RETRY_MAX_S	300U

static enum vmgl_door_choice vmgl_door_choice;

static struct vmgl_doors *to_doors(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_doors, transport);
}

/* Without AF_VSOCK in the kernel there is none. */
static bool vmgl_doors_has_vsock(const struct vmgl_doors *doors)
{
	return doors->vsock.worker;
}

static void vmgl_doors_postpone(struct vmgl_doors *doors)
{
	doors->retry_s = clamp(2 * doors->retry_s, VMGL_DOORS_RETRY_MIN_S,
			       VMGL_DOORS_RETRY_MAX_S);
	doors->retry_at = jiffies + doors->retry_s * HZ;
}

/* Returns whether there is a connection; sees to it that there will be one. */
static bool vmgl_doors_connect(struct vmgl_doors *doors)
{
	struct vmgl_vsock *vsock = &doors->vsock;

	if (!vmgl_doors_has_vsock(doors))
		return false;

	switch (vmgl_vsock_state(vsock)) {
	case VMGL_VSOCK_CONNECTED:
		return true;
	case VMGL_VSOCK_CONNECTING:
		return false;
	case VMGL_VSOCK_CLOSED:
	case VMGL_VSOCK_FAILED:
		break;
	}

	if (doors->retry_s && time_before(jiffies, doors->retry_at))
		return false;
	vmgl_vsock_connect(vsock);
	if (!doors->retry_s && vmgl_vsock_wait(vsock, VMGL_DOORS_MOMENT_MS))
		return true;
	vmgl_doors_postpone(doors);
	return false;
}

static void vmgl_doors_activate(struct vmgl_doors *doors,
				struct vmgl_transport *active)
{
	doors->active = active;
	WRITE_ONCE(doors->transport.name, active->name);
	WRITE_ONCE(doors->transport.is_privileged, active->is_privileged);
}

/* Channels of the backdoor are scarce. */
static void vmgl_doors_enter_vsock(struct vmgl_doors *doors)
{
	struct vmgl_transport *backdoor = &doors->backdoor.transport;

	backdoor->ops->close(backdoor);
	vmgl_doors_activate(doors, &doors->vsock.transport);
}

static int vmgl_doors_enter_backdoor(struct vmgl_doors *doors)
{
	struct vmgl_transport *backdoor = &doors->backdoor.transport;

	vmgl_doors_activate(doors, backdoor);
	return backdoor->ops->open(backdoor);
}

static void vmgl_doors_leave_vsock(struct vmgl_doors *doors)
{
	struct vmgl_transport *vsock = &doors->vsock.transport;

	if (vmgl_doors_has_vsock(doors))
		vsock->ops->close(vsock);
}

static int vmgl_doors_open(struct vmgl_transport *transport)
{
	struct vmgl_doors *doors = to_doors(transport);

	switch (READ_ONCE(vmgl_door_choice)) {
	case VMGL_DOOR_BACKDOOR:
		if (doors->active == &doors->vsock.transport)
			vmgl_doors_leave_vsock(doors);
		return vmgl_doors_enter_backdoor(doors);
	case VMGL_DOOR_VSOCK:
		vmgl_doors_enter_vsock(doors);
		return doors->active->ops->open(doors->active);
	case VMGL_DOOR_AUTO:
		break;
	}

	if (!vmgl_doors_connect(doors))
		return vmgl_doors_enter_backdoor(doors);
	vmgl_doors_enter_vsock(doors);
	return 0;
}

static int vmgl_doors_try_vsock(struct vmgl_doors *doors, const void *request,
				size_t len, struct vmgl_buffer *reply)
{
	struct vmgl_transport *vsock = &doors->vsock.transport;
	int ret = vsock->ops->exchange(vsock, request, len, reply);

	if (!ret)
		doors->retry_s = 0;
	return ret;
}

/* A connection that the host has dropped, as a move makes it do. */
static int vmgl_doors_retry_vsock(struct vmgl_doors *doors, const void *request,
				  size_t len, struct vmgl_buffer *reply)
{
	if (!vmgl_doors_connect(doors))
		return -ECONNRESET;
	vmgl_count(doors->counters, VMGL_COUNT_REOPENED, 1);
	return vmgl_doors_try_vsock(doors, request, len, reply);
}

static int vmgl_doors_fail_over(struct vmgl_doors *doors, const void *request,
				size_t len, struct vmgl_buffer *reply)
{
	struct vmgl_transport *backdoor = &doors->backdoor.transport;
	int ret;

	vmgl_count(doors->counters, VMGL_COUNT_FAILOVERS, 1);
	ret = vmgl_doors_enter_backdoor(doors);
	return ret ? ret : backdoor->ops->exchange(backdoor, request, len,
						   reply);
}

static int vmgl_doors_exchange(struct vmgl_transport *transport,
			       const void *request, size_t request_len,
			       struct vmgl_buffer *reply)
{
	struct vmgl_doors *doors = to_doors(transport);
	struct vmgl_transport *active = doors->active;
	int ret;

	if (active != &doors->vsock.transport)
		return active->ops->exchange(active, request, request_len,
					     reply);

	ret = vmgl_doors_try_vsock(doors, request, request_len, reply);
	if (!ret || ret == -ENOMEM)
		return ret;
	if (READ_ONCE(vmgl_door_choice) == VMGL_DOOR_VSOCK)
		return ret == -ECONNRESET ? -EIO : ret;
	if (ret == -ECONNRESET)
		ret = vmgl_doors_retry_vsock(doors, request, request_len,
					     reply);
	if (!ret || ret == -ENOMEM)
		return ret;
	/* One that has never answered is postponed already. */
	if (!doors->retry_s)
		vmgl_doors_postpone(doors);
	return vmgl_doors_fail_over(doors, request, request_len, reply);
}

static void vmgl_doors_close(struct vmgl_transport *transport)
{
	struct vmgl_doors *doors = to_doors(transport);
	struct vmgl_transport *backdoor = &doors->backdoor.transport;

	backdoor->ops->close(backdoor);
	vmgl_doors_leave_vsock(doors);
}

static bool vmgl_doors_gain_trust(struct vmgl_transport *transport)
{
	struct vmgl_doors *doors = to_doors(transport);

	if (READ_ONCE(vmgl_door_choice) == VMGL_DOOR_BACKDOOR ||
	    !vmgl_doors_connect(doors))
		return false;
	vmgl_doors_enter_vsock(doors);
	return transport->is_privileged;
}

static const struct vmgl_transport_ops vmgl_doors_ops = {
	.open = vmgl_doors_open,
	.exchange = vmgl_doors_exchange,
	.close = vmgl_doors_close,
	.gain_trust = vmgl_doors_gain_trust,
};

/**
 * vmgl_doors_choose() - which doors may be used from the next request on
 * @choice: by all conversations
 *
 * Context: Any.  Connections are given up at the next request or when the
 * conversation is closed.
 */
void vmgl_doors_choose(enum vmgl_door_choice choice)
{
	WRITE_ONCE(vmgl_door_choice, choice);
}

/**
 * vmgl_doors_chosen() - which doors may be used
 *
 * Context: Any.
 * Return: as given to vmgl_doors_choose().
 */
enum vmgl_door_choice vmgl_doors_chosen(void)
{
	return READ_ONCE(vmgl_door_choice);
}

/**
 * vmgl_doors_init() - prepare; the host is not asked yet
 * @doors: the object, zeroed
 * @counters: where to count, living at least as long as @doors
 * @terms: what it is for
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vmgl_doors_init(struct vmgl_doors *doors, struct vmgl_counters *counters,
		    const struct vmgl_doors_terms *terms)
{
	int ret;

	vmgl_backdoor_init(&doors->backdoor, counters);
	doors->transport.ops = &vmgl_doors_ops;
	doors->transport.name = doors->backdoor.transport.name;
	doors->active = &doors->backdoor.transport;
	doors->counters = counters;

	ret = vmgl_vsock_init(&doors->vsock, terms->name, terms->is_privileged,
			      terms->patience_ms);
	if (!ret && terms->is_urgent && vmgl_doors_has_vsock(doors))
		sched_set_fifo(doors->vsock.worker->task);
	return ret;
}

/**
 * vmgl_doors_destroy() - release everything
 * @doors: the object; was closed, and nobody uses it any more
 *
 * Context: Process context; waits for a connection that is being made.
 */
void vmgl_doors_destroy(struct vmgl_doors *doors)
{
	if (vmgl_doors_has_vsock(doors))
		vmgl_vsock_destroy(&doors->vsock);
}
