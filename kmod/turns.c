// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Turns at a resource that serves one request at a time.
 *
 * A mutex serves its waiters in the order of their arrival, so a thousand threads of
 * one user delay everything else by a thousand requests.  Here the next turn is that of
 * the highest priority, and among turns of the same priority the users are served in
 * rotation.  Any number of requests by one user delays another user by at most two: the one
 * that is being served, and one that waits.
 *
 * A program decides how seldom the scheduler runs its tasks (SCHED_IDLE, cpu.max), so a
 * task that served its own request could delay all others.  Therefore a work item serves
 * the requests.  No caller waits for another caller to be scheduled.
 *
 * Each priority has a line, a list of the first turn of each user.  The other turns of a
 * user are in a list of the first one.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/user_namespace.h>

#include "turns.h"

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

/*
 * The user's next turn, if any, goes to the end of the line, so that users are served in
 * rotation.
 */
static void vmgl_turns_remove(struct vmgl_turns *turns, struct vmgl_turn *turn)
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

/* Returns the next turn, which leaves its line, or NULL. */
static struct vmgl_turn *vmgl_turns_next(struct vmgl_turns *turns)
{
	struct vmgl_turn *next = NULL;
	size_t i;

	spin_lock(&turns->lock);
	for (i = 0; i < VMGL_PRIORITIES && !next; i++)
		next = list_first_entry_or_null(&turns->lines[i],
						struct vmgl_turn, entry);
	if (next)
		vmgl_turns_remove(turns, next);
	spin_unlock(&turns->lock);
	return next;
}

static void vmgl_turns_work(struct work_struct *work)
{
	struct vmgl_turns *turns = container_of(work, struct vmgl_turns, work);
	struct vmgl_turn *turn = vmgl_turns_next(turns);

	if (!turn)
		return;
	turn->serve(turn);
	complete(&turn->done);
	queue_work(turns->wq, &turns->work);
}

/**
 * vmgl_turns_init() - initialize
 * @turns: the object
 * @wq: an unbound workqueue, where the requests are served
 *
 * Context: Any.
 */
void vmgl_turns_init(struct vmgl_turns *turns, struct workqueue_struct *wq)
{
	size_t i;

	turns->wq = wq;
	INIT_WORK(&turns->work, vmgl_turns_work);
	spin_lock_init(&turns->lock);
	for (i = 0; i < VMGL_PRIORITIES; i++)
		INIT_LIST_HEAD(&turns->lines[i]);
}

/**
 * vmgl_turns_destroy() - release
 * @turns: the object; no task waits for a turn
 *
 * Context: Process context; may sleep.
 */
void vmgl_turns_destroy(struct vmgl_turns *turns)
{
	cancel_work_sync(&turns->work);
}

static void vmgl_turns_join(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	struct list_head *line = &turns->lines[turn->priority];
	struct vmgl_turn *first;

	spin_lock(&turns->lock);
	list_for_each_entry(first, line, entry)
		if (uid_eq(first->user, turn->user)) {
			line = &first->followers;
			break;
		}
	list_add_tail(&turn->entry, line);
	spin_unlock(&turns->lock);
	queue_work(turns->wq, &turns->work);
}

/* Returns whether the turn was still in line. */
static bool vmgl_turns_leave(struct vmgl_turns *turns, struct vmgl_turn *turn)
{
	bool was_in_line;

	spin_lock(&turns->lock);
	was_in_line = !list_empty(&turn->entry);
	if (was_in_line)
		vmgl_turns_remove(turns, turn);
	spin_unlock(&turns->lock);
	return was_in_line;
}

/**
 * vmgl_turns_take() - wait until a request of the calling task is served
 * @turns: the object
 * @priority: priority of the caller; not VMGL_PRIORITY_KERNEL
 * @turn: the request
 *
 * Context: Process context; may sleep.
 * Return: 0: @turn->serve has run; -ERESTARTSYS: a signal arrived before the turn, and
 * @turn->serve does not run.
 */
int vmgl_turns_take(struct vmgl_turns *turns, enum vmgl_priority priority,
		    struct vmgl_turn *turn)
{
	INIT_LIST_HEAD(&turn->followers);
	turn->priority = priority;
	turn->user = priority == VMGL_PRIORITY_USER ? vmgl_turn_user() :
						      GLOBAL_ROOT_UID;
	init_completion(&turn->done);
	vmgl_turns_join(turns, turn);

	if (!wait_for_completion_interruptible(&turn->done))
		return 0;
	if (vmgl_turns_leave(turns, turn))
		return -ERESTARTSYS;
	wait_for_completion(&turn->done);
	return 0;
}
