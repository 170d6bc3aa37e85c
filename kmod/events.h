/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_EVENTS_H
#define VMGL_EVENTS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "snapshot.h"

struct device;
struct file;
struct poll_table_struct;

/**
 * struct vmgl_event_client - what an open file wants to know
 * @entry: in struct vmgl_events.clients
 * @changed: woken when @pending gets a bit
 * @pending: VMGUESTLIB_EVENT_* bits not fetched yet
 * @interval_ms: how often to ask the host, 0 not at all
 *
 * Guarded by struct vmgl_events.lock.
 */
struct vmgl_event_client {
	struct list_head entry;
	wait_queue_head_t changed;
	u32 pending;
	u32 interval_ms;
};

/**
 * struct vmgl_events - tells who is interested that something changed
 * @snapshots: where changes are found
 * @device: for sysfs and uevents; NULL while there is none
 * @watch: asks the host as often as the most impatient watcher wants
 * @announce: sends the change uevent
 * @lock: guards what follows; a leaf lock
 * @clients: open files
 * @interval_ms: of sysfs watch_interval_ms, 0 not at all
 * @next_uevent: jiffies before which no uevent is sent
 * @stopped: no work may be queued any more
 */
struct vmgl_events {
	struct vmgl_snapshots *snapshots;
	struct device *device;
	struct delayed_work watch;
	struct delayed_work announce;

	spinlock_t lock; /* leaf */
	struct list_head clients;
	u32 interval_ms;
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
