// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake clocks. */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "fake_time.h"

/* CLOCK_MONOTONIC begins at BEGIN_NS. CLOCK_BOOTTIME is ahead, as after a sleep. */
#define BEGIN_NS	(100ULL * NSEC_PER_SEC)
#define SUSPENDED_NS	(3600ULL * NSEC_PER_SEC)

/* jiffies overflows after one minute. */
#define BEGIN_JIFFIES	(ULONG_MAX - 60UL * HZ)

struct fake_work {
	void *work;
	void (*run)(void *work);
	u64 due_ns;
	const void *thread;
};

struct fake_time fake_time;

static u64 now_ns;
static const void *busy[2];
static struct fake_work queue[8];

void fake_time_reset(void)
{
	fake_time = (struct fake_time) {};
	now_ns = BEGIN_NS;
	memset(busy, 0, sizeof(busy));
	memset(queue, 0, sizeof(queue));
}

/* Returns the time since fake_time_reset(), in ms. */
u64 fake_time_ms(void)
{
	return (now_ns - BEGIN_NS) / NSEC_PER_MSEC;
}

ktime_t fake_ktime_get(void)
{
	return ns_to_ktime(now_ns);
}

u64 fake_boottime_ns(void)
{
	return now_ns + SUSPENDED_NS;
}

unsigned long fake_jiffies(void)
{
	return BEGIN_JIFFIES + nsecs_to_jiffies(now_ns - BEGIN_NS);
}

static struct fake_work *find(const void *work)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(queue); i++)
		if (queue[i].work == work)
			return &queue[i];
	return NULL;
}

bool fake_work_is_queued(const void *work)
{
	return find(work);
}

/* Returns the time in ms until the work item is due, or -1 if it is not queued. */
s64 fake_work_left_ms(const void *work)
{
	struct fake_work *found = find(work);

	if (!found)
		return -1;
	return found->due_ns > now_ns ?
	       (found->due_ns - now_ns) / NSEC_PER_MSEC : 0;
}

static void enqueue(const struct fake_work *work)
{
	struct fake_work *place = find(work->work);

	if (!place)
		place = find(NULL);
	if (WARN_ON(!place))
		return;
	*place = *work;
}

static bool dequeue(const void *work)
{
	struct fake_work *found = find(work);

	if (found)
		found->work = NULL;
	return found;
}

static void run_delayed_work(void *opaque)
{
	struct delayed_work *work = opaque;

	work->work.func(&work->work);
}

static bool is_busy(const void *thread)
{
	return thread && (busy[0] == thread || busy[1] == thread);
}

/*
 * Runs a work item. A thread is busy while it runs one. A second thread may run while the first
 * one waits in its work item, so busy has two entries.
 */
static void run_work(const struct fake_work *work)
{
	const void **mine = &busy[!!busy[0]];

	if (!work->thread) {
		work->run(work->work);
		return;
	}
	*mine = work->thread;
	work->run(work->work);
	*mine = NULL;
}

static void run_kthread_work(void *opaque)
{
	struct kthread_delayed_work *work = opaque;

	work->work.func(&work->work);
}

static void run_plain_work(void *opaque)
{
	struct work_struct *work = opaque;

	work->func(work);
}

static struct fake_work work_of(struct delayed_work *work, unsigned long delay)
{
	return (struct fake_work) {
		.work = work,
		.run = run_delayed_work,
		.due_ns = now_ns + jiffies_to_nsecs(delay),
	};
}

static struct fake_work kthread_work_of(const void *thread,
					struct kthread_delayed_work *work,
					unsigned long delay)
{
	return (struct fake_work) {
		.work = work,
		.run = run_kthread_work,
		.due_ns = now_ns + jiffies_to_nsecs(delay),
		.thread = thread,
	};
}

static bool queue_once(struct fake_work work)
{
	if (find(work.work))
		return false;
	enqueue(&work);
	return true;
}

bool fake_queue_work(struct delayed_work *work, unsigned long delay)
{
	return queue_once(work_of(work, delay));
}

bool fake_mod_work(struct delayed_work *work, unsigned long delay)
{
	struct fake_work wanted = work_of(work, delay);
	bool was_queued = find(work);

	enqueue(&wanted);
	return was_queued;
}

bool fake_cancel_work(struct delayed_work *work)
{
	return dequeue(work);
}

bool fake_queue_plain_work(struct work_struct *work)
{
	return queue_once((struct fake_work) {
		.work = work,
		.run = run_plain_work,
		.due_ns = now_ns,
	});
}

bool fake_cancel_plain_work(struct work_struct *work)
{
	return dequeue(work);
}

bool fake_queue_kthread_work(const void *thread,
			     struct kthread_delayed_work *work,
			     unsigned long delay)
{
	return queue_once(kthread_work_of(thread, work, delay));
}

/* A FIFO thread runs at once, unless it is running already or is stuck. */
bool fake_mod_kthread_work(const void *thread,
			   struct kthread_delayed_work *work,
			   unsigned long delay)
{
	struct fake_work wanted = kthread_work_of(thread, work, delay);
	bool was_queued = find(work);

	if (delay || is_busy(thread) || fake_time.stuck == thread) {
		enqueue(&wanted);
		return was_queued;
	}
	dequeue(work);
	run_work(&wanted);
	return was_queued;
}

bool fake_cancel_kthread_work(struct kthread_delayed_work *work)
{
	return dequeue(work);
}

static struct fake_work *next_due(u64 until_ns)
{
	struct fake_work *next = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(queue); i++) {
		struct fake_work *work = &queue[i];

		if (!work->work || work->due_ns > until_ns ||
		    is_busy(work->thread) ||
		    (work->thread && work->thread == fake_time.stuck))
			continue;
		if (!next || work->due_ns < next->due_ns)
			next = work;
	}
	return next;
}

/*
 * Runs the work item that is due next. If none is due until @until_ns, moves the clock to
 * @until_ns. Returns false if nothing is left to do, or if a signal interrupts the wait.
 */
bool fake_time_pass(u64 until_ns, bool may_interrupt)
{
	struct fake_work *next = next_due(until_ns);
	struct fake_work work;

	if (may_interrupt && fake_time.has_signal)
		return false;
	if (!next) {
		if (now_ns >= until_ns)
			return false;
		now_ns = until_ns;
		return true;
	}
	work = *next;
	next->work = NULL;
	now_ns = max(now_ns, work.due_ns);
	run_work(&work);
	return true;
}

/* Moves the clock and runs all work that becomes due meanwhile. */
void fake_time_run_ms(u64 ms)
{
	u64 until_ns = now_ns + ms * NSEC_PER_MSEC;

	while (fake_time_pass(until_ns, false))
		;
}

/* Stalls the machine: the clocks go on, and no thread runs. */
void fake_time_stun_ms(u64 ms)
{
	now_ns += ms * NSEC_PER_MSEC;
}

u64 fake_time_after(unsigned long timeout)
{
	return now_ns + jiffies_to_nsecs(timeout);
}

/* Returns the jiffies that are left, at least 1, as wait_event_timeout() does. */
long fake_time_left(u64 until_ns)
{
	if (until_ns <= now_ns)
		return 1;
	return max_t(long, 1, nsecs_to_jiffies(until_ns - now_ns));
}
