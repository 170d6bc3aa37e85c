// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Turns at a resource that serves one request at a time.
 *
 * A mutex serves its waiters in the order of their arrival, so a thousand tasks of one
 * user would delay all other tasks by a thousand requests.  Here a turn of the
 * highest priority is served next, and among turns of the same priority the users are
 * served in rotation.  However many requests one user makes, they delay the next request
 * of another user of the same priority by at most two requests: one that is being served,
 * and one that waits.
 *
 * A program can make the scheduler run its tasks rarely (SCHED_IDLE, cpu.max).  If tasks
 * served their own requests, the tasks of such a program would delay all other tasks.
 * Therefore a work item serves the requests, and no caller has to wait until another
 * caller is scheduled.
 *
 * Each priority has a line: a list of the first turn of each user.  The first turn of a
 * user has a list of the other turns of this user (followers).
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
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
 * Returns the user to which a turn of the calling task is charged.  A task can have any
 * uid of its user namespace, so the turns of all these uids are charged to one user: the
 * owner of the namespace, or the root user inside it if the owner is root.  If namespaces
 * are nested, the outermost one determines the user.  A namespace that root owns is ignored
 * if it has no root user.  It is also ignored if its root user is the root user of the
 * machine, because the namespace then gives no further uids.
 */
static kuid_t vmgl_turn_user(void)
{
	struct user_namespace *ns = current_cred()->user_ns;
	kuid_t user = current_uid();
	kuid_t owner;

	for (; ns != &init_user_ns; ns = ns->parent) {
		owner = ns->owner;
		if (uid_eq(owner, GLOBAL_ROOT_UID))
			owner = make_kuid(ns, 0);
		if (uid_valid(owner) && !uid_eq(owner, GLOBAL_ROOT_UID))
			user = owner;
	}
	return user;
}

/*
 * Removes a turn from its list.  If the turn is the first one of its user and has
 * followers, the first follower goes to the end of the line, so that users are served in
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

/* Removes the next turn from its line, and returns it; returns NULL if no turn waits. */
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

/* Serves one turn for each run, so that a workqueue can be frozen between two turns. */
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
 * vmgl_turns_init() - initialize the lines, all of them empty
 * @turns: object to initialize
 * @wq: an unbound workqueue, on which the requests are served
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
 * vmgl_turns_destroy() - wait until the work item is idle
 * @turns: initialized by vmgl_turns_init(); no task waits for a turn
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

/*
 * Removes a turn, unless the work item has begun to serve it.  Returns whether the turn was
 * removed.
 */
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

/*
 * Returns whether the calling task has to return to user space in order to be frozen.
 * freezing() alone is not enough: it becomes true shortly before signal_pending(), and a
 * system call is restarted only if signal_pending() is true.
 */
static bool vmgl_turns_is_freezing(void)
{
	return freezing(current) && signal_pending(current);
}

/**
 * vmgl_turns_take() - wait until a request of the calling task is served
 * @turns: initialized by vmgl_turns_init()
 * @priority: priority of the caller; not VMGL_PRIORITY_KERNEL
 * @turn: turn of the request; the caller has set @turn->serve
 *
 * Only a fatal signal and the freezer end the wait.  If each signal ended it, a program
 * with a periodic timer would go to the end of the line at each signal, and might never
 * be served.  If the freezer did not end it, a long line could prevent a sleep.  The
 * freezer does not wake a task in a killable wait, so the task checks every second whether
 * it has to be frozen.
 *
 * Context: Process context; may sleep.
 * Return: 0 if @turn->serve has run; -ERESTARTSYS if the wait ended before the turn, so
 * that @turn->serve will not run.
 */
int vmgl_turns_take(struct vmgl_turns *turns, enum vmgl_priority priority,
		    struct vmgl_turn *turn)
{
	long left;

	INIT_LIST_HEAD(&turn->followers);
	turn->priority = priority;
	turn->user = priority == VMGL_PRIORITY_USER ? vmgl_turn_user() :
						      GLOBAL_ROOT_UID;
	init_completion(&turn->done);
	vmgl_turns_join(turns, turn);

	do
		left = wait_for_completion_killable_timeout(&turn->done, HZ);
	while (!left && !vmgl_turns_is_freezing());
	if (left > 0)
		return 0;
	if (vmgl_turns_leave(turns, turn))
		return -ERESTARTSYS;
	/* The work item still uses @turn, which is on the stack of the caller. */
	wait_for_completion(&turn->done);
	return 0;
}
