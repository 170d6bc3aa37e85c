// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Snapshots: every reader gets all statistics of one reply of the host.
 *
 * At most one request is in flight.  Whoever finds none in flight owns the next
 * one and makes it itself; the others wait for one that began after they came.
 * So two requests serve any number of callers that come while the first is
 * under way.  A failure is an answer too and ages in the same way: a host that
 * refuses is not asked once for every file of sysfs.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "snapshot.h"
#include "trace.h"

#define VMGL_INFO_VERSION_MAX	3
#define VMGL_INFO_VERSION_MIN	2

/**
 * vmgl_snapshots_init() - prepare; the host is not asked yet
 * @snapshots: the object
 * @rpc: how to ask
 * @privileged_rpc: how to ask as a sender whom the host trusts
 * @session_changed: called in process context, without locks, after a change
 * @data: its argument
 */
void vmgl_snapshots_init(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc,
			 struct vmgl_rpc *privileged_rpc,
			 void (*session_changed)(void *data), void *data)
{
	*snapshots = (struct vmgl_snapshots) {
		.rpc = rpc,
		.privileged_rpc = privileged_rpc,
		.session_changed = session_changed,
		.session_changed_data = data,
		.version = VMGL_INFO_VERSION_MAX,
	};
	spin_lock_init(&snapshots->lock);
	init_waitqueue_head(&snapshots->idle);
}

/**
 * vmgl_snapshots_destroy() - release the latest answer
 * @snapshots: nobody uses it any more
 */
void vmgl_snapshots_destroy(struct vmgl_snapshots *snapshots)
{
	vmgl_snapshot_put(snapshots->latest);
	snapshots->latest = NULL;
}

static void vmgl_snapshot_release(struct kref *kref)
{
	kvfree(container_of(kref, struct vmgl_snapshot, kref));
}

/**
 * vmgl_snapshot_put() - give a snapshot back
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
 * vmgl_snapshots_generation() - session changes seen since the module was loaded
 * @snapshots: the object
 *
 * Context: Any; the host is not asked.
 * Return: their number.
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

	snapshot = kvmalloc(struct_size(snapshot, text, info->path.len +
					(size_t)info->long_path.len),
			    GFP_KERNEL);
	if (!snapshot)
		return ERR_PTR(-ENOMEM);

	kref_init(&snapshot->kref);
	snapshot->time_ns = time_ns;
	snapshot->generation = 0;
	snapshot->info = *info;
	vmgl_snapshot_adopt(&snapshot->info.path, snapshot->text);
	vmgl_snapshot_adopt(&snapshot->info.long_path,
			    snapshot->text + info->path.len);
	return snapshot;
}

/* One request for one version: the record or an error. */
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
	ret = vmgl_rpc_call(rpc, request, len, reply);
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

/*
 * Version negotiation (wire-protocol chapter 4.1): a host that refuses version
 * 3 for any reason but not knowing the request is asked for version 2, and that
 * is kept until the session changes, when the VM may be on a newer host.
 */
static struct vmgl_snapshot *
vmgl_snapshot_negotiate(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc)
{
	struct vmgl_snapshot *snapshot;
	struct vmgl_reply reply = {};
	u32 version = snapshots->version;

	snapshot = vmgl_snapshot_request(rpc, version, &reply);
	if (version != VMGL_INFO_VERSION_MAX && !IS_ERR(snapshot) &&
	    snapshot->info.session_id != snapshots->session_id) {
		vmgl_snapshot_put(snapshot);
		version = VMGL_INFO_VERSION_MAX;
		snapshot = vmgl_snapshot_request(rpc, version, &reply);
	}
	if (version == VMGL_INFO_VERSION_MAX &&
	    snapshot == ERR_PTR(-EREMOTEIO)) {
		version = VMGL_INFO_VERSION_MIN;
		snapshot = vmgl_snapshot_request(rpc, version, &reply);
	}
	vmgl_reply_free(&reply);

	snapshots->version = IS_ERR(snapshot) ? VMGL_INFO_VERSION_MAX : version;
	return snapshot;
}

static bool vmgl_snapshot_is_refusal(const struct vmgl_snapshot *snapshot)
{
	return snapshot == ERR_PTR(-EREMOTEIO) ||
	       snapshot == ERR_PTR(-EOPNOTSUPP);
}

/* NULL: the host trusts no sender of ours just now, or gives him nothing. */
static struct vmgl_snapshot *
vmgl_snapshot_ask_trusted(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot;
	int ret;

	ret = vmgl_rpc_gain_trust(snapshots->privileged_rpc);
	if (ret)
		return ret == -ERESTARTSYS ? ERR_PTR(ret) : NULL;
	snapshot = vmgl_snapshot_negotiate(snapshots, snapshots->privileged_rpc);
	return vmgl_snapshot_is_refusal(snapshot) ? NULL : snapshot;
}

/* What holds for a session and a door need not hold for the next. */
static struct vmgl_snapshot *
vmgl_snapshot_ask_again(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot;

	if (!snapshots->is_restricted)
		return NULL;
	snapshot = vmgl_snapshot_ask_trusted(snapshots);
	if (IS_ERR_OR_NULL(snapshot))
		return snapshot;
	if (snapshot->is_restricted &&
	    snapshot->info.session_id == snapshots->session_id)
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return NULL;
}

/*
 * Everybody may see what the host gives to everybody.  What it gives only to
 * senders whom it trusts (guest_rpc.rpci.auth.app.APP_MONITOR) is asked for too,
 * but marked.
 */
static struct vmgl_snapshot *vmgl_snapshot_ask(struct vmgl_snapshots *snapshots)
{
	struct vmgl_snapshot *snapshot, *trusted;

	snapshot = vmgl_snapshot_ask_again(snapshots);
	if (snapshot)
		return snapshot;
	snapshots->is_restricted = false;

	snapshot = vmgl_snapshot_negotiate(snapshots, snapshots->rpc);
	if (!vmgl_snapshot_is_refusal(snapshot))
		return snapshot;
	trusted = vmgl_snapshot_ask_trusted(snapshots);
	if (!trusted)
		return snapshot;
	if (!IS_ERR(trusted))
		snapshots->is_restricted = trusted->is_restricted;
	return trusted;
}

static bool vmgl_snapshots_take_turn(struct vmgl_snapshots *snapshots)
{
	lockdep_assert_held(&snapshots->lock);

	if (snapshots->in_flight)
		return false;
	snapshots->in_flight = true;
	snapshots->begun++;
	return true;
}

/* Returns whether this answer shows another session than the one before. */
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
	snapshots->latest = snapshot;
	if (changed)
		trace_vmguestlib_session(old_id, new_id, snapshot->generation);
	return changed;
}

/*
 * An owner that a signal sent away has no answer for those who wait: one of
 * them makes the request again.
 */
static void vmgl_snapshots_end_turn(struct vmgl_snapshots *snapshots,
				    struct vmgl_snapshot *snapshot, u64 time_ns)
{
	struct vmgl_snapshot *old = NULL;
	bool changed = false;

	spin_lock(&snapshots->lock);
	if (snapshot != ERR_PTR(-ERESTARTSYS)) {
		old = snapshots->latest;
		snapshots->latest = NULL;
		snapshots->done = snapshots->begun;
		if (IS_ERR(snapshot)) {
			snapshots->error = PTR_ERR(snapshot);
			snapshots->error_ns = time_ns;
		} else {
			changed = vmgl_snapshots_keep(snapshots, snapshot);
		}
	}
	snapshots->in_flight = false;
	spin_unlock(&snapshots->lock);

	wake_up_all(&snapshots->idle);
	vmgl_snapshot_put(old);
	if (changed)
		snapshots->session_changed(snapshots->session_changed_data);
}

/* The owner's turn: ask, and let everybody have the answer. */
static int vmgl_snapshots_refresh(struct vmgl_snapshots *snapshots)
{
	u64 time_ns = ktime_get_boottime_ns();
	struct vmgl_snapshot *snapshot;

	snapshot = vmgl_snapshot_ask(snapshots);
	if (IS_ERR(snapshot))
		trace_vmguestlib_snapshot(PTR_ERR(snapshot), 0, 0, 0);
	else
		trace_vmguestlib_snapshot(0, snapshot->info.version,
					  snapshot->info.count,
					  snapshot->info.session_id);
	vmgl_snapshots_end_turn(snapshots, snapshot, time_ns);
	return snapshot == ERR_PTR(-ERESTARTSYS) ? -ERESTARTSYS : 0;
}

static struct vmgl_snapshot *
vmgl_snapshots_latest(struct vmgl_snapshots *snapshots)
{
	lockdep_assert_held(&snapshots->lock);

	if (!snapshots->latest)
		return ERR_PTR(snapshots->error);
	kref_get(&snapshots->latest->kref);
	return snapshots->latest;
}

/* Running out of memory says nothing about the host and does not age. */
static bool vmgl_snapshots_is_fresh(struct vmgl_snapshots *snapshots,
				    u32 max_age_ms)
{
	u64 time_ns;

	lockdep_assert_held(&snapshots->lock);

	if (!max_age_ms || !snapshots->done)
		return false;
	if (!snapshots->latest && snapshots->error == -ENOMEM)
		return false;
	time_ns = snapshots->latest ? snapshots->latest->time_ns :
				      snapshots->error_ns;
	return ktime_get_boottime_ns() - time_ns <=
	       (u64)max_age_ms * NSEC_PER_MSEC;
}

static bool vmgl_snapshots_woken(struct vmgl_snapshots *snapshots, u64 number)
{
	bool woken;

	spin_lock(&snapshots->lock);
	woken = snapshots->done >= number || !snapshots->in_flight;
	spin_unlock(&snapshots->lock);
	return woken;
}

static int vmgl_snapshots_wait(struct vmgl_snapshots *snapshots, u64 number)
{
	return wait_event_interruptible(snapshots->idle,
					vmgl_snapshots_woken(snapshots, number));
}

/**
 * vmgl_snapshot_get() - all statistics of one reply of the host
 * @snapshots: the object
 * @max_age_ms: greatest age accepted, in ms; 0: from a request that began after
 *	this call did
 *
 * Context: Process context; may sleep.
 * Return: a snapshot to be given back with vmgl_snapshot_put(), or an error
 * pointer: -ERESTARTSYS when a signal arrived while waiting; -EREMOTEIO or
 * -EOPNOTSUPP when the host refused or does not know the request; -EIO,
 * -EPROTO, -EMSGSIZE, -ENOMEM as from vmgl_rpc_call().
 */
struct vmgl_snapshot *vmgl_snapshot_get(struct vmgl_snapshots *snapshots,
					u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot;
	u64 wanted;
	int ret;

	spin_lock(&snapshots->lock);
	wanted = snapshots->begun + 1;
	if (vmgl_snapshots_is_fresh(snapshots, max_age_ms))
		wanted = snapshots->done;

	while (snapshots->done < wanted) {
		bool owner = vmgl_snapshots_take_turn(snapshots);

		spin_unlock(&snapshots->lock);
		ret = owner ? vmgl_snapshots_refresh(snapshots) :
			      vmgl_snapshots_wait(snapshots, wanted);
		if (ret)
			return ERR_PTR(ret);
		spin_lock(&snapshots->lock);
	}

	snapshot = vmgl_snapshots_latest(snapshots);
	spin_unlock(&snapshots->lock);
	return snapshot;
}

/**
 * vmgl_snapshot_get_permitted() - vmgl_snapshot_get() on behalf of a process
 * @snapshots: the object
 * @max_age_ms: as there
 *
 * Context: Process context, of the process that will see it; may sleep.
 * Return: as vmgl_snapshot_get(); -EPERM when the host gives the statistics only
 * to whom it trusts, and the process lacks CAP_SYS_ADMIN.
 */
struct vmgl_snapshot *
vmgl_snapshot_get_permitted(struct vmgl_snapshots *snapshots, u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot = vmgl_snapshot_get(snapshots,
							   max_age_ms);

	if (IS_ERR(snapshot) || !snapshot->is_restricted ||
	    capable(CAP_SYS_ADMIN))
		return snapshot;
	vmgl_snapshot_put(snapshot);
	return ERR_PTR(-EPERM);
}
