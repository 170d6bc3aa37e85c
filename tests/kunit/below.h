/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Each file under test is compiled with this header in front of it. The header replaces kernel
 * functions by fakes, which a test can control.
 */
#ifndef VMGL_KUNIT_BELOW_H
#define VMGL_KUNIT_BELOW_H

#include <linux/capability.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/time_namespace.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "fake_below.h"
#include "fake_time.h"
#include "fake_user.h"

/* The files under test define pr_fmt() themselves. */
#undef pr_fmt

/* Clocks */
#define ktime_get()			fake_ktime_get()
#define ktime_get_boottime_ns()		fake_boottime_ns()
#undef jiffies
#define jiffies				fake_jiffies()

/* Work and waiting */
#define queue_delayed_work(wq, work, delay) \
	(fake_queued_on(wq), fake_queue_work(work, delay))
/* With REAL_WORK, work items run in the kernel's own threads. */
#ifdef REAL_WORK
#define queue_work(wq, work)	(fake_queued_on(wq), queue_work(wq, work))
#else
#define queue_work(wq, work) \
	(fake_queued_on(wq), fake_queue_plain_work(work))
#define cancel_work_sync(work)		fake_cancel_plain_work(work)
#endif
/* usleep_range() takes no time, because only the tests move the clocks. */
#undef usleep_range
#define usleep_range(min, max)	((void)(min), (void)(max))
#define mod_delayed_work(wq, work, delay) \
	(fake_queued_on(wq), fake_mod_work(work, delay))
#define cancel_delayed_work_sync(work)		fake_cancel_work(work)
#define kthread_queue_delayed_work(worker, work, delay) \
	fake_queue_kthread_work(worker, work, delay)
#define kthread_mod_delayed_work(worker, work, delay) \
	fake_mod_kthread_work(worker, work, delay)
#define kthread_cancel_delayed_work_sync(work)	fake_cancel_kthread_work(work)
#undef wait_event_timeout
#define wait_event_timeout(wq, condition, timeout) \
	fake_wait_event(condition, timeout, false)
#define wait_for_completion_timeout(x, timeout) \
	fake_wait_event(completion_done(x), timeout, false)
#define wait_for_completion_interruptible_timeout(x, timeout) \
	fake_wait_event(completion_done(x), timeout, true)

/*
 * Functions that wait, in real threads.  They count a task when it begins to wait, and do not
 * return while the task is stalled.
 */
#undef wait_event_killable
#define wait_event_killable(wq, condition)				\
({									\
	bool is_met = condition;					\
									\
	fake_waiter_came(&fake_below.waiters);				\
	is_met ? 0 :							\
		__wait_event_killable(wq, (fake_run_task(), condition)); \
})
/* The wait times out only while the fake freezer runs. */
#define wait_for_completion_killable_timeout(x, timeout)		\
({									\
	long result;							\
									\
	(void)(timeout);						\
	fake_waiter_came(&fake_below.turn_waiters);			\
	result = (wait_for_completion_killable_timeout)(x,		\
			fake_below.is_freezing ? 1 : MAX_SCHEDULE_TIMEOUT); \
	fake_run_task();						\
	result;								\
})
#define freezing(task)			((void)(task), fake_below.is_freezing)

/* Permissions of the caller */
/* The function of the kernel ignores the map if the kernel has no user namespaces. */
#define make_kuid(ns, uid)							\
	((ns)->uid_map.nr_extents ?						\
	 KUIDT_INIT((ns)->uid_map.extent[0].lower_first + (uid)) : INVALID_UID)
#define capable(cap)			((void)(cap), fake_capable())
#define ns_capable_noaudit(ns, cap)	((void)(cap), fake_below.is_admin)
#define timens_add_boottime_ns(ns)	((ns) + fake_below.boottime_offset_ns)
#undef current_euid
#define current_euid()			fake_below.uid

#ifdef VMGL_HAVE_VM_FLAGS_MOD
/* The function of the kernel takes locks that a mapping without a program lacks. */
#define vm_flags_mod(vma, set, clear) \
	(*(vm_flags_t *)&(vma)->vm_flags = ((vma)->vm_flags | (set)) & ~(clear))
#endif

/* Memory: counts the allocations, and those that are charged to no task */
#define kmalloc(size, flags)	(fake_allocated(flags), kmalloc(size, flags))
#define kzalloc(size, flags)	(fake_allocated(flags), kzalloc(size, flags))
#define kvmalloc(size, flags)	(fake_allocated(flags), kvmalloc(size, flags))
#define kvzalloc(size, flags)	(fake_allocated(flags), kvzalloc(size, flags))
#define kvcalloc(n, size, flags) \
	(fake_allocated(flags), kvcalloc(n, size, flags))
#define kmemdup(from, size, flags) \
	(fake_allocated(flags), kmemdup(from, size, flags))

/* Functions with effects that a test checks */
#define __module_get(module)		((void)(module), fake_below.pins++)
#define module_put(module)		((void)(module), fake_below.pins--)
#define sched_set_fifo(task)		((void)(task), fake_below.urgent_threads++)
#define kobject_uevent_env(kobj, action, envp)	fake_uevent(kobj, envp)
#define sysfs_notify(kobj, dir, attr)	fake_notify(kobj, dir, attr)

/* Access to the memory of a program */
#undef get_user
#define get_user(value, at) \
	(fake_copy_from_user(&(value), at, sizeof(*(at))) ? -EFAULT : 0)
#define copy_to_user(to, from, n)	fake_copy_to_user(to, from, n)
#define copy_from_user(to, from, n)	fake_copy_from_user(to, from, n)
#undef clear_user
#define clear_user(to, n)		fake_clear_user(to, n)
#define copy_struct_from_user(to, ksize, from, usize) \
	fake_copy_struct_from_user(to, ksize, from, usize)

/*
 * If the suites are built as a module, they run while this module is being loaded.  If MODULE
 * were defined, vmgl_may_change_settings() would then always return true.
 */
#undef MODULE

#endif
