/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_EVENTS_H
#define VMGL_EVENTS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/timerqueue.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "snapshot.h"

struct device;
struct file;
struct poll_table_struct;

/**
 * enum vmgl_change - changes that are events of all open files
 * @VMGL_CHANGE_SESSION: the session id has changed
 * @VMGL_CHANGE_STATUS: the host's heartbeat status has changed
 * @VMGL_CHANGES: number of kinds of change
 */
enum vmgl_change {
	VMGL_CHANGE_SESSION,
	VMGL_CHANGE_STATUS,
	VMGL_CHANGES
};

/**
 * struct vmgl_event_client - events and watch of an open file
 * @entry: entry in struct vmgl_events.sleepers or .due while a task may sleep in poll();
 *	stays there after the sleep, until the next event or the removal of the file
 * @watch: entry in struct vmgl_events.watchers while @interval_ms is not 0; the key is
 *	@interval_ms
 * @changed: wait queue of poll()
 * @seen: copy of struct vmgl_events.changes at the last fetch, or when the file was opened
 * @raised: VMGUESTLIB_EVENT_* bits that concern this file alone and were not fetched yet
 * @interval_ms: longest time between two requests, in ms; 0: the file has no watch
 *
 * The members are guarded by struct vmgl_events.lock.  The memory is freed after a grace
 * period of RCU.
 */
struct vmgl_event_client {
	struct list_head entry;
	struct timerqueue_node watch;
	wait_queue_head_t changed;
	u32 seen[VMGL_CHANGES];
	u32 raised;
	u32 interval_ms;
};

/**
 * struct vmgl_events - changes, and the open files and programs that wait for them
 * @snapshots: source of snapshots for @watch
 * @device: device for sysfs and uevents; NULL before vmgl_events_start()
 * @notify: work item that wakes the tasks of @due and announces changes in sysfs
 * @watch: work item that makes a request at the shortest interval
 * @announce: work item that sends the change uevent
 * @lock: guards the members after it; no other lock of the module is taken under it
 * @sleepers: files on which a task may sleep in poll()
 * @due: files whose tasks @notify has to wake
 * @watchers: files that have a watch, the shortest interval first
 * @changes: number of changes so far, indexed by enum vmgl_change
 * @unannounced: changes that @notify has to announce, as bits 1 << enum vmgl_change
 * @interval_ms: value of watch_interval_ms in sysfs, in ms; 0: no watch
 * @retry_ms: delay after the last failed request of @watch, in ms; 0 if the last
 *	request succeeded
 * @next_uevent: earliest time of the next uevent, in jiffies
 * @stopped: whether no work item may be queued any more
 */
struct vmgl_events {
	struct vmgl_snapshots *snapshots;
	struct device *device;
	struct work_struct notify;
	struct delayed_work watch;
	struct delayed_work announce;

	spinlock_t lock; /* leaf */
	struct list_head sleepers;
	struct list_head due;
	struct timerqueue_head watchers;
	u32 changes[VMGL_CHANGES];
	unsigned int unannounced;
	u32 interval_ms;
	u32 retry_ms;
	unsigned long next_uevent;
	bool stopped;
};

void vmgl_events_init(struct vmgl_events *events,
		      struct vmgl_snapshots *snapshots);
void vmgl_events_start(struct vmgl_events *events, struct device *device);
void vmgl_events_stop(struct vmgl_events *events);
void vmgl_events_session_changed(struct vmgl_events *events);
void vmgl_events_status_changed(struct vmgl_events *events);

void vmgl_event_client_add(struct vmgl_events *events,
			   struct vmgl_event_client *client);
void vmgl_event_client_remove(struct vmgl_events *events,
			      struct vmgl_event_client *client);
void vmgl_event_client_raise(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 bit);
void vmgl_event_client_watch(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 interval_ms);
u32 vmgl_event_client_fetch(struct vmgl_events *events,
			    struct vmgl_event_client *client);
__poll_t vmgl_event_client_poll(struct vmgl_events *events,
				struct vmgl_event_client *client,
				struct file *file,
				struct poll_table_struct *wait);

u32 vmgl_events_interval(struct vmgl_events *events);
void vmgl_events_set_interval(struct vmgl_events *events, u32 interval_ms);

#endif
