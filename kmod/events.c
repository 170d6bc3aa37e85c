// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Events: who is interested learns that the session has changed.
 *
 * The host announces nothing, so a change is seen when somebody asks.  The
 * watch does that on behalf of those who said how often; anybody else's request
 * counts as well, and puts the next one of the watch off.  With no watcher
 * there is no timer and no request.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/vmguestlib.h>

#include "events.h"

#define VMGL_UEVENT_INTERVAL	HZ

/* 0: nobody watches */
static u32 vmgl_events_shortest(struct vmgl_events *events)
{
	u32 shortest = events->interval_ms;
	struct vmgl_event_client *client;

	lockdep_assert_held(&events->lock);

	list_for_each_entry(client, &events->clients, entry)
		shortest = min_not_zero(shortest, client->interval_ms);
	return shortest;
}

/* That an interval became longer or was the last one, the watch finds out itself. */
static void vmgl_events_rearm(struct vmgl_events *events, u32 interval_ms)
{
	lockdep_assert_held(&events->lock);

	if (!events->stopped && interval_ms)
		mod_delayed_work(system_long_wq, &events->watch, 0);
}

static u32 vmgl_snapshot_age_ms(const struct vmgl_snapshot *snapshot)
{
	return div_u64(ktime_get_boottime_ns() - snapshot->time_ns,
		       NSEC_PER_MSEC);
}

/* The change itself is reported from within vmgl_snapshot_get(). */
static void vmgl_events_watch(struct work_struct *work)
{
	struct vmgl_events *events = container_of(to_delayed_work(work),
						  struct vmgl_events, watch);
	struct vmgl_snapshot *snapshot;
	u32 interval_ms, age_ms = 0;

	spin_lock(&events->lock);
	interval_ms = vmgl_events_shortest(events);
	spin_unlock(&events->lock);
	if (!interval_ms)
		return;

	snapshot = vmgl_snapshot_get(events->snapshots, interval_ms);
	if (!IS_ERR(snapshot)) {
		age_ms = min(vmgl_snapshot_age_ms(snapshot), interval_ms);
		vmgl_snapshot_put(snapshot);
	}

	spin_lock(&events->lock);
	interval_ms = vmgl_events_shortest(events);
	if (interval_ms && !events->stopped)
		queue_delayed_work(system_long_wq, &events->watch,
				   1 + msecs_to_jiffies(interval_ms -
							min(interval_ms,
							    age_ms)));
	spin_unlock(&events->lock);
}

static void vmgl_events_announce(struct work_struct *work)
{
	struct vmgl_events *events = container_of(to_delayed_work(work),
						  struct vmgl_events, announce);
	char generation[sizeof("GENERATION=18446744073709551615")];
	char *envp[2] = { generation };

	snprintf(generation, sizeof(generation), "GENERATION=%llu",
		 vmgl_snapshots_generation(events->snapshots));
	kobject_uevent_env(&events->device->kobj, KOBJ_CHANGE, envp);
}

static void vmgl_events_schedule_uevent(struct vmgl_events *events)
{
	unsigned long now = jiffies;
	unsigned long delay = 0;

	lockdep_assert_held(&events->lock);

	if (time_before(now, events->next_uevent))
		delay = events->next_uevent - now;
	if (queue_delayed_work(system_long_wq, &events->announce, delay))
		events->next_uevent = now + delay + VMGL_UEVENT_INTERVAL;
}

static void vmgl_event_mark(struct vmgl_events *events,
			    struct vmgl_event_client *client, u32 bit)
{
	lockdep_assert_held(&events->lock);

	client->pending |= bit;
	wake_up_interruptible_poll(&client->changed, EPOLLPRI);
}

/* Returns the device to notify, or NULL. */
static struct device *vmgl_events_mark_all(struct vmgl_events *events, u32 bit)
{
	struct vmgl_event_client *client;

	lockdep_assert_held(&events->lock);

	list_for_each_entry(client, &events->clients, entry)
		vmgl_event_mark(events, client, bit);
	return events->stopped ? NULL : events->device;
}

/**
 * vmgl_events_session_changed() - tell everybody
 * @events: the object
 *
 * Context: Process context, without the locks of this or a lower layer.
 */
void vmgl_events_session_changed(struct vmgl_events *events)
{
	struct device *device;

	spin_lock(&events->lock);
	device = vmgl_events_mark_all(events, VMGUESTLIB_EVENT_SESSION);
	if (device)
		vmgl_events_schedule_uevent(events);
	spin_unlock(&events->lock);

	/*
	 * The device stays: the caller is an open file, which pins the module,
	 * a reader of its sysfs files, or the watch, which is stopped before.
	 */
	if (device)
		sysfs_notify(&device->kobj, NULL, "generation");
}

/**
 * vmgl_events_status_changed() - tell everybody about the heartbeat status
 * @events: the object
 *
 * Context: Process context, without the locks of this or a lower layer.
 */
void vmgl_events_status_changed(struct vmgl_events *events)
{
	struct device *device;

	spin_lock(&events->lock);
	device = vmgl_events_mark_all(events, VMGUESTLIB_EVENT_STATUS);
	spin_unlock(&events->lock);

	/* The device stays: the caller is waited for before it is unregistered. */
	if (device)
		sysfs_notify(&device->kobj, "heartbeat", "status");
}

/**
 * vmgl_event_client_raise() - tell one
 * @events: the object
 * @client: added before
 * @bit: VMGUESTLIB_EVENT_*
 *
 * Context: Process context.
 */
void vmgl_event_client_raise(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 bit)
{
	spin_lock(&events->lock);
	vmgl_event_mark(events, client, bit);
	spin_unlock(&events->lock);
}

/**
 * vmgl_events_init() - prepare; nobody watches yet
 * @events: the object
 * @snapshots: where changes are found
 */
void vmgl_events_init(struct vmgl_events *events,
		      struct vmgl_snapshots *snapshots)
{
	*events = (struct vmgl_events) {
		.snapshots = snapshots,
		.next_uevent = jiffies,
	};
	spin_lock_init(&events->lock);
	INIT_LIST_HEAD(&events->clients);
	INIT_DELAYED_WORK(&events->watch, vmgl_events_watch);
	INIT_DELAYED_WORK(&events->announce, vmgl_events_announce);
}

/**
 * vmgl_events_start() - announce changes on a device from now on
 * @events: the object
 * @device: registered, and staying so until vmgl_events_stop() has returned
 */
void vmgl_events_start(struct vmgl_events *events, struct device *device)
{
	spin_lock(&events->lock);
	events->device = device;
	spin_unlock(&events->lock);
}

/**
 * vmgl_events_stop() - end all activity of its own, for ever
 * @events: the object
 *
 * Context: Process context; waits for a request in flight.
 */
void vmgl_events_stop(struct vmgl_events *events)
{
	spin_lock(&events->lock);
	events->stopped = true;
	spin_unlock(&events->lock);

	cancel_delayed_work_sync(&events->watch);
	cancel_delayed_work_sync(&events->announce);
}

/**
 * vmgl_event_client_add() - a file was opened
 * @events: the object
 * @client: filled here; without events and without a watch
 */
void vmgl_event_client_add(struct vmgl_events *events,
			   struct vmgl_event_client *client)
{
	*client = (struct vmgl_event_client) {};
	init_waitqueue_head(&client->changed);

	spin_lock(&events->lock);
	list_add_tail(&client->entry, &events->clients);
	spin_unlock(&events->lock);
}

/**
 * vmgl_event_client_remove() - a file was closed; its watch ends
 * @events: the object
 * @client: added before
 */
void vmgl_event_client_remove(struct vmgl_events *events,
			      struct vmgl_event_client *client)
{
	spin_lock(&events->lock);
	list_del(&client->entry);
	spin_unlock(&events->lock);
}

/**
 * vmgl_event_client_watch() - have the host asked from time to time
 * @events: the object
 * @client: added before
 * @interval_ms: at least this often, 0 not at all
 */
void vmgl_event_client_watch(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 interval_ms)
{
	spin_lock(&events->lock);
	client->interval_ms = interval_ms;
	vmgl_events_rearm(events, interval_ms);
	spin_unlock(&events->lock);
}

/**
 * vmgl_event_client_fetch() - the events since the last call, cleared by it
 * @events: the object
 * @client: added before
 *
 * Return: VMGUESTLIB_EVENT_* bits.
 */
u32 vmgl_event_client_fetch(struct vmgl_events *events,
			    struct vmgl_event_client *client)
{
	u32 pending;

	spin_lock(&events->lock);
	pending = client->pending;
	client->pending = 0;
	spin_unlock(&events->lock);
	return pending;
}

/**
 * vmgl_event_client_poll() - whether there are events
 * @events: the object
 * @client: added before
 * @file: the open file
 * @wait: as given to the file operation
 *
 * Return: EPOLLPRI or 0.
 */
__poll_t vmgl_event_client_poll(struct vmgl_events *events,
				struct vmgl_event_client *client,
				struct file *file,
				struct poll_table_struct *wait)
{
	__poll_t mask;

	poll_wait(file, &client->changed, wait);

	spin_lock(&events->lock);
	mask = client->pending ? EPOLLPRI : 0;
	spin_unlock(&events->lock);
	return mask;
}

/**
 * vmgl_events_interval() - the interval that serves sysfs and uevents
 * @events: the object
 *
 * Return: ms, 0 not at all.
 */
u32 vmgl_events_interval(struct vmgl_events *events)
{
	return READ_ONCE(events->interval_ms);
}

/**
 * vmgl_events_set_interval() - change it
 * @events: the object
 * @interval_ms: in ms, 0 not at all
 */
void vmgl_events_set_interval(struct vmgl_events *events, u32 interval_ms)
{
	spin_lock(&events->lock);
	WRITE_ONCE(events->interval_ms, interval_ms);
	vmgl_events_rearm(events, interval_ms);
	spin_unlock(&events->lock);
}
