/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Turns: a work item serves the requests of tasks one at a time, by priority, and in
 * rotation among users.
 */
#ifndef VMGL_TURNS_H
#define VMGL_TURNS_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

/**
 * enum vmgl_priority - priorities of requests, the highest first
 * @VMGL_PRIORITY_ROOT: requests of tasks with CAP_SYS_ADMIN
 * @VMGL_PRIORITY_USER: requests of all other tasks; their users are served in rotation
 * @VMGL_PRIORITIES: number of priorities that have a line
 * @VMGL_PRIORITY_KERNEL: requests of the arbiter and the snapshots, which wait for no turn
 */
enum vmgl_priority {
	VMGL_PRIORITY_ROOT,
	VMGL_PRIORITY_USER,
	VMGL_PRIORITIES,
	VMGL_PRIORITY_KERNEL = VMGL_PRIORITIES,
};

/**
 * struct vmgl_turns - lines of turns, and the work item that serves them
 * @wq: workqueue on which @work runs
 * @work: serves the turns one at a time
 * @lock: guards @lines and the turns in them; a leaf lock
 * @lines: for each priority, a list of the first turn of each user
 */
struct vmgl_turns {
	struct workqueue_struct *wq;
	struct work_struct work;
	spinlock_t lock; /* leaf */
	struct list_head lines[VMGL_PRIORITIES];
};

/**
 * struct vmgl_turn - a request of a task, on the stack of that task
 * @serve: function that serves the request, called by the work item
 * @entry: node in a line, or in @followers of the user's first turn; empty once the work
 *	item has begun to serve the turn
 * @followers: list of later turns of the same user, in the order of arrival; empty unless
 *	this turn is in a line
 * @priority: priority of the turn, which is the index of its line
 * @user: user to which the turn is charged
 * @done: completed when @serve has returned
 *
 * The caller of vmgl_turns_take() sets @serve; vmgl_turns_take() sets the other members.
 */
struct vmgl_turn {
	void (*serve)(struct vmgl_turn *turn);
	struct list_head entry;
	struct list_head followers;
	enum vmgl_priority priority;
	kuid_t user;
	struct completion done;
};

void vmgl_turns_init(struct vmgl_turns *turns, struct workqueue_struct *wq);
void vmgl_turns_destroy(struct vmgl_turns *turns);
enum vmgl_priority vmgl_priority_of_caller(void);
int vmgl_turns_take(struct vmgl_turns *turns, enum vmgl_priority priority,
		    struct vmgl_turn *turn);

#endif
