// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Events: notification of programs when the session or the heartbeat status changes, or
 * when the heartbeat client of a file expires.
 *
 * Each kind of change has a counter.  An open file stores the values that the counters
 * had when the program opened the file or last fetched its events.  The cost of a change
 * therefore does not depend on the number of open files.
 *
 * The files on which a task may sleep in poll() are in a list.  A change moves the files
 * of this list to the list of a work item.  The work item wakes the tasks of one file at
 * a time, without holding the lock, and announces the change in sysfs.  The task that
 * reports a change does not wait for the work item, because this task may be the
 * heartbeat worker.
 *
 * The host does not announce a change of session.  The module detects the change in the
 * reply to a request for statistics.  A program that wants to be notified sets a watch on
 * its file, and an administrator can set a watch in sysfs.  The interval of a watch is
 * the longest time between two requests.  A work item makes requests at the shortest
 * interval of all watches.  A request of another caller postpones the next request of the
 * work item.  If there is no watch, there is no timer and no request.
 *
 * All work items are on an unbound queue, so that they do not run on isolated CPUs.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/vmguestlib.h>

#include "compat/workqueue.h"
#include "events.h"

/* Shortest time between two uevents, in jiffies */
#define VMGL_UEVENT_INTERVAL	HZ

/*
 * Delay after the first failed request of the watch, in ms.  Each further failure doubles
 * the delay, up to the interval of the watch.
 */
#define VMGL_WATCH_RETRY_MS	1000U

static const u32 vmgl_event_bits[VMGL_CHANGES] = {
	[VMGL_CHANGE_SESSION] = VMGUESTLIB_EVENT_SESSION,
	[VMGL_CHANGE_STATUS] = VMGUESTLIB_EVENT_STATUS,
};

/* Returns the shortest interval of all watches in ms, or 0 if there is no watch. */
static u32 vmgl_events_shortest(struct vmgl_events *events)
{
	struct timerqueue_node *first;

	lockdep_assert_held(&events->lock);

	first = timerqueue_getnext(&events->watchers);
	return min_not_zero(events->interval_ms,
			    first ? (u32)ktime_to_ms(first->expires) : 0);
}

/*
 * Queues the work item for now if the shortest interval has become shorter than
 * @before_ms, or if there was no watch before.  A longer interval needs no action,
 * because the work item reads it when it runs next.
 */
static void vmgl_events_rearm(struct vmgl_events *events, u32 before_ms)
{
	u32 interval_ms = vmgl_events_shortest(events);

	lockdep_assert_held(&events->lock);

	if (!events->stopped && interval_ms &&
	    (!before_ms || interval_ms < before_ms))
		mod_delayed_work(system_dfl_wq, &events->watch, 0);
}

static u32 vmgl_snapshot_age_ms(const struct vmgl_snapshot *snapshot)
{
	return div_u64(ktime_get_boottime_ns() - snapshot->time_ns,
		       NSEC_PER_MSEC);
}

static u32 vmgl_events_retry_ms(struct vmgl_events *events, u32 interval_ms)
{
	lockdep_assert_held(&events->lock);

	events->retry_ms = min(interval_ms, events->retry_ms ?
					    2 * events->retry_ms :
					    VMGL_WATCH_RETRY_MS);
	return events->retry_ms;
}

/*
 * Makes a request unless the latest snapshot is younger than the interval, and queues the
 * work item for the time of the next request.  This function does not compare sessions,
 * because each request that detects a new session calls vmgl_events_session_changed().
 */
static void vmgl_events_watch(struct work_struct *work)
{
	struct vmgl_events *events = container_of(to_delayed_work(work),
						  struct vmgl_events, watch);
	struct vmgl_snapshot *snapshot;
	u32 interval_ms, delay_ms;

	spin_lock(&events->lock);
	interval_ms = vmgl_events_shortest(events);
	spin_unlock(&events->lock);
	if (!interval_ms)
		return;

	snapshot = vmgl_snapshot_get(events->snapshots, interval_ms);

	spin_lock(&events->lock);
	interval_ms = vmgl_events_shortest(events);
	if (IS_ERR(snapshot)) {
		delay_ms = vmgl_events_retry_ms(events, interval_ms);
	} else {
		events->retry_ms = 0;
		delay_ms = interval_ms - min(interval_ms,
					     vmgl_snapshot_age_ms(snapshot));
	}
	if (interval_ms && !events->stopped)
		queue_delayed_work(system_dfl_wq, &events->watch,
				   1 + msecs_to_jiffies(delay_ms));
	spin_unlock(&events->lock);
	if (!IS_ERR(snapshot))
		vmgl_snapshot_put(snapshot);
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
	if (queue_delayed_work(system_dfl_wq, &events->announce, delay))
		events->next_uevent = now + delay + VMGL_UEVENT_INTERVAL;
}

/*
 * Wakes the tasks of one file of the list @due.  Returns false if the list is empty.
 *
 * A file on which no task sleeps is removed from the lists.  This removal loses no
 * wake-up: poll() first adds the task to the wait queue.  After that, under the lock,
 * poll() adds the file to a list and checks the events.  Therefore either this function
 * sees the sleeping task, or poll() sees the event.
 */
static bool vmgl_events_wake_one(struct vmgl_events *events)
{
	struct vmgl_event_client *client;

	rcu_read_lock();
	spin_lock(&events->lock);
	client = list_first_entry_or_null(&events->due,
					  struct vmgl_event_client, entry);
	/*
	 * waitqueue_active() needs no barrier, because poll() takes the lock after it has
	 * added the task to the wait queue.
	 */
	if (client && waitqueue_active(&client->changed))
		list_move_tail(&client->entry, &events->sleepers);
	else if (client)
		list_del_init(&client->entry);
	spin_unlock(&events->lock);

	if (client)
		wake_up_interruptible_poll(&client->changed, EPOLLPRI);
	rcu_read_unlock();
	return client;
}

static void vmgl_events_notify(struct work_struct *work)
{
	struct vmgl_events *events = container_of(work, struct vmgl_events,
						  notify);
	unsigned int unannounced;

	while (vmgl_events_wake_one(events))
		cond_resched();

	spin_lock(&events->lock);
	unannounced = events->unannounced;
	events->unannounced = 0;
	if (unannounced & BIT(VMGL_CHANGE_SESSION) && !events->stopped)
		vmgl_events_schedule_uevent(events);
	spin_unlock(&events->lock);

	/* The device is still registered, because vmgl_events_stop() waits for this item. */
	if (unannounced & BIT(VMGL_CHANGE_SESSION))
		sysfs_notify(&events->device->kobj, NULL, "generation");
	if (unannounced & BIT(VMGL_CHANGE_STATUS))
		sysfs_notify(&events->device->kobj, "heartbeat", "status");
}

static void vmgl_events_queue_notify(struct vmgl_events *events)
{
	lockdep_assert_held(&events->lock);

	if (!events->stopped)
		queue_work(system_dfl_wq, &events->notify);
}

static void vmgl_events_change(struct vmgl_events *events,
			       enum vmgl_change change)
{
	spin_lock(&events->lock);
	events->changes[change]++;
	list_splice_tail_init(&events->sleepers, &events->due);
	if (events->device)
		events->unannounced |= BIT(change);
	vmgl_events_queue_notify(events);
	spin_unlock(&events->lock);
}

/**
 * vmgl_events_session_changed() - report a new session to all open files and in sysfs
 * @events: events of the device
 *
 * The time that the function takes does not depend on the number of files.
 *
 * Context: Any context but interrupts.
 */
void vmgl_events_session_changed(struct vmgl_events *events)
{
	vmgl_events_change(events, VMGL_CHANGE_SESSION);
}

/**
 * vmgl_events_status_changed() - report a new heartbeat status to all open files and in
 * sysfs
 * @events: events of the device
 *
 * The time that the function takes does not depend on the number of files.
 *
 * Context: Any context but interrupts.
 */
void vmgl_events_status_changed(struct vmgl_events *events)
{
	vmgl_events_change(events, VMGL_CHANGE_STATUS);
}

/**
 * vmgl_event_client_raise() - report an event to one open file
 * @events: events of the device
 * @client: the file, added by vmgl_event_client_add()
 * @bit: the event, a bit VMGUESTLIB_EVENT_*
 *
 * Context: Any context but interrupts.
 */
void vmgl_event_client_raise(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 bit)
{
	spin_lock(&events->lock);
	client->raised |= bit;
	if (!list_empty(&client->entry)) {
		list_move_tail(&client->entry, &events->due);
		vmgl_events_queue_notify(events);
	}
	spin_unlock(&events->lock);
}

/**
 * vmgl_events_init() - initialize without files and without a watch
 * @events: events of the device
 * @snapshots: source of snapshots for the watch
 *
 * Context: Process context; called before any other use of @events.
 */
void vmgl_events_init(struct vmgl_events *events,
		      struct vmgl_snapshots *snapshots)
{
	*events = (struct vmgl_events) {
		.snapshots = snapshots,
		.next_uevent = jiffies,
	};
	spin_lock_init(&events->lock);
	INIT_LIST_HEAD(&events->sleepers);
	INIT_LIST_HEAD(&events->due);
	timerqueue_init_head(&events->watchers);
	INIT_WORK(&events->notify, vmgl_events_notify);
	INIT_DELAYED_WORK(&events->watch, vmgl_events_watch);
	INIT_DELAYED_WORK(&events->announce, vmgl_events_announce);
}

/**
 * vmgl_events_start() - start to announce changes in sysfs and by uevents
 * @events: events of the device
 * @device: device that is registered until vmgl_events_stop() has returned
 *
 * Context: Process context; does not sleep.
 */
void vmgl_events_start(struct vmgl_events *events, struct device *device)
{
	spin_lock(&events->lock);
	events->device = device;
	spin_unlock(&events->lock);
}

/**
 * vmgl_events_stop() - cancel all work items, and let none be queued again
 * @events: events of the device
 *
 * Context: Process context; may sleep until a request in flight has ended.
 */
void vmgl_events_stop(struct vmgl_events *events)
{
	spin_lock(&events->lock);
	events->stopped = true;
	spin_unlock(&events->lock);

	cancel_delayed_work_sync(&events->watch);
	cancel_work_sync(&events->notify);
	cancel_delayed_work_sync(&events->announce);
}

/**
 * vmgl_event_client_add() - add an open file, without events and without a watch
 * @events: events of the device
 * @client: the file; initialized by this function
 *
 * Context: Process context; does not sleep.
 */
void vmgl_event_client_add(struct vmgl_events *events,
			   struct vmgl_event_client *client)
{
	*client = (struct vmgl_event_client) {};
	INIT_LIST_HEAD(&client->entry);
	timerqueue_init(&client->watch);
	init_waitqueue_head(&client->changed);

	spin_lock(&events->lock);
	memcpy(client->seen, events->changes, sizeof(client->seen));
	spin_unlock(&events->lock);
}

static void vmgl_event_client_set_interval(struct vmgl_events *events,
					   struct vmgl_event_client *client,
					   u32 interval_ms)
{
	lockdep_assert_held(&events->lock);

	if (client->interval_ms)
		timerqueue_del(&events->watchers, &client->watch);
	client->interval_ms = interval_ms;
	client->watch.expires = ms_to_ktime(interval_ms);
	if (interval_ms)
		timerqueue_add(&events->watchers, &client->watch);
}

/**
 * vmgl_event_client_remove() - remove a closed file and its watch
 * @events: events of the device
 * @client: the file, added by vmgl_event_client_add(); the caller frees the memory by
 *	kfree_rcu()
 *
 * Context: Process context; does not sleep.
 */
void vmgl_event_client_remove(struct vmgl_events *events,
			      struct vmgl_event_client *client)
{
	spin_lock(&events->lock);
	list_del_init(&client->entry);
	vmgl_event_client_set_interval(events, client, 0);
	spin_unlock(&events->lock);
}

/**
 * vmgl_event_client_watch() - set or remove the watch of a file
 * @events: events of the device
 * @client: the file, added by vmgl_event_client_add()
 * @interval_ms: longest time between two requests, in ms; 0 removes the watch
 *
 * Context: Process context; does not sleep.
 */
void vmgl_event_client_watch(struct vmgl_events *events,
			     struct vmgl_event_client *client, u32 interval_ms)
{
	u32 before_ms;

	spin_lock(&events->lock);
	before_ms = vmgl_events_shortest(events);
	vmgl_event_client_set_interval(events, client, interval_ms);
	vmgl_events_rearm(events, before_ms);
	spin_unlock(&events->lock);
}

static u32 vmgl_event_client_pending(const struct vmgl_events *events,
				     const struct vmgl_event_client *client)
{
	u32 pending = client->raised;
	enum vmgl_change i;

	lockdep_assert_held(&events->lock);

	for (i = 0; i < VMGL_CHANGES; i++)
		if (client->seen[i] != events->changes[i])
			pending |= vmgl_event_bits[i];
	return pending;
}

/**
 * vmgl_event_client_fetch() - get and clear the events of a file
 * @events: events of the device
 * @client: the file, added by vmgl_event_client_add()
 *
 * Context: Process context; does not sleep.
 * Return: VMGUESTLIB_EVENT_* bits of the events since the last call, or since the file was
 * added.
 */
u32 vmgl_event_client_fetch(struct vmgl_events *events,
			    struct vmgl_event_client *client)
{
	u32 pending;

	spin_lock(&events->lock);
	pending = vmgl_event_client_pending(events, client);
	memcpy(client->seen, events->changes, sizeof(client->seen));
	client->raised = 0;
	spin_unlock(&events->lock);
	return pending;
}

/**
 * vmgl_event_client_poll() - serve poll() for the events of a file
 * @events: events of the device
 * @client: the file, added by vmgl_event_client_add()
 * @file: the open file
 * @wait: argument of the file operation poll
 *
 * Context: Process context; may sleep in poll_wait().
 * Return: EPOLLPRI if there are events to fetch, else 0.
 */
__poll_t vmgl_event_client_poll(struct vmgl_events *events,
				struct vmgl_event_client *client,
				struct file *file,
				struct poll_table_struct *wait)
{
	__poll_t mask;

	poll_wait(file, &client->changed, wait);

	spin_lock(&events->lock);
	/*
	 * If the caller will not sleep, poll_wait() has added no task to the wait queue,
	 * and the file needs no wake-up.  waitqueue_active() needs no barrier, because
	 * vmgl_events_wake_one() checks the wait queue under @events->lock, too.
	 */
	if (list_empty(&client->entry) && waitqueue_active(&client->changed))
		list_add_tail(&client->entry, &events->sleepers);
	mask = vmgl_event_client_pending(events, client) ? EPOLLPRI : 0;
	spin_unlock(&events->lock);
	return mask;
}

/**
 * vmgl_events_interval() - get the interval of the watch that sysfs has set
 * @events: events of the device
 *
 * Context: Any; takes no lock.
 * Return: the interval in ms, or 0 if sysfs has set no watch.
 */
u32 vmgl_events_interval(struct vmgl_events *events)
{
	return READ_ONCE(events->interval_ms);
}

/**
 * vmgl_events_set_interval() - set or remove the watch of sysfs
 * @events: events of the device
 * @interval_ms: longest time between two requests, in ms; 0 removes the watch
 *
 * Context: Process context; does not sleep.
 */
void vmgl_events_set_interval(struct vmgl_events *events, u32 interval_ms)
{
	u32 before_ms;

	spin_lock(&events->lock);
	before_ms = vmgl_events_shortest(events);
	WRITE_ONCE(events->interval_ms, interval_ms);
	vmgl_events_rearm(events, before_ms);
	spin_unlock(&events->lock);
}
