// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The arbiter of heartbeats.
 *
 * A virtual machine has one application state at its host.  Clients (open files, the
 * watchdog device, and one client for all calls of the SDK) share it: the arbiter sends
 * three beats per window of the host as long as every client keeps its deadline.  When
 * a client misses its deadline, the arbiter sends no more beats.
 *
 * The arbiter consists of three files, each of which uses the next:
 *
 * heartbeat.c - operations of the clients.  They change the state under the lock and
 *	wake the thread that has to act.  A beat takes the lock and reads a clock.
 * heartbeat_host.c - the worker, the only thread that makes requests to the host.
 * heartbeat_clients.c - the list of clients, and the clock of their deadlines.  A second
 *	thread ticks the clock, so that no host can delay it.
 *
 * A client is
 *
 *  - pending, while the first arming waits for the host: the worker arms the client
 *    or removes it (vmgl_hb_resolve());
 *  - armed: it expires in vmgl_hb_tick() at its deadline, or in
 *    vmgl_heartbeat_abandon() when its file is closed without a V;
 *  - expired, until it is disarmed, armed again, or cleared.  A beat of ``api`` arms
 *    it again.
 *
 * Each client pins the module.  struct vmgl_heartbeat.lock guards the clients.  The
 * deadline of a client starts when it is armed, at each beat, and when a pause or a
 * sleep ends.  No reply of the host changes a deadline.
 *
 * The host is not enabled, enabled, or unknown (enum vmgl_hb_enabled).
 * vmgl_hb_next_step() decides whether it should be enabled: while there are clients,
 * except during a pause, during a sleep, and when the machine goes down.  The worker
 * brings the host into that state by vmgl_hb_enable() and vmgl_hb_disable():
 *
 *  - The first client arms: the worker asks whether the host is enabled, and enables it.
 *  - The last client disarms, a pause or sleep begins, or the machine goes down: the
 *    worker disables the host, and the caller waits for that, at most 2 s.
 *  - The host does not answer to Enable, reports that it is not enabled, or turns gray:
 *    vmgl_hb_forget() makes it unknown.  With clients it is enabled again and the
 *    application state is posted; without clients it is disabled.
 *  - The machine may have been moved (another session, lost channels, checkpoints):
 *    after vmgl_hb_doubt() the worker checks the status and posts the application state
 *    again.
 *  - The machine resumes with clients: the host is unknown.
 *  - A client has expired: beats stop, and the application state is posted if the
 *    action is need-reset.  After an expiry each cause of an Enable leads to one Enable
 *    and one beat, because some hosts start their window with a beat.
 *  - The module is loaded: vmgl_hb_check_former() disables a host that an earlier boot
 *    has left enabled.
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

#include "compat/kthread.h"
#include "heartbeat_private.h"

#define VMGL_HB_API_NAME	"api"

/* Room for a reply, in bytes: all replies are words */
#define VMGL_HB_REPLY_MAX	256

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

static int vmgl_hb_call_and_wait(struct vmgl_heartbeat *hb, u32 op,
				 const char *text, bool may_interrupt)
{
	struct vmgl_hb_call call = { .op = op, .text = text };

	vmgl_hb_lock(hb);
	vmgl_hb_submit(hb, &call);
	vmgl_hb_unlock(hb);
	return vmgl_hb_wait(hb, &call, may_interrupt);
}

/* Waits until the worker has acted upon all earlier changes. */
static void vmgl_hb_sync(struct vmgl_heartbeat *hb)
{
	vmgl_hb_call_and_wait(hb, VMGL_HB_OP_SYNC, "", false);
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

/* Whether the client has expired, or its file was closed during a pause */
static bool vmgl_hb_is_left(const struct vmgl_heartbeat *hb,
			    const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HB_EXPIRED ||
	       (!client->owner && client != &hb->api);
}

/* @former: client of the same name, or NULL */
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
	/* During a pause no request finds out whether another program enabled the host. */
	if (client->terms.exclusive &&
	    (vmgl_hb_is_resting(hb) ||
	     (hb->enabled != VMGL_HB_NOT && hb->found_enabled)))
		return -EBUSY;
	/* Open files must not keep the watchdog from being armed. */
	if (!former && client->terms.kind == VMGUESTLIB_HEARTBEAT_KIND_FILE &&
	    vmgl_hb_count(hb, VMGUESTLIB_HEARTBEAT_KIND_FILE) >=
	    VMGL_HEARTBEAT_FILES_MAX)
		return -ENOSPC;
	return 0;
}

/* The first client waits for the host.  Later ones are armed at once. */
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
 * Return: 0; -EINVAL, -EALREADY, -EEXIST, -EPERM, -EBUSY, -ENOSPC as documented at
 * struct vmguestlib_heartbeat_arm; -ENOMEM; -ESHUTDOWN while the machine goes
 * down; -ETIMEDOUT; -ERESTARTSYS; or the error of the Enable at the host.
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
 * Arm ``api``.  If it is armed already, check the status of the host: gray is a reason for
 * a program to call Enable again.
 */
static int vmgl_hb_arm_api(struct vmgl_heartbeat *hb)
{
	struct vmgl_hb_call call = {};
	int ret = 0;

	vmgl_hb_lock(hb);
	hb->api.uid = current_euid();
	if (hb->is_stopped) {
		ret = -ESHUTDOWN;
	} else if (!vmgl_hb_is_listed(&hb->api)) {
		vmgl_hb_admit(hb, &hb->api, &call);
	} else {
		hb->api.stage = VMGL_HB_ARMED;
		vmgl_hb_restart(hb, &hb->api);
		vmgl_hb_set_clock(hb);
		hb->recheck = true;
		hb->next_status = 0;
		call = (struct vmgl_hb_call) {
			.op = VMGL_HB_OP_SYNC,
			.text = "",
		};
		vmgl_hb_submit(hb, &call);
	}
	vmgl_hb_unlock(hb);

	return call.op ? vmgl_hb_wait(hb, &call, true) : ret;
}

/* --- life of a client ----------------------------------------------------------- */

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
 * Restart the deadline of a client.
 *
 * Return: 0; -ENOTCONN when there is no client, -ETIME when it has expired.
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
 * Change the deadline of a client, and restart the deadline.
 *
 * Return: 0; -ENOTCONN when there is no client, -ETIME when it has expired.
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
 * Remove a client.
 *
 * The last client disables application monitoring at the host.
 *
 * Return: 0; -ENOTCONN when there is no client.
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
 * Expire the client of an owner that is gone without disarming.
 *
 * Maintenance stops programs, so during a pause the client stays armed.  Another client
 * of its name may take its place.  Otherwise it expires after the pause.
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
 * Disarm an expired client, or one whose file was closed during a pause.
 *
 * Return: 0; -ENOENT when there is none, -EBUSY when it is within its deadline.
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

/*
 * Serve a call of the SDK.
 *
 * A call that has timed out is not served later.
 *
 * Return: 0; -EINVAL; -EACCES for a beat when ``api`` is not armed; -ESHUTDOWN;
 * -ETIMEDOUT; -ERESTARTSYS; or as vmgl_appmon_command().
 */
int vmgl_heartbeat_call(struct vmgl_heartbeat *hb, u32 op, const char *text)
{
	int ret;

	if (vmgl_turns_begin(&hb->line, vmgl_priority_of_caller()))
		return -ERESTARTSYS;
	if (READ_ONCE(hb->is_stopped))
		ret = -ESHUTDOWN;
	else if (op == VMGUESTLIB_APPMON_ENABLE)
		ret = vmgl_hb_arm_api(hb);
	else if (op > VMGUESTLIB_APPMON_POST_STATE)
		ret = -EINVAL;
	else
		ret = vmgl_hb_call_and_wait(hb, op, text, true);
	vmgl_turns_end(&hb->line);
	return ret;
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
 * Stop beats and deadlines.  The worker makes no request for a pending client any more,
 * so the client gets the result that vmgl_hb_may_arm() has for a new client from now on.
 */
static void vmgl_hb_begin_rest(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	if (hb->is_stopped)
		vmgl_hb_resolve_pending(hb, -ESHUTDOWN, false);
	vmgl_hb_resolve_pending(hb, -EBUSY, true);
	vmgl_hb_resolve_pending(hb, 0, false);
	vmgl_hb_set_clock(hb);
	vmgl_hb_retry_now(hb);
}

/*
 * Begin a pause, in which there are no heartbeats and no deadlines; 0 seconds: end it.
 *
 * Return: 0; -EBUSY when a client forbids it.
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

/* Check the host's status: the machine may have been moved. */
void vmgl_heartbeat_recheck(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	vmgl_hb_doubt(hb);
	vmgl_hb_unlock(hb);
}

/* Returns 0 when the host is known not to be enabled. */
static int vmgl_hb_switch_off(struct vmgl_heartbeat *hb, bool *reason)
{
	vmgl_hb_lock(hb);
	WRITE_ONCE(*reason, true);
	vmgl_hb_begin_rest(hb);
	vmgl_hb_unlock(hb);

	return vmgl_hb_call_and_wait(hb, VMGL_HB_OP_OFF, "", false);
}

/*
 * Disable the host before a sleep.
 *
 * Return: 0; -ETIMEDOUT when the host may still expect heartbeats.
 */
int vmgl_heartbeat_suspend(struct vmgl_heartbeat *hb)
{
	return vmgl_hb_switch_off(hb, &hb->is_suspended);
}

/* Restart heartbeats and deadlines after a sleep. */
void vmgl_heartbeat_resume(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	if (hb->is_suspended) {
		hb->is_suspended = false;
		hb->gray_answered = false;
		vmgl_hb_restart_all(hb);
		if (!list_empty(&hb->clients))
			vmgl_hb_forget(hb);
	}
	vmgl_hb_unlock(hb);
}

/* Disable the host, and send no heartbeats any more. */
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

/* Get the state of a client. */
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
 * List the clients that the array has room for.
 *
 * Return: number of all clients.
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

/* Get the state of the arbiter. */
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
	/* Load of programs must not delay a beat or a tick. */
	sched_set_fifo(hb->worker->task);
	sched_set_fifo(hb->clock.worker->task);
	return 0;
}

/*
 * Create the arbiter without a request to the host.
 *
 * Return: the object or an ERR_PTR().
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
	vmgl_turns_init(&hb->line);
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
	if (!ret)
		ret = vmgl_hb_run_threads(hb);
	if (!ret)
		return hb;

	vmgl_reply_free(&hb->reply);
	kfree(hb);
	return ERR_PTR(ret);
}

/* Check whether an earlier boot has left the host enabled; before the first client. */
void vmgl_heartbeat_start(struct vmgl_heartbeat *hb)
{
	vmgl_hb_lock(hb);
	hb->former_at = ktime_get();
	vmgl_hb_unlock(hb);
	vmgl_hb_sync(hb);
}

/* Destroy the arbiter; after vmgl_heartbeat_stop(), without clients. */
void vmgl_heartbeat_destroy(struct vmgl_heartbeat *hb)
{
	kthread_cancel_delayed_work_sync(&hb->clock.tick);
	kthread_cancel_delayed_work_sync(&hb->work);
	kthread_destroy_worker(hb->clock.worker);
	kthread_destroy_worker(hb->worker);
	vmgl_turns_destroy(&hb->line);
	vmgl_reply_free(&hb->reply);
	kfree(hb);
}
