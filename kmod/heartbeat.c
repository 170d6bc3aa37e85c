// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The arbiter of heartbeats: clients and what they may do.
 *
 * One application state exists per virtual machine.  Here it is decided who
 * counts; heartbeat_worker.c tells the host.  Everything here only notes things
 * down under the lock and wakes the worker, so that a beat costs a lock and a
 * clock.
 *
 * Whoever has to wait for the host waits for the worker, and not for ever.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "heartbeat.h"

/* The client of that name, or NULL. */
struct vmgl_heartbeat_client *vmgl_heartbeat_find(struct vmgl_heartbeat *hb,
						  const char *name)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (!strcmp(client->name, name))
			return client;
	return NULL;
}

/* Whether a client other than ``api`` is in the list, pending ones included. */
bool vmgl_heartbeat_has_others(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client != &hb->api)
			return true;
	return false;
}

/* Whether ``api`` is in the list, expired or not. */
bool vmgl_heartbeat_api_armed(const struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return !list_empty(&hb->api.entry);
}

/* A client that joins an armed one need not wait for the host. */
static bool vmgl_hb_is_settled(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage != VMGL_HEARTBEAT_PENDING)
			return true;
	return vmgl_heartbeat_paused(hb);
}

/* Neither beats nor deadlines for the time being. */
bool vmgl_heartbeat_paused(const struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return hb->suspended || hb->pause_until;
}

/* Starts a client's deadline anew. */
void vmgl_heartbeat_refresh(struct vmgl_heartbeat_client *client, ktime_t now)
{
	client->expires = ktime_add_ms(now, client->deadline_ms);
}

/* Starts the deadlines of all live clients anew. */
void vmgl_heartbeat_refresh_all(struct vmgl_heartbeat *hb, ktime_t now)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HEARTBEAT_ARMED)
			vmgl_heartbeat_refresh(client, now);
}

static void vmgl_hb_release(struct kref *kref)
{
	struct vmgl_heartbeat_client *client =
		container_of(kref, struct vmgl_heartbeat_client, kref);

	if (client->kind != VMGUESTLIB_HEARTBEAT_KIND_API)
		kfree(client);
}

static void vmgl_hb_put(struct vmgl_heartbeat_client *client)
{
	kref_put(&client->kref, vmgl_hb_release);
}

/* ``api`` alone has no deadline; beside others it has one from now on. */
static void vmgl_hb_attach(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client)
{
	ktime_t now = ktime_get();

	lockdep_assert_held(&hb->lock);

	__module_get(THIS_MODULE);
	kref_init(&client->kref);
	vmgl_heartbeat_refresh(client, now);
	if (vmgl_heartbeat_api_armed(hb) && !vmgl_heartbeat_has_others(hb))
		vmgl_heartbeat_refresh(&hb->api, now);
	list_add_tail(&client->entry, &hb->clients);
}

/* Takes a client out of the list; it is gone unless somebody holds it. */
void vmgl_heartbeat_detach(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	list_del_init(&client->entry);
	if (client->owner)
		client->owner->client = NULL;
	client->owner = NULL;
	vmgl_hb_put(client);
	module_put(THIS_MODULE);
}

/* Makes ``api`` a client, or gives it a fresh start. */
void vmgl_heartbeat_admit_api(struct vmgl_heartbeat *hb, kuid_t uid)
{
	lockdep_assert_held(&hb->lock);

	hb->api.uid = uid;
	hb->api.stage = VMGL_HEARTBEAT_ARMED;
	if (vmgl_heartbeat_api_armed(hb))
		vmgl_heartbeat_refresh(&hb->api, ktime_get());
	else
		vmgl_hb_attach(hb, &hb->api);
}

/*
 * Beats stop with the next round of the worker, and stay stopped.  @obituary is for
 * vmgl_heartbeat_report() after the lock: consoles are slow.
 */
void vmgl_heartbeat_expire(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client,
			   struct vmgl_heartbeat_obituary *obituary)
{
	lockdep_assert_held(&hb->lock);

	client->stage = VMGL_HEARTBEAT_EXPIRED;
	hb->missed++;
	strscpy(hb->last_missed, client->name, sizeof(hb->last_missed));
	strscpy(obituary->name, client->name, sizeof(obituary->name));
	obituary->action = client->action;
	if (client->owner && client->owner->events)
		vmgl_event_client_raise(hb->events, client->owner->events,
					VMGUESTLIB_EVENT_EXPIRED);
}

/* Puts it into the kernel's log. */
void vmgl_heartbeat_report(const struct vmgl_heartbeat_obituary *obituary)
{
	bool asks = obituary->action == VMGUESTLIB_HEARTBEAT_NEED_RESET;

	pr_warn_ratelimited("heartbeat client %s expired, no more heartbeats%s\n",
			    obituary->name, asks ? ", reset requested" : "");
}

/* Has the worker look at everything now. */
void vmgl_heartbeat_kick(struct vmgl_heartbeat *hb)
{
	kthread_mod_delayed_work(hb->worker, &hb->tick, 0);
}

static u64 vmgl_hb_next_round(struct vmgl_heartbeat *hb)
{
	u64 round;

	spin_lock(&hb->lock);
	round = hb->rounds_begun + 1;
	spin_unlock(&hb->lock);
	return round;
}

static bool vmgl_hb_has_ended(struct vmgl_heartbeat *hb, u64 round)
{
	bool ended;

	spin_lock(&hb->lock);
	ended = hb->rounds_ended >= round;
	spin_unlock(&hb->lock);
	return ended;
}

/* Waits until the worker has acted upon all that was noted before. */
void vmgl_heartbeat_sync(struct vmgl_heartbeat *hb)
{
	u64 round = vmgl_hb_next_round(hb);

	vmgl_heartbeat_kick(hb);
	wait_event_timeout(hb->changed, vmgl_hb_has_ended(hb, round),
			   VMGL_HEARTBEAT_PATIENCE);
}

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

static int vmgl_hb_check(const struct vmgl_heartbeat_client *wanted)
{
	if (!vmgl_hb_is_name(wanted->name) ||
	    !strcmp(wanted->name, VMGL_HEARTBEAT_API_NAME))
		return -EINVAL;
	if (wanted->deadline_ms < VMGUESTLIB_HEARTBEAT_DEADLINE_MIN_MS ||
	    wanted->deadline_ms > VMGUESTLIB_HEARTBEAT_DEADLINE_MAX_MS)
		return -EINVAL;
	if (wanted->action != VMGUESTLIB_HEARTBEAT_STOP &&
	    wanted->action != VMGUESTLIB_HEARTBEAT_NEED_RESET)
		return -EINVAL;
	return 0;
}

static unsigned int vmgl_hb_count(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;
	unsigned int count = 0;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		count++;
	return count;
}

static int vmgl_hb_admit(struct vmgl_heartbeat *hb,
			 struct vmgl_heartbeat_owner *owner,
			 struct vmgl_heartbeat_client *client)
{
	struct vmgl_heartbeat_client *orphan = vmgl_heartbeat_find(hb, client->name);

	lockdep_assert_held(&hb->lock);

	if (hb->stopped)
		return -ESHUTDOWN;
	if (owner->client && (owner->client != orphan ||
			      orphan->stage != VMGL_HEARTBEAT_EXPIRED))
		return -EALREADY;
	if (orphan && orphan->stage != VMGL_HEARTBEAT_EXPIRED)
		return -EEXIST;
	if (orphan && !uid_eq(orphan->uid, client->uid) &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* In a pause the host is not asked. */
	if (client->exclusive && (vmgl_heartbeat_paused(hb) ||
				  (hb->enabled && hb->found_enabled)))
		return -EBUSY;
	if (!orphan && vmgl_hb_count(hb) >= VMGL_HEARTBEAT_CLIENTS_MAX)
		return -ENOSPC;

	client->stage = vmgl_hb_is_settled(hb) ? VMGL_HEARTBEAT_ARMED :
						 VMGL_HEARTBEAT_PENDING;
	if (orphan)
		vmgl_heartbeat_detach(hb, orphan);
	vmgl_hb_attach(hb, client);
	client->owner = owner;
	owner->client = client;
	return 0;
}

static bool vmgl_hb_is_pending(struct vmgl_heartbeat *hb,
			       const struct vmgl_heartbeat_client *client)
{
	bool pending;

	spin_lock(&hb->lock);
	pending = client->stage == VMGL_HEARTBEAT_PENDING;
	spin_unlock(&hb->lock);
	return pending;
}

/* The host's word on the first client; one that got none is withdrawn. */
static int vmgl_hb_await(struct vmgl_heartbeat *hb,
			 struct vmgl_heartbeat_client *client)
{
	long left;
	int ret = 0;

	left = wait_event_interruptible_timeout(hb->changed,
						!vmgl_hb_is_pending(hb, client),
						VMGL_HEARTBEAT_PATIENCE);

	spin_lock(&hb->lock);
	if (client->stage == VMGL_HEARTBEAT_REJECTED) {
		ret = client->error;
	} else if (client->stage == VMGL_HEARTBEAT_PENDING) {
		ret = left < 0 ? left : -ETIMEDOUT;
		vmgl_heartbeat_detach(hb, client);
	}
	spin_unlock(&hb->lock);

	if (ret)
		vmgl_heartbeat_kick(hb);
	return ret;
}

/**
 * vmgl_heartbeat_arm() - add a client
 * @hb: the object
 * @owner: who holds it; the caller serializes arming and disarming of an owner
 * @wanted: name, kind, action, deadline and flags
 *
 * The first client enables application monitoring at the host.
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE.
 * Return: 0; -EINVAL, -EALREADY, -EEXIST, -EPERM, -EBUSY, -ENOSPC as documented at
 * struct vmguestlib_heartbeat_arm; -ENOMEM; -ESHUTDOWN while the machine goes
 * down; -ETIMEDOUT; -ERESTARTSYS; or why the host did not enable.
 */
int vmgl_heartbeat_arm(struct vmgl_heartbeat *hb,
		       struct vmgl_heartbeat_owner *owner,
		       const struct vmgl_heartbeat_client *wanted)
{
	struct vmgl_heartbeat_client *client;
	int ret;

	ret = vmgl_hb_check(wanted);
	if (ret)
		return ret;
	client = kmemdup(wanted, sizeof(*wanted), GFP_KERNEL);
	if (!client)
		return -ENOMEM;
	client->uid = current_euid();

	spin_lock(&hb->lock);
	ret = vmgl_hb_admit(hb, owner, client);
	if (!ret)
		kref_get(&client->kref);
	spin_unlock(&hb->lock);
	if (ret) {
		kfree(client);
		return ret;
	}

	vmgl_heartbeat_kick(hb);
	ret = vmgl_hb_await(hb, client);
	vmgl_hb_put(client);
	return ret;
}

static int vmgl_hb_beat_locked(struct vmgl_heartbeat *hb,
			       struct vmgl_heartbeat_client *client)
{
	lockdep_assert_held(&hb->lock);

	if (!client)
		return -ENOTCONN;
	if (client->stage == VMGL_HEARTBEAT_EXPIRED)
		return -ETIME;
	vmgl_heartbeat_refresh(client, ktime_get());
	return 0;
}

/**
 * vmgl_heartbeat_beat() - the client is alive
 * @hb: the object
 * @owner: who holds it
 *
 * Context: Process context; does not sleep.
 * Return: 0; -ENOTCONN when there is no client, -ETIME when it has expired.
 */
int vmgl_heartbeat_beat(struct vmgl_heartbeat *hb,
			struct vmgl_heartbeat_owner *owner)
{
	int ret;

	spin_lock(&hb->lock);
	ret = vmgl_hb_beat_locked(hb, owner->client);
	spin_unlock(&hb->lock);
	return ret;
}

/**
 * vmgl_heartbeat_disarm() - the client need not be alive any more
 * @hb: the object
 * @owner: who holds it; the caller serializes arming and disarming of an owner
 *
 * The last client disables application monitoring at the host.
 *
 * Context: Process context; waits for the host at most VMGL_HEARTBEAT_PATIENCE,
 * and does not fail for its sake: the worker goes on trying.
 * Return: 0; -ENOTCONN when there is no client.
 */
int vmgl_heartbeat_disarm(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner)
{
	int ret = -ENOTCONN;

	spin_lock(&hb->lock);
	if (owner->client) {
		vmgl_heartbeat_detach(hb, owner->client);
		ret = 0;
	}
	spin_unlock(&hb->lock);

	if (!ret)
		vmgl_heartbeat_sync(hb);
	return ret;
}

/**
 * vmgl_heartbeat_abandon() - the owner is gone without disarming
 * @hb: the object
 * @owner: who held the client, if there was one
 *
 * Context: Process context; does not sleep.
 */
void vmgl_heartbeat_abandon(struct vmgl_heartbeat *hb,
			    struct vmgl_heartbeat_owner *owner)
{
	struct vmgl_heartbeat_obituary obituary;
	struct vmgl_heartbeat_client *client;
	bool has_expired = false;

	spin_lock(&hb->lock);
	client = owner->client;
	if (client) {
		client->owner = NULL;
		owner->client = NULL;
		has_expired = client->stage == VMGL_HEARTBEAT_ARMED;
	}
	if (has_expired)
		vmgl_heartbeat_expire(hb, client, &obituary);
	spin_unlock(&hb->lock);

	if (!has_expired)
		return;
	vmgl_heartbeat_kick(hb);
	vmgl_heartbeat_report(&obituary);
}

/**
 * vmgl_heartbeat_set_deadline() - change the deadline, and start it anew
 * @hb: the object
 * @owner: who holds the client
 * @deadline_ms: in ms, in range
 *
 * Context: Process context; does not sleep.
 * Return: 0; -ENOTCONN when there is no client, -ETIME when it has expired.
 */
int vmgl_heartbeat_set_deadline(struct vmgl_heartbeat *hb,
				struct vmgl_heartbeat_owner *owner,
				u32 deadline_ms)
{
	int ret;

	spin_lock(&hb->lock);
	if (owner->client)
		owner->client->deadline_ms = deadline_ms;
	ret = vmgl_hb_beat_locked(hb, owner->client);
	spin_unlock(&hb->lock);

	vmgl_heartbeat_kick(hb);
	return ret;
}
