// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The arbiter of heartbeats.
 *
 * At its host, a virtual machine has one application state, which all clients share.  A
 * client is an open file, the watchdog device, or ``api``, the one client for all calls of
 * the vSphere Guest SDK.  The window is the time within which the host expects a
 * heartbeat.  The arbiter sends three heartbeats per window as long as every client keeps
 * its deadline.  A client that misses its deadline expires, and the arbiter sends no
 * more heartbeats.  While ``api`` is the only client, the arbiter sends only the
 * heartbeats that programs request, and one heartbeat after it has sent Enable again.
 *
 * The arbiter consists of four files.  Each one uses only those below it.
 *
 * heartbeat.c - operations of the clients.  They change the state under the lock and
 *	wake the thread that has to act.  A beat only takes the lock and reads a clock, so
 *	a slow host does not delay a beat.
 * heartbeat_host.c - the worker, the only thread that makes requests of the arbiter.
 * heartbeat_steps.c - the choice of the worker's next step, and when the worker wakes up.
 * heartbeat_clients.c - the list of clients, and the clock of their deadlines.  A second
 *	thread ticks the clock, so that a slow host cannot delay the ticks.
 *
 * A client is in one of three stages (enum vmgl_hb_stage):
 *
 *  - pending: a client waits for Enable, while no client is armed or expired.  If the
 *    host accepts Enable, the worker arms the client, else it removes the client
 *    (vmgl_hb_resolve()).  If a rest begins first (vmgl_hb_is_resting()),
 *    vmgl_hb_begin_rest() arms or removes the client;
 *  - armed: the client expires in vmgl_hb_tick() when its deadline is over, or in
 *    vmgl_heartbeat_abandon() when its file is closed without a V, except during a pause;
 *  - expired: this stage ends when the client is disarmed or cleared, or when a client
 *    with its name is armed.  Enable and MarkActive of the SDK arm ``api`` again.
 *
 * Each client pins the module.  struct vmgl_heartbeat.lock guards the clients.  The
 * deadline of a client starts when the client is armed, at each beat, when the length of
 * the deadline is changed, and when a pause or a sleep ends.  Once a client is armed, no
 * reply of the host changes its deadline.
 *
 * Below, "the host is enabled" means that monitoring at the host is enabled.  For the
 * arbiter, the host is enabled, is not enabled, or is in an unknown state (enum
 * vmgl_hb_enabled).  The host should be enabled while there are clients, except during a
 * pause, during a sleep, and when the machine goes down.  The worker brings the host into
 * this state by vmgl_hb_enable() and vmgl_hb_disable():
 *
 *  - Before the first client is armed, the worker asks whether the host is enabled, and
 *    then sends Enable.
 *  - If the last client is disarmed, a pause or a sleep begins, or the machine goes down,
 *    the worker disables the host.  The task that has caused this waits for the worker,
 *    at most 2 s.
 *  - If the host does not answer Enable, reports that it is not enabled, or turns gray,
 *    vmgl_hb_forget() makes the state unknown.  If there are clients, the worker enables
 *    the host again and posts the application state.  If there are none, the worker
 *    disables the host.
 *  - If the session has changed, a channel or connection was lost, or a failover or a
 *    checkpoint occurred, the machine may have been moved to another host.
 *    vmgl_hb_doubt() then lets the worker check the status and post the application state
 *    again.
 *  - If the machine resumes and there are clients, vmgl_hb_forget() makes the state
 *    unknown.
 *  - If a client expires, heartbeats stop.  If the action of the client is need-reset,
 *    the worker posts the application state.  While a client is expired, the worker
 *    enables a host of unknown state by one Enable and one heartbeat, because some hosts
 *    start their window with a heartbeat.  While ``api`` is the only client, the worker
 *    does the same if a program has called MarkActive, because this program may have died.
 *  - When the module is loaded, vmgl_hb_check_former() finds a host that an earlier boot
 *    has left enabled, and makes its state unknown.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>

#include "compat/kthread.h"
#include "heartbeat_private.h"

#define VMGL_HB_API_NAME	"api"

/* Size of the buffer for replies, in bytes.  Each reply is one word. */
#define VMGL_HB_REPLY_MAX	256

/* Default and range of ha_window_s.  The default is the window of ESXi. */
#define VMGL_HB_WINDOW_S	30
#define VMGL_HB_WINDOW_MIN_S	3
#define VMGL_HB_WINDOW_MAX_S	3600

static unsigned int ha_window_s = VMGL_HB_WINDOW_S;

static int vmgl_set_ha_window(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, VMGL_HB_WINDOW_MIN_S,
				     VMGL_HB_WINDOW_MAX_S);
}

static const struct kernel_param_ops vmgl_ha_window_ops = {
	.set = vmgl_set_ha_window,
	.get = param_get_uint,
};

module_param_cb(ha_window_s, &vmgl_ha_window_ops, &ha_window_s, 0444);
MODULE_PARM_DESC(ha_window_s,
		 "Time in s within which the host expects a heartbeat, 3 to 3600 (default "
		 __stringify(VMGL_HB_WINDOW_S) ")");

/* --- waiting for the worker ----------------------------------------------------- */

/* Lets the worker serve a call, and waits for the result, at most 2 s. */
static int vmgl_hb_call_and_wait(struct vmgl_heartbeat *hb, u32 op,
				 const char *text)
{
	struct vmgl_hb_call call = { .op = op, .text = text };

	vmgl_hb_lock(hb);
	vmgl_hb_submit(hb, &call);
	vmgl_hb_unlock(hb);
	return vmgl_hb_wait(hb, &call, false);
}

/* Waits, at most 2 s, until the worker has tried all steps that are due. */
static void vmgl_hb_sync(struct vmgl_heartbeat *hb)
{
	vmgl_hb_call_and_wait(hb, VMGL_HB_OP_SYNC, "");
}

/* --- arming --------------------------------------------------------------------- */

static bool vmgl_hb_is_name(const char *name)
{
	size_t len = strnlen(name, VMGUESTLIB_HEARTBEAT_NAME_SIZE);
	size_t i;

	if (!len || len == VMGUESTLIB_HEARTBEAT_NAME_SIZE)
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("._@:-", name[i])))
			return false;
	return true;
}

static int vmgl_hb_check(const struct vmgl_heartbeat_terms *terms)
{
	if (!vmgl_hb_is_name(terms->name) ||
	    !strcmp(terms->name, VMGL_HB_API_NAME))
		return -EINVAL;
	if (terms->deadline_ms < VMGUESTLIB_HEARTBEAT_DEADLINE_MIN_MS ||
	    terms->deadline_ms > VMGUESTLIB_HEARTBEAT_DEADLINE_MAX_MS)
		return -EINVAL;
	if (terms->action != VMGUESTLIB_HEARTBEAT_STOP &&
	    terms->action != VMGUESTLIB_HEARTBEAT_NEED_RESET)
		return -EINVAL;
	return 0;
}

static unsigned int vmgl_hb_count(const struct vmgl_heartbeat *hb,
				  enum vmguestlib_heartbeat_kind kind)
{
	const struct vmgl_heartbeat_client *client;
	unsigned int count = 0;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		count += client->terms.kind == kind;
	return count;
}

/* Returns whether the client has expired, or its file was closed during a pause. */
static bool vmgl_hb_is_left(const struct vmgl_heartbeat *hb,
			    const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HB_EXPIRED ||
	       (!client->owner && client != &hb->api);
}

/*
 * Returns 0 if @client may be armed, else a negative error number.  @former is a client
 * with the same name, which @client would replace, or NULL.
 */
static int vmgl_hb_may_arm(struct vmgl_heartbeat *hb,
			   const struct vmgl_heartbeat_owner *owner,
			   const struct vmgl_heartbeat_client *client,
			   const struct vmgl_heartbeat_client *former,
			   bool is_admin)
{
	lockdep_assert_held(&hb->lock);

	if (hb->is_stopped)
		return -ESHUTDOWN;
	if (owner->client && (owner->client != former ||
			      former->stage != VMGL_HB_EXPIRED))
		return -EALREADY;
	if (former && !vmgl_hb_is_left(hb, former))
		return -EEXIST;
	if (former && former->owner != owner &&
	    !uid_eq(former->uid, client->uid) && !is_admin)
		return -EPERM;
	/* During a rest it is not known whether another program has enabled the host. */
	if (client->terms.exclusive &&
	    (vmgl_hb_is_resting(hb) ||
	     (hb->enabled != VMGL_HB_NOT && hb->found_enabled)))
		return -EBUSY;
	/* The limit counts files only, so that files do not keep the watchdog from arming. */
	if (!former && client->terms.kind == VMGUESTLIB_HEARTBEAT_KIND_FILE &&
	    vmgl_hb_count(hb, VMGUESTLIB_HEARTBEAT_KIND_FILE) >=
	    VMGL_HEARTBEAT_FILES_MAX)
		return -ENOSPC;
	return 0;
}

/*
 * Adds a client.  If the host has to be enabled first, the client is pending, @call is
 * submitted, and the caller has to wait for @call.  In all other cases the client is armed
 * at once, and @call is not changed.
 */
static void vmgl_hb_admit(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_client *client,
			  struct vmgl_hb_call *call)
{
	bool is_settled = vmgl_hb_is_resting(hb) ||
			  hb->enabled == VMGL_HB_ENABLED ||
			  vmgl_hb_any(hb, VMGL_HB_ARMED) ||
			  vmgl_hb_any(hb, VMGL_HB_EXPIRED);

	lockdep_assert_held(&hb->lock);

	client->stage = is_settled ? VMGL_HB_ARMED : VMGL_HB_PENDING;
	vmgl_hb_attach(hb, client);
	if (is_settled)
		return;
	*call = (struct vmgl_hb_call) {
		.op = VMGL_HB_OP_ARM,
		.text = "",
		.client = client,
	};
	client->arming = call;
	vmgl_hb_submit(hb, call);
	vmgl_hb_retry_now(hb);
}

/*
 * Add a client.
 *
 * The first client enables application monitoring at the host.
 *
 * Return: 0; -EINVAL, -EALREADY, -EEXIST, -EPERM, -EBUSY or -ENOSPC, which are documented
 * at struct vmguestlib_heartbeat_arm; -ENOMEM; -ESHUTDOWN if the machine goes down;
 * -ETIMEDOUT if the host has not answered within 2 s; -ERESTARTSYS if a signal arrived
 * before the answer; or the error of the request IsEnabled or Enable.
 */
int vmgl_heartbeat_arm(struct vmgl_heartbeat *hb,
		       struct vmgl_heartbeat_owner *owner,
		       const struct vmgl_heartbeat_terms *terms)
{
	bool is_admin = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	struct vmgl_heartbeat_client *client, *former;
	struct vmgl_hb_call call = {};
	int ret;

	ret = vmgl_hb_check(terms);
	if (ret)
		return ret;
	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return -ENOMEM;
	client->terms = *terms;
	client->uid = current_euid();

	vmgl_hb_lock(hb);
	former = vmgl_hb_find(hb, terms->name);
	ret = vmgl_hb_may_arm(hb, owner, client, former, is_admin);
	if (!ret) {
		client->owner = owner;
		vmgl_hb_admit(hb, client, &call);
		if (former)
			vmgl_hb_detach(hb, former);
		owner->client = client;
	}
	vmgl_hb_unlock(hb);

	if (ret)
		kfree(client);
	return call.op ? vmgl_hb_wait(hb, &call, true) : ret;
}

/*
 * Arms ``api``.  If ``api`` is in the list of clients already, this function also
 * requests a check of the host's status, because a program that has read the status gray
 * may call Enable again.
 */
static int vmgl_hb_arm_api(struct vmgl_heartbeat *hb, kuid_t uid)
{
	struct vmgl_hb_call call = {};
	int ret = 0;

	vmgl_hb_lock(hb);
	hb->api.uid = uid;
	if (hb->is_stopped) {
		ret = -ESHUTDOWN;
	} else if (!vmgl_hb_is_listed(&hb->api)) {
		hb->api_has_beaten = false;
		vmgl_hb_admit(hb, &hb->api, &call);
	} else {
		hb->api.stage = VMGL_HB_ARMED;
		vmgl_hb_restart(hb, &hb->api);
		vmgl_hb_set_clock(hb);
		hb->next_status = 0;
		call = (struct vmgl_hb_call) {
			.op = VMGL_HB_OP_SYNC,
			.text = "",
		};
		vmgl_hb_submit(hb, &call);
	}
	vmgl_hb_unlock(hb);

	return call.op ? vmgl_hb_wait(hb, &call, false) : ret;
}

/* --- life of a client ----------------------------------------------------------- */

/* Restarts the deadline of @client, which may be NULL. */
static int vmgl_hb_beat_of(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	if (!client)
		return -ENOTCONN;
	if (client->stage == VMGL_HB_EXPIRED)
		return -ETIME;
	vmgl_hb_restart(hb, client);
	return 0;
}

/*
 * Restart the deadline of the owner's client.
 *
 * Return: 0; -ENOTCONN if the owner has no client; -ETIME if the client has expired.
 */
int vmgl_heartbeat_beat(struct vmgl_heartbeat *hb,
			struct vmgl_heartbeat_owner *owner)
{
	int ret;

	vmgl_hb_lock(hb);
	ret = vmgl_hb_beat_of(hb, owner->client);
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Change the length of the deadline of the owner's client, and restart the deadline.  The
 * caller has checked the range of @deadline_ms.
 *
 * Return: 0; -ENOTCONN if the owner has no client; -ETIME if the client has expired.
 */
int vmgl_heartbeat_set_deadline(struct vmgl_heartbeat *hb,
				struct vmgl_heartbeat_owner *owner,
				u32 deadline_ms)
{
	int ret;

	vmgl_hb_lock(hb);
	if (owner->client)
		owner->client->terms.deadline_ms = deadline_ms;
	ret = vmgl_hb_beat_of(hb, owner->client);
	vmgl_hb_set_clock(hb);
	vmgl_hb_unlock(hb);
	return ret;
}

/*
 * Disarm and remove the owner's client.
 *
 * If no client is left, the worker disables application monitoring at the host.
 *
 * Return: 0; -ENOTCONN if the owner has no client.
 */
int vmgl_heartbeat_disarm(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner)
{
	int ret = -ENOTCONN;

	vmgl_hb_lock(hb);
	if (owner->client) {
		vmgl_hb_detach(hb, owner->client);
		ret = 0;
	}
	vmgl_hb_unlock(hb);

	if (!ret)
		vmgl_hb_sync(hb);
	return ret;
}

/*
 * Let the client of @owner expire, because @owner goes away without disarming.
 *
 * During a pause the client stays armed without an owner, because maintenance stops
 * programs.  When the pause ends, the client has its deadline or one window left, whichever
 * is shorter.  Then it expires, unless a client with its name is armed before, or the client
 * is cleared.
 */
void vmgl_heartbeat_abandon(struct vmgl_heartbeat *hb,
			    struct vmgl_heartbeat_owner *owner)
{
	struct vmgl_heartbeat_client *client;
	struct vmgl_heartbeat_terms expired;
	bool has_expired = false;

	vmgl_hb_lock(hb);
	client = owner->client;
	if (client) {
		expired = client->terms;
		has_expired = client->stage == VMGL_HB_ARMED &&
			      !hb->pause_until;
		if (has_expired)
			vmgl_hb_expire(hb, client);
		client->owner = NULL;
		owner->client = NULL;
	}
	vmgl_hb_unlock(hb);

	if (has_expired)
		vmgl_hb_report(&expired);
}

/*
 * Remove an expired client, or a client whose file was closed during a pause.
 *
 * Return: 0; -ENOENT if no client has this name, or the client is pending; -EBUSY if the
 * client has not expired, and its file was not closed during a pause.
 */
int vmgl_heartbeat_clear(struct vmgl_heartbeat *hb, const char *name)
{
	struct vmgl_heartbeat_client *client;
	int ret = 0;

	vmgl_hb_lock(hb);
	client = vmgl_hb_find(hb, name);
	if (!client || client->stage == VMGL_HB_PENDING)
		ret = -ENOENT;
	else if (!vmgl_hb_is_left(hb, client))
		ret = -EBUSY;
	else
		vmgl_hb_detach(hb, client);
	vmgl_hb_unlock(hb);

	if (!ret)
		vmgl_hb_sync(hb);
	return ret;
}

/* --- the SDK, pause, sleep and shutdown ----------------------------------------- */

/**
 * struct vmgl_hb_sdk_call - a call of the SDK, on the stack of the calling task
 * @turn: turn of the call in @line of @hb
 * @hb: the arbiter
 * @op: operation, an enum vmguestlib_appmon_op
 * @text: argument of VMGUESTLIB_APPMON_POST_STATE
 * @uid: user of the calling task
 * @result: 0 or a negative error number
 */
struct vmgl_hb_sdk_call {
	struct vmgl_turn turn;
	struct vmgl_heartbeat *hb;
	u32 op;
	const char *text;
	kuid_t uid;
	int result;
};

static void vmgl_hb_serve_sdk(struct vmgl_turn *turn)
{
	struct vmgl_hb_sdk_call *call = container_of(turn,
						     struct vmgl_hb_sdk_call,
						     turn);

	if (READ_ONCE(call->hb->is_stopped))
		call->result = -ESHUTDOWN;
	else if (call->op == VMGUESTLIB_APPMON_ENABLE)
		call->result = vmgl_hb_arm_api(call->hb, call->uid);
	else if (call->op > VMGUESTLIB_APPMON_POST_STATE)
		call->result = -EINVAL;
	else
		call->result = vmgl_hb_call_and_wait(call->hb, call->op,
						     call->text);
}

/* Restarts the deadline of ``api`` for a MarkActive. */
static void vmgl_hb_beat_api(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	vmgl_hb_restart(hb, &hb->api);
	hb->api_has_beaten = true;
	if (hb->api.stage == VMGL_HB_EXPIRED) {
		hb->api.stage = VMGL_HB_ARMED;
		vmgl_hb_set_clock(hb);
		hb->kick = true;
	}
}

/*
 * Does the part of a call that needs no request.  Returns whether this part is the whole
 * call: MarkActive and Disable need no request if ``api`` is a client, and there are
 * other clients or the arbiter rests.  When the machine goes down, vmgl_hb_serve_sdk() lets
 * all calls fail instead.
 */
static bool vmgl_hb_serve_at_once(struct vmgl_heartbeat *hb, u32 op)
{
	bool is_listed, is_local;

	vmgl_hb_lock(hb);
	is_listed = vmgl_hb_is_listed(&hb->api) && !hb->is_stopped;
	is_local = is_listed &&
		   (vmgl_hb_has_others(hb) || vmgl_hb_is_resting(hb));
	if (op == VMGUESTLIB_APPMON_MARK_ACTIVE && is_listed)
		vmgl_hb_beat_api(hb);
	else if (op == VMGUESTLIB_APPMON_DISABLE && is_local)
		vmgl_hb_detach(hb, &hb->api);
	else
		is_local = false;
	vmgl_hb_unlock(hb);
	return is_local;
}

/*
 * Serve a call of the SDK.
 *
 * If ``api`` is a client, and there are other clients, a pause or a sleep, MarkActive and
 * Disable wait neither for the host nor for other calls, until the machine goes down.
 *
 * If a call times out before the worker has begun to serve it, the call is not served.
 *
 * Return: 0; -EINVAL if @op or @text is not valid; -EACCES if @op is MarkActive and
 * ``api`` is not a client; -ESHUTDOWN if the machine goes down; -ETIMEDOUT if the call was
 * not served within 2 s; -ERESTARTSYS if a fatal signal or the freezer ended the wait for
 * the turn of the call; or an error of vmgl_appmon_command().
 */
int vmgl_heartbeat_call(struct vmgl_heartbeat *hb, u32 op, const char *text)
{
	struct vmgl_hb_sdk_call call = {
		.turn.serve = vmgl_hb_serve_sdk,
		.hb = hb,
		.op = op,
		.text = text,
		.uid = current_euid(),
	};
	int ret;

	if (vmgl_hb_serve_at_once(hb, op))
		return 0;
	ret = vmgl_turns_take(&hb->line, vmgl_priority_of_caller(), &call.turn);
	return ret ? ret : call.result;
}

static bool vmgl_hb_forbids_pause(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->terms.forbids_pause && client->owner &&
		    client->terms.forbids_pause(client->owner))
			return true;
	return false;
}

/*
 * Stops heartbeats and deadlines.  The worker makes no more requests for pending clients.
 * Each pending client therefore gets the result that vmgl_hb_may_arm() would return for
 * this client now.
 */
static void vmgl_hb_begin_rest(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	if (hb->is_stopped)
		vmgl_hb_resolve_pending(hb, -ESHUTDOWN, false);
	vmgl_hb_resolve_pending(hb, -EBUSY, true);
	vmgl_hb_resolve_pending(hb, 0, false);
	/* Check for an earlier boot now, because the machine may not run at the planned time. */
	if (hb->former_at)
		hb->former_at = ktime_get();
	vmgl_hb_set_clock(hb);
	vmgl_hb_retry_now(hb);
}

/*
 * Begin a pause of @seconds, in which there are no heartbeats and no deadlines.  If
 * @seconds is 0, end the pause.
 *
 * Return: 0; -EBUSY if a client forbids a pause.
 */
int vmgl_heartbeat_pause(struct vmgl_heartbeat *hb, u32 seconds)
{
	int ret = 0;

	vmgl_hb_lock(hb);
	if (seconds && vmgl_hb_forbids_pause(hb)) {
		ret = -EBUSY;
	} else if (seconds) {
		hb->pause_until = ktime_get_boottime_ns() +
				  (u64)seconds * NSEC_PER_SEC;
		vmgl_hb_begin_rest(hb);
	} else if (hb->pause_until) {
		vmgl_hb_end_pause(hb);
	}
	vmgl_hb_unlock(hb);

	if (!ret)
		vmgl_hb_sync(hb);
	return ret;
}

/* Request a check of the host's status, because the machine may have been moved. */
void vmgl_heartbeat_recheck(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	vmgl_hb_doubt(hb);
	vmgl_hb_unlock(hb);
}

/*
 * Sets @reason, which is the member is_suspended or is_stopped of @hb.  Waits, at most
 * 2 s, until the worker has disabled the host, and no check for an earlier boot is due.
 * Returns 0 when this is so, or -ETIMEDOUT.
 */
static int vmgl_hb_switch_off(struct vmgl_heartbeat *hb, bool *reason)
{
	vmgl_hb_lock(hb);
	WRITE_ONCE(*reason, true);
	vmgl_hb_begin_rest(hb);
	vmgl_hb_unlock(hb);

	return vmgl_hb_call_and_wait(hb, VMGL_HB_OP_OFF, "");
}

/*
 * Stop heartbeats and deadlines, and disable the host, before a sleep.
 *
 * Return: 0; -ETIMEDOUT if the host may still expect heartbeats.
 */
int vmgl_heartbeat_suspend(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_hb_switch_off(hb, &hb->is_suspended);

	vmgl_hb_lock(hb);
	/* The status is green, perhaps because of beats of an earlier boot. */
	if (!ret && hb->former_at)
		ret = -ETIMEDOUT;
	vmgl_hb_unlock(hb);
	return ret;
}

/* Restart heartbeats and deadlines after a sleep. */
void vmgl_heartbeat_resume(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	if (hb->is_suspended) {
		hb->is_suspended = false;
		hb->gray_answered = false;
		hb->malformed = 0;
		vmgl_hb_restart_all(hb);
		if (!list_empty(&hb->clients))
			vmgl_hb_forget(hb);
	}
	vmgl_hb_unlock(hb);
}

/* Disable the host, and send no more heartbeats. */
void vmgl_heartbeat_stop(struct vmgl_heartbeat *hb)
{
	vmgl_hb_switch_off(hb, &hb->is_stopped);
}

/* Wait until the worker is idle. */
void vmgl_heartbeat_flush(struct vmgl_heartbeat *hb)
{
	kthread_flush_worker(hb->worker);
}

/* --- queries --------------------------------------------------------------------- */

static u32 vmgl_hb_state(const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HB_EXPIRED ? VMGUESTLIB_HEARTBEAT_EXPIRED :
						  VMGUESTLIB_HEARTBEAT_ARMED;
}

/*
 * Get the state of the owner's client, an enum vmguestlib_heartbeat_state, and the time
 * in ms until the client's deadline is over.
 */
void vmgl_heartbeat_query(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner, u32 *state,
			  u32 *remaining_ms)
{
	*state = VMGUESTLIB_HEARTBEAT_UNARMED;
	*remaining_ms = 0;

	vmgl_hb_lock(hb);
	if (owner->client) {
		*state = vmgl_hb_state(owner->client);
		*remaining_ms = vmgl_hb_remaining_ms(hb, owner->client);
	}
	vmgl_hb_unlock(hb);
}

static void vmgl_hb_describe(struct vmgl_heartbeat *hb,
			     const struct vmgl_heartbeat_client *client,
			     struct vmguestlib_heartbeat_client *out)
{
	bool has_deadline = client != &hb->api || vmgl_hb_has_others(hb);

	memcpy(out->name, client->terms.name, sizeof(out->name));
	out->kind = client->terms.kind;
	out->state = vmgl_hb_state(client);
	out->action = client->terms.action;
	out->uid = from_kuid_munged(current_user_ns(), client->uid);
	out->deadline_ms = has_deadline ? client->terms.deadline_ms : 0;
	out->remaining_ms = vmgl_hb_remaining_ms(hb, client);
}

/*
 * Describe armed and expired clients in an array of @room elements.
 *
 * Return: number of armed and expired clients.  If this number is above @room, the array
 * has the first @room clients.
 */
u32 vmgl_heartbeat_list(struct vmgl_heartbeat *hb,
			struct vmguestlib_heartbeat_client *clients, u32 room)
{
	const struct vmgl_heartbeat_client *client;
	u32 count = 0;

	vmgl_hb_lock(hb);
	list_for_each_entry(client, &hb->clients, entry) {
		if (client->stage == VMGL_HB_PENDING)
			continue;
		if (count < room)
			vmgl_hb_describe(hb, client, &clients[count]);
		count++;
	}
	vmgl_hb_unlock(hb);
	return count;
}

/* Get the state of the arbiter for the files in sysfs. */
void vmgl_heartbeat_summarize(struct vmgl_heartbeat *hb,
			      struct vmgl_heartbeat_summary *summary)
{
	u64 pause_ns = 0;

	summary->clients = vmgl_heartbeat_list(hb, NULL, 0);
	summary->interval_ms = hb->window_ms / VMGL_HB_BEATS_PER_WINDOW;

	vmgl_hb_lock(hb);
	summary->found_enabled = hb->found_enabled;
	summary->posted = hb->posted;
	summary->age_ms = hb->last_beat ?
			  ktime_ms_delta(ktime_get(), hb->last_beat) : -1;
	summary->missed = hb->missed;
	memcpy(summary->last_missed, hb->last_missed, sizeof(hb->last_missed));
	if (hb->pause_until)
		pause_ns = hb->pause_until - ktime_get_boottime_ns();
	vmgl_hb_unlock(hb);

	/* The pause may have ended since the lock was taken. */
	summary->pause_s = (s64)pause_ns > 0 ?
			   DIV64_U64_ROUND_UP(pause_ns, NSEC_PER_SEC) : 0;
}

/* --- creation and destruction ---------------------------------------------------- */

static int vmgl_hb_run_threads(struct vmgl_heartbeat *hb)
{
	hb->worker = vmgl_run_worker("vmguestlib_hb");
	if (IS_ERR(hb->worker))
		return PTR_ERR(hb->worker);
	hb->clock.worker = vmgl_run_worker("vmguestlib_clk");
	if (IS_ERR(hb->clock.worker)) {
		kthread_destroy_worker(hb->worker);
		return PTR_ERR(hb->clock.worker);
	}
	/* With FIFO priority, busy programs do not delay a heartbeat or a tick. */
	sched_set_fifo(hb->worker->task);
	sched_set_fifo(hb->clock.worker->task);
	return 0;
}

/*
 * Create the arbiter, without a request to the host.
 *
 * Return: the arbiter or an ERR_PTR().
 */
struct vmgl_heartbeat *vmgl_heartbeat_create(struct vmgl_rpc *rpc,
					     struct vmgl_events *events)
{
	struct vmgl_heartbeat *hb = kzalloc(sizeof(*hb), GFP_KERNEL);
	int ret;

	if (!hb)
		return ERR_PTR(-ENOMEM);
	hb->rpc = rpc;
	hb->events = events;
	hb->window_ms = ha_window_s * MSEC_PER_SEC;
	hb->post_known = true;
	spin_lock_init(&hb->lock);
	INIT_LIST_HEAD(&hb->clients);
	INIT_LIST_HEAD(&hb->calls);
	INIT_LIST_HEAD(&hb->api.entry);
	strscpy(hb->api.terms.name, VMGL_HB_API_NAME,
		sizeof(hb->api.terms.name));
	hb->api.terms.kind = VMGUESTLIB_HEARTBEAT_KIND_API;
	hb->api.terms.deadline_ms = hb->window_ms;
	kthread_init_delayed_work(&hb->work, vmgl_hb_work);
	kthread_init_delayed_work(&hb->clock.tick, vmgl_hb_tick);

	ret = vmgl_buffer_fix(&hb->reply.raw, VMGL_HB_REPLY_MAX);
	if (ret)
		goto err_hb;
	ret = -ENOMEM;
	/* A call may be a beat, which busy programs or a lack of memory must not delay. */
	hb->wq = alloc_workqueue("vmguestlib_sdk",
				 WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	if (!hb->wq)
		goto err_reply;
	vmgl_turns_init(&hb->line, hb->wq);
	ret = vmgl_hb_run_threads(hb);
	if (ret)
		goto err_wq;
	return hb;

err_wq:
	destroy_workqueue(hb->wq);
err_reply:
	vmgl_reply_free(&hb->reply);
err_hb:
	kfree(hb);
	return ERR_PTR(ret);
}

/*
 * Check whether an earlier boot has left the host enabled, and withdraw a need-reset of that
 * boot.  Called once, before the first client is armed.
 */
void vmgl_heartbeat_start(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	hb->former_at = ktime_get();
	vmgl_hb_unlock(hb);
	vmgl_hb_sync(hb);
}

/* Destroy the arbiter.  vmgl_heartbeat_stop() was called, and there are no clients. */
void vmgl_heartbeat_destroy(struct vmgl_heartbeat *hb)
{
	vmgl_turns_destroy(&hb->line);
	destroy_workqueue(hb->wq);
	kthread_cancel_delayed_work_sync(&hb->clock.tick);
	kthread_cancel_delayed_work_sync(&hb->work);
	kthread_destroy_worker(hb->clock.worker);
	kthread_destroy_worker(hb->worker);
	vmgl_reply_free(&hb->reply);
	kfree(hb);
}
