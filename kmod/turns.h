/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Turns: a worker serves the requests of tasks one at a time, by priority, and in
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
 * enum vmgl_priority - priorities of callers, the highest first
 * @VMGL_PRIORITY_ROOT: tasks with CAP_SYS_ADMIN
 * @VMGL_PRIORITY_USER: all other tasks; one request of each user in turn
 * @VMGL_PRIORITIES: number of lines
 * @VMGL_PRIORITY_KERNEL: a thread of the kernel, which stands in no line
 */
enum vmgl_priority {
	VMGL_PRIORITY_ROOT,
	VMGL_PRIORITY_USER,
	VMGL_PRIORITIES,
	VMGL_PRIORITY_KERNEL = VMGL_PRIORITIES,
};

/**
 * struct vmgl_turns - lines of tasks, and the work item that serves them
 * @work: serves one turn after the other
 * @lock: guards @lines; a leaf lock
 * @lines: for each priority, the first turn of each user
 */
struct vmgl_turns {
	struct work_struct work;
	spinlock_t lock; /* leaf */
	struct list_head lines[VMGL_PRIORITIES];
};

/**
 * struct vmgl_turn - a request of a task, on the stack of that task
 * @serve: serves the request, in the work item
 * @entry: in a line, or in the followers of the first turn of its user; in neither once
 *	its turn has come
 * @followers: turns of the same user, in the order of arrival; empty unless the turn
 *	is in a line
 * @priority: index of the line
 * @user: user to which the turn is charged
 * @done: completed after @serve
 *
 * The caller sets @serve.
 */
struct vmgl_turn {
	void (*serve)(struct vmgl_turn *turn);
	struct list_head entry;
	struct list_head followers;
	enum vmgl_priority priority;
	kuid_t user;
	struct completion done;
};

void vmgl_turns_init(struct vmgl_turns *turns);
void vmgl_turns_destroy(struct vmgl_turns *turns);
enum vmgl_priority vmgl_priority_of_caller(void);
int vmgl_turns_take(struct vmgl_turns *turns, enum vmgl_priority priority,
		    struct vmgl_turn *turn);

#endif
