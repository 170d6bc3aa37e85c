// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The heartbeat arbiter: the choice of the worker's next step, and the time at which the
 * worker wakes up.  heartbeat_host.c has the steps.
 *
 * A step makes one request or several.  For example, the step VMGL_HB_ENABLE can make the
 * requests IsEnabled, Enable and MarkActive.  vmgl_hb_next_step() chooses the most urgent
 * step that is due.  The step VMGL_HB_BEAT comes first, so its heartbeat waits for at most
 * one other step.  Posts of the application state come next, but a due Enable is sent
 * before a post.  Calls of the vSphere Guest SDK come last, so that many of them delay
 * neither heartbeats nor the post of need-reset after an expiry.
 *
 * As in heartbeat.c, "the host is enabled" means that monitoring at the host is enabled.
 *
 * A step that has failed is skipped until the retry time, which all failed steps share, or
 * until vmgl_hb_retry_now().
 */
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "heartbeat_private.h"

/*
 * Shortest time from one check of the status to the next requested check, in ms.  Also the
 * longest sleep of the worker while it has to find the end of a pause, or interruptions.
 * The timer of a delayed work item can be late by 1/8 of its delay, so one sleep for a
 * whole pause of a day could end 3 h late.
 */
#define VMGL_HB_LOOK_MS		1000

/* Shortest time from the first failure to the retry of all failed steps, in ms */
#define VMGL_HB_RETRY_MS	1000U

/* --- the next step -------------------------------------------------------------- */

/* Returns whether monitoring at the host should be enabled. */
bool vmgl_hb_is_wanted(const struct vmgl_heartbeat *hb)
{
	return !vmgl_hb_is_resting(hb) && !list_empty(&hb->clients);
}

/* Returns false if @step has failed and waits for the retry time. */
static bool vmgl_hb_may(const struct vmgl_heartbeat *hb, enum vmgl_hb_step step)
{
	return !(hb->failed & BIT(step));
}

/*
 * Return whether the arbiter sends heartbeats by itself, without a MarkActive of a program.
 * It does so if it does not rest, the host is enabled, no client has expired, and there are
 * clients other than ``api``.  If the state of the host is unknown and Enable has failed,
 * heartbeats go on until the retry of Enable, because the host may be enabled.
 * vmgl_hb_open_window() sends its heartbeat regardless of this function.
 */
bool vmgl_hb_should_beat(const struct vmgl_heartbeat *hb)
{
	return vmgl_hb_is_wanted(hb) && vmgl_hb_has_others(hb) &&
	       !vmgl_hb_any(hb, VMGL_HB_EXPIRED) &&
	       (hb->enabled == VMGL_HB_ENABLED ||
		(hb->enabled == VMGL_HB_UNKNOWN &&
		 !vmgl_hb_may(hb, VMGL_HB_ENABLE)));
}

bool vmgl_hb_needs_reset(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HB_EXPIRED &&
		    client->terms.action == VMGUESTLIB_HEARTBEAT_NEED_RESET)
			return true;
	return hb->api_state == VMGL_APP_STATE_NEED_RESET;
}

/* Returns whether the application state at the host differs, or may differ, from @state. */
static bool vmgl_hb_differs(const struct vmgl_heartbeat *hb,
			    enum vmgl_app_state state)
{
	if (hb->post_lost)
		return true;
	/* This boot has posted no state, so OK would withdraw no need-reset of this boot. */
	if (hb->posted == VMGL_APP_STATE_NONE)
		return state != VMGL_APP_STATE_OK;
	return state != hb->posted;
}

/*
 * Return the application state to post now, or VMGL_APP_STATE_NONE if no post is due.
 * During a pause the state is OK, because a host that has accepted need-reset could
 * otherwise reset the machine during the pause.
 */
enum vmgl_app_state vmgl_hb_state_due(const struct vmgl_heartbeat *hb)
{
	bool is_down = hb->is_suspended || hb->is_stopped;
	enum vmgl_app_state state = VMGL_APP_STATE_OK;

	if (!hb->pause_until && vmgl_hb_needs_reset(hb))
		state = VMGL_APP_STATE_NEED_RESET;
	if (!hb->post_known || is_down)
		return VMGL_APP_STATE_NONE;
	/* Send Enable first, because a host may forget the application state at Enable. */
	if (hb->enabled != VMGL_HB_ENABLED && vmgl_hb_is_wanted(hb) &&
	    vmgl_hb_may(hb, VMGL_HB_ENABLE))
		return VMGL_APP_STATE_NONE;
	/*
	 * Before an unchanged state is posted again, a requested check of the status is made,
	 * because Enable is sent before the post if the status is gray.  If the check fails,
	 * the post does not wait for another check.
	 */
	if (hb->post_again && hb->enabled == VMGL_HB_ENABLED &&
	    !(hb->recheck && vmgl_hb_may(hb, VMGL_HB_LOOK)))
		return state;
	return vmgl_hb_differs(hb, state) ? state : VMGL_APP_STATE_NONE;
}

/*
 * Request a check of the status, and another post of the application state, because the
 * machine may have been moved to a host that does not know the state.
 */
void vmgl_hb_doubt(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	hb->is_doubted = true;
	hb->recheck = true;
	hb->gray_answered = false;
	hb->open_failures = 0;
	hb->post_known = true;
	hb->post_again |= hb->posted != VMGL_APP_STATE_NONE;
	hb->kick = true;
}

/*
 * Returns whether a check of the status is due.  If there was an interruption (a lost
 * channel or connection, a failover, or a checkpoint), this function first requests a check
 * by vmgl_hb_doubt().  Requested checks are made at most once per second.
 */
static bool vmgl_hb_should_look(struct vmgl_heartbeat *hb, ktime_t now)
{
	if (!vmgl_hb_is_wanted(hb) || hb->enabled != VMGL_HB_ENABLED)
		return false;
	if (vmgl_hb_interruptions(hb) != hb->interruptions) {
		hb->interruptions = vmgl_hb_interruptions(hb);
		vmgl_hb_doubt(hb);
	}
	return now >= hb->next_status ||
	       (hb->recheck &&
		now >= ktime_add_ms(hb->looked_at, VMGL_HB_LOOK_MS));
}

/*
 * Returns whether a call can be served now.  VMGL_HB_OP_ARM waits until its client is armed
 * or removed.  VMGL_HB_OP_OFF waits while the host is or may be enabled, and while the check
 * for an earlier boot is due.  No other call waits.
 */
static bool vmgl_hb_can_be_served(const struct vmgl_heartbeat *hb,
				  const struct vmgl_hb_call *call)
{
	if (call->op == VMGL_HB_OP_ARM)
		return !call->client;
	return call->op != VMGL_HB_OP_OFF ||
	       (hb->enabled == VMGL_HB_NOT &&
		!(hb->former_at && hb->former_at <= ktime_get()));
}

struct vmgl_hb_call *vmgl_hb_next_call(struct vmgl_heartbeat *hb)
{
	struct vmgl_hb_call *call;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(call, &hb->calls, entry)
		if (vmgl_hb_can_be_served(hb, call))
			return call;
	return NULL;
}

enum vmgl_hb_step vmgl_hb_next_step(struct vmgl_heartbeat *hb, ktime_t now)
{
	bool is_wanted = vmgl_hb_is_wanted(hb);

	lockdep_assert_held(&hb->lock);

	if (now >= hb->retry_at)
		hb->failed = 0;
	if (vmgl_hb_may(hb, VMGL_HB_BEAT) && vmgl_hb_should_beat(hb) &&
	    now >= hb->next_beat)
		return VMGL_HB_BEAT;
	if (vmgl_hb_may(hb, VMGL_HB_POST) &&
	    vmgl_hb_state_due(hb) != VMGL_APP_STATE_NONE)
		return VMGL_HB_POST;
	if (vmgl_hb_may(hb, VMGL_HB_ENABLE) && is_wanted &&
	    hb->enabled != VMGL_HB_ENABLED)
		return VMGL_HB_ENABLE;
	if (vmgl_hb_may(hb, VMGL_HB_DISABLE) && !is_wanted &&
	    hb->enabled != VMGL_HB_NOT)
		return VMGL_HB_DISABLE;
	if (vmgl_hb_may(hb, VMGL_HB_LOOK) && vmgl_hb_should_look(hb, now))
		return VMGL_HB_LOOK;
	if (vmgl_hb_may(hb, VMGL_HB_FORMER) && hb->former_at &&
	    now >= hb->former_at)
		return VMGL_HB_FORMER;
	return vmgl_hb_next_call(hb) ? VMGL_HB_SERVE : VMGL_HB_NOTHING;
}

/* Return when the worker has to wake up, or KTIME_MAX if it sleeps until it is woken. */
ktime_t vmgl_hb_next_wake(const struct vmgl_heartbeat *hb, ktime_t now)
{
	ktime_t wake = hb->failed ? hb->retry_at : KTIME_MAX;
	s64 wait_ns = VMGL_HB_LOOK_MS * NSEC_PER_MSEC;

	lockdep_assert_held(&hb->lock);

	if (vmgl_hb_may(hb, VMGL_HB_FORMER) && hb->former_at)
		wake = min(wake, hb->former_at);
	if (hb->pause_until) {
		/* Without clients, the end of the pause matters only if need-reset is due then. */
		if (list_empty(&hb->clients) && !vmgl_hb_needs_reset(hb))
			return wake;
		wait_ns = min_t(s64, wait_ns, hb->pause_until -
					      ktime_get_boottime_ns());
		return min(wake, ktime_add_ns(now, wait_ns));
	}
	if (vmgl_hb_may(hb, VMGL_HB_BEAT) && vmgl_hb_should_beat(hb))
		wake = min(wake, hb->next_beat);
	if (!vmgl_hb_is_wanted(hb) || hb->enabled != VMGL_HB_ENABLED)
		return wake;
	/*
	 * Without an armed client the clock does not tick, so the worker has to wake up to find
	 * interruptions.
	 */
	if (hb->recheck || !vmgl_hb_any(hb, VMGL_HB_ARMED))
		wake = min(wake, ktime_add_ns(now, wait_ns));
	if (vmgl_hb_may(hb, VMGL_HB_LOOK))
		wake = min(wake, hb->next_status);
	return wake;
}

/* --- results of a step ----------------------------------------------------------- */

/*
 * Store the result of a step.  If the step has failed, and no step waits for a retry yet,
 * set the time of the retry.
 */
void vmgl_hb_note(struct vmgl_heartbeat *hb, enum vmgl_hb_step step, int error)
{
	u32 longest_ms = vmgl_hb_is_wanted(hb) ? VMGL_HB_RETRY_MS :
						 VMGL_HB_RETRY_MAX_MS;

	lockdep_assert_held(&hb->lock);

	if (!error) {
		hb->failed &= ~BIT(step);
		if (!hb->failed)
			hb->retry_ms = 0;
		return;
	}
	if (!hb->failed) {
		hb->retry_ms = clamp(2 * hb->retry_ms, VMGL_HB_RETRY_MS,
				     longest_ms);
		hb->retry_at = ktime_add_ms(ktime_get(), hb->retry_ms);
	}
	hb->failed |= BIT(step);
}

/*
 * Set the state of the host to unknown, and request another post of the application state.
 * The host may have forgotten that it was enabled, or may have served a request whose
 * answer was lost.
 */
void vmgl_hb_forget(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	hb->is_doubted = true;
	hb->enabled = VMGL_HB_UNKNOWN;
	hb->post_again = true;
	hb->kick = true;
}
