// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The heartbeat arbiter: requests to the host.  heartbeat.c explains the arbiter.  As
 * there, "the host is enabled" means that monitoring at the host is enabled.
 *
 * One thread, the worker, makes all requests of the arbiter, one at a time.
 * heartbeat_steps.c chooses the next step.  The worker holds the lock while it chooses a step
 * or stores a result, but not during a request.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

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
 * Enable is not repeated after this number of failures of vmgl_hb_open_window(), nor after
 * this number of malformed statuses.  Each repetition may delay a reset by a window.
 */
#define VMGL_HB_OPEN_MAX	10

/* Shortest sleep between two steps, in us; lets the clock's thread run, see vmgl_hb_work() */
#define VMGL_HB_PAUSE_US	50

/*
 * Closes the transport if there are no clients and the host is not enabled, because a VM has
 * only a few channels.
 */
static void vmgl_hb_release_channel(struct vmgl_heartbeat *hb)
{
	bool is_idle;

	vmgl_hb_lock(hb);
	is_idle = list_empty(&hb->clients) && hb->enabled == VMGL_HB_NOT;
	vmgl_hb_unlock(hb);

	if (is_idle)
		vmgl_rpc_close(hb->rpc);
}

/*
 * Returns whether the last request has failed with @error although the host may have served
 * it.  If the request was repeated over the backdoor, this includes -EPERM: the host may
 * have served the request of the privileged sender over VMCI sockets without an answer, and
 * refused the same request over the backdoor.
 */
static bool vmgl_hb_may_be_served(const struct vmgl_heartbeat *hb, int error)
{
	return error == -EIO || error == -ETIMEDOUT || error == -EPROTO ||
	       error == -EMSGSIZE || error == -ENOMEM ||
	       (error == -EPERM && hb->reply.was_repeated);
}

/*
 * Returns whether the last request has failed with @error, but may get an answer if it is
 * sent again later.  A refusal counts as no answer if the sender was not privileged, because
 * VMCI sockets may not work yet.
 */
static bool vmgl_hb_may_be_answered(const struct vmgl_heartbeat *hb, int error)
{
	return vmgl_hb_may_be_served(hb, error) ||
	       (error == -EPERM && !hb->reply.is_privileged);
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
		/* Timers can be late by 1/8 of their delay.  These times must not add up. */
		planned = clamp(hb->next_beat,
				ktime_sub_ms(hb->last_beat, interval_ms / 8),
				hb->last_beat);
		hb->next_beat = ktime_add_ms(planned, interval_ms);
		hb->gray_answered = false;
		hb->malformed = 0;
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
 * Posts @state.  The SDK's guides have two spellings of each state, and no public source
 * says which spelling a host accepts.  This function tries @word unless it is NULL, then
 * one spelling, then the other.  It goes on only while the host rejects the argument.
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

	vmgl_hb_lock(hb);
	if (!ret) {
		hb->posted = state;
		hb->post_lost = false;
		if (hb->enabled != VMGL_HB_UNKNOWN)
			hb->post_again = hb->is_doubted;
	} else if (vmgl_hb_may_be_served(hb, ret) &&
		   (needs_reset || hb->posted == VMGL_APP_STATE_NEED_RESET)) {
		hb->post_lost = true;
	}
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Posts the state that is due.  In three cases this step is not due again until the host
 * accepts an Enable, or there is a sign that the machine was moved: the host does not know
 * PostAppState; the host accepts neither spelling of the state; or the host refuses OK and
 * has accepted no state in this boot.  A host that does not accept need-reset can still
 * reset the machine later, because beats are missing.
 */
static int vmgl_hb_post(struct vmgl_heartbeat *hb)
{
	enum vmgl_app_state state;
	bool is_final;
	int ret;

	vmgl_hb_lock(hb);
	state = vmgl_hb_state_due(hb);
	vmgl_hb_unlock(hb);
	if (state == VMGL_APP_STATE_NONE)
		return 0;

	ret = vmgl_hb_post_word(hb, state, NULL);
	vmgl_hb_lock(hb);
	is_final = ret == -EOPNOTSUPP || ret == -EINVAL ||
		   (state == VMGL_APP_STATE_OK &&
		    hb->posted == VMGL_APP_STATE_NONE && !hb->post_lost &&
		    !vmgl_hb_may_be_answered(hb, ret));
	if (ret && is_final)
		hb->post_known = hb->is_doubted;
	vmgl_hb_unlock(hb);

	if (ret)
		pr_warn_ratelimited("cannot post the application state %s to the host: error %pe%s\n",
				    state == VMGL_APP_STATE_OK ? "OK" : "needReset",
				    ERR_PTR(ret), is_final ? "" : "; trying again");
	vmgl_hb_release_channel(hb);
	return ret;
}

/*
 * Asks the host, before the first client is armed, whether another program has enabled it.
 * The answer is ignored if the state of the host is unknown, because an Enable of the arbiter
 * or of an earlier boot may be in effect.
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
	/*
	 * If a rest has begun meanwhile, vmgl_hb_begin_rest() has armed or removed all
	 * pending clients.
	 */
	if (was_enabled && !vmgl_hb_resolve_pending(hb, -EBUSY, true) &&
	    !vmgl_hb_any(hb, VMGL_HB_ARMED))
		ret = -EBUSY;
	else
		hb->found_enabled = was_enabled;
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Handles an @error of Enable.  Some hosts answer a second Enable with an error, so the
 * host may be enabled.  Returns 0 if it is enabled, the error of IsEnabled if the host may
 * have served IsEnabled without a valid answer, and else @error.
 */
static int vmgl_hb_is_enabled_anyway(struct vmgl_heartbeat *hb, int error)
{
	bool enabled = false;
	int ret;

	ret = vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				     &enabled);
	if (vmgl_hb_may_be_served(hb, ret))
		return ret;
	return enabled ? 0 : error;
}

static int vmgl_hb_request_enable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_prepare_first(hb);

	if (ret)
		return ret;
	ret = vmgl_appmon_command(hb->rpc, &hb->reply, VMGL_APPMON_ENABLE);
	if (ret == -EINVAL || ret == -EREMOTEIO)
		ret = vmgl_hb_is_enabled_anyway(hb, ret);

	vmgl_hb_lock(hb);
	if (!ret)
		hb->enabled = VMGL_HB_ENABLED;
	else if (vmgl_hb_may_be_served(hb, ret))
		vmgl_hb_forget(hb);
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Sends one beat for clients whose beats may never come.  Some hosts start their window
 * with the first beat after Enable, and would never reset the machine without this beat.
 * If the beat fails, Enable and the beat are therefore repeated.  The number of repetitions
 * is limited, because a host may have served them, and each one may delay a reset by a
 * window.
 */
static int vmgl_hb_open_window(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_appmon_command(hb->rpc, &hb->reply,
				      VMGL_APPMON_MARK_ACTIVE);

	vmgl_hb_lock(hb);
	if (!ret)
		hb->last_beat = ktime_get();
	if (!ret) {
		hb->open_failures = 0;
	} else if (++hb->open_failures < VMGL_HB_OPEN_MAX) {
		vmgl_hb_forget(hb);
	} else {
		hb->open_failures = 0;
		/* The failures themselves are no sign of a move. */
		hb->interruptions = vmgl_hb_interruptions(hb);
	}
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Returns whether the host may wait for a first beat that never comes: a client has
 * expired, or ``api`` is the only client, and the programs of the SDK may have died.
 * Before a program has called MarkActive, no beat of a program is missing.
 */
static bool vmgl_hb_is_silent(struct vmgl_heartbeat *hb)
{
	if (vmgl_hb_is_resting(hb))
		return false;
	if (vmgl_hb_any(hb, VMGL_HB_EXPIRED))
		return true;
	return vmgl_hb_is_listed(&hb->api) && hb->api_has_beaten &&
	       !vmgl_hb_has_others(hb);
}

static int vmgl_hb_enable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_request_enable(hb);
	bool is_silent, is_left;

	vmgl_hb_lock(hb);
	is_silent = !ret && vmgl_hb_is_silent(hb);
	if (!ret && hb->found_enabled)
		vmgl_hb_resolve_pending(hb, -EBUSY, true);
	/* -EBUSY was for the exclusive clients only.  The next step serves later clients. */
	if (ret != -EBUSY)
		vmgl_hb_resolve_pending(hb, ret, false);
	is_left = !list_empty(&hb->clients);
	if (!ret) {
		hb->post_known = true;
		/* Until the check for an earlier boot ends, need-reset of that boot may apply. */
		hb->post_again |= hb->posted != VMGL_APP_STATE_NONE || hb->former_at;
		hb->recheck = hb->is_doubted;
		hb->former_at = 0;
		hb->interruptions = vmgl_hb_interruptions(hb);
		hb->next_beat = ktime_get();
		hb->next_status = ktime_add_ms(hb->next_beat, hb->window_ms);
	}
	if (ret && !is_left)
		hb->found_enabled = false;
	if (!ret && !is_silent)
		hb->open_failures = 0;
	vmgl_hb_unlock(hb);

	if (ret == -EBUSY)
		ret = 0;
	if (ret && is_left)
		pr_warn_ratelimited("cannot enable heartbeats at the host: error %pe; trying again every second\n",
				    ERR_PTR(ret));
	if (is_silent)
		ret = vmgl_hb_open_window(hb);
	vmgl_hb_release_channel(hb);
	return is_left ? ret : 0;
}

/*
 * Sends Disable.  If the result does not show that the host is not enabled, this function
 * asks the host whether it is, because a host that still expects beats would reset the
 * machine.  The function returns the result of Disable, and stores in @hb what is known
 * about the host.
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
		hb->found_enabled = false;
		hb->gray_answered = false;
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
 * monitors this machine, and needs another Enable.  Without beats the host stays gray, and
 * each further Enable would delay a reset by another window.  The arbiter sends no beats
 * by itself if a client has expired or if ``api`` is the only client.  In these cases:
 *
 *  - The arbiter sends only one Enable until the host reports another status or accepts a
 *    beat, a first client expires, the machine resumes, or the machine may have been moved.
 *  - If the machine may have been moved or a beat has failed, a malformed status counts as
 *    gray, but at most VMGL_HB_OPEN_MAX times.  This count restarts when a status is not
 *    malformed, a beat is accepted, or the machine resumes.
 */
static int vmgl_hb_look(struct vmgl_heartbeat *hb)
{
	char status[sizeof(hb->status)] = "";
	bool changed, is_gray, is_malformed, was_doubted;
	int ret;

	ret = vmgl_appmon_status(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply, status,
				 sizeof(status));
	is_gray = !ret && vmgl_hb_status_is(status, "gray");
	is_malformed = ret == -EPROTO || ret == -EMSGSIZE;

	vmgl_hb_lock(hb);
	hb->looked_at = ktime_get();
	was_doubted = hb->recheck;
	if (!ret || is_malformed || !vmgl_hb_may_be_served(hb, ret)) {
		hb->recheck = hb->is_doubted;
		hb->next_status = ktime_add_ms(hb->looked_at, hb->window_ms);
	}
	changed = !ret && strcmp(hb->status, status);
	if (changed)
		strscpy(hb->status, status, sizeof(hb->status));
	if (!ret)
		hb->malformed = 0;
	if (is_malformed && was_doubted && !vmgl_hb_should_beat(hb))
		is_gray = hb->malformed++ < VMGL_HB_OPEN_MAX;
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
 * Posts OK, because a host may keep a need-reset of an earlier boot.  Such a host would
 * reset the machine again.  If this boot has posted a state, nothing is posted.  When the
 * machine goes down, there is only time for Disable.
 */
static int vmgl_hb_withdraw_former(struct vmgl_heartbeat *hb)
{
	bool is_first;
	int ret;

	vmgl_hb_lock(hb);
	is_first = hb->posted == VMGL_APP_STATE_NONE && !hb->post_lost &&
		   !hb->is_stopped;
	vmgl_hb_unlock(hb);
	if (!is_first)
		return 0;

	ret = vmgl_hb_post_word(hb, VMGL_APP_STATE_OK, NULL);
	vmgl_hb_lock(hb);
	/* This OK is no state of this boot. */
	hb->posted = VMGL_APP_STATE_NONE;
	vmgl_hb_unlock(hb);
	/* A host that does not know PostAppState has no state. */
	return ret == -EOPNOTSUPP || ret == -EINVAL ? 0 : ret;
}

/*
 * If the host expects the beats of an earlier boot, sets its state to unknown, so that the
 * worker disables it, or enables it for a client.  Withdraws a need-reset of an earlier boot.
 * Otherwise the host could reset the machine, for example during a file system check.  The
 * status can be green because of beats of the earlier boot, so this function checks the
 * status again one window after the first answer.  If the status is still green, a program
 * sends beats without this module, and the module sends nothing.
 */
static int vmgl_hb_check_former(struct vmgl_heartbeat *hb)
{
	char status[VMGUESTLIB_APPMON_TEXT_SIZE] = "";
	bool is_enabled = false, is_green, is_known, is_last, is_left, is_done;
	int ret, post_error = 0;
	ktime_t now, last;

	ret = vmgl_appmon_is_enabled(hb->rpc, VMGL_PRIORITY_KERNEL, &hb->reply,
				     &is_enabled);
	if (is_enabled)
		ret = vmgl_appmon_status(hb->rpc, VMGL_PRIORITY_KERNEL,
					 &hb->reply, status, sizeof(status));
	is_green = is_enabled && vmgl_hb_status_is(status, "green");
	is_known = !vmgl_hb_may_be_answered(hb, ret);
	if (!ret && !is_green)
		post_error = vmgl_hb_withdraw_former(hb);

	vmgl_hb_lock(hb);
	now = ktime_get();
	/* A host without an RPC server never answers, so the retries have to end. */
	is_last = hb->retry_ms >= VMGL_HB_RETRY_MAX_MS;
	if (is_known && !hb->looked_at)
		hb->looked_at = now;
	last = ktime_add_ms(hb->looked_at, hb->window_ms);
	is_left = (is_known || is_last) && is_enabled && !is_green;
	/* A pending client may be removed before Enable is sent, so Disable can follow, too. */
	if (is_left)
		hb->enabled = VMGL_HB_UNKNOWN;
	is_done = is_last ||
		  (is_known && !vmgl_hb_may_be_answered(hb, post_error));
	if (is_done)
		hb->former_at = is_green && now < last ? last : 0;
	/* A host may accept OK only after Enable. */
	if (is_done && (ret || post_error))
		hb->post_again = true;
	vmgl_hb_unlock(hb);

	if (is_left)
		pr_notice("an earlier boot has left heartbeats enabled; the module disables them unless a client needs them\n");
	else if (is_last && !is_known)
		pr_warn("cannot find out whether an earlier boot has left heartbeats enabled: error %pe; the host may reset the machine\n",
			ERR_PTR(ret));

	if (is_done) {
		vmgl_hb_release_channel(hb);
		return 0;
	}
	/* The transport stays open: a VMCI connection that is being made can serve the retry. */
	return ret ? ret : post_error;
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
 * Serves a MarkActive of the SDK, if vmgl_hb_serve_at_once() could not.  If ``api`` is not a
 * client, the error shows whether the host knows application monitoring.
 */
static int vmgl_hb_serve_beat(struct vmgl_heartbeat *hb)
{
	bool is_armed, is_alone;
	bool enabled;

	vmgl_hb_lock(hb);
	is_armed = vmgl_hb_is_listed(&hb->api);
	is_alone = !vmgl_hb_has_others(hb) && !vmgl_hb_is_resting(hb);
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
 * but not sent.  While the arbiter rests, each state is only stored.
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
	/* An OK that may have been served stays due until the host confirms it. */
	if (state == VMGL_APP_STATE_NEED_RESET || !vmgl_hb_may_be_served(hb, ret))
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
 * Returns whether the worker has to repeat a beat of the SDK.  If the host refuses the beat,
 * the host may have forgotten that it was enabled.  The worker then sends Enable or checks
 * the status, and repeats the beat once.
 */
static bool vmgl_hb_must_repeat(const struct vmgl_heartbeat *hb,
				const struct vmgl_hb_call *call, int error)
{
	return call->op == VMGUESTLIB_APPMON_MARK_ACTIVE && error &&
	       !vmgl_hb_may_be_served(hb, error) && !call->repeated &&
	       vmgl_hb_is_listed(&hb->api);
}

static int vmgl_hb_serve(struct vmgl_heartbeat *hb)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	enum vmgl_app_state before;
	struct vmgl_hb_call *call;
	u32 op = VMGL_HB_OP_SYNC;
	int ret;

	vmgl_hb_lock(hb);
	before = hb->api_state;
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
	/*
	 * The caller has got an error, so its need-reset must have no effect, unless an
	 * earlier call has set need-reset.
	 */
	if (!call && op == VMGUESTLIB_APPMON_POST_STATE &&
	    before != VMGL_APP_STATE_NEED_RESET)
		hb->api_state = VMGL_APP_STATE_OK;
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
 * interrupted, the worker does not begin to serve the call any more, and a client that the
 * call has left pending is removed.
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

/*
 * Does the most urgent step.  Returns false if no step is due.  @wake is then the time at
 * which the worker has to wake up.
 */
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
	 * The clock's thread has the priority of the worker.  This sleep lets the clock's
	 * thread run, even if the host holds the vCPU during each request.
	 */
	while (vmgl_hb_do_step(hb, &wake))
		usleep_range(VMGL_HB_PAUSE_US, 2 * VMGL_HB_PAUSE_US);
	if (wake == KTIME_MAX)
		return;
	wait_ns = max_t(s64, ktime_sub(wake, ktime_get()), 0);
	kthread_queue_delayed_work(hb->worker, &hb->work,
				   nsecs_to_jiffies(wait_ns) + 1);
}
