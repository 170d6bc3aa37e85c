// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the order in which tasks are served, with real threads, their real credentials
 * and a real work item.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "compat/workqueue.h"
#include "fake_below.h"
#include "turns.h"

#define WAITERS_MAX	8

struct order {
	struct vmgl_turns turns;
	char served[WAITERS_MAX + 1];
	unsigned int count;
	struct completion begun;	/* the turn of the holder has begun */
	struct completion go_on;	/* the turn of the holder may end */
};

struct waiter {
	struct order *order;
	char name;
	enum vmgl_priority priority;
	unsigned int uid;
	struct user_namespace *ns;
	bool allows_signals;
	int signal;	/* signal that is pending when the wait begins, or 0 */
	struct vmgl_turn turn;
	int result;
	struct completion done;
};

static void serve_waiter(struct vmgl_turn *turn)
{
	struct waiter *waiter = container_of(turn, struct waiter, turn);
	struct order *order = waiter->order;

	if (!waiter->name) {
		complete(&order->begun);
		wait_for_completion(&order->go_on);
	} else if (current->flags & PF_WQ_WORKER) {
		order->served[order->count++] = waiter->name;
	}
}

static int live(void *data)
{
	struct waiter *waiter = data;
	struct cred *cred = prepare_creds();
	struct user_namespace *ns;
	const struct cred *old;

	if (!cred)
		return -ENOMEM;
	ns = cred->user_ns;
	cred->uid = KUIDT_INIT(waiter->uid);
	if (waiter->ns)
		cred->user_ns = waiter->ns;
	old = override_creds(cred);
	if (waiter->allows_signals) {
		allow_signal(SIGKILL);
		allow_signal(SIGTERM);
	}
	if (waiter->signal)
		send_sig(waiter->signal, current, 1);
	waiter->turn.serve = serve_waiter;
	waiter->result = vmgl_turns_take(&waiter->order->turns, waiter->priority,
					 &waiter->turn);
	revert_creds(old);
	cred->user_ns = ns;
	put_cred(cred);
	complete_all(&waiter->done);
	return 0;
}

static struct task_struct *start(struct order *order, struct waiter *waiter)
{
	int came = atomic_read(&fake_below.turn_waiters);
	struct task_struct *task;

	waiter->order = order;
	init_completion(&waiter->done);
	task = kthread_create(live, waiter, "vmguestlib_test");
	if (IS_ERR(task))
		return task;
	get_task_struct(task);
	wake_up_process(task);
	wait_event(fake_below.came,
		   atomic_read(&fake_below.turn_waiters) > came);
	return task;
}

/*
 * The waiters come one after the other while @holder has the turn.  Those with a fatal
 * signal leave at once.
 */
static void come(struct kunit *test, struct waiter *holder,
		 struct waiter *waiters, struct task_struct **tasks, size_t count)
{
	struct order *order = test->priv;
	size_t i;

	tasks[count] = start(order, holder);
	KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[count]));
	wait_for_completion(&order->begun);
	for (i = 0; i < count; i++) {
		tasks[i] = start(order, &waiters[i]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[i]));
		if (waiters[i].signal == SIGKILL)
			wait_for_completion(&waiters[i].done);
	}
}

/* The turn of @holder ends, and all tasks end. */
static const char *leave_all(struct order *order, struct waiter *holder,
			     struct waiter *waiters, struct task_struct **tasks,
			     size_t count)
{
	size_t i;

	complete(&order->go_on);
	wait_for_completion(&holder->done);
	for (i = 0; i < count; i++)
		wait_for_completion(&waiters[i].done);
	for (i = 0; i <= count; i++)
		put_task_struct(tasks[i]);
	return order->served;
}

static const char *serve(struct kunit *test, struct waiter *waiters, size_t count)
{
	struct waiter holder = { .priority = VMGL_PRIORITY_ROOT };
	struct task_struct *tasks[WAITERS_MAX + 1];

	come(test, &holder, waiters, tasks, count);
	return leave_all(test->priv, &holder, waiters, tasks, count);
}

static void priority_of_a_caller(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)vmgl_priority_of_caller(),
			(int)VMGL_PRIORITY_ROOT);
	fake_below.is_admin = false;
	KUNIT_EXPECT_EQ(test, (int)vmgl_priority_of_caller(),
			(int)VMGL_PRIORITY_USER);
}

static void by_priority(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'u', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT },
		{ .name = 'v', .priority = VMGL_PRIORITY_USER, .uid = 2 },
		{ .name = 'R', .priority = VMGL_PRIORITY_ROOT, .uid = 2 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "rRuv");
	/* The work runs on any processor. */
	KUNIT_EXPECT_NE(test, fake_below.queued, 0u);
	KUNIT_EXPECT_EQ(test, fake_below.bound, 0u);
}

/* However many requests a user has, another user waits for at most two of them. */
static void users_in_rotation(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'X', .priority = VMGL_PRIORITY_USER, .uid = 2 },
		{ .name = 'Y', .priority = VMGL_PRIORITY_USER, .uid = 2 },
		{ .name = '0', .priority = VMGL_PRIORITY_USER, .uid = 3 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "aX0bYc");
}

/* All uids in a user namespace count as the user that owns the namespace. */
static void users_of_a_namespace(struct kunit *test)
{
	static struct user_namespace own = {
		.parent = &init_user_ns,
		.owner = KUIDT_INIT(1000),
	};
	static struct user_namespace inner = {
		.parent = &own,
		.owner = KUIDT_INIT(100001),
	};
	static struct user_namespace container = {
		.parent = &init_user_ns,
		.owner = GLOBAL_ROOT_UID,
	};
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 100001,
		  .ns = &own },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 100002,
		  .ns = &inner },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 1000 },
		{ .name = 'X', .priority = VMGL_PRIORITY_USER, .uid = 7,
		  .ns = &container },
		{ .name = 'Y', .priority = VMGL_PRIORITY_USER, .uid = 8,
		  .ns = &container },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "aXYbc");
}

/* If root owns the namespace, all its uids count as the user that is root in the namespace. */
static void users_of_a_namespace_of_root(struct kunit *test)
{
	static struct user_namespace mapped = {
		.parent = &init_user_ns,
		.owner = GLOBAL_ROOT_UID,
		.uid_map = {
			.nr_extents = 1,
			.extent = { { .first = 0, .lower_first = 200000,
				      .count = 65536 } },
		},
	};
	static struct user_namespace identity = {
		.parent = &init_user_ns,
		.owner = GLOBAL_ROOT_UID,
		.uid_map = {
			.nr_extents = 1,
			.extent = { { .first = 0, .lower_first = 0,
				      .count = 65536 } },
		},
	};
	struct waiter waiters[] = {
		{ .name = 'd', .priority = VMGL_PRIORITY_USER, .uid = 200001,
		  .ns = &mapped },
		{ .name = 'e', .priority = VMGL_PRIORITY_USER, .uid = 200002,
		  .ns = &mapped },
		{ .name = 'V', .priority = VMGL_PRIORITY_USER, .uid = 7,
		  .ns = &identity },
		{ .name = 'W', .priority = VMGL_PRIORITY_USER, .uid = 8,
		  .ns = &identity },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "dVWe");
}

/* A program with a periodic timer keeps its place in the line. */
static void signal_that_is_not_fatal(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signals = true, .signal = SIGTERM },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 2 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)), "ab");
	KUNIT_EXPECT_EQ(test, waiters[0].result, 0);
}

/* The freezer ends a wait once it has sent the signal after which a call is restarted. */
static void freezer_ends_a_wait(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signals = true, .signal = SIGTERM },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 2,
		  .allows_signals = true },
	};
	struct waiter holder = { .priority = VMGL_PRIORITY_ROOT };
	struct task_struct *tasks[ARRAY_SIZE(waiters) + 1];
	struct order *order = test->priv;

	fake_below.is_freezing = true;
	come(test, &holder, waiters, tasks, ARRAY_SIZE(waiters));
	wait_for_completion(&waiters[0].done);
	/* The other waiter has no signal, so it goes on waiting after each timeout. */
	KUNIT_EXPECT_NE(test, 0L,
			wait_event_timeout(fake_below.came,
					   atomic_read(&fake_below.turn_waiters) > 20,
					   10 * HZ));
	KUNIT_EXPECT_FALSE(test, completion_done(&waiters[1].done));
	leave_all(order, &holder, waiters, tasks, ARRAY_SIZE(waiters));
	KUNIT_EXPECT_STREQ(test, order->served, "b");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiters[1].result, 0);
}

/* When the first waiter of a user gets a signal, the user's other waiters stay in line. */
static void signal_of_the_first(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signals = true, .signal = SIGKILL },
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT,
		  .allows_signals = true, .signal = SIGKILL },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)), "b");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiters[1].result, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiters[2].result, 0);
}

/* A waiter gets a signal while other waiters of the same user are behind it. */
static void signal_of_one_of_many(struct kunit *test)
{
	struct waiter holder = { .priority = VMGL_PRIORITY_ROOT };
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signals = true },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signals = true },
		{ .name = 'd', .priority = VMGL_PRIORITY_USER, .uid = 1 },
	};
	struct task_struct *tasks[ARRAY_SIZE(waiters) + 1];
	struct order *order = test->priv;

	come(test, &holder, waiters, tasks, ARRAY_SIZE(waiters));
	send_sig(SIGKILL, tasks[0], 1);
	send_sig(SIGKILL, tasks[2], 1);
	wait_for_completion(&waiters[0].done);
	wait_for_completion(&waiters[2].done);
	leave_all(order, &holder, waiters, tasks, ARRAY_SIZE(waiters));
	KUNIT_EXPECT_STREQ(test, order->served, "bd");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiters[2].result, -ERESTARTSYS);
}

/* The request uses the stack of its task, so the task waits until the request ends. */
static void signal_in_the_turn(struct kunit *test)
{
	struct waiter holder = {
		.priority = VMGL_PRIORITY_USER,
		.allows_signals = true,
	};
	struct waiter waiter = { .name = 'r', .priority = VMGL_PRIORITY_ROOT };
	struct task_struct *tasks[2];
	struct order *order = test->priv;

	come(test, &holder, &waiter, tasks, 1);
	send_sig(SIGKILL, tasks[1], 1);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&holder.done, 2), 0UL);
	KUNIT_EXPECT_STREQ(test, leave_all(order, &holder, &waiter, tasks, 1),
			   "r");
	KUNIT_EXPECT_EQ(test, holder.result, 0);
}

/* A task that the scheduler does not run after its turn delays no other task. */
static void task_that_does_not_run(struct kunit *test)
{
	struct waiter holder = { .priority = VMGL_PRIORITY_USER, .uid = 1 };
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT },
	};
	struct task_struct *tasks[ARRAY_SIZE(waiters) + 1];
	struct order *order = test->priv;
	size_t i;

	come(test, &holder, waiters, tasks, ARRAY_SIZE(waiters));
	fake_stall(tasks[ARRAY_SIZE(waiters)]);
	complete(&order->go_on);
	for (i = 0; i < ARRAY_SIZE(waiters); i++)
		KUNIT_EXPECT_NE(test, 0UL,
				wait_for_completion_timeout(&waiters[i].done,
							    10 * HZ));
	KUNIT_EXPECT_FALSE(test, completion_done(&holder.done));
	fake_stall(NULL);
	wait_for_completion(&holder.done);
	for (i = 0; i <= ARRAY_SIZE(waiters); i++)
		put_task_struct(tasks[i]);
	KUNIT_EXPECT_STREQ(test, order->served, "ra");
}

static int init(struct kunit *test)
{
	struct order *order = kunit_kzalloc(test, sizeof(*order), GFP_KERNEL);

	if (!order)
		return -ENOMEM;
	fake_below_reset();
	vmgl_turns_init(&order->turns, system_dfl_wq);
	init_completion(&order->begun);
	init_completion(&order->go_on);
	test->priv = order;
	return 0;
}

static void leave(struct kunit *test)
{
	struct order *order = test->priv;

	if (order)
		vmgl_turns_destroy(&order->turns);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(priority_of_a_caller),
	KUNIT_CASE(by_priority),
	KUNIT_CASE(users_in_rotation),
	KUNIT_CASE(users_of_a_namespace),
	KUNIT_CASE(users_of_a_namespace_of_root),
	KUNIT_CASE(signal_that_is_not_fatal),
	KUNIT_CASE(freezer_ends_a_wait),
	KUNIT_CASE(signal_of_the_first),
	KUNIT_CASE(signal_of_one_of_many),
	KUNIT_CASE(signal_in_the_turn),
	KUNIT_CASE(task_that_does_not_run),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_turns",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
