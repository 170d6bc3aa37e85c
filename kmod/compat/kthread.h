/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * vmgl_run_worker() creates a worker thread and starts it.  Since 6.14, a new worker does
 * not run until it is woken, and increases the load average until then.
 */
#ifndef VMGL_COMPAT_KTHREAD_H
#define VMGL_COMPAT_KTHREAD_H

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>

static inline struct kthread_worker *vmgl_run_worker(const char *name)
{
	struct kthread_worker *worker = kthread_create_worker(0, "%s", name);

	if (!IS_ERR(worker))
		wake_up_process(worker->task);
	return worker;
}

#endif
