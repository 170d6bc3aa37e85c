// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The heartbeat arbiter: requests to the host.  heartbeat.c explains the arbiter.
 *
 * One thread, the worker, makes all requests, one at a time.  It works in steps.  A step
 * is one request, or a few that belong together.  vmgl_hb_next_step() chooses the most
 * urgent step that is due.  A beat (here: a MarkActive that is sent to the host)
 * therefore waits for at most one step, and many calls of the SDK do not delay the
 * requests of an expiry.  The worker holds the lock while it chooses a step or stores a
 * result, but not during a request.
 *
 * A step that has failed is skipped until the retry time, which all failed steps share.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "appmon.h"
#include "events.h"
#include "heartbeat_private.h"

/*
 * Longest sleep of the worker during a pause, and shortest time between two checks of the
 * status after interruptions, in ms.  The sleep is short because the timer of a delayed
 * work item can be late by 1/8 of its delay, which is 3 h for a pause of a day.
 */
#define VMGL_HB_LOOK_MS		1000

/* Delay before a retry, in ms.  The delay grows only while the host need not be enabled. */
#define VMGL_HB_RETRY_MS	1000U
#define VMGL_HB_RETRY_MAX_MS	60000U

/* Sleep between two steps, in us.  Other tasks of the same priority run meanwhile. */
#define VMGL_HB_PAUSE_US	50

/* Steps of the worker, the most urgent first */
enum vmgl_hb_step {
	VMGL_HB_BEAT,		/* send a heartbeat */
	VMGL_HB_POST,		/* post the application state */
	VMGL_HB_ENABLE,		/* enable the host */
	VMGL_HB_DISABLE,	/* disable the host */
	VMGL_HB_LOOK,		/* check the host's status */
	VMGL_HB_FORMER,		/* check whether an earlier boot left the host enabled */
	VMGL_HB_SERVE,		/* serve a call that waits */
	VMGL_HB_NOTHING,	/* no step is due */
};

/* --- the next step -------------------------------------------------------------- */

/* Returns whether the host should be enabled. */
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
 * Returns whether the arbiter sends beats by itself.  While ``api`` is the only client,
 * the arbiter sends only the beats that programs request.  While a failed Enable waits
 * for its retry, the arbiter still sends beats, because the host may be enabled.
 */
static bool vmgl_hb_should_beat(const struct vmgl_heartbeat *hb)
{
	return vmgl_hb_is_wanted(hb) && vmgl_hb_has_others(hb) &&
	       !vmgl_hb_any(hb, VMGL_HB_EXPIRED) &&
	       (hb->enabled == VMGL_HB_ENABLED ||
		(hb->enabled == VMGL_HB_UNKNOWN &&
		 !vmgl_hb_may(hb, VMGL_HB_ENABLE)));
}

static bool vmgl_hb_needs_reset(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HB_EXPIRED &&
		    client->terms.action == VMGUESTLIB_HEARTBEAT_NEED_RESET)
			return true;
	return hb->api_state == VMGL_APP_STATE_NEED_RESET;
}

/*
 * Returns the application state to post, or VMGL_APP_STATE_NONE.  OK is due only if the
 * host has accepted need-reset before, or if the host may have forgotten the state.
 */
static enum vmgl_app_state
vmgl_hb_state_due(const struct vmgl_heartbeat *hb)
{
	enum vmgl_app_state state = vmgl_hb_needs_reset(hb) ?
				    VMGL_APP_STATE_NEED_RESET :
				    VMGL_APP_STATE_OK;

	if (!hb->post_known || vmgl_hb_is_resting(hb))
		return VMGL_APP_STATE_NONE;
	/* Enable comes first, because a host may forget the state when it is enabled. */
	if (hb->enabled == VMGL_HB_UNKNOWN && !list_empty(&hb->clients) &&
	    vmgl_hb_may(hb, VMGL_HB_ENABLE))
		return VMGL_APP_STATE_NONE;
	if (hb->post_again && !hb->recheck &&
	    hb->enabled == VMGL_HB_ENABLED)
		return state;
	if (state == hb->posted ||
	    (state == VMGL_APP_STATE_OK && hb->posted == VMGL_APP_STATE_NONE))
		return VMGL_APP_STATE_NONE;
	return state;
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
	hb->post_known = true;
	hb->post_again |= hb->posted != VMGL_APP_STATE_NONE;
	hb->kick = true;
}

/* Returns whether to check the status.  After interruptions, once per second is enough. */
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

/* Returns whether a call can be served now.  ARM and OFF have to wait for a condition. */
static bool vmgl_hb_can_be_served(const struct vmgl_heartbeat *hb,
				  const struct vmgl_hb_call *call)
{
	if (call->op == VMGL_HB_OP_ARM)
		return !call->client;
	return call->op != VMGL_HB_OP_OFF || hb->enabled == VMGL_HB_NOT;
}

static struct vmgl_hb_call *vmgl_hb_next_call(struct vmgl_heartbeat *hb)
{
	struct vmgl_hb_call *call;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(call, &hb->calls, entry)
		if (vmgl_hb_can_be_served(hb, call))
			return call;
	return NULL;
}

static enum vmgl_hb_step vmgl_hb_next_step(struct vmgl_heartbeat *hb,
					   ktime_t now)
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

/* Returns when the worker has to wake up, or KTIME_MAX if another thread has to wake it. */
static ktime_t vmgl_hb_next_wake(const struct vmgl_heartbeat *hb, ktime_t now)
{
	ktime_t wake = hb->failed ? hb->retry_at : KTIME_MAX;
	s64 wait_ns = VMGL_HB_LOOK_MS * NSEC_PER_MSEC;

	lockdep_assert_held(&hb->lock);

	if (vmgl_hb_may(hb, VMGL_HB_FORMER) && hb->former_at)
		wake = min(wake, hb->former_at);
	if (hb->pause_until) {
		wait_ns = min_t(s64, wait_ns, hb->pause_until -
					      ktime_get_boottime_ns());
		return list_empty(&hb->clients) ? wake :
		       min(wake, ktime_add_ns(now, wait_ns));
	}
	if (vmgl_hb_may(hb, VMGL_HB_BEAT) && vmgl_hb_should_beat(hb))
		wake = min(wake, hb->next_beat);
	if (!vmgl_hb_is_wanted(hb) || hb->enabled != VMGL_HB_ENABLED)
		return wake;
	/* The tick that checks for interruptions runs only while a client is armed. */
	if (hb->recheck || !vmgl_hb_any(hb, VMGL_HB_ARMED))
		wake = min(wake, ktime_add_ns(now, wait_ns));
	if (vmgl_hb_may(hb, VMGL_HB_LOOK))
		wake = min(wake, hb->next_status);
	return wake;
}

/* --- results of a step ----------------------------------------------------------- */

/* Let the worker try failed steps again at once. */
void vmgl_hb_retry_now(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	hb->failed = 0;
	hb->retry_ms = 0;
	hb->kick = true;
}

/* Stores the result of a step, and the time of the next retry if the step has failed. */
static void vmgl_hb_note(struct vmgl_heartbeat *hb, enum vmgl_hb_step step,
			 int error)
{
	u32 longest_ms = vmgl_hb_is_wanted(hb) ? VMGL_HB_RETRY_MS :
						 VMGL_HB_RETRY_MAX_MS;
	ktime_t retry_at;

	lockdep_assert_held(&hb->lock);

	if (!error) {
		hb->failed &= ~BIT(step);
		if (!hb->failed)
			hb->retry_ms = 0;
		return;
	}
	if (!hb->failed)
		hb->retry_ms *= 2;
	hb->retry_ms = clamp(hb->retry_ms, VMGL_HB_RETRY_MS, longest_ms);
	/* A beat must not wait for the long delay of a step that failed before. */
	retry_at = ktime_add_ms(ktime_get(), hb->retry_ms);
	if (!hb->failed || retry_at < hb->retry_at)
		hb->retry_at = retry_at;
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

/* Closes the channel if the arbiter is idle, because a VM has only a few channels. */
static void vmgl_hb_release_channel(struct vmgl_heartbeat *hb)
{
	bool is_idle;

	vmgl_hb_lock(hb);
	is_idle = list_empty(&hb->clients) && hb->enabled == VMGL_HB_NOT;
	vmgl_hb_unlock(hb);

	if (is_idle)
		vmgl_rpc_close(hb->rpc);
}

/* Sends a beat, and plans the next one. */
static int vmgl_hb_mark_active(struct vmgl_heartbeat *hb)
{
	u32 interval_ms = hb->window_ms / VMGL_HB_BEATS_PER_WINDOW;
	ktime_t planned;
	int ret;

	ret = vmgl_appmon_command(hb->rpc, &hb->reply, VMGL_APPMON_MARK_ACTIVE);

	vmgl_hb_lock(hb);
	if (!ret) {
		hb->last_beat = ktime_get();
		/* Timers can be late by 1/8 of the delay.  The errors must not add up. */
		planned = clamp(hb->next_beat,
				ktime_sub_ms(hb->last_beat, interval_ms / 8),
				hb->last_beat);
		hb->next_beat = ktime_add_ms(planned, interval_ms);
		hb->gray_answered = false;
	} else if (ret == -EACCES) {
		vmgl_hb_forget(hb);
	} else {
		hb->recheck = true;
	}
	vmgl_hb_unlock(hb);
	return ret;
}

/* --- the steps ------------------------------------------------------------------ */

/*
 * Posts the application state.  The SDK's guides have two spellings of each state, and no
 * public source says which one a host accepts.  This function tries @word, if @word is not
 * NULL, and then both spellings, until the host accepts one.
 */
static int vmgl_hb_post_word(struct vmgl_heartbeat *hb,
			     enum vmgl_app_state state, const char *word)
{
	bool needs_reset = state == VMGL_APP_STATE_NEED_RESET;
	int ret = -EINVAL;

	if (word)
		ret = vmgl_appmon_post_state(hb->rpc, &hb->reply, word);
	if (ret == -EINVAL)
		ret = vmgl_appmon_post_state(hb->rpc, &hb->reply,
					     needs_reset ? "needReset" : "OK");
	if (ret == -EINVAL)
		ret = vmgl_appmon_post_state(hb->rpc, &hb->reply,
					     needs_reset ?
					     "appStateNeedReset" :
					     "appStateOk");
	if (ret)
		return ret;

	vmgl_hb_lock(hb);
	hb->posted = state;
	if (hb->enabled != VMGL_HB_UNKNOWN)
		hb->post_again = hb->is_doubted;
	vmgl_hb_unlock(hb);
	return 0;
}

/*
 * Posts the state that is due.  If the host does not know PostAppState, this step is not
 * due again until the next Enable or a sign that the machine was moved.  A host that gets
 * no need-reset can reset the machine later, because beats are missing.
 */
static int vmgl_hb_post(struct vmgl_heartbeat *hb)
{
	enum vmgl_app_state state;
	bool is_known;
	int ret;

	vmgl_hb_lock(hb);
	state = vmgl_hb_state_due(hb);
	vmgl_hb_unlock(hb);
	if (state == VMGL_APP_STATE_NONE)
		return 0;

	ret = vmgl_hb_post_word(hb, state, NULL);
	is_known = ret != -EOPNOTSUPP && ret != -EINVAL;
	if (ret)
		pr_warn_ratelimited("cannot post the application state %s to the host: error %pe%s\n",
				    state == VMGL_APP_STATE_OK ? "OK" : "needReset",
				    ERR_PTR(ret), is_known ? "; trying again" : "");
	if (!is_known) {
		vmgl_hb_lock(hb);
		hb->post_known = hb->is_doubted;
		vmgl_hb_unlock(hb);
	}
	return ret;
}

/*
 * Asks the host, before the first client is armed, whether another program has enabled it.
 * The answer is ignored if the host may have served an earlier Enable of the arbiter.
 * Returns 0; -EBUSY if another program has enabled the host and all pending clients were
 * exclusive; or the error of the request.
 */
static int vmgl_hb_prepare_first(struct vmgl_heartbeat *hb)
{
	bool was_enabled = false;
	bool is_first;
	int ret = 0;

	vmgl_hb_lock(hb);
	is_first = !vmgl_hb_any(hb, VMGL_HB_ARMED) &&
		   !vmgl_hb_any(hb, VMGL_HB_EXPIRED);
	vmgl_hb_unlock(hb);
	if (!is_first)
		return 0;

	ret = vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				     &was_enabled);
	if (ret)
		return ret;
	vmgl_hb_lock(hb);
	if (hb->enabled != VMGL_HB_NOT)
		was_enabled = false;
	/* If a rest has begun meanwhile, vmgl_hb_begin_rest() has armed pending clients. */
	if (was_enabled && !vmgl_hb_resolve_pending(hb, -EBUSY, true) &&
	    !vmgl_hb_any(hb, VMGL_HB_ARMED))
		ret = -EBUSY;
	else
		hb->found_enabled = was_enabled;
	vmgl_hb_unlock(hb);
	return ret;
}

static bool vmgl_hb_host_says_enabled(struct vmgl_heartbeat *hb)
{
	bool enabled = false;

	return !vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				       &enabled) && enabled;
}

/* Returns whether the host may have served a request that has failed with @error. */
static bool vmgl_hb_may_be_served(int error)
{
	return error == -EIO || error == -ETIMEDOUT || error == -EPROTO ||
	       error == -EMSGSIZE || error == -ENOMEM;
}

static int vmgl_hb_request_enable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_prepare_first(hb);

	if (ret)
		return ret;
	ret = vmgl_appmon_command(hb->rpc, &hb->reply, VMGL_APPMON_ENABLE);
	/* Some hosts answer a second Enable with an error. */
	if ((ret == -EINVAL || ret == -EREMOTEIO) &&
	    vmgl_hb_host_says_enabled(hb))
		ret = 0;

	vmgl_hb_lock(hb);
	if (!ret)
		hb->enabled = VMGL_HB_ENABLED;
	else if (vmgl_hb_may_be_served(ret))
		vmgl_hb_forget(hb);
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Sends one beat although a client has expired.  Some hosts start their window with the
 * first beat after Enable, and would never reset the machine without this beat.  If the
 * beat fails, Enable and the beat are therefore repeated.
 */
static int vmgl_hb_open_window(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_appmon_command(hb->rpc, &hb->reply,
				      VMGL_APPMON_MARK_ACTIVE);

	vmgl_hb_lock(hb);
	if (ret)
		vmgl_hb_forget(hb);
	else
		hb->last_beat = ktime_get();
	vmgl_hb_unlock(hb);
	return ret;
}

static int vmgl_hb_enable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_request_enable(hb);
	bool is_dead, is_left;

	vmgl_hb_lock(hb);
	vmgl_hb_resolve_pending(hb, ret, false);
	is_left = !list_empty(&hb->clients);
	is_dead = vmgl_hb_any(hb, VMGL_HB_EXPIRED);
	if (!ret) {
		hb->post_known = true;
		hb->post_again |= hb->posted != VMGL_APP_STATE_NONE;
		hb->recheck = hb->is_doubted;
		hb->former_at = 0;
		hb->interruptions = vmgl_hb_interruptions(hb);
		hb->next_beat = ktime_get();
		hb->next_status = ktime_add_ms(hb->next_beat, hb->window_ms);
	}
	if (ret && !is_left)
		hb->found_enabled = false;
	vmgl_hb_unlock(hb);

	if (ret && is_left)
		pr_warn_ratelimited("cannot enable heartbeats at the host: error %pe; trying again every second\n",
				    ERR_PTR(ret));
	if (!ret && is_dead)
		ret = vmgl_hb_open_window(hb);
	if (ret)
		vmgl_hb_release_channel(hb);
	return is_left ? ret : 0;
}

/*
 * Sends Disable.  If Disable fails, this function asks the host whether it is enabled,
 * because a host that still expects beats would reset the machine.  It returns the result
 * of Disable, and stores in @hb what is known about the host.
 */
static int vmgl_hb_request_disable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_appmon_command(hb->rpc, &hb->reply,
				      VMGL_APPMON_DISABLE);
	bool is_disabled = !ret || ret == -EACCES || ret == -EOPNOTSUPP;
	bool enabled = true;

	if (!is_disabled)
		is_disabled = !vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL,
						      &hb->reply, &enabled) &&
			      !enabled;

	vmgl_hb_lock(hb);
	hb->enabled = is_disabled ? VMGL_HB_NOT : VMGL_HB_UNKNOWN;
	if (is_disabled) {
		hb->last_beat = 0;
		hb->status[0] = '\0';
		if (list_empty(&hb->clients))
			hb->found_enabled = false;
	}
	vmgl_hb_unlock(hb);

	vmgl_hb_release_channel(hb);
	return ret;
}

static int vmgl_hb_disable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_request_disable(hb);
	bool is_done;

	vmgl_hb_lock(hb);
	is_done = hb->enabled == VMGL_HB_NOT;
	vmgl_hb_unlock(hb);
	if (is_done)
		return 0;
	pr_warn_ratelimited("cannot disable heartbeats at the host: error %pe; it may reset the machine\n",
			    ERR_PTR(ret));
	return ret;
}

/*
 * Returns whether @status ends with @colour, in any case of letters.  Hosts use several
 * spellings, such as gray, Gray and appStatusGray.
 */
static bool vmgl_hb_status_is(const char *status, const char *colour)
{
	size_t len = strlen(status), wanted = strlen(colour);

	return len >= wanted && !strcasecmp(status + len - wanted, colour);
}

/*
 * Checks the status of the host.  A host that has turned gray has forgotten that it
 * monitors this machine, and needs another Enable.  Without beats the host stays gray,
 * and each further Enable would delay a reset by another window.  The arbiter sends no
 * beats by itself if a client has expired or if ``api`` is the only client.  In these
 * cases it sends only one Enable until the host accepts a beat or the machine may have
 * been moved.
 */
static int vmgl_hb_look(struct vmgl_heartbeat *hb)
{
	char status[sizeof(hb->status)] = "";
	bool changed, is_gray;
	int ret;

	ret = vmgl_appmon_status(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply, status,
				 sizeof(status));
	is_gray = !ret && vmgl_hb_status_is(status, "gray");

	vmgl_hb_lock(hb);
	hb->looked_at = ktime_get();
	if (!ret || !vmgl_hb_may_be_served(ret)) {
		hb->recheck = hb->is_doubted;
		hb->next_status = ktime_add_ms(hb->looked_at, hb->window_ms);
	}
	changed = !ret && strcmp(hb->status, status);
	if (changed)
		strscpy(hb->status, status, sizeof(hb->status));
	if (is_gray && (vmgl_hb_should_beat(hb) || !hb->gray_answered))
		vmgl_hb_forget(hb);
	if (!ret)
		hb->gray_answered = is_gray;
	vmgl_hb_unlock(hb);

	if (changed)
		vmgl_events_status_changed(hb->events);
	return ret;
}

/*
 * Disables a host that expects the beats of an earlier boot.  Such a host could reset the
 * machine, for example during a file system check.  If the status is green now and one
 * window later, the host stays enabled, because a program sends beats without this
 * module.
 */
static int vmgl_hb_check_former(struct vmgl_heartbeat *hb)
{
	char status[VMGUESTLIB_APPMON_TEXT_SIZE] = "";
	bool is_enabled = false, is_green, is_lost, is_left;
	ktime_t now;
	int ret;

	ret = vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				     &is_enabled);
	if (is_enabled)
		ret = vmgl_appmon_status(hb->rpc, VMGL_PRIORITY_KERNEL,
					 &hb->reply, status, sizeof(status));
	is_green = vmgl_hb_status_is(status, "green");

	vmgl_hb_lock(hb);
	now = ktime_get();
	/* A host without an RPC server never answers, so the retries have to end. */
	is_lost = vmgl_hb_may_be_served(ret) &&
		  hb->retry_ms < VMGL_HB_RETRY_MAX_MS;
	if (!is_lost) {
		hb->former_at = is_enabled && is_green && !hb->looked_at ?
				ktime_add_ms(now, hb->window_ms) : 0;
		hb->looked_at = now;
	}
	is_left = !is_lost && is_enabled && !is_green &&
		  list_empty(&hb->clients);
	if (is_left)
		hb->enabled = VMGL_HB_UNKNOWN;
	vmgl_hb_unlock(hb);

	if (is_left)
		pr_notice("disabling heartbeats that an earlier boot has left enabled\n");

	vmgl_hb_release_channel(hb);
	return is_lost ? ret : 0;
}

/* --- the calls of the SDK ------------------------------------------------------- */

/*
 * Serves a Disable of the SDK.  If there is no other client, Disable is sent to the host,
 * and the caller gets the result.  While the arbiter rests, the worker disables the host
 * anyway, so this Disable is sent only if ``api`` was not a client.
 */
static int vmgl_hb_serve_disable(struct vmgl_heartbeat *hb)
{
	bool was_armed, goes_to_host;

	vmgl_hb_lock(hb);
	was_armed = vmgl_hb_is_listed(&hb->api);
	if (was_armed)
		vmgl_hb_detach(hb, &hb->api);
	goes_to_host = list_empty(&hb->clients) &&
		       !(was_armed && vmgl_hb_is_resting(hb));
	vmgl_hb_unlock(hb);

	return goes_to_host ? vmgl_hb_request_disable(hb) : 0;
}

/*
 * Serves a MarkActive of the SDK.  If ``api`` is the only client, MarkActive is sent to
 * the host, except during a rest.  If ``api`` is not a client, the error shows whether the
 * host knows application monitoring.
 */
static int vmgl_hb_serve_beat(struct vmgl_heartbeat *hb)
{
	bool is_armed, is_alone;
	bool enabled;

	vmgl_hb_lock(hb);
	is_armed = vmgl_hb_is_listed(&hb->api);
	is_alone = !vmgl_hb_has_others(hb) && !vmgl_hb_is_resting(hb);
	if (is_armed) {
		hb->api.stage = VMGL_HB_ARMED;
		vmgl_hb_restart(hb, &hb->api);
		vmgl_hb_set_clock(hb);
	}
	vmgl_hb_unlock(hb);

	if (is_armed)
		return is_alone ? vmgl_hb_mark_active(hb) : 0;
	return vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				      &enabled) == -EOPNOTSUPP ? -EOPNOTSUPP : -EACCES;
}

static int vmgl_hb_parse_state(const char *text, enum vmgl_app_state *state)
{
	if (!strcmp(text, "OK") || !strcmp(text, "appStateOk"))
		*state = VMGL_APP_STATE_OK;
	else if (!strcmp(text, "needReset") ||
		 !strcmp(text, "appStateNeedReset"))
		*state = VMGL_APP_STATE_NEED_RESET;
	else
		return -EINVAL;
	return 0;
}

/*
 * Serves a PostAppState of the SDK.  While an expired client needs a reset, OK is stored,
 * but not sent.  While the arbiter rests, no state is sent.
 */
static int vmgl_hb_serve_state(struct vmgl_heartbeat *hb, const char *text)
{
	enum vmgl_app_state state, before;
	bool is_noted;
	int ret;

	ret = vmgl_hb_parse_state(text, &state);
	if (ret)
		return ret;

	vmgl_hb_lock(hb);
	before = hb->api_state;
	hb->api_state = state;
	is_noted = vmgl_hb_is_resting(hb) ||
		   (state == VMGL_APP_STATE_OK && vmgl_hb_needs_reset(hb));
	vmgl_hb_unlock(hb);
	if (is_noted)
		return 0;

	ret = vmgl_hb_post_word(hb, state, text);
	if (!ret)
		return 0;
	vmgl_hb_lock(hb);
	hb->api_state = before;
	vmgl_hb_unlock(hb);
	return ret;
}

static int vmgl_hb_dispatch(struct vmgl_heartbeat *hb, u32 op, const char *text)
{
	switch (op) {
	case VMGUESTLIB_APPMON_DISABLE:
		return vmgl_hb_serve_disable(hb);
	case VMGUESTLIB_APPMON_MARK_ACTIVE:
		return vmgl_hb_serve_beat(hb);
	case VMGUESTLIB_APPMON_POST_STATE:
		return vmgl_hb_serve_state(hb, text);
	case VMGL_HB_OP_ARM:
	case VMGL_HB_OP_SYNC:
	case VMGL_HB_OP_OFF:
		return 0;
	}
	return -EINVAL;
}

/*
 * If the host refuses a beat of the SDK, the host may have forgotten that it was enabled.
 * The worker sends Enable or checks the status, and then repeats the beat once.
 */
static bool vmgl_hb_must_repeat(const struct vmgl_heartbeat *hb,
				const struct vmgl_hb_call *call, int error)
{
	return call->op == VMGUESTLIB_APPMON_MARK_ACTIVE && error &&
	       !vmgl_hb_may_be_served(error) && !call->repeated &&
	       vmgl_hb_is_listed(&hb->api);
}

static int vmgl_hb_serve(struct vmgl_heartbeat *hb)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	struct vmgl_hb_call *call;
	u32 op = VMGL_HB_OP_SYNC;
	int ret;

	vmgl_hb_lock(hb);
	call = vmgl_hb_next_call(hb);
	if (call) {
		op = call->op;
		strscpy(text, call->text, sizeof(text));
		list_del_init(&call->entry);
	}
	hb->serving = call;
	vmgl_hb_unlock(hb);

	ret = vmgl_hb_dispatch(hb, op, text);
	if (op < VMGL_HB_OP_ARM)
		vmgl_hb_release_channel(hb);

	/* If the wait of the caller has timed out meanwhile, serving is NULL. */
	vmgl_hb_lock(hb);
	call = hb->serving;
	hb->serving = NULL;
	if (call && vmgl_hb_must_repeat(hb, call, ret)) {
		call->repeated = true;
		list_add(&call->entry, &hb->calls);
	} else if (call) {
		if (call->op != VMGL_HB_OP_ARM)
			call->result = ret;
		complete(&call->done);
	}
	vmgl_hb_unlock(hb);
	return 0;
}

/* Add a call to those that the worker serves. */
void vmgl_hb_submit(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call)
{
	lockdep_assert_held(&hb->lock);

	init_completion(&call->done);
	list_add_tail(&call->entry, &hb->calls);
	hb->kick = true;
}

/*
 * Wait until a call is served, for at most VMGL_HB_TIMEOUT.  If the wait times out or is
 * interrupted, the worker does not begin to serve the call, and its client is removed.
 */
int vmgl_hb_wait(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call,
		 bool may_interrupt)
{
	bool is_served;
	long left;
	int ret;

	left = may_interrupt ?
	       wait_for_completion_interruptible_timeout(&call->done,
							 VMGL_HB_TIMEOUT) :
	       (long)wait_for_completion_timeout(&call->done, VMGL_HB_TIMEOUT);

	vmgl_hb_lock(hb);
	is_served = list_empty(&call->entry) && hb->serving != call;
	ret = left < 0 ? left : -ETIMEDOUT;
	if (is_served || (call->op == VMGL_HB_OP_ARM && !call->client))
		ret = call->result;
	else if (call->client)
		vmgl_hb_detach(hb, call->client);
	list_del_init(&call->entry);
	if (hb->serving == call)
		hb->serving = NULL;
	vmgl_hb_unlock(hb);
	return ret;
}

/* --- the thread ----------------------------------------------------------------- */

/* Does the most urgent step.  Returns false, and sets @wake, if no step is due. */
static bool vmgl_hb_do_step(struct vmgl_heartbeat *hb, ktime_t *wake)
{
	static int (*const steps[])(struct vmgl_heartbeat *hb) = {
		[VMGL_HB_BEAT] = vmgl_hb_mark_active,
		[VMGL_HB_POST] = vmgl_hb_post,
		[VMGL_HB_ENABLE] = vmgl_hb_enable,
		[VMGL_HB_DISABLE] = vmgl_hb_disable,
		[VMGL_HB_LOOK] = vmgl_hb_look,
		[VMGL_HB_FORMER] = vmgl_hb_check_former,
		[VMGL_HB_SERVE] = vmgl_hb_serve,
	};
	ktime_t now = ktime_get();
	enum vmgl_hb_step step;
	int ret;

	vmgl_hb_lock(hb);
	hb->kick = false;
	step = vmgl_hb_next_step(hb, now);
	hb->is_doubted = false;
	*wake = vmgl_hb_next_wake(hb, now);
	vmgl_hb_unlock(hb);

	if (step == VMGL_HB_NOTHING)
		return false;
	ret = steps[step](hb);

	vmgl_hb_lock(hb);
	vmgl_hb_note(hb, step, ret);
	vmgl_hb_unlock(hb);
	return true;
}

/* Do all steps that are due, and plan the next run. */
void vmgl_hb_work(struct kthread_work *work)
{
	struct vmgl_heartbeat *hb = container_of(work, struct vmgl_heartbeat,
						 work.work);
	ktime_t wake;
	s64 wait_ns;

	/*
	 * The clock's thread has the same priority.  This sleep lets it run, even if the
	 * host holds the vCPU during each request.
	 */
	while (vmgl_hb_do_step(hb, &wake))
		usleep_range(VMGL_HB_PAUSE_US, 2 * VMGL_HB_PAUSE_US);
	if (wake == KTIME_MAX)
		return;
	wait_ns = max_t(s64, ktime_sub(wake, ktime_get()), 0);
	kthread_queue_delayed_work(hb->worker, &hb->work,
				   nsecs_to_jiffies(wait_ns) + 1);
}
