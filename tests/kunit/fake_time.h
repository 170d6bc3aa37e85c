/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Clocks that stand still until a test moves them. Moving them also runs the delayed work items
 * that become due, in the thread of the test. No test therefore waits in real time.
 */
#ifndef VMGL_KUNIT_FAKE_TIME_H
#define VMGL_KUNIT_FAKE_TIME_H

#include <linux/ktime.h>
#include <linux/types.h>

struct delayed_work;
struct kthread_delayed_work;
struct work_struct;

/**
 * struct fake_time - what a test can change about threads and waits
 * @stuck: kthread worker whose thread does not run, or NULL
 * @has_signal: whether a signal interrupts the interruptible waits
 */
struct fake_time {
	const void *stuck;
	bool has_signal;
};

extern struct fake_time fake_time;

void fake_time_reset(void);
u64 fake_time_ms(void);
void fake_time_run_ms(u64 ms);
void fake_time_stun_ms(u64 ms);

ktime_t fake_ktime_get(void);
u64 fake_boottime_ns(void);
unsigned long fake_jiffies(void);

bool fake_work_is_queued(const void *work);
s64 fake_work_left_ms(const void *work);
bool fake_queue_work(struct delayed_work *work, unsigned long delay);
bool fake_mod_work(struct delayed_work *work, unsigned long delay);
bool fake_cancel_work(struct delayed_work *work);
bool fake_queue_plain_work(struct work_struct *work);
bool fake_cancel_plain_work(struct work_struct *work);
bool fake_queue_kthread_work(const void *thread, struct kthread_delayed_work *work,
			     unsigned long delay);
bool fake_mod_kthread_work(const void *thread, struct kthread_delayed_work *work,
			   unsigned long delay);
bool fake_cancel_kthread_work(struct kthread_delayed_work *work);

u64 fake_time_after(unsigned long timeout);
bool fake_time_pass(u64 until_ns, bool may_interrupt);
long fake_time_left(u64 until_ns);

/*
 * Like wait_event_timeout() and wait_event_interruptible_timeout(): time passes until
 * the condition holds, the timeout is reached, or a signal is pending.
 */
#define fake_wait_event(condition, timeout, may_interrupt)		\
({									\
	u64 __until_ns = fake_time_after(timeout);			\
	long __left;							\
									\
	while (!(condition) && fake_time_pass(__until_ns, may_interrupt)) \
		;							\
	if (condition)							\
		__left = fake_time_left(__until_ns);			\
	else								\
		__left = (may_interrupt) && fake_time.has_signal ?	\
			 -ERESTARTSYS : 0;				\
	__left;								\
})

#endif
