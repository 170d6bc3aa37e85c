// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the order of waiters, with real threads and their real credentials. */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "fake_below.h"
#include "fake_time.h"
#include "turns.h"

#define WAITERS_MAX	8

struct order {
	struct vmgl_turns turns;
	char served[WAITERS_MAX + 1];
	unsigned int count;
};

struct waiter {
	struct order *order;
	char name;
	enum vmgl_priority priority;
	unsigned int uid;
	struct user_namespace *ns;
	bool allows_signal;
	bool has_signal;
	int result;
	struct completion done;
};

static int wait_for_turn(struct waiter *waiter)
{
	struct order *order = waiter->order;
	int ret = vmgl_turns_begin(&order->turns, waiter->priority);

	if (ret)
		return ret;
	order->served[order->count++] = waiter->name;
	vmgl_turns_end(&order->turns);
	return 0;
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
	if (waiter->allows_signal)
		allow_signal(SIGTERM);
	if (waiter->has_signal)
		send_sig(SIGTERM, current, 1);
	waiter->result = wait_for_turn(waiter);
	revert_creds(old);
	cred->user_ns = ns;
	put_cred(cred);
	complete(&waiter->done);
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
		   atomic_read(&fake_below.turn_waiters) == came + 1);
	return task;
}

/* The waiters come one after the other while the turn is taken; then it ends. */
static const char *serve(struct kunit *test, struct waiter *waiters, size_t count)
{
	struct order *order = test->priv;
	struct task_struct *task;
	size_t i;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_CONTROL);
	for (i = 0; i < count; i++) {
		task = start(order, &waiters[i]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		put_task_struct(task);
		if (waiters[i].has_signal)
			wait_for_completion(&waiters[i].done);
	}
	vmgl_turns_end(&order->turns);
	for (i = 0; i < count; i++)
		if (!waiters[i].has_signal)
			wait_for_completion(&waiters[i].done);
	return order->served;
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
		{ .name = 's', .priority = VMGL_PRIORITY_SHARED },
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT },
		{ .name = 'c', .priority = VMGL_PRIORITY_CONTROL },
		{ .name = 'b', .priority = VMGL_PRIORITY_BEAT },
		{ .name = 'R', .priority = VMGL_PRIORITY_ROOT, .uid = 2 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "bcrRsu");
}

/* However many requests a user has, another user waits for only one of them. */
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
	struct user_namespace own = {
		.parent = &init_user_ns,
		.owner = KUIDT_INIT(1000),
	};
	struct user_namespace inner = {
		.parent = &own,
		.owner = KUIDT_INIT(100001),
	};
	struct user_namespace container = {
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

/* When the first waiter of a user gets a signal, the user's other waiters stay in line. */
static void signal_of_the_first(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signal = true, .has_signal = true },
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT,
		  .allows_signal = true, .has_signal = true },
		{ .name = 'c', .priority = VMGL_PRIORITY_CONTROL },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
	};

	KUNIT_EXPECT_STREQ(test, serve(test, waiters, ARRAY_SIZE(waiters)),
			   "cb");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiters[1].result, -ERESTARTSYS);
}

/* The first waiter gets a signal while two waiters of the same user wait. */
static void signal_of_the_first_of_many(struct kunit *test)
{
	struct order *order = test->priv;
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signal = true },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 1 },
	};
	struct task_struct *tasks[ARRAY_SIZE(waiters)];
	size_t i;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_CONTROL);
	for (i = 0; i < ARRAY_SIZE(waiters); i++) {
		tasks[i] = start(order, &waiters[i]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[i]));
	}
	send_sig(SIGTERM, tasks[0], 1);
	wait_for_completion(&waiters[0].done);
	for (i = 0; i < ARRAY_SIZE(waiters); i++)
		put_task_struct(tasks[i]);
	vmgl_turns_end(&order->turns);
	wait_for_completion(&waiters[1].done);
	wait_for_completion(&waiters[2].done);
	KUNIT_EXPECT_STREQ(test, order->served, "bc");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
}

/* A waiter of lower priority does not overtake one that is woken and has not run yet. */
static void woken_waiter_is_not_overtaken(struct kunit *test)
{
	struct waiter waiter = { .name = 'r', .priority = VMGL_PRIORITY_ROOT };
	struct order *order = test->priv;
	struct task_struct *task;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_CONTROL);
	task = start(order, &waiter);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	put_task_struct(task);
	vmgl_turns_end(&order->turns);
	KUNIT_EXPECT_EQ(test, vmgl_turns_begin(&order->turns,
					       VMGL_PRIORITY_USER), 0);
	KUNIT_EXPECT_STREQ(test, order->served, "r");
	vmgl_turns_end(&order->turns);
	wait_for_completion(&waiter.done);
}

/* Shared requests follow each other at once, and still every user gets a turn. */
static void shared_requests_starve_no_user(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 2 },
	};
	static const char *const served[] = { "", "a", "ab", "ab" };
	struct order *order = test->priv;
	struct task_struct *task;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(served); i++) {
		KUNIT_EXPECT_EQ(test, vmgl_turns_begin(&order->turns,
						       VMGL_PRIORITY_SHARED), 0);
		KUNIT_EXPECT_STREQ(test, order->served, served[i]);
		if (i < ARRAY_SIZE(waiters)) {
			task = start(order, &waiters[i]);
			KUNIT_ASSERT_FALSE(test, IS_ERR(task));
			put_task_struct(task);
		}
		vmgl_turns_end(&order->turns);
	}
	for (i = 0; i < ARRAY_SIZE(waiters); i++)
		wait_for_completion(&waiters[i].done);
}

/* The waiters are in line when the turn ends, and the first one does not run. */
static void stall_the_first(struct kunit *test, struct waiter *waiters, size_t count,
			    const char *served)
{
	struct order *order = test->priv;
	struct task_struct *task;
	size_t i;

	for (i = 0; i < count; i++) {
		task = start(order, &waiters[i]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		if (!i)
			fake_stall(task);
		put_task_struct(task);
	}
	vmgl_turns_end(&order->turns);
	fake_time_run_ms(25);
	for (i = 1; i < count; i++)
		KUNIT_EXPECT_NE(test, 0UL,
				wait_for_completion_timeout(&waiters[i].done, HZ));
	KUNIT_EXPECT_STREQ(test, order->served, served);
	fake_stall(NULL);
	wait_for_completion(&waiters[0].done);
}

static void waiter_that_does_not_run_is_passed(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'r', .priority = VMGL_PRIORITY_ROOT },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'R', .priority = VMGL_PRIORITY_ROOT },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 2 },
	};
	struct order *order = test->priv;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_CONTROL);
	stall_the_first(test, waiters, ARRAY_SIZE(waiters), "Rbc");
	KUNIT_EXPECT_STREQ(test, order->served, "Rbcr");
}

/* The user's other waiters stay in line, and a shared request does not wait longer. */
static void user_that_does_not_run_is_passed(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 2 },
		{ .name = 's', .priority = VMGL_PRIORITY_SHARED },
	};
	struct order *order = test->priv;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_SHARED);
	stall_the_first(test, waiters, ARRAY_SIZE(waiters), "scb");
	KUNIT_EXPECT_STREQ(test, order->served, "scba");
}

/* A waiter that was passed joins its line again. A signal takes it out. */
static void passed_waiter_waits_again(struct kunit *test)
{
	struct waiter waiters[] = {
		{ .name = 'a', .priority = VMGL_PRIORITY_USER, .uid = 1,
		  .allows_signal = true },
		{ .name = 'b', .priority = VMGL_PRIORITY_USER, .uid = 1 },
		{ .name = 'c', .priority = VMGL_PRIORITY_USER, .uid = 2 },
	};
	struct order *order = test->priv;
	struct task_struct *task, *other;
	size_t i;

	vmgl_turns_begin(&order->turns, VMGL_PRIORITY_CONTROL);
	task = start(order, &waiters[0]);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	fake_stall(task);
	vmgl_turns_end(&order->turns);
	fake_time_run_ms(25);
	/* The waiter has left the line, so the turn is free. */
	KUNIT_EXPECT_EQ(test, vmgl_turns_begin(&order->turns,
					       VMGL_PRIORITY_USER), 0);
	fake_stall(NULL);
	while (list_empty(&order->turns.lines[VMGL_PRIORITY_USER]))
		msleep(1);
	for (i = 1; i < ARRAY_SIZE(waiters); i++) {
		other = start(order, &waiters[i]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(other));
		put_task_struct(other);
	}
	send_sig(SIGTERM, task, 1);
	wait_for_completion(&waiters[0].done);
	put_task_struct(task);
	vmgl_turns_end(&order->turns);
	wait_for_completion(&waiters[1].done);
	wait_for_completion(&waiters[2].done);
	KUNIT_EXPECT_STREQ(test, order->served, "cb");
	KUNIT_EXPECT_EQ(test, waiters[0].result, -ERESTARTSYS);
}

static void no_work_is_left(struct kunit *test)
{
	struct waiter waiter = { .name = 'a', .priority = VMGL_PRIORITY_USER };
	struct order *order = test->priv;

	KUNIT_EXPECT_STREQ(test, serve(test, &waiter, 1), "a");
	KUNIT_EXPECT_TRUE(test, fake_work_is_queued(&order->turns.pass));
	vmgl_turns_destroy(&order->turns);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&order->turns.pass));
}

static int init(struct kunit *test)
{
	struct order *order = kunit_kzalloc(test, sizeof(*order), GFP_KERNEL);

	if (!order)
		return -ENOMEM;
	fake_below_reset();
	fake_time_reset();
	vmgl_turns_init(&order->turns);
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
	KUNIT_CASE(signal_of_the_first),
	KUNIT_CASE(signal_of_the_first_of_many),
	KUNIT_CASE(woken_waiter_is_not_overtaken),
	KUNIT_CASE(shared_requests_starve_no_user),
	KUNIT_CASE(waiter_that_does_not_run_is_passed),
	KUNIT_CASE(user_that_does_not_run_is_passed),
	KUNIT_CASE(passed_waiter_waits_again),
	KUNIT_CASE(no_work_is_left),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_turns",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
