// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The heartbeat arbiter: the steps of the worker, and when each step is due.
 *
 * A step is one request, or a few that belong together.  vmgl_hb_next_step() chooses the
 * most urgent step that is due: beats come first (here: MarkActives that are sent to the
 * host), then posts of the application state and Enable, and calls of the SDK come last.
 * A beat therefore waits for at most one step.  Many calls of the SDK delay neither beats
 * nor the post of need-reset after an expiry.
 *
 * As in heartbeat.c, "the host is enabled" means that monitoring at the host is enabled.
 *
 * A step that has failed is skipped until the retry time, which all failed steps share.
 */
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "heartbeat_private.h"

/*
 * This time in ms has two uses.  After interruptions, the status is checked at most once
 * within it.  When vmgl_hb_next_wake() waits for the end of a pause or for an interruption,
 * the worker sleeps at most for this time.  The timer of a delayed work item can be late by
 * 1/8 of its delay, so one sleep for a whole pause of a day could end 3 h late.
 */
#define VMGL_HB_LOOK_MS		1000

/* Shortest delay before a retry, in ms */
#define VMGL_HB_RETRY_MS	1000U

/* --- the next step -------------------------------------------------------------- */

/* Returns whether monitoring at the host should be enabled. */
static bool vmgl_hb_is_wanted(const struct vmgl_heartbeat *hb)
{
	return !vmgl_hb_is_resting(hb) && !list_empty(&hb->clients);
}

/* Returns false if @step has failed and waits for the retry time. */
static bool vmgl_hb_may(const struct vmgl_heartbeat *hb, enum vmgl_hb_step step)
{
	return !(hb->failed & BIT(step));
}

/*
 * Return whether the arbiter sends beats by itself.  While ``api`` is the only client,
 * the arbiter sends only the beats that programs request, and that of
 * vmgl_hb_open_window().  While a failed Enable waits for its retry, the arbiter still
 * sends beats, because the host may be enabled.
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

/* Returns whether the host has, or may have, another application state than @state. */
static bool vmgl_hb_differs(const struct vmgl_heartbeat *hb,
			    enum vmgl_app_state state)
{
	if (hb->post_lost)
		return true;
	/* Before the first post, there is no need-reset to withdraw. */
	if (hb->posted == VMGL_APP_STATE_NONE)
		return state != VMGL_APP_STATE_OK;
	return state != hb->posted;
}

/*
 * Return the application state to post, or VMGL_APP_STATE_NONE.  During a pause the state
 * is OK, because a host that has accepted need-reset could otherwise reset the machine
 * during the pause.
 */
enum vmgl_app_state vmgl_hb_state_due(const struct vmgl_heartbeat *hb)
{
	bool is_down = hb->is_suspended || hb->is_stopped;
	enum vmgl_app_state state = VMGL_APP_STATE_OK;

	if (!hb->pause_until && vmgl_hb_needs_reset(hb))
		state = VMGL_APP_STATE_NEED_RESET;
	if (!hb->post_known || is_down)
		return VMGL_APP_STATE_NONE;
	/* Enable comes first, because a host may forget the state when it is enabled. */
	if (hb->enabled != VMGL_HB_ENABLED && vmgl_hb_is_wanted(hb) &&
	    vmgl_hb_may(hb, VMGL_HB_ENABLE))
		return VMGL_APP_STATE_NONE;
	/* Repeat an unchanged state only after the check of the status, or if it has failed. */
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
 * Returns whether to check the status.  After an interruption (a lost channel or
 * connection, a failover, or a checkpoint) the status is checked at most once per second.
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
 * Returns whether a call can be served now.  ARM waits until its client is armed or
 * removed, and OFF until the host is known not to be enabled.
 */
static bool vmgl_hb_can_be_served(const struct vmgl_heartbeat *hb,
				  const struct vmgl_hb_call *call)
{
	if (call->op == VMGL_HB_OP_ARM)
		return !call->client;
	return call->op != VMGL_HB_OP_OFF || hb->enabled == VMGL_HB_NOT;
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

/* Return when the worker has to wake up, or KTIME_MAX if it sleeps until a task wakes it. */
ktime_t vmgl_hb_next_wake(const struct vmgl_heartbeat *hb, ktime_t now)
{
	ktime_t wake = hb->failed ? hb->retry_at : KTIME_MAX;
	s64 wait_ns = VMGL_HB_LOOK_MS * NSEC_PER_MSEC;

	lockdep_assert_held(&hb->lock);

	if (vmgl_hb_may(hb, VMGL_HB_FORMER) && hb->former_at)
		wake = min(wake, hb->former_at);
	if (hb->pause_until) {
		/* Without clients, only need-reset has to be posted after the pause. */
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
	/* Without an armed client the clock does not tick, so look for interruptions here. */
	if (hb->recheck || !vmgl_hb_any(hb, VMGL_HB_ARMED))
		wake = min(wake, ktime_add_ns(now, wait_ns));
	if (vmgl_hb_may(hb, VMGL_HB_LOOK))
		wake = min(wake, hb->next_status);
	return wake;
}

/* --- results of a step ----------------------------------------------------------- */

/* Store the result of a step, and the time of the next retry if the step has failed. */
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

/* Treat the state of the host as unknown: it may have forgotten that it was enabled. */
void vmgl_hb_forget(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	hb->is_doubted = true;
	hb->enabled = VMGL_HB_UNKNOWN;
	hb->post_again = true;
	hb->kick = true;
}
