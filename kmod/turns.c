// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Turns at a resource that serves one request at a time.
 *
 * A mutex serves its waiters in the order of their arrival, so a thousand threads of
 * one user delay everything else by a thousand requests.  Here the turn goes to the
 * waiter of the highest priority, and among waiters of the same priority to the users
 * in rotation.  Any number of requests by one user delays another user by one request.
 *
 * Any caller can cause shared requests, whose answer serves all callers, and they have
 * priority over the requests of users.  So that they do not starve the users, a shared
 * request waits for a user if the last turn was also shared.
 *
 * Each priority has a line, a list of the first waiter of each user.  The other waiters
 * of a user are in a list of its first waiter.  The end of a turn does not assign the
 * next one: it wakes the best waiter, which takes the turn unless a waiter of a higher
 * priority takes it first.
 *
 * A program decides how seldom the scheduler runs its tasks (SCHED_IDLE, cpu.max).  A
 * waiter that does not take a free turn within VMGL_TURNS_PASS_MS therefore leaves its
 * line, the next one is woken, and the waiter joins the line again when it runs.  So it
 * delays the others once, until it has run.
 *
 * A turn lasts until its task has ended its request.  If the scheduler does not run that
 * task, the waiters of the same instance wait, as they would for a mutex.  No such task
 * delays a heartbeat, because only the worker takes turns of the heartbeats.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>

#include "compat/workqueue.h"
#include "turns.h"

/* Longest time that a waiter has for taking a free turn */
#define VMGL_TURNS_PASS_MS	10

/**
 * struct vmgl_turn - a waiter, on the stack of the waiting task
 * @entry: in a line, or in the followers of the first waiter of its user; in neither
 *	before its task has run, and after it was passed over
 * @followers: waiters of the same user, in the order of arrival; empty unless the
 *	waiter is in a line
 * @priority: index of the line
 * @user: user to which the turn is charged
 * @wait: woken when the turn may be taken
 */
struct vmgl_turn {
	struct list_head entry;
	struct list_head followers;
	enum vmgl_priority priority;
	kuid_t user;
	wait_queue_head_t wait;
};

/**
 * vmgl_priority_of_caller() - get the priority of the calling task
 *
 * Context: Process context.
 * Return: VMGL_PRIORITY_ROOT with CAP_SYS_ADMIN, else VMGL_PRIORITY_USER.
 */
enum vmgl_priority vmgl_priority_of_caller(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN) ?
	       VMGL_PRIORITY_ROOT : VMGL_PRIORITY_USER;
}

/*
 * Any user may have many uids in user namespaces of its own.  The turns of all of them
 * are charged to the owner of the outermost namespace that root does not own.
 */
static kuid_t vmgl_turn_user(void)
{
	const struct user_namespace *ns = current_cred()->user_ns;
	kuid_t user = current_uid();

	for (; ns != &init_user_ns; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			user = ns->owner;
	return user;
}

static struct vmgl_turn *vmgl_turns_best(struct vmgl_turns *turns)
{
	struct list_head *line = turns->lines;
	struct list_head *users = &turns->lines[VMGL_PRIORITY_USER];

	lockdep_assert_held(&turns->lock);

	while (line < users && list_empty(line))
		line++;
	if (line == &turns->lines[VMGL_PRIORITY_SHARED] && turns->was_shared &&
	    !list_empty(users))
		line = users;
	return list_first_entry_or_null(line, struct vmgl_turn, entry);
}

/*
 * The next waiter of the same user goes to the end of the line, because the users are
 * served in rotation.
 */
static void vmgl_turns_leave(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	struct vmgl_turn *next;

	lockdep_assert_held(&turns->lock);

	list_del_init(&turn->entry);
	if (list_empty(&turn->followers))
		return;
	next = list_first_entry(&turn->followers, struct vmgl_turn, entry);
	list_del(&next->entry);
	list_splice_init(&turn->followers, &next->followers);
	list_add_tail(&next->entry, &turns->lines[turn->priority]);
}

static void vmgl_turns_wake_best(struct vmgl_turns *turns)
{
	struct vmgl_turn *best = vmgl_turns_best(turns);

	if (!best || turns->is_taken)
		return;
	wake_up(&best->wait);
	mod_delayed_work(system_dfl_wq, &turns->pass,
			 1 + msecs_to_jiffies(VMGL_TURNS_PASS_MS));
}

/* Pass over a waiter that was woken and has not run */
static void vmgl_turns_pass(struct work_struct *work)
{
	struct vmgl_turns *turns = container_of(to_delayed_work(work),
						struct vmgl_turns, pass);
	struct vmgl_turn *best;

	spin_lock(&turns->lock);
	best = vmgl_turns_best(turns);
	if (best && !turns->is_taken) {
		vmgl_turns_leave(turns, best);
		turns->was_shared = false;
		vmgl_turns_wake_best(turns);
	}
	spin_unlock(&turns->lock);
}

/**
 * __vmgl_turns_init() - initialize; the turn is free
 * @turns: the object
 * @key: class of the lock, for lockdep
 *
 * Context: Any.
 */
void __vmgl_turns_init(struct vmgl_turns *turns, struct lock_class_key *key)
{
	size_t i;

	spin_lock_init(&turns->lock);
	turns->is_taken = false;
	turns->was_shared = false;
	for (i = 0; i < VMGL_PRIORITIES; i++)
		INIT_LIST_HEAD(&turns->lines[i]);
	INIT_DELAYED_WORK(&turns->pass, vmgl_turns_pass);
	lockdep_init_map(&turns->dep_map, "vmgl_turns", key, 0);
}

/**
 * vmgl_turns_destroy() - release
 * @turns: the object; no task waits for it or has the turn
 *
 * Context: Process context; may sleep.
 */
void vmgl_turns_destroy(struct vmgl_turns *turns)
{
	cancel_delayed_work_sync(&turns->pass);
}

static void vmgl_turns_join(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	struct list_head *line = &turns->lines[turn->priority];
	struct vmgl_turn *first;

	lockdep_assert_held(&turns->lock);

	list_for_each_entry(first, line, entry)
		if (uid_eq(first->user, turn->user)) {
			line = &first->followers;
			break;
		}
	list_add_tail(&turn->entry, line);
}

static bool vmgl_turns_take(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	bool is_ours;

	spin_lock(&turns->lock);
	if (list_empty(&turn->entry))
		vmgl_turns_join(turns, turn);
	is_ours = !turns->is_taken && vmgl_turns_best(turns) == turn;
	if (is_ours) {
		turns->is_taken = true;
		turns->was_shared = turn->priority == VMGL_PRIORITY_SHARED;
		vmgl_turns_leave(turns, turn);
	}
	spin_unlock(&turns->lock);
	return is_ours;
}

static void vmgl_turns_give_up(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	spin_lock(&turns->lock);
	vmgl_turns_leave(turns, turn);
	/* The wake-up for the turn may have gone to this waiter. */
	vmgl_turns_wake_best(turns);
	spin_unlock(&turns->lock);
}

static int vmgl_turns_wait(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	if (turn->priority >= VMGL_PRIORITY_ROOT)
		return wait_event_interruptible(turn->wait,
						vmgl_turns_take(turns, turn));
	wait_event(turn->wait, vmgl_turns_take(turns, turn));
	return 0;
}

/**
 * vmgl_turns_begin() - wait for the turn
 * @turns: the object
 * @priority: of the caller
 *
 * Context: Process context; may sleep.
 * Return: 0: the caller has the turn and ends it with vmgl_turns_end();
 * -ERESTARTSYS: a signal arrived before the turn (VMGL_PRIORITY_ROOT and below).
 */
int vmgl_turns_begin(struct vmgl_turns *turns, enum vmgl_priority priority)
{
	struct vmgl_turn turn = {
		.entry = LIST_HEAD_INIT(turn.entry),
		.followers = LIST_HEAD_INIT(turn.followers),
		.priority = priority,
		.user = priority == VMGL_PRIORITY_USER ? vmgl_turn_user() :
							 GLOBAL_ROOT_UID,
	};
	int ret;

	init_waitqueue_head(&turn.wait);
	lock_map_acquire(&turns->dep_map);
	ret = vmgl_turns_wait(turns, &turn);
	if (!ret)
		return 0;
	vmgl_turns_give_up(turns, &turn);
	lock_map_release(&turns->dep_map);
	return ret;
}

/**
 * vmgl_turns_end() - end the turn and wake the next waiter
 * @turns: the caller has the turn
 *
 * Context: Process context.
 */
void vmgl_turns_end(struct vmgl_turns *turns)
{
	lockdep_assert_held(turns);

	spin_lock(&turns->lock);
	turns->is_taken = false;
	vmgl_turns_wake_best(turns);
	spin_unlock(&turns->lock);
	lock_map_release(&turns->dep_map);
}
