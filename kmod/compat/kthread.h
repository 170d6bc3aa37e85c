/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* Since 6.14 a worker is created asleep, and would count as load until it has work. */
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
