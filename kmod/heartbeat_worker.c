// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The arbiter of heartbeats: what happens at the host.
 *
 * One FIFO thread goes round: deadlines, the SDK's call, application state,
 * enable or disable, status, beat.  It alone talks to the host, so there is
 * nothing to interleave; the lock is held to look and to note, never meanwhile.
 *
 * A machine that stood still is not a dead application.  While a client is armed
 * the thread wants to be woken at least four times per shortest deadline, and at
 * least once a second; by as much as it is woken late, and by as much as a round
 * took, all deadlines move.  When in its sleep the machine stopped is not known:
 * after a long stop the whole of the sleep is forgiven, or who was about to beat
 * would find its time gone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "appmon.h"
#include "heartbeat.h"

/* Lateness below this is the scheduler's; expiry is noticed within it */
#define VMGL_HEARTBEAT_LATE_MS		100

/* Lateness above this is no scheduler's */
#define VMGL_HEARTBEAT_STUN_MS		1000

#define VMGL_HEARTBEAT_PERIOD_MAX_MS	1000
#define VMGL_HEARTBEAT_PERIODS		4

/* Nobody waits for a Disable that does not succeed. */
#define VMGL_HEARTBEAT_RETRY_MAX_MS	60000U

static ktime_t vmgl_hb_earlier(ktime_t a, ktime_t b)
{
	return ktime_before(a, b) ? a : b;
}

/* A client that has just beaten gets nothing on top. */
static void vmgl_hb_move_deadlines(struct vmgl_heartbeat *hb, ktime_t now,
				   s64 late_ms)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	if (late_ms <= VMGL_HEARTBEAT_LATE_MS)
		return;
	list_for_each_entry(client, &hb->clients, entry)
		client->expires =
			vmgl_hb_earlier(ktime_add_ms(client->expires, late_ms),
					ktime_add_ms(now, client->deadline_ms));
}

static bool vmgl_hb_has_deadline(const struct vmgl_heartbeat *hb,
				 const struct vmgl_heartbeat_client *client)
{
	return client->stage == VMGL_HEARTBEAT_ARMED &&
	       (client != &hb->api || vmgl_heartbeat_has_others(hb));
}

static struct vmgl_heartbeat_client *
vmgl_hb_overdue(struct vmgl_heartbeat *hb, ktime_t now)
{
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	if (hb->stopped || vmgl_heartbeat_paused(hb))
		return NULL;
	list_for_each_entry(client, &hb->clients, entry)
		if (vmgl_hb_has_deadline(hb, client) &&
		    ktime_compare(now, client->expires) >= 0)
			return client;
	return NULL;
}

static void vmgl_hb_expire_overdue(struct vmgl_heartbeat *hb, ktime_t now)
{
	struct vmgl_heartbeat_obituary obituary;
	struct vmgl_heartbeat_client *client;

	do {
		spin_lock(&hb->lock);
		client = vmgl_hb_overdue(hb, now);
		if (client)
			vmgl_heartbeat_expire(hb, client, &obituary);
		spin_unlock(&hb->lock);
		if (client)
			vmgl_heartbeat_report(&obituary);
	} while (client);
}

static s64 vmgl_hb_lateness_ms(const struct vmgl_heartbeat *hb, ktime_t now)
{
	s64 late_ms;

	if (hb->wake == KTIME_MAX)
		return 0;
	late_ms = ktime_ms_delta(now, hb->wake);
	if (late_ms > VMGL_HEARTBEAT_STUN_MS)
		late_ms = ktime_ms_delta(now, hb->asleep);
	return late_ms;
}

static ktime_t vmgl_hb_begin_round(struct vmgl_heartbeat *hb)
{
	ktime_t now = ktime_get();

	spin_lock(&hb->lock);
	hb->rounds_begun++;
	vmgl_hb_move_deadlines(hb, now, vmgl_hb_lateness_ms(hb, now));
	hb->wake = KTIME_MAX;
	if (hb->pause_until && ktime_compare(now, hb->pause_until) >= 0) {
		hb->pause_until = 0;
		vmgl_heartbeat_refresh_all(hb, now);
	}
	spin_unlock(&hb->lock);

	vmgl_hb_expire_overdue(hb, now);
	return now;
}

static bool vmgl_hb_any(const struct vmgl_heartbeat *hb,
			enum vmgl_heartbeat_stage stage)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == stage)
			return true;
	return false;
}

/* ``api`` alone beats for itself; who is pending has not been enabled yet. */
static bool vmgl_hb_should_beat(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return hb->enabled && !hb->stopped && !vmgl_heartbeat_paused(hb) &&
	       vmgl_heartbeat_has_others(hb) &&
	       !vmgl_hb_any(hb, VMGL_HEARTBEAT_PENDING) &&
	       !vmgl_hb_any(hb, VMGL_HEARTBEAT_EXPIRED);
}

static bool vmgl_hb_should_enable(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	return !hb->stopped && !vmgl_heartbeat_paused(hb) &&
	       !list_empty(&hb->clients);
}

static void vmgl_hb_reject(struct vmgl_heartbeat *hb, int error,
			   bool exclusive_only)
{
	struct vmgl_heartbeat_client *client, *next;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry_safe(client, next, &hb->clients, entry) {
		if (client->stage != VMGL_HEARTBEAT_PENDING ||
		    (exclusive_only && !client->exclusive))
			continue;
		client->stage = VMGL_HEARTBEAT_REJECTED;
		client->error = error;
		vmgl_heartbeat_detach(hb, client);
	}
}

/* Enable or disable: what follows from the host's yes. */
void vmgl_heartbeat_set_enabled(struct vmgl_heartbeat *hb, bool enabled)
{
	ktime_t now = ktime_get();
	struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	hb->enabled = enabled;
	hb->in_doubt = false;
	hb->gray_enabled = false;
	hb->next_retry = 0;
	hb->retry_ms = 0;
	hb->next_beat = now;
	hb->next_status = ktime_add_ms(now, hb->window_ms);
	if (!enabled) {
		hb->last_beat = 0;
		hb->status[0] = '\0';
		if (list_empty(&hb->clients))
			hb->found_enabled = false;
		return;
	}
	hb->post_known = true;
	if (hb->found_enabled)
		vmgl_hb_reject(hb, -EBUSY, true);
	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HEARTBEAT_PENDING)
			client->stage = VMGL_HEARTBEAT_ARMED;
	vmgl_heartbeat_refresh_all(hb, now);
}

/* Without an answer that can be read it may have been served all the same. */
static bool vmgl_hb_may_be_served(int error)
{
	return error == -EIO || error == -ETIMEDOUT || error == -EPROTO ||
	       error == -EMSGSIZE || error == -ENOMEM;
}

/*
 * A host that is enabled already may be so by somebody else, or by a former life
 * of this machine, and may answer a second Enable with an error.  One that may have
 * been enabled by us must not be left so: it would wait for beats that nobody sends.
 */
int vmgl_heartbeat_enable_host(struct vmgl_heartbeat *hb, bool was_enabled)
{
	int ret = vmgl_appmon_enable(hb->rpc, &hb->reply);

	if (was_enabled && (ret == -EINVAL || ret == -EREMOTEIO))
		return 0;
	if (!was_enabled && vmgl_hb_may_be_served(ret)) {
		spin_lock(&hb->lock);
		hb->in_doubt = true;
		hb->next_retry = 0;
		hb->retry_ms = 0;
		spin_unlock(&hb->lock);
	}
	return ret;
}

/* Whether there are clients left who do not mind. */
static bool vmgl_hb_reject_exclusive(struct vmgl_heartbeat *hb)
{
	bool left;

	spin_lock(&hb->lock);
	vmgl_hb_reject(hb, -EBUSY, true);
	left = !list_empty(&hb->clients);
	spin_unlock(&hb->lock);
	return left;
}

static void vmgl_hb_note_enable(struct vmgl_heartbeat *hb, bool is_first,
				bool was_enabled, int error)
{
	spin_lock(&hb->lock);
	if (!error) {
		if (is_first)
			hb->found_enabled = was_enabled;
		vmgl_heartbeat_set_enabled(hb, true);
	} else {
		vmgl_hb_reject(hb, error, false);
		if (!list_empty(&hb->clients))
			hb->next_retry = ktime_add_ms(ktime_get(),
						      VMGL_HEARTBEAT_RETRY_MS);
	}
	spin_unlock(&hb->lock);
}

/*
 * There may be hosts whose window begins with the first beat and not with Enable.
 * It is sent even when a client is dead, or nobody would ever act.
 */
static void vmgl_hb_open_window(struct vmgl_heartbeat *hb)
{
	bool is_dead;

	spin_lock(&hb->lock);
	is_dead = vmgl_hb_any(hb, VMGL_HEARTBEAT_EXPIRED);
	spin_unlock(&hb->lock);

	if (!is_dead || vmgl_appmon_mark_active(hb->rpc, &hb->reply))
		return;

	spin_lock(&hb->lock);
	hb->last_beat = ktime_get();
	spin_unlock(&hb->lock);
}

static void vmgl_hb_enable(struct vmgl_heartbeat *hb)
{
	bool was_enabled = false, is_first;
	int ret;

	spin_lock(&hb->lock);
	/* As long as a Disable is owed, what the host says may be our own doing. */
	is_first = !hb->enabled && !hb->in_doubt &&
		   !vmgl_hb_any(hb, VMGL_HEARTBEAT_ARMED) &&
		   !vmgl_hb_any(hb, VMGL_HEARTBEAT_EXPIRED);
	spin_unlock(&hb->lock);

	ret = vmgl_appmon_is_enabled(hb->rpc, &hb->reply, &was_enabled);
	if (is_first && was_enabled && !vmgl_hb_reject_exclusive(hb))
		return;
	if (!ret)
		ret = vmgl_heartbeat_enable_host(hb, was_enabled);
	vmgl_hb_note_enable(hb, is_first, was_enabled, ret);
	if (!ret)
		vmgl_hb_open_window(hb);
	else if (!is_first)
		pr_warn_ratelimited("heartbeats cannot be enabled: %d\n", ret);
}

/* Whether the host is known not to monitor us after this answer to Disable. */
static bool vmgl_hb_is_disabled(struct vmgl_heartbeat *hb, int error)
{
	bool enabled = true;

	if (!error || error == -EACCES || error == -EOPNOTSUPP)
		return true;
	return !vmgl_appmon_is_enabled(hb->rpc, &hb->reply, &enabled) &&
	       !enabled;
}

/* As long as it may monitor us it may reset us. */
static void vmgl_hb_disable(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_appmon_disable(hb->rpc, &hb->reply);
	bool is_disabled = vmgl_hb_is_disabled(hb, ret);

	spin_lock(&hb->lock);
	if (is_disabled) {
		vmgl_heartbeat_set_enabled(hb, false);
	} else {
		hb->retry_ms = clamp(2 * hb->retry_ms, VMGL_HEARTBEAT_RETRY_MS,
				     VMGL_HEARTBEAT_RETRY_MAX_MS);
		hb->next_retry = ktime_add_ms(ktime_get(), hb->retry_ms);
	}
	spin_unlock(&hb->lock);

	if (is_disabled)
		vmgl_rpc_close(hb->rpc);
}

static bool vmgl_hb_may_retry(const struct vmgl_heartbeat *hb)
{
	return ktime_compare(ktime_get(), hb->next_retry) >= 0;
}

/* Whether the host is not known to be as it should. */
static bool vmgl_hb_is_unsettled(struct vmgl_heartbeat *hb)
{
	lockdep_assert_held(&hb->lock);

	if (vmgl_hb_should_enable(hb))
		return !hb->enabled;
	return hb->enabled || hb->in_doubt;
}

/* A pending client wants an answer, even while a Disable is still owed. */
static void vmgl_hb_reconcile(struct vmgl_heartbeat *hb)
{
	bool wanted, unsettled, pending, due;

	spin_lock(&hb->lock);
	wanted = vmgl_hb_should_enable(hb);
	unsettled = vmgl_hb_is_unsettled(hb);
	pending = vmgl_hb_any(hb, VMGL_HEARTBEAT_PENDING);
	due = vmgl_hb_may_retry(hb) || hb->stopped || pending;
	spin_unlock(&hb->lock);

	if (!due)
		return;
	if (wanted && (unsettled || pending))
		vmgl_hb_enable(hb);
	else if (!wanted && unsettled)
		vmgl_hb_disable(hb);
}

static bool vmgl_hb_is_gray(const char *status)
{
	size_t len = strlen(status);

	return len >= strlen("gray") &&
	       !strcasecmp(status + len - strlen("gray"), "gray");
}

/*
 * A host that has turned gray has forgotten whom it monitors.  Without beats,
 * because a client has expired, it is told only once: each Enable gives us a new
 * window, and the host must act at some time.
 */
static bool vmgl_hb_recover(struct vmgl_heartbeat *hb, bool is_news)
{
	bool due;

	spin_lock(&hb->lock);
	due = vmgl_hb_should_beat(hb) || !hb->gray_enabled;
	spin_unlock(&hb->lock);

	if (!due || vmgl_appmon_enable(hb->rpc, &hb->reply))
		return false;

	spin_lock(&hb->lock);
	hb->gray_enabled = true;
	hb->post_known = true;
	hb->next_beat = ktime_get();
	if (is_news)
		vmgl_heartbeat_refresh_all(hb, hb->next_beat);
	spin_unlock(&hb->lock);

	vmgl_hb_open_window(hb);
	return true;
}

/* Returns whether the host was gray and monitors again. */
bool vmgl_heartbeat_look_at_status(struct vmgl_heartbeat *hb)
{
	char status[sizeof(hb->status)] = "";
	bool changed, is_news, is_unreachable;
	int ret;

	ret = vmgl_appmon_status(hb->rpc, &hb->reply, status, sizeof(status));

	spin_lock(&hb->lock);
	is_unreachable = ret == -EIO || ret == -ETIMEDOUT;
	hb->next_status = ktime_add_ms(ktime_get(), is_unreachable ?
				       VMGL_HEARTBEAT_RETRY_MS : hb->window_ms);
	changed = !ret && strcmp(hb->status, status);
	is_news = !vmgl_hb_is_gray(hb->status);
	if (changed)
		strscpy(hb->status, status, sizeof(hb->status));
	if (!ret && !vmgl_hb_is_gray(status))
		hb->gray_enabled = false;
	spin_unlock(&hb->lock);

	if (changed)
		vmgl_events_status_changed(hb->events);
	return !ret && vmgl_hb_is_gray(status) && vmgl_hb_recover(hb, is_news);
}

/* Lost channels and checkpoints are how a move shows on the wire. */
static bool vmgl_hb_was_interrupted(struct vmgl_heartbeat *hb)
{
	u64 now = vmgl_counted(hb->rpc->counters, VMGL_COUNT_CHECKPOINTS) +
		  vmgl_counted(hb->rpc->counters, VMGL_COUNT_REOPENED) +
		  vmgl_counted(hb->rpc->counters, VMGL_COUNT_FAILOVERS);
	u64 before = hb->interruptions;

	hb->interruptions = now;
	return now != before;
}

static void vmgl_hb_watch_status(struct vmgl_heartbeat *hb)
{
	bool interrupted = vmgl_hb_was_interrupted(hb);
	bool due;

	spin_lock(&hb->lock);
	if (hb->recheck || interrupted)
		hb->gray_enabled = false;
	due = hb->enabled && vmgl_hb_should_enable(hb) &&
	      (hb->recheck || interrupted ||
	       ktime_compare(ktime_get(), hb->next_status) >= 0);
	hb->recheck = false;
	spin_unlock(&hb->lock);

	if (due)
		vmgl_heartbeat_look_at_status(hb);
}

static int vmgl_hb_beat_once(struct vmgl_heartbeat *hb)
{
	int ret = vmgl_appmon_mark_active(hb->rpc, &hb->reply);
	ktime_t now = ktime_get();

	spin_lock(&hb->lock);
	if (!ret) {
		hb->last_beat = now;
		hb->gray_enabled = false;
	}
	hb->next_beat = ktime_add_ms(now, ret ? VMGL_HEARTBEAT_RETRY_MS :
				     vmgl_heartbeat_interval_ms(hb));
	spin_unlock(&hb->lock);
	return ret;
}

/* A host that does not know us any more need not have turned gray for it. */
static void vmgl_hb_beat(struct vmgl_heartbeat *hb)
{
	bool due;
	int ret;

	spin_lock(&hb->lock);
	due = vmgl_hb_should_beat(hb) &&
	      ktime_compare(ktime_get(), hb->next_beat) >= 0;
	spin_unlock(&hb->lock);

	if (!due)
		return;
	ret = vmgl_hb_beat_once(hb);
	if (!ret)
		return;
	if (vmgl_heartbeat_look_at_status(hb) ||
	    (ret == -EACCES && vmgl_hb_recover(hb, false)))
		vmgl_hb_beat_once(hb);
}

static u32 vmgl_hb_period_ms(const struct vmgl_heartbeat *hb)
{
	u32 period_ms = VMGL_HEARTBEAT_PERIOD_MAX_MS;
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (vmgl_hb_has_deadline(hb, client))
			period_ms = min(period_ms, client->deadline_ms /
						   VMGL_HEARTBEAT_PERIODS);
	return period_ms;
}

/* KTIME_MAX: nobody is armed and the host knows it. */
static ktime_t vmgl_hb_next_wake(struct vmgl_heartbeat *hb, ktime_t now)
{
	const struct vmgl_heartbeat_client *client;
	ktime_t wake = KTIME_MAX;

	lockdep_assert_held(&hb->lock);

	if (hb->pause_until)
		wake = hb->pause_until;
	if (vmgl_hb_is_unsettled(hb))
		wake = vmgl_hb_earlier(wake, hb->next_retry);
	if (vmgl_heartbeat_owed_state(hb) != VMGL_APP_STATE_NONE)
		wake = vmgl_hb_earlier(wake, hb->next_post);
	if (hb->call.served != hb->call.number)
		wake = now;
	if (!list_empty(&hb->clients))
		wake = vmgl_hb_earlier(wake, ktime_add_ms(now,
							  vmgl_hb_period_ms(hb)));
	if (hb->enabled && vmgl_hb_should_enable(hb))
		wake = vmgl_hb_earlier(wake, hb->next_status);
	if (vmgl_hb_should_beat(hb))
		wake = vmgl_hb_earlier(wake, hb->next_beat);
	/* Nobody expires then, however long ago the deadline was. */
	if (hb->stopped || vmgl_heartbeat_paused(hb))
		return wake;
	list_for_each_entry(client, &hb->clients, entry)
		if (vmgl_hb_has_deadline(hb, client))
			wake = vmgl_hb_earlier(wake, client->expires);
	return wake;
}

static void vmgl_hb_end_round(struct vmgl_heartbeat *hb, ktime_t began)
{
	ktime_t now = ktime_get();
	s64 wait_ns;

	spin_lock(&hb->lock);
	vmgl_hb_move_deadlines(hb, now, ktime_ms_delta(now, began));
	hb->rounds_ended = hb->rounds_begun;
	hb->wake = vmgl_hb_next_wake(hb, now);
	hb->asleep = now;
	if (hb->wake != KTIME_MAX) {
		/* What is overdue is so by no lateness of ours. */
		if (ktime_before(hb->wake, now))
			hb->wake = now;
		wait_ns = ktime_sub(hb->wake, now);
		kthread_queue_delayed_work(hb->worker, &hb->tick,
					   nsecs_to_jiffies(wait_ns) + 1);
	}
	spin_unlock(&hb->lock);

	wake_up_all(&hb->changed);
}

/**
 * vmgl_heartbeat_tick() - one round of the worker
 * @work: struct vmgl_heartbeat.tick
 *
 * Context: The worker's thread.
 */
void vmgl_heartbeat_tick(struct kthread_work *work)
{
	struct vmgl_heartbeat *hb = container_of(work, struct vmgl_heartbeat,
						 tick.work);
	ktime_t began = vmgl_hb_begin_round(hb);

	/* A beat that is due waits for nothing else; the first one for Enable. */
	vmgl_hb_beat(hb);
	vmgl_heartbeat_serve(hb);
	vmgl_heartbeat_post(hb);
	vmgl_hb_reconcile(hb);
	vmgl_hb_watch_status(hb);
	vmgl_hb_beat(hb);
	vmgl_hb_end_round(hb, began);
}
