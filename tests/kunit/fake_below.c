// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Fakes of kernel functions that several files under test call. */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "compat/workqueue.h"
#include "fake_below.h"

struct fake_below fake_below;

/* The caller is root, and the module has no users. */
void fake_below_reset(void)
{
	fake_below = (struct fake_below) {
		.is_admin = true,
		.uid = GLOBAL_ROOT_UID,
	};
	init_waitqueue_head(&fake_below.came);
}

/* Like capable(): counts a denial, which the kernel would write to the audit log. */
bool fake_capable(void)
{
	fake_below.denials += !fake_below.is_admin;
	return fake_below.is_admin;
}

void fake_allocated(gfp_t flags)
{
	fake_below.allocated++;
	fake_below.uncharged += !(flags & __GFP_ACCOUNT);
}

int fake_uevent(struct kobject *kobj, char *envp[])
{
	fake_below.uevents++;
	strscpy(fake_below.uevent, envp[0], sizeof(fake_below.uevent));
	return 0;
}

void fake_notify(struct kobject *kobj, const char *dir, const char *attr)
{
	size_t used = strlen(fake_below.notified);

	scnprintf(fake_below.notified + used,
		  sizeof(fake_below.notified) - used, "%s%s%s%s",
		  used ? " " : "", dir ? dir : "", dir ? "/" : "", attr);
}

void fake_queued_on(const struct workqueue_struct *wq)
{
	fake_below.queued++;
	fake_below.bound += wq != system_dfl_wq;
}

void fake_waiter_came(atomic_t *waiters)
{
	atomic_inc(waiters);
	wake_up_all(&fake_below.came);
}

/* A task calls this after it was woken. It does not return while the task is stalled. */
void fake_run_task(void)
{
	if (READ_ONCE(fake_below.stalled) != current)
		return;
	__set_current_state(TASK_RUNNING);
	wait_event(fake_below.came, READ_ONCE(fake_below.stalled) != current);
}

/* Stalls @task as soon as @task is woken. If @task is NULL, the stalled task goes on. */
void fake_stall(const struct task_struct *task)
{
	WRITE_ONCE(fake_below.stalled, task);
	wake_up_all(&fake_below.came);
}
