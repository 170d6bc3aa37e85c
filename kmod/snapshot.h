/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_SNAPSHOT_H
#define VMGL_SNAPSHOT_H

#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "info.h"
#include "page.h"
#include "rpc.h"

/**
 * struct vmgl_snapshot - all statistics of one reply; constant once published
 * @kref: reference count
 * @rcu: for kvfree_rcu()
 * @time_ns: CLOCK_BOOTTIME before the request was sent, in ns
 * @generation: number of session changes seen, including a change that this reply showed
 * @number: number of the fetch
 * @is_restricted: the host gives these statistics only to privileged senders
 * @info: the record; its texts point into @text
 * @text: the two texts of the resource pool's path, to which @info points
 */
struct vmgl_snapshot {
	struct kref kref;
	struct rcu_head rcu;
	u64 time_ns;
	u64 generation;
	unsigned long number;
	bool is_restricted;
	struct vmgl_info info;
	u8 text[];
};

/**
 * struct vmgl_snapshots - the latest snapshot and the request for the next one
 * @rpc: rpc object for requests of an unprivileged sender
 * @privileged_rpc: rpc object for requests of a privileged sender
 * @page: receives a copy of each new snapshot that is not restricted
 * @session_changed: function that is called after a session change, in process context
 *	and without locks
 * @session_changed_data: argument of @session_changed
 * @wq: workqueue on which @work runs
 * @work: work item that makes the fetches, see snapshot.c
 * @latest: the latest snapshot, NULL before the first
 * @done: number of the latest fetch that has ended; written under @lock
 * @ended: wait queue for the end of a fetch
 * @lock: guards the members from @wanted to @generation, and writes to @latest and @done;
 *	a leaf lock
 * @wanted: highest number of a fetch that a caller has wanted
 * @in_flight: whether fetch @done + 1 has begun and has not ended
 * @begun_ns: CLOCK_BOOTTIME when the latest fetch began, in ns
 * @error: error number of the latest fetch that failed; 0 if no fetch has failed
 * @error_ns: CLOCK_BOOTTIME at the end of the fetch that failed with @error, in ns
 * @session_id: session of the latest snapshot; 0 before the first snapshot
 * @generation: number of session changes seen
 * @reply: buffer for replies, reused for all requests.  Only @work uses @reply, @version
 *	and @is_restricted
 * @version: version of the record that is requested next
 * @is_restricted: whether the next fetch tries a privileged sender first
 */
struct vmgl_snapshots {
	struct vmgl_rpc *rpc;
	struct vmgl_rpc *privileged_rpc;
	struct vmgl_page *page;
	void (*session_changed)(void *data);
	void *session_changed_data;
	struct workqueue_struct *wq;
	struct work_struct work;

	struct vmgl_snapshot __rcu *latest;
	unsigned long done;
	wait_queue_head_t ended;

	spinlock_t lock; /* leaf */
	unsigned long wanted;
	bool in_flight;
	u64 begun_ns;
	int error;
	u64 error_ns;
	u64 session_id;
	u64 generation;

	struct vmgl_reply reply;
	u32 version;
	bool is_restricted;
};

void vmgl_snapshots_init(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc,
			 struct vmgl_rpc *privileged_rpc,
			 struct vmgl_page *page,
			 struct workqueue_struct *wq,
			 void (*session_changed)(void *data), void *data);
void vmgl_snapshots_destroy(struct vmgl_snapshots *snapshots);
struct vmgl_snapshot *vmgl_snapshot_get(struct vmgl_snapshots *snapshots,
					u32 max_age_ms);
struct vmgl_snapshot *
vmgl_snapshot_get_permitted(struct vmgl_snapshots *snapshots, u32 max_age_ms);
void vmgl_snapshot_put(struct vmgl_snapshot *snapshot);
u64 vmgl_snapshots_generation(struct vmgl_snapshots *snapshots);

#endif
