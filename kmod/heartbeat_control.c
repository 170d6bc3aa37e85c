// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The arbiter of heartbeats as a whole: who the clients are, the calls of the
 * SDK, pauses, and its beginning and end.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/stringify.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "compat/kthread.h"
#include "heartbeat.h"

#define VMGL_HEARTBEAT_WINDOW_S		30
#define VMGL_HEARTBEAT_WINDOW_MIN_S	3
#define VMGL_HEARTBEAT_WINDOW_MAX_S	3600

static unsigned int ha_window_s = VMGL_HEARTBEAT_WINDOW_S;

static int vmgl_set_ha_window(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, VMGL_HEARTBEAT_WINDOW_MIN_S,
				     VMGL_HEARTBEAT_WINDOW_MAX_S);
}

static const struct kernel_param_ops vmgl_ha_window_ops = {
	.set = vmgl_set_ha_window,
	.get = param_get_uint,
};

module_param_cb(ha_window_s, &vmgl_ha_window_ops, &ha_window_s, 0444);
MODULE_PARM_DESC(ha_window_s,
		 "Time in s within which the host expects a heartbeat, 3 to 3600 (default "
		 __stringify(VMGL_HEARTBEAT_WINDOW_S) ")");

static u32 vmgl_hb_state(const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HEARTBEAT_EXPIRED ?
	       VMGUESTLIB_HEARTBEAT_EXPIRED : VMGUESTLIB_HEARTBEAT_ARMED;
}

/* After a pause everybody begins anew. */
static u32 vmgl_hb_remaining_ms(const struct vmgl_heartbeat *hb,
				const struct vmgl_heartbeat_client *client)
{
	s64 left = ktime_ms_delta(client->expires, ktime_get());

	if (client->stage == VMGL_HEARTBEAT_EXPIRED)
		return 0;
	if (vmgl_heartbeat_paused(hb))
		return client->deadline_ms;
	if (left < 0)
		return 0;
	return min_t(s64, left, client->deadline_ms);
}

/**
 * vmgl_heartbeat_query() - state of a client
 * @hb: the object
 * @owner: who holds it, if there is one
 * @state: an enum vmguestlib_heartbeat_state
 * @remaining_ms: time left to its deadline
 *
 * Context: Process context; does not sleep.
 */
void vmgl_heartbeat_query(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner, u32 *state,
			  u32 *remaining_ms)
{
	*state = VMGUESTLIB_HEARTBEAT_UNARMED;
	*remaining_ms = 0;

	spin_lock(&hb->lock);
	if (owner->client) {
		*state = vmgl_hb_state(owner->client);
		*remaining_ms = vmgl_hb_remaining_ms(hb, owner->client);
	}
	spin_unlock(&hb->lock);
}

static void vmgl_hb_describe(struct vmgl_heartbeat *hb,
			     const struct vmgl_heartbeat_client *client,
			     struct vmguestlib_heartbeat_client *out)
{
	bool has_deadline = client != &hb->api || vmgl_heartbeat_has_others(hb);

	memcpy(out->name, client->name, sizeof(out->name));
	out->kind = client->kind;
	out->state = vmgl_hb_state(client);
	out->action = client->action;
	out->uid = from_kuid_munged(current_user_ns(), client->uid);
	out->deadline_ms = has_deadline ? client->deadline_ms : 0;
	out->remaining_ms = has_deadline ? vmgl_hb_remaining_ms(hb, client) : 0;
}

/**
 * vmgl_heartbeat_list() - all clients
 * @hb: the object
 * @clients: zeroed array, or NULL
 * @room: its length
 *
 * Context: Process context; does not sleep.
 * Return: number of clients; as many as fit are written.
 */
u32 vmgl_heartbeat_list(struct vmgl_heartbeat *hb,
			struct vmguestlib_heartbeat_client *clients, u32 room)
{
	const struct vmgl_heartbeat_client *client;
	u32 count = 0;

	spin_lock(&hb->lock);
	list_for_each_entry(client, &hb->clients, entry) {
		if (client->stage == VMGL_HEARTBEAT_PENDING)
			continue;
		if (count < room)
			vmgl_hb_describe(hb, client, &clients[count]);
		count++;
	}
	spin_unlock(&hb->lock);
	return count;
}

/**
 * vmgl_heartbeat_interval_ms() - time between two heartbeats
 * @hb: the object
 *
 * Context: Any.
 * Return: ms.
 */
u32 vmgl_heartbeat_interval_ms(const struct vmgl_heartbeat *hb)
{
	return hb->window_ms / VMGL_HEARTBEATS_PER_WINDOW;
}

/**
 * vmgl_heartbeat_age_ms() - time since the host accepted a heartbeat
 * @hb: the object
 *
 * Context: Process context; does not sleep.
 * Return: ms, or -1 when it has accepted none since it was enabled.
 */
s64 vmgl_heartbeat_age_ms(struct vmgl_heartbeat *hb)
{
	s64 age_ms = -1;

	spin_lock(&hb->lock);
	if (hb->last_beat)
		age_ms = ktime_ms_delta(ktime_get(), hb->last_beat);
	spin_unlock(&hb->lock);
	return age_ms;
}

/**
 * vmgl_heartbeat_missed() - who has missed a deadline
 * @hb: the object
 * @name: VMGUESTLIB_HEARTBEAT_NAME_SIZE bytes for the name of the last one
 *
 * Context: Process context; does not sleep.
 * Return: number of deadlines missed since the module was loaded.
 */
u64 vmgl_heartbeat_missed(struct vmgl_heartbeat *hb, char *name)
{
	u64 missed;

	spin_lock(&hb->lock);
	missed = hb->missed;
	memcpy(name, hb->last_missed, sizeof(hb->last_missed));
	spin_unlock(&hb->lock);
	return missed;
}

/**
 * vmgl_heartbeat_clear() - disarm an expired client of somebody else
 * @hb: the object
 * @name: its name, terminated
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE.
 * Return: 0; -ENOENT when there is none, -EBUSY when it has not expired or is the
 * watchdog, which only the watchdog core stops.
 */
int vmgl_heartbeat_clear(struct vmgl_heartbeat *hb, const char *name)
{
	struct vmgl_heartbeat_client *client;
	int ret = 0;

	spin_lock(&hb->lock);
	client = vmgl_heartbeat_find(hb, name);
	if (!client)
		ret = -ENOENT;
	else if (client->stage != VMGL_HEARTBEAT_EXPIRED ||
		 client->kind == VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG)
		ret = -EBUSY;
	else
		vmgl_heartbeat_detach(hb, client);
	spin_unlock(&hb->lock);

	if (!ret)
		vmgl_heartbeat_sync(hb);
	return ret;
}

static bool vmgl_hb_is_served(struct vmgl_heartbeat *hb, u64 number)
{
	bool served;

	spin_lock(&hb->lock);
	served = hb->call.served >= number;
	spin_unlock(&hb->lock);
	return served;
}

static u64 vmgl_hb_submit(struct vmgl_heartbeat *hb, u32 op, const char *text)
{
	struct vmgl_heartbeat_call *call = &hb->call;
	u64 number;

	lockdep_assert_held(&call->serialize);

	spin_lock(&hb->lock);
	number = ++call->number;
	call->op = op;
	call->uid = current_euid();
	call->result = -ETIMEDOUT;
	strscpy_pad(call->text, text, sizeof(call->text));
	spin_unlock(&hb->lock);

	vmgl_heartbeat_kick(hb);
	return number;
}

/**
 * vmgl_heartbeat_call() - a call of the SDK
 * @hb: the object
 * @op: an enum vmguestlib_appmon_op
 * @text: VMGUESTLIB_APPMON_TEXT_SIZE bytes, terminated
 *
 * A call that was given up is not served any more, and an Enable that was under
 * way is taken back.
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE
 * once it is the caller's turn.
 * Return: 0; -EINVAL; -ETIMEDOUT; -ERESTARTSYS; or as vmgl_appmon_enable().
 */
int vmgl_heartbeat_call(struct vmgl_heartbeat *hb, u32 op, const char *text)
{
	struct vmgl_heartbeat_call *call = &hb->call;
	u64 number;
	long left;
	int ret;

	if (mutex_lock_interruptible(&call->serialize))
		return -ERESTARTSYS;

	number = vmgl_hb_submit(hb, op, text);
	left = wait_event_interruptible_timeout(hb->changed,
						vmgl_hb_is_served(hb, number),
						VMGL_HEARTBEAT_PATIENCE);

	spin_lock(&hb->lock);
	ret = call->served >= number ? call->result :
	      left < 0 ? left : -ETIMEDOUT;
	if (call->served < number)
		call->cancelled = number;
	spin_unlock(&hb->lock);
	mutex_unlock(&call->serialize);
	return ret;
}

static bool vmgl_hb_forbids_pause(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->forbids_pause && client->owner &&
		    client->forbids_pause(client->owner))
			return true;
	return false;
}

/**
 * vmgl_heartbeat_pause() - no heartbeats and no deadlines for a while
 * @hb: the object
 * @seconds: from now; 0 ends a pause
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE.
 * Return: 0; -EBUSY when a client forbids it.
 */
int vmgl_heartbeat_pause(struct vmgl_heartbeat *hb, u32 seconds)
{
	int ret = 0;

	spin_lock(&hb->lock);
	if (seconds && vmgl_hb_forbids_pause(hb))
		ret = -EBUSY;
	else if (seconds || hb->pause_until)
		hb->pause_until = ktime_add_ms(ktime_get(),
					       (u64)seconds * MSEC_PER_SEC);
	spin_unlock(&hb->lock);

	if (!ret)
		vmgl_heartbeat_sync(hb);
	return ret;
}

/**
 * vmgl_heartbeat_pause_left() - how long the pause still takes
 * @hb: the object
 *
 * Context: Process context; does not sleep.
 * Return: seconds, rounded up; 0 when there is no pause.
 */
u32 vmgl_heartbeat_pause_left(struct vmgl_heartbeat *hb)
{
	s64 left_ms = 0;

	spin_lock(&hb->lock);
	if (hb->pause_until)
		left_ms = ktime_ms_delta(hb->pause_until, ktime_get());
	spin_unlock(&hb->lock);
	return left_ms > 0 ? DIV_ROUND_UP((u32)left_ms, MSEC_PER_SEC) : 0;
}

/**
 * vmgl_heartbeat_recheck() - the machine may have been moved
 * @hb: the object
 *
 * The host forgets who was monitored, and the clients have been standing still.
 *
 * Context: Process context; does not sleep.
 */
void vmgl_heartbeat_recheck(struct vmgl_heartbeat *hb)
{
	spin_lock(&hb->lock);
	vmgl_heartbeat_refresh_all(hb, ktime_get());
	hb->recheck = true;
	spin_unlock(&hb->lock);
	vmgl_heartbeat_kick(hb);
}

/* Whether the worker has acted upon all that was noted, and monitoring is off. */
static bool vmgl_hb_is_off(struct vmgl_heartbeat *hb, u64 round)
{
	bool off;

	spin_lock(&hb->lock);
	off = hb->rounds_ended >= round && !hb->enabled && !hb->in_doubt;
	spin_unlock(&hb->lock);
	return off;
}

static bool vmgl_hb_switch_off(struct vmgl_heartbeat *hb, bool *reason)
{
	u64 round;

	spin_lock(&hb->lock);
	*reason = true;
	round = hb->rounds_begun + 1;
	spin_unlock(&hb->lock);

	vmgl_heartbeat_kick(hb);
	return wait_event_timeout(hb->changed, vmgl_hb_is_off(hb, round),
				  VMGL_HEARTBEAT_PATIENCE);
}

/**
 * vmgl_heartbeat_suspend() - the machine is about to stand still
 * @hb: the object
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE.
 * Return: 0, or -ETIMEDOUT when the host may still expect heartbeats.
 */
int vmgl_heartbeat_suspend(struct vmgl_heartbeat *hb)
{
	return vmgl_hb_switch_off(hb, &hb->suspended) ? 0 : -ETIMEDOUT;
}

/**
 * vmgl_heartbeat_resume() - the machine runs again
 * @hb: the object
 *
 * Context: Process context; does not sleep.
 */
void vmgl_heartbeat_resume(struct vmgl_heartbeat *hb)
{
	spin_lock(&hb->lock);
	hb->suspended = false;
	vmgl_heartbeat_refresh_all(hb, ktime_get());
	hb->recheck = true;
	spin_unlock(&hb->lock);
	vmgl_heartbeat_kick(hb);
}

/**
 * vmgl_heartbeat_stop() - no more heartbeats, for ever; the host is told
 * @hb: the object
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE.
 */
void vmgl_heartbeat_stop(struct vmgl_heartbeat *hb)
{
	vmgl_hb_switch_off(hb, &hb->stopped);
}

/**
 * vmgl_heartbeat_flush() - wait for the worker's round
 * @hb: the object
 *
 * Context: Process context; waits as long as the host takes.
 */
void vmgl_heartbeat_flush(struct vmgl_heartbeat *hb)
{
	kthread_flush_worker(hb->worker);
}

/**
 * vmgl_heartbeat_init() - prepare; the host is not asked
 * @hb: the object, zeroed
 * @rpc: a conversation that nobody else uses
 * @events: where changes are reported
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vmgl_heartbeat_init(struct vmgl_heartbeat *hb, struct vmgl_rpc *rpc,
			struct vmgl_events *events)
{
	int ret;

	hb->rpc = rpc;
	hb->events = events;
	hb->window_ms = ha_window_s * MSEC_PER_SEC;
	hb->wake = KTIME_MAX;
	hb->post_known = true;
	spin_lock_init(&hb->lock);
	mutex_init(&hb->call.serialize);
	init_waitqueue_head(&hb->changed);
	INIT_LIST_HEAD(&hb->clients);
	INIT_LIST_HEAD(&hb->api.entry);
	strscpy(hb->api.name, VMGL_HEARTBEAT_API_NAME, sizeof(hb->api.name));
	hb->api.kind = VMGUESTLIB_HEARTBEAT_KIND_API;
	hb->api.deadline_ms = hb->window_ms;
	kthread_init_delayed_work(&hb->tick, vmgl_heartbeat_tick);

	ret = vmgl_buffer_fix(&hb->reply.raw, VMGL_HEARTBEAT_REPLY_MAX);
	if (ret)
		return ret;

	hb->worker = vmgl_run_worker("vmguestlib_hb");
	if (IS_ERR(hb->worker)) {
		vmgl_reply_free(&hb->reply);
		return PTR_ERR(hb->worker);
	}
	/* No program's load may cost a beat. */
	sched_set_fifo(hb->worker->task);
	return 0;
}

/**
 * vmgl_heartbeat_destroy() - after vmgl_heartbeat_stop(), without clients
 * @hb: the object
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_heartbeat_destroy(struct vmgl_heartbeat *hb)
{
	kthread_cancel_delayed_work_sync(&hb->tick);
	kthread_destroy_worker(hb->worker);
	vmgl_reply_free(&hb->reply);
	mutex_destroy(&hb->call.serialize);
}
