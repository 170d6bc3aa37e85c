/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Turns: a sleeping lock whose waiters are served by priority, and in rotation among
 * users.
 */
#ifndef VMGL_TURNS_H
#define VMGL_TURNS_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/**
 * enum vmgl_priority - priorities of waiters, the highest first
 * @VMGL_PRIORITY_BEAT: heartbeats
 * @VMGL_PRIORITY_CONTROL: suspend, shutdown, unload, a change of the transport
 * @VMGL_PRIORITY_ROOT: callers with CAP_SYS_ADMIN
 * @VMGL_PRIORITY_SHARED: requests whose answer is shared by all callers, one at a time;
 *	take every second turn while there are waiters of the next priority
 * @VMGL_PRIORITY_USER: all other callers; one request of each user in turn
 * @VMGL_PRIORITIES: number of priorities
 *
 * Waiters of the first two priorities are uninterruptible.  A signal ends the wait of
 * the others.
 */
enum vmgl_priority {
	VMGL_PRIORITY_BEAT,
	VMGL_PRIORITY_CONTROL,
	VMGL_PRIORITY_ROOT,
	VMGL_PRIORITY_SHARED,
	VMGL_PRIORITY_USER,
	VMGL_PRIORITIES
};

/**
 * struct vmgl_turns - a turn and its waiters
 * @pass: passes over a waiter that does not take a free turn
 * @lock: guards the members up to @lines
 * @is_taken: a turn has begun and not ended
 * @was_shared: the last turn was of VMGL_PRIORITY_SHARED: VMGL_PRIORITY_USER goes first
 * @lines: for each priority, the first waiter of each user
 * @dep_map: for lockdep_assert_held()
 */
struct vmgl_turns {
	struct delayed_work pass;
	spinlock_t lock; /* is_taken, was_shared and lines */
	bool is_taken;
	bool was_shared;
	struct list_head lines[VMGL_PRIORITIES];
	struct lockdep_map dep_map;
};

/**
 * vmgl_turns_init() - initialize; the turn is free
 * @turns: the object
 *
 * Each place that initializes one has a lock class of its own.
 *
 * Context: Any.
 */
#define vmgl_turns_init(turns)						\
do {									\
	static struct lock_class_key __key;				\
									\
	__vmgl_turns_init(turns, &__key);				\
} while (0)

void __vmgl_turns_init(struct vmgl_turns *turns, struct lock_class_key *key);
void vmgl_turns_destroy(struct vmgl_turns *turns);
enum vmgl_priority vmgl_priority_of_caller(void);
int vmgl_turns_begin(struct vmgl_turns *turns, enum vmgl_priority priority);
void vmgl_turns_end(struct vmgl_turns *turns);

#endif
