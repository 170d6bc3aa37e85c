/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Fakes of kernel functions that several files under test call.
 */
#ifndef VMGL_KUNIT_FAKE_BELOW_H
#define VMGL_KUNIT_FAKE_BELOW_H

#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

struct kobject;
struct task_struct;
struct workqueue_struct;

/**
 * struct fake_below - properties of the caller, and counts of the calls that were made
 * @is_admin: whether the caller has CAP_SYS_ADMIN
 * @denials: number of denials that the audit log would have
 * @boottime_offset_ns: offset of the caller's time namespace, in ns
 * @allocated: number of allocations
 * @uncharged: number of allocations that are charged to no task
 * @uid: user id of the caller
 * @pins: number of references to the module
 * @urgent_threads: number of threads that got FIFO priority
 * @uevents: number of uevents that were sent
 * @uevent: variable of the last uevent
 * @notified: files of sysfs that were announced, separated by blanks
 * @queued: number of work items that were queued
 * @bound: number of work items that were queued for the processor that queued them
 * @barriers: number of barriers between the writes of the page
 * @odd_barriers: number of barriers at which the sequence of the page was odd
 * @waiters: number of tasks that have begun to wait, except for a turn
 * @turn_waiters: number of tasks that have begun to wait for a turn
 * @came: wait queue that is woken when a task begins to wait
 * @stalled: task that does not run when it is woken
 * @is_freezing: whether the freezer freezes the tasks
 */
struct fake_below {
	bool is_admin;
	unsigned int denials;
	u64 boottime_offset_ns;
	unsigned int allocated;
	unsigned int uncharged;
	kuid_t uid;
	int pins;
	unsigned int urgent_threads;
	unsigned int uevents;
	char uevent[64];
	char notified[128];
	unsigned int queued;
	unsigned int bound;
	unsigned int barriers;
	unsigned int odd_barriers;
	atomic_t waiters;
	atomic_t turn_waiters;
	wait_queue_head_t came;
	const struct task_struct *stalled;
	bool is_freezing;
};

extern struct fake_below fake_below;

void fake_below_reset(void);
bool fake_capable(void);
void fake_allocated(gfp_t flags);
int fake_uevent(struct kobject *kobj, char *envp[]);
void fake_notify(struct kobject *kobj, const char *dir, const char *attr);
void fake_queued_on(const struct workqueue_struct *wq);
void fake_waiter_came(atomic_t *waiters);
void fake_run_task(void);
void fake_stall(const struct task_struct *task);

#endif
