/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_SNAPSHOT_H
#define VMGL_SNAPSHOT_H

#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "info.h"
#include "rpc.h"

/**
 * struct vmgl_snapshot - one reply of the host; never changes once published
 * @kref: holders
 * @time_ns: CLOCK_BOOTTIME before the request was sent
 * @generation: session changes seen up to this reply, itself included
 * @is_restricted: the host gives it only to whom it trusts
 * @info: the record; its texts point into @text
 * @text: the bytes of both paths
 */
struct vmgl_snapshot {
	struct kref kref;
	u64 time_ns;
	u64 generation;
	bool is_restricted;
	struct vmgl_info info;
	u8 text[];
};

/**
 * struct vmgl_snapshots - the latest answer of the host and who waits for one
 * @rpc: how to ask
 * @privileged_rpc: how to ask as a sender whom the host trusts
 * @session_changed: called in process context, without locks, after a change
 * @session_changed_data: its argument
 * @lock: guards what follows; a leaf lock
 * @idle: woken when a request ends
 * @begun: number of requests that have begun
 * @done: number of the latest request that has ended
 * @in_flight: a request is under way, and its owner alone uses @version and
 *	@is_restricted
 * @latest: answer of request @done, NULL when it failed
 * @error: why it failed
 * @error_ns: CLOCK_BOOTTIME before the failed request
 * @session_id: of the last good answer, 0 before the first
 * @generation: session changes seen
 * @version: record version to ask for; the owner of the request in flight only
 * @is_restricted: the last answer was one for trusted senders; likewise
 */
struct vmgl_snapshots {
	struct vmgl_rpc *rpc;
	struct vmgl_rpc *privileged_rpc;
	void (*session_changed)(void *data);
	void *session_changed_data;

	spinlock_t lock; /* leaf */
	wait_queue_head_t idle;
	u64 begun;
	u64 done;
	bool in_flight;
	struct vmgl_snapshot *latest;
	int error;
	u64 error_ns;
	u64 session_id;
	u64 generation;
	u32 version;
	bool is_restricted;
};

void vmgl_snapshots_init(struct vmgl_snapshots *snapshots, struct vmgl_rpc *rpc,
			 struct vmgl_rpc *privileged_rpc,
			 void (*session_changed)(void *data), void *data);
void vmgl_snapshots_destroy(struct vmgl_snapshots *snapshots);
struct vmgl_snapshot *vmgl_snapshot_get(struct vmgl_snapshots *snapshots,
					u32 max_age_ms);
struct vmgl_snapshot *
vmgl_snapshot_get_permitted(struct vmgl_snapshots *snapshots, u32 max_age_ms);
void vmgl_snapshot_put(struct vmgl_snapshot *snapshot);
u64 vmgl_snapshots_generation(struct vmgl_snapshots *snapshots);

#endif
