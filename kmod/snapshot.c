// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Snapshots: every reader gets all statistics of one reply of the host.
 *
 * A fetch gets one snapshot from the host.  It makes one request, and further requests if
 * the host refuses the version of the record or an unprivileged sender.  Later fetches
 * begin with the version and the kind of sender that the host has accepted.  If a fetch
 * finds that the session has changed, it also tries what the host has refused before.
 *
 * The latest snapshot is read under RCU.  A failed fetch does not replace the latest
 * snapshot.  Callers that accept a snapshot of some age also get the error of a failed
 * fetch, for at most 1 s after its end.  Otherwise a program that reads all files of sysfs
 * would cause a fetch for each file.
 *
 * At most one fetch is in flight.  If no snapshot is recent enough, a caller waits for a
 * fetch: for the fetch in flight if it began recently enough, else for the next fetch.
 * Callers that wait at the same time therefore need at most two fetches.  A work item
 * makes the fetches, so that no caller has to wait until another caller is scheduled.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "snapshot.h"
#include "trace.h"

/* Versions of the record that the module requests, see wire-protocol chapter 4 */
#define VMGL_INFO_VERSION_MAX	3
#define VMGL_INFO_VERSION_MIN	2

/* Longest time after the end of a failed fetch in which its error is reported again, in ms */
#define VMGL_ERROR_AGE_MAX_MS	1000U

static void vmgl_snapshot_release(struct kref *kref)
{
	struct vmgl_snapshot *snapshot = container_of(kref,
						      struct vmgl_snapshot,
						      kref);

	kvfree_rcu(snapshot, rcu);
}

/**
 * vmgl_snapshot_put() - release a reference
 * @snapshot: from vmgl_snapshot_get(), or NULL
 *
 * Context: Process context.
 */
void vmgl_snapshot_put(struct vmgl_snapshot *snapshot)
{
	if (snapshot)
		kref_put(&snapshot->kref, vmgl_snapshot_release);
}

/**
 * vmgl_snapshots_generation() - get the number of session changes seen so far
 * @snapshots: initialized by vmgl_snapshots_init()
 *
 * Context: Process context.  Makes no request.
 * Return: the number of session changes.  A change between two fetches is seen by the
 * second one, and several changes between them count once.
 */
u64 vmgl_snapshots_generation(struct vmgl_snapshots *snapshots)
{
	u64 generation;

	spin_lock(&snapshots->lock);
	generation = snapshots->generation;
	spin_unlock(&snapshots->lock);
	return generation;
}

static void vmgl_snapshot_adopt(struct vmgl_info_text *text, u8 *storage)
{
	if (!text->bytes)
		return;
	memcpy(storage, text->bytes, text->len);
	text->bytes = storage;
}

static struct vmgl_snapshot *vmgl_snapshot_new(const struct vmgl_info *info,
					       u64 time_ns)
{
	struct vmgl_snapshot *snapshot;

	/* Without __GFP_ACCOUNT, because all callers share the snapshot */
	snapshot = kvmalloc(struct_size(snapshot, text, info->path.len +
					(size_t)info->long_path.len),
			    GFP_KERNEL);
	if (!snapshot)
		return ERR_PTR(-ENOMEM);

	kref_init(&snapshot->kref);
	snapshot->time_ns = time_ns;
	snapshot->generation = 0;
	snapshot->number = 0;
	snapshot->info = *info;
	vmgl_snapshot_adopt(&snapshot->info.path, snapshot->text);
	vmgl_snapshot_adopt(&snapshot->info.long_path,
			    snapshot->text + info->path.len);
	return snapshot;
}

/* Requests the record of @version.  Returns a snapshot or an error pointer. */
static struct vmgl_snapshot *vmgl_snapshot_request(struct vmgl_rpc *rpc,
						   u32 version,
						   struct vmgl_reply *reply)
{
	char request[sizeof("guestlib.info.get 3")];
	u64 time_ns = ktime_get_boottime_ns();
	struct vmgl_snapshot *snapshot;
	struct vmgl_info info;
	int len, ret;

	len = scnprintf(request, sizeof(request), "guestlib.info.get %u",
			version);
	ret = vmgl_rpc_call(rpc, VMGL_PRIORITY_KERNEL, request, len, reply);
	if (!ret)
		ret = vmgl_reply_error(reply);
	if (!ret)
		ret = vmgl_info_decode(reply->text, reply->len, version, &info);
	if (ret)
		return ERR_PTR(ret);
	snapshot = vmgl_snapshot_new(&info, time_ns);
	if (!IS_ERR(snapshot))
		snapshot->is_restricted = reply->is_privileged;
	return snapshot;
}

static bool vmgl_snapshot_is_refusal(const struct vmgl_snapshot *snapshot)
{
	return snapshot == ERR_PTR(-EREMOTEIO) ||
	       snapshot == ERR_PTR(-EOPNOTSUPP);
}

/*
 * Version negotiation (wire-protocol chapter 4.1): if the host knows the request but
 * refuses version 3, the module requests version 2 until the host refuses version 2 as well.
 * If the session changes, the VM may have moved to a newer host, so the module also
 * requests version 3.  If this request fails, the snapshot of version 2 is returned.  The
 * next fetch then requests version 2 if the host refused version 3 or sent a malformed
 * reply, and version 3 after any other error.
 */
static struct vmgl_snapshot *
vmgl_snapshot_negotiate(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc)
{
	struct vmgl_snapshot *snapshot, *newer;
	struct vmgl_reply *reply = &snapshots->reply;
	u32 version = snapshots->version;

	snapshot = vmgl_snapshot_request(rpc, version, reply);
	if (version != VMGL_INFO_VERSION_MAX && !IS_ERR(snapshot) &&
	    snapshot->info.session_id != snapshots->session_id) {
		newer = vmgl_snapshot_request(rpc, VMGL_INFO_VERSION_MAX, reply);
		if (!vmgl_snapshot_is_refusal(newer) && newer != ERR_PTR(-EPROTO))
			version = VMGL_INFO_VERSION_MAX;
		if (!IS_ERR(newer)) {
			vmgl_snapshot_put(snapshot);
			snapshot = newer;
		}
	} else if (version == VMGL_INFO_VERSION_MAX &&
		   snapshot == ERR_PTR(-EREMOTEIO)) {
		version = VMGL_INFO_VERSION_MIN;
		snapshot = vmgl_snapshot_request(rpc, version, reply);
	}

	if (vmgl_snapshot_is_refusal(snapshot))
		snapshots->version = VMGL_INFO_VERSION_MAX;
	else if (!IS_ERR(snapshot))
		snapshots->version = version;
	return snapshot;
}

/*
 * Requests a snapshot as a privileged sender.  If the connection is lost before the
 * reply, the rpc layer may send the request over the backdoor, without privilege.  The
 * snapshot is then not restricted.  Returns NULL if no privileged connection can be opened, or if
 * the host refuses the request.  Returns an error pointer after any other error.
 */
static struct vmgl_snapshot *
vmgl_snapshot_fetch_privileged(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot;

	if (vmgl_rpc_open_privileged(snapshots->privileged_rpc,
				     VMGL_PRIORITY_KERNEL))
		return NULL;
	snapshot = vmgl_snapshot_negotiate(snapshots, snapshots->privileged_rpc);
	return vmgl_snapshot_is_refusal(snapshot) ? NULL : snapshot;
}

/*
 * If the statistics are known to be restricted, requests the next snapshot as a privileged
 * sender at once.  Returns NULL if the caller has to request it as an unprivileged sender,
 * in one of these cases:
 *
 *  - the statistics are not known to be restricted;
 *  - no privileged connection could be opened, or the host refused the request;
 *  - the connection was lost, and the rpc layer sent the request without privilege;
 *  - the session has changed, so the VM may have moved to a host without the restriction.
 *
 * Returns an error pointer after any other error.
 */
static struct vmgl_snapshot *
vmgl_snapshot_fetch_restricted(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot;

	if (!snapshots->is_restricted)
		return NULL;
	snapshot = vmgl_snapshot_fetch_privileged(snapshots);
	if (IS_ERR_OR_NULL(snapshot))
		return snapshot;
	if (snapshot->is_restricted &&
	    snapshot->info.session_id == snapshots->session_id)
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return NULL;
}

/*
 * All users may read the statistics that the host gives to unprivileged senders.  The VM's
 * setting guest_rpc.rpci.auth.app.APP_MONITOR can restrict statistics to privileged
 * senders.  If the host refuses an unprivileged request, the module therefore
 * repeats the request as a privileged sender, and marks the snapshot as restricted.
 */
static struct vmgl_snapshot *vmgl_snapshot_fetch(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot, *privileged;

	snapshot = vmgl_snapshot_fetch_restricted(snapshots);
	if (snapshot)
		return snapshot;
	snapshots->is_restricted = false;

	snapshot = vmgl_snapshot_negotiate(snapshots, snapshots->rpc);
	if (!vmgl_snapshot_is_refusal(snapshot))
		return snapshot;
	privileged = vmgl_snapshot_fetch_privileged(snapshots);
	if (!privileged)
		return snapshot;
	if (!IS_ERR(privileged))
		snapshots->is_restricted = privileged->is_restricted;
	return privileged;
}

/*
 * Compares the session of @snapshot with that of the previous snapshot, and stores the new
 * session for the next comparison.  The page that programs map gets the statistics, or is
 * cleared if they are restricted.  Returns whether the session has changed.
 */
static bool vmgl_snapshots_keep(struct vmgl_snapshots *snapshots,
				struct vmgl_snapshot *snapshot)
{
	u64 old_id = snapshots->session_id;
	u64 new_id = snapshot->info.session_id;
	bool changed = old_id && old_id != new_id;

	lockdep_assert_held(&snapshots->lock);

	snapshots->generation += changed;
	snapshots->session_id = new_id;
	snapshot->generation = snapshots->generation;
	snapshot->number = snapshots->done + 1;
	if (snapshot->is_restricted)
		vmgl_page_restrict(snapshots->page);
	else
		vmgl_page_write(snapshots->page, &snapshot->info,
				snapshot->time_ns, snapshot->generation);
	if (changed)
		trace_vmguestlib_session(old_id, new_id, snapshot->generation);
	return changed;
}

/* Makes a snapshot the latest one.  Returns whether the session has changed. */
static bool vmgl_snapshots_publish(struct vmgl_snapshots *snapshots,
				   struct vmgl_snapshot *snapshot)
{
	struct vmgl_snapshot *old;
	bool changed;

	spin_lock(&snapshots->lock);
	changed = vmgl_snapshots_keep(snapshots, snapshot);
	old = rcu_replace_pointer(snapshots->latest, snapshot,
				  lockdep_is_held(&snapshots->lock));
	spin_unlock(&snapshots->lock);

	vmgl_snapshot_put(old);
	return changed;
}

static void vmgl_snapshots_end(struct vmgl_snapshots *snapshots, int error)
{
	spin_lock(&snapshots->lock);
	if (error) {
		WRITE_ONCE(snapshots->error, error);
		/*
		 * The age of an error counts from the end of the fetch.  Otherwise the error of
		 * a slow fetch would be too old for the next caller, which would fetch again.
		 */
		snapshots->error_ns = ktime_get_boottime_ns();
	}
	/*
	 * Pairs with vmgl_snapshots_has_ended(): a waiter that sees the new @done also
	 * sees the new @latest or @error.
	 */
	smp_store_release(&snapshots->done, snapshots->done + 1);
	snapshots->in_flight = false;
	spin_unlock(&snapshots->lock);

	wake_up_all(&snapshots->ended);
}

static void vmgl_snapshots_refresh(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot = vmgl_snapshot_fetch(snapshots);
	int error = PTR_ERR_OR_ZERO(snapshot);

	if (error)
		trace_vmguestlib_snapshot(error, 0, 0, 0);
	else
		trace_vmguestlib_snapshot(0, snapshot->info.version,
					  snapshot->info.count,
					  snapshot->info.session_id);
	if (!error && vmgl_snapshots_publish(snapshots, snapshot))
		snapshots->session_changed(snapshots->session_changed_data);
	vmgl_snapshots_end(snapshots, error);
}

/*
 * Makes one fetch.  vmgl_snapshots_want() queues this work item once for each fetch.  While
 * a fetch waits in the queue, no caller wants a later one, so queue_work() never finds the
 * work item pending.
 */
static void vmgl_snapshots_work(struct work_struct *work)
{
	struct vmgl_snapshots *snapshots =
		container_of(work, struct vmgl_snapshots, work);

	spin_lock(&snapshots->lock);
	snapshots->in_flight = true;
	snapshots->begun_ns = ktime_get_boottime_ns();
	spin_unlock(&snapshots->lock);
	vmgl_snapshots_refresh(snapshots);
}

/**
 * vmgl_snapshots_init() - initialize; makes no request to the host
 * @snapshots: object to initialize
 * @rpc: rpc object for requests of an unprivileged sender
 * @privileged_rpc: rpc object for requests of a privileged sender
 * @page: receives a copy of each new snapshot that is not restricted
 * @wq: an unbound workqueue for the requests
 * @session_changed: function that is called after a session change, in process context
 *	and without locks; must not wait for a snapshot
 * @data: argument of @session_changed
 *
 * Context: Any; called before all other functions that take @snapshots.
 */
void vmgl_snapshots_init(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc,
			 struct vmgl_rpc *privileged_rpc,
			 struct vmgl_page *page,
			 struct workqueue_struct *wq,
			 void (*session_changed)(void *data), void *data)
{
	*snapshots = (struct vmgl_snapshots) {
		.rpc = rpc,
		.privileged_rpc = privileged_rpc,
		.page = page,
		.wq = wq,
		.session_changed = session_changed,
		.session_changed_data = data,
		.version = VMGL_INFO_VERSION_MAX,
	};
	INIT_WORK(&snapshots->work, vmgl_snapshots_work);
	spin_lock_init(&snapshots->lock);
	init_waitqueue_head(&snapshots->ended);
}

/**
 * vmgl_snapshots_destroy() - wait for a fetch in flight, and release all memory
 * @snapshots: initialized by vmgl_snapshots_init(); no other task uses it
 *
 * Context: Process context; may sleep.
 */
void vmgl_snapshots_destroy(struct vmgl_snapshots *snapshots)
{
	cancel_work_sync(&snapshots->work);
	vmgl_snapshot_put(rcu_replace_pointer(snapshots->latest, NULL, true));
	vmgl_reply_free(&snapshots->reply);
}

/*
 * Returns a reference to the latest snapshot, or NULL if there is no snapshot yet.  The
 * loop ends, because a snapshot without references has been replaced by a later one.
 */
static struct vmgl_snapshot *
vmgl_snapshots_latest(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot;

	rcu_read_lock();
	do {
		snapshot = rcu_dereference(snapshots->latest);
	} while (snapshot && !kref_get_unless_zero(&snapshot->kref));
	rcu_read_unlock();
	return snapshot;
}

/* With @max_age_ms 0, no result of the past is accepted. */
static bool vmgl_is_young(u64 time_ns, u32 max_age_ms)
{
	return max_age_ms && ktime_get_boottime_ns() - time_ns <=
			     (u64)max_age_ms * NSEC_PER_MSEC;
}

/*
 * Returns the latest snapshot if its age is at most @max_age_ms, else NULL.  Takes no
 * lock, so that readers of a recent snapshot do not wait.
 */
static struct vmgl_snapshot *
vmgl_snapshots_young(struct vmgl_snapshots *snapshots, u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot;

	if (!max_age_ms)
		return NULL;
	snapshot = vmgl_snapshots_latest(snapshots);
	if (!snapshot || vmgl_is_young(snapshot->time_ns, max_age_ms))
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return NULL;
}

/*
 * Returns the number of the fetch for which the caller waits: one that has ended, the one
 * in flight, or a later one.  Queues the work item if no caller has wanted this number yet.
 */
static unsigned long vmgl_snapshots_want(struct vmgl_snapshots *snapshots,
					 u32 max_age_ms)
{
	u32 error_age_ms = min(max_age_ms, VMGL_ERROR_AGE_MAX_MS);
	struct vmgl_snapshot *latest;
	unsigned long wanted;

	spin_lock(&snapshots->lock);
	latest = rcu_dereference_protected(snapshots->latest,
					   lockdep_is_held(&snapshots->lock));
	if (latest && vmgl_is_young(latest->time_ns, max_age_ms))
		wanted = latest->number;
	else if (snapshots->error &&
		 vmgl_is_young(snapshots->error_ns, error_age_ms))
		wanted = snapshots->done;
	else if (snapshots->in_flight &&
		 !vmgl_is_young(snapshots->begun_ns, max_age_ms))
		/* The fetch in flight began too early for this caller. */
		wanted = snapshots->done + 2;
	else
		wanted = snapshots->done + 1;
	if ((long)(wanted - snapshots->wanted) > 0) {
		snapshots->wanted = wanted;
		queue_work(snapshots->wq, &snapshots->work);
	}
	spin_unlock(&snapshots->lock);
	return wanted;
}

static bool vmgl_snapshots_has_ended(struct vmgl_snapshots *snapshots,
				     unsigned long number)
{
	/* Pairs with vmgl_snapshots_end(). */
	return (long)(smp_load_acquire(&snapshots->done) - number) >= 0;
}

/**
 * vmgl_snapshot_get() - get all statistics of one reply of the host
 * @snapshots: initialized by vmgl_snapshots_init()
 * @max_age_ms: greatest age, in ms, of a snapshot that the caller accepts; the age counts
 *	from the moment before the request for the snapshot; with 0, the caller gets the
 *	result of a fetch that begins after this function was called
 *
 * A snapshot that is not older than @max_age_ms is returned even if a later fetch failed.
 * If there is no such snapshot, and the last failed fetch ended at most @max_age_ms and at
 * most VMGL_ERROR_AGE_MAX_MS (1 s) ago, its error is returned without another fetch.
 *
 * Context: Process context; may sleep.
 * Return: a snapshot, to be released with vmgl_snapshot_put(), or an error pointer:
 * -ERESTARTSYS if a fatal signal arrived during the wait; -EREMOTEIO if the host refused
 * the request; -EOPNOTSUPP if the host does not know the request; -ENOMEM; -EPROTO if the
 * reply is malformed; or an error of vmgl_rpc_call().
 */
struct vmgl_snapshot *vmgl_snapshot_get(struct vmgl_snapshots *snapshots,
					u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot;
	unsigned long wanted;

	snapshot = vmgl_snapshots_young(snapshots, max_age_ms);
	if (snapshot)
		return snapshot;

	wanted = vmgl_snapshots_want(snapshots, max_age_ms);
	/*
	 * The wait is killable, not interruptible.  If it were interruptible, each signal
	 * of a periodic timer would restart the system call, and each restart would want
	 * a new fetch.
	 */
	if (wait_event_killable(snapshots->ended,
				vmgl_snapshots_has_ended(snapshots, wanted)))
		return ERR_PTR(-ERESTARTSYS);

	snapshot = vmgl_snapshots_latest(snapshots);
	if (snapshot && (long)(snapshot->number - wanted) >= 0)
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return ERR_PTR(READ_ONCE(snapshots->error));
}

/**
 * vmgl_snapshot_get_permitted() - vmgl_snapshot_get() on behalf of the calling task
 * @snapshots: initialized by vmgl_snapshots_init()
 * @max_age_ms: greatest age of a snapshot, see vmgl_snapshot_get()
 *
 * Context: Process context; may sleep.
 * Return: -EPERM if the host gives the statistics only to privileged senders, and the
 * task lacks CAP_SYS_ADMIN in the initial user namespace; else the result of
 * vmgl_snapshot_get().
 */
struct vmgl_snapshot *
vmgl_snapshot_get_permitted(struct vmgl_snapshots *snapshots, u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot = vmgl_snapshot_get(snapshots,
							   max_age_ms);

	/* A missing capability is a normal case here, so it is not audited. */
	if (IS_ERR(snapshot) || !snapshot->is_restricted ||
	    ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN))
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return ERR_PTR(-EPERM);
}
