// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The heartbeat arbiter: the list of its clients, and the clock on which their deadlines
 * run.
 *
 * The clock has a thread of its own, which makes no requests to the host.  Each run of
 * this thread is a tick (vmgl_hb_tick()).  Between two ticks the clock runs like
 * CLOCK_MONOTONIC.  If a tick is overdue by VMGL_HB_LATE_MS, the clock stops until this
 * tick comes, because such a late tick shows that the machine stood still.  The time for
 * which the clock stops is called a stall.
 *
 * After the machine has continued, a beat can come before the late tick.  The clock still
 * stands then, so the beat reads the same time from the clock as the tick.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "events.h"
#include "heartbeat_private.h"

/* A tick that is overdue by more than this time, in ms, ends a stall. */
#define VMGL_HB_LATE_MS		100

/* Shortest time that an armed client has for a beat after an ignored stall, in ms */
#define VMGL_HB_STALL_LEAVES_MS	1000U

/*
 * Largest number of stalls that are ignored after a deadline of a client has started.  The
 * time of further stalls counts towards this deadline.  Otherwise a client that hangs might
 * never expire on a slow host.
 */
#define VMGL_HB_STALLS_MAX	8

/*
 * Longest time between two ticks, in ms.  One tick per second would be enough.  But with
 * HZ=100 the timer of a delayed work item rounds a delay of 1 s up by as much as 80 ms,
 * which is nearly VMGL_HB_LATE_MS.  Such a timer does not round a delay of 500 ms.
 */
#define VMGL_HB_TICK_MS		500U

/* Smallest number of ticks in a deadline */
#define VMGL_HB_TICKS		4

/* Take the lock, and end a pause whose time is over, before the caller reads the state. */
void vmgl_hb_lock(struct vmgl_heartbeat *hb)
	/* The caller holds the lock from here on. */
	__acquires(&hb->lock)
{
	spin_lock(&hb->lock);
	if (hb->pause_until && ktime_get_boottime_ns() >= hb->pause_until)
		vmgl_hb_end_pause(hb);
}

/* Release the lock, and wake the threads that have to act. */
void vmgl_hb_unlock(struct vmgl_heartbeat *hb)
	/* The caller took the lock by vmgl_hb_lock(). */
	__releases(&hb->lock)
{
	bool kick_clock = hb->kick_clock;
	bool kick = hb->kick;

	hb->kick_clock = false;
	hb->kick = false;
	spin_unlock(&hb->lock);

	if (kick_clock)
		kthread_mod_delayed_work(hb->clock.worker, &hb->clock.tick, 0);
	if (kick)
		kthread_mod_delayed_work(hb->worker, &hb->work, 0);
}

/*
 * Return whether the arbiter rests.  It rests during a pause, during a sleep, and when
 * the machine or the module goes down.  While it rests, there are no heartbeats and no
 * deadlines.
 */
bool vmgl_hb_is_resting(const struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return hb->pause_until || hb->is_suspended || hb->is_stopped;
}

/* Return whether a client is in @stage. */
bool vmgl_hb_any(const struct vmgl_heartbeat *hb, enum vmgl_hb_stage stage)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == stage)
			return true;
	return false;
}

/* Return whether there are clients other than ``api``. */
bool vmgl_hb_has_others(const struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return !list_empty(&hb->clients) &&
	       (!vmgl_hb_is_listed(&hb->api) ||
		!list_is_singular(&hb->clients));
}

/* Return the client with @name, or NULL. */
struct vmgl_heartbeat_client *vmgl_hb_find(struct vmgl_heartbeat *hb,
					   const char *name)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (!strcmp(client->terms.name, name))
			return client;
	return NULL;
}

/* --- the clock ------------------------------------------------------------------ */

/* Returns the time at which a stall begins, unless the next tick comes before. */
static ktime_t vmgl_hb_too_late(const struct vmgl_hb_clock *clock)
{
	return ktime_add_ms(clock->due, VMGL_HB_LATE_MS);
}

static ktime_t vmgl_hb_read_clock(const struct vmgl_heartbeat *hb, ktime_t now)
{
	const struct vmgl_hb_clock *clock = &hb->clock;

	lockdep_assert_held(&hb->lock);

	if (!clock->runs)
		return clock->reading;
	now = min(now, vmgl_hb_too_late(clock));
	return ktime_add(clock->reading, ktime_sub(now, clock->ticked));
}

/*
 * Returns whether a client is armed and has a deadline.  While ``api`` is the only client,
 * it has no deadline: its beats are sent to the host, which expects a beat within the
 * window.
 */
static bool vmgl_hb_has_deadline(const struct vmgl_heartbeat *hb,
				 const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HB_ARMED &&
	       (client != &hb->api || vmgl_hb_has_others(hb));
}

/*
 * Start or stop the clock as needed, and let vmgl_hb_unlock() wake its thread, which plans
 * the next tick.
 */
void vmgl_hb_set_clock(struct vmgl_heartbeat *hb)
{
	bool runs = !vmgl_hb_is_resting(hb) && vmgl_hb_any(hb, VMGL_HB_ARMED);
	struct vmgl_hb_clock *clock = &hb->clock;
	ktime_t now = ktime_get();

	if (runs != clock->runs) {
		clock->reading = vmgl_hb_read_clock(hb, now);
		clock->ticked = now;
		clock->due = now;
		clock->runs = runs;
	}
	hb->kick_clock = true;
}

/* Restart the deadline of a client, and its count of stalls. */
void vmgl_hb_restart(struct vmgl_heartbeat *hb,
		     struct vmgl_heartbeat_client *client)
{
	u32 deadline_ms = client->terms.deadline_ms;

	/*
	 * A client whose file was closed during a pause gets no beats.  It can be replaced
	 * within its deadline or one window, whichever is shorter.  ``api`` has no owner either,
	 * but its deadline is the window.
	 */
	if (!client->owner)
		deadline_ms = min(deadline_ms, hb->window_ms);
	client->expires = ktime_add_ms(vmgl_hb_read_clock(hb, ktime_get()),
				       deadline_ms);
	client->stalls = 0;
}

/* Let the worker try failed steps again at once. */
void vmgl_hb_retry_now(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	hb->failed = 0;
	hb->retry_ms = 0;
	hb->open_failures = 0;
	hb->kick = true;
}

/* Restart the deadlines of all armed clients after a pause or a sleep. */
void vmgl_hb_restart_all(struct vmgl_heartbeat *hb)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HB_ARMED)
			vmgl_hb_restart(hb, client);
	vmgl_hb_set_clock(hb);
	vmgl_hb_retry_now(hb);
}

/* End a pause. */
void vmgl_hb_end_pause(struct vmgl_heartbeat *hb)
{
	hb->pause_until = 0;
	vmgl_hb_restart_all(hb);
}

/*
 * Return the time in ms until the deadline of @client is over; 0 if @client is not armed or
 * has no deadline; else, during a rest, the whole deadline.
 */
u32 vmgl_hb_remaining_ms(const struct vmgl_heartbeat *hb,
			 const struct vmgl_heartbeat_client *client)
{
	s64 left_ms;

	if (!vmgl_hb_has_deadline(hb, client))
		return 0;
	if (vmgl_hb_is_resting(hb))
		return client->terms.deadline_ms;
	left_ms = ktime_ms_delta(client->expires,
				 vmgl_hb_read_clock(hb, ktime_get()));
	return clamp_t(s64, left_ms, 0, client->terms.deadline_ms);
}

/*
 * Adapts the deadlines of armed clients after a stall of length @stood_still.  The clock
 * has not counted this time.  A client gets at least VMGL_HB_STALL_LEAVES_MS for a beat,
 * because its program stood still as well.  If VMGL_HB_STALLS_MAX stalls were ignored for
 * a client already, its deadline is shortened by @stood_still instead.
 */
static void vmgl_hb_settle_stall(struct vmgl_heartbeat *hb, ktime_t stood_still)
{
	struct vmgl_heartbeat_client *client;
	ktime_t least;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry) {
		if (client->stage != VMGL_HB_ARMED)
			continue;
		if (client->stalls == VMGL_HB_STALLS_MAX) {
			client->expires = ktime_sub(client->expires,
						    stood_still);
			continue;
		}
		client->stalls++;
		least = ktime_add_ms(hb->clock.reading,
				     min(client->terms.deadline_ms,
					 VMGL_HB_STALL_LEAVES_MS));
		client->expires = max(client->expires, least);
	}
}

static void vmgl_hb_advance_clock(struct vmgl_heartbeat *hb)
{
	struct vmgl_hb_clock *clock = &hb->clock;
	ktime_t now = ktime_get();
	ktime_t stood_still = ktime_sub(now, vmgl_hb_too_late(clock));

	clock->reading = vmgl_hb_read_clock(hb, now);
	clock->ticked = now;
	/*
	 * vmgl_hb_tick() may release the lock before it plans the next tick.  If the clock were
	 * still limited by the old due time, a beat would then read a time before this tick.
	 */
	clock->due = now;
	if (clock->runs && stood_still > 0)
		vmgl_hb_settle_stall(hb, stood_still);
}

/*
 * Queues the next tick, if the clock runs.  The tick is due after VMGL_HB_TICK_MS, after
 * a quarter of the shortest deadline, or when the next client expires, whichever is
 * first.
 */
static void vmgl_hb_plan_tick(struct vmgl_heartbeat *hb)
{
	struct vmgl_hb_clock *clock = &hb->clock;
	ktime_t wait = ms_to_ktime(VMGL_HB_TICK_MS);
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	vmgl_hb_set_clock(hb);
	/* The clock's thread need not be woken, because it is the calling thread. */
	hb->kick_clock = false;
	if (!clock->runs)
		return;
	list_for_each_entry(client, &hb->clients, entry) {
		if (!vmgl_hb_has_deadline(hb, client))
			continue;
		wait = min(wait, ms_to_ktime(client->terms.deadline_ms /
					     VMGL_HB_TICKS));
		wait = min(wait, ktime_sub(client->expires, clock->reading));
	}
	clock->due = ktime_add(clock->ticked, wait);
	kthread_queue_delayed_work(clock->worker, &clock->tick,
				   nsecs_to_jiffies(wait) + 1);
}

/* Returns a client that has missed its deadline, or NULL. */
static struct vmgl_heartbeat_client *vmgl_hb_overdue(struct vmgl_heartbeat *hb)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	if (!hb->clock.runs)
		return NULL;
	list_for_each_entry(client, &hb->clients, entry)
		if (vmgl_hb_has_deadline(hb, client) &&
		    client->expires <= hb->clock.reading)
			return client;
	return NULL;
}

/*
 * Tick the clock, and let all clients that have missed their deadlines expire.  The clock
 * advances only once for all of them.  If it advanced again after each report, a report to
 * a slow console would count as a stall, and delay the next expiry.
 *
 * If there was an interruption, see vmgl_hb_interruptions(), this function also wakes the
 * worker, because the threads that count interruptions do not wake it.
 */
void vmgl_hb_tick(struct kthread_work *work)
{
	struct vmgl_heartbeat *hb = container_of(work, struct vmgl_heartbeat,
						 clock.tick.work);
	struct vmgl_heartbeat_terms expired;
	struct vmgl_heartbeat_client *client;

	vmgl_hb_lock(hb);
	vmgl_hb_advance_clock(hb);
	while ((client = vmgl_hb_overdue(hb))) {
		expired = client->terms;
		vmgl_hb_expire(hb, client);
		vmgl_hb_unlock(hb);
		vmgl_hb_report(&expired);
		vmgl_hb_lock(hb);
	}
	vmgl_hb_plan_tick(hb);
	hb->kick |= hb->enabled == VMGL_HB_ENABLED &&
		    vmgl_hb_interruptions(hb) != hb->interruptions;
	vmgl_hb_unlock(hb);
}

/* --- the list ------------------------------------------------------------------- */

/* Add a client to the list, and start its deadline. */
void vmgl_hb_attach(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	__module_get(THIS_MODULE);
	list_add_tail(&client->entry, &hb->clients);
	vmgl_hb_restart(hb, client);
	vmgl_hb_set_clock(hb);
	hb->kick = true;
}

/* Remove a client from the list, and free it unless it is ``api``. */
void vmgl_hb_detach(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	list_del_init(&client->entry);
	if (client->owner)
		client->owner->client = NULL;
	client->owner = NULL;
	if (client->arming)
		client->arming->client = NULL;
	client->arming = NULL;
	if (client != &hb->api)
		kfree(client);
	module_put(THIS_MODULE);
	hb->kick = true;
}

/*
 * Arm a pending client.  If @error is not 0, remove the client instead.  @error becomes
 * the result of the call that waits for the client.
 */
void vmgl_hb_resolve(struct vmgl_heartbeat *hb,
		     struct vmgl_heartbeat_client *client, int error)
{
	struct vmgl_hb_call *call = client->arming;

	lockdep_assert_held(&hb->lock);

	call->result = error;
	if (error) {
		vmgl_hb_detach(hb, client);
		return;
	}
	call->client = NULL;
	client->arming = NULL;
	client->stage = VMGL_HB_ARMED;
	vmgl_hb_restart(hb, client);
	vmgl_hb_set_clock(hb);
}

/*
 * Call vmgl_hb_resolve() for all pending clients, or only for those with
 * terms.exclusive if @exclusive_only.  Return whether pending clients are left.
 */
bool vmgl_hb_resolve_pending(struct vmgl_heartbeat *hb, int error,
			     bool exclusive_only)
{
	struct vmgl_heartbeat_client *client, *next;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry_safe(client, next, &hb->clients, entry)
		if (client->stage == VMGL_HB_PENDING &&
		    (!exclusive_only || client->terms.exclusive))
			vmgl_hb_resolve(hb, client, error);
	return vmgl_hb_any(hb, VMGL_HB_PENDING);
}

/*
 * Let a client expire, so that no more heartbeats are sent.
 *
 * The caller calls vmgl_hb_report() after it has released the lock, because writing to a
 * console is slow.
 */
void vmgl_hb_expire(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	/* The first expiry allows one more Enable for the status gray, see vmgl_hb_look(). */
	if (!vmgl_hb_any(hb, VMGL_HB_EXPIRED))
		hb->gray_answered = false;
	client->stage = VMGL_HB_EXPIRED;
	hb->missed++;
	strscpy(hb->last_missed, client->terms.name, sizeof(hb->last_missed));
	if (client->owner && client->owner->events)
		vmgl_event_client_raise(hb->events, client->owner->events,
					VMGUESTLIB_EVENT_EXPIRED);
	hb->kick = true;
}

/* Log the expiry of a client with the parameters @expired; called without the lock. */
void vmgl_hb_report(const struct vmgl_heartbeat_terms *expired)
{
	bool asks = expired->action == VMGUESTLIB_HEARTBEAT_NEED_RESET;

	pr_warn_ratelimited("heartbeat client %s expired, no more heartbeats%s: vSphere HA may reset this machine until the client is armed again or cleared\n",
			    expired->name, asks ? ", reset requested" : "");
}
