// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * /dev/watchdogN, a device of the kernel's watchdog core.  Starting the watchdog arms one
 * client of the heartbeat arbiter, and a ping is a beat of this client.
 *
 * The device has no hardware limit of the timeout, so the core does not ping on behalf of a
 * program.  There is one exception.  If the device is closed without the letter V, or while
 * nowayout is set, the core does not stop the watchdog, and pings once.
 *
 * After the client has expired, pings of the program that pinged last fail with ETIME.  A
 * ping of another program arms the client again, because the other program may be a
 * daemon that was restarted.  The watchdog core still regards the device as active, so
 * the core does not call start when this daemon opens the device.  The ping of a process
 * that is exiting does not arm the client.  With nowayout, no ping arms an expired
 * client.  An administrator can remove the client by VMGUESTLIB_IOC_HEARTBEAT_CLEAR.  The
 * next ping then arms it again, with nowayout and for any program, too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/watchdog.h>

#include "heartbeat.h"
#include "watchdog.h"

/* Name of the client, and default and range of its timeout */
#define VMGL_WATCHDOG_NAME		"watchdog"
#define VMGL_WATCHDOG_TIMEOUT_S		30
#define VMGL_WATCHDOG_TIMEOUT_MIN_S	1
#define VMGL_WATCHDOG_TIMEOUT_MAX_S	3600

static bool watchdog = true;
module_param(watchdog, bool, 0444);
MODULE_PARM_DESC(watchdog, "Offer a watchdog device (default Y)");

static bool nowayout = WATCHDOG_NOWAYOUT;
module_param(nowayout, bool, 0444);
MODULE_PARM_DESC(nowayout,
		 "The watchdog cannot be stopped once started (default "
		 __MODULE_STRING(WATCHDOG_NOWAYOUT) ")");

/**
 * struct vmgl_watchdog - the watchdog device and its client
 * @wdd: device of the watchdog core
 * @hb: arbiter that has the client
 * @owner: owner of the client
 * @pinger: thread group that started the watchdog or pinged it last
 * @is_registered: whether @wdd is registered
 *
 * The watchdog core serializes the operations of the device.
 */
struct vmgl_watchdog {
	struct watchdog_device wdd;
	struct vmgl_heartbeat *hb;
	struct vmgl_heartbeat_owner owner;
	struct pid *pinger;
	bool is_registered;
};

static struct vmgl_watchdog *to_vmgl_watchdog(struct watchdog_device *wdd)
{
	return container_of(wdd, struct vmgl_watchdog, wdd);
}

/*
 * Returns whether nowayout is set.  The function reads the flag of the core, because an
 * administrator can set the flag in /sys/class/watchdog/watchdogN/nowayout.  This does not
 * change the module parameter.
 */
static bool vmgl_watchdog_forbids_pause(const struct vmgl_heartbeat_owner *owner)
{
	const struct vmgl_watchdog *wd =
		container_of(owner, struct vmgl_watchdog, owner);

	return test_bit(WDOG_NO_WAY_OUT, &wd->wdd.status);
}

static void vmgl_watchdog_note_pinger(struct vmgl_watchdog *wd)
{
	put_pid(wd->pinger);
	wd->pinger = get_pid(task_tgid(current));
}

static int vmgl_watchdog_start(struct watchdog_device *wdd)
{
	struct vmgl_watchdog *wd = to_vmgl_watchdog(wdd);
	const struct vmgl_heartbeat_terms terms = {
		.name = VMGL_WATCHDOG_NAME,
		.kind = VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG,
		.action = VMGUESTLIB_HEARTBEAT_NEED_RESET,
		.deadline_ms = wdd->timeout * MSEC_PER_SEC,
		.forbids_pause = vmgl_watchdog_forbids_pause,
	};
	int ret;

	ret = vmgl_heartbeat_arm(wd->hb, &wd->owner, &terms);
	if (!ret)
		vmgl_watchdog_note_pinger(wd);
	return ret;
}

static int vmgl_watchdog_stop(struct watchdog_device *wdd)
{
	struct vmgl_watchdog *wd = to_vmgl_watchdog(wdd);

	vmgl_heartbeat_disarm(wd->hb, &wd->owner);
	return 0;
}

/*
 * Returns whether the ping comes from an exiting process or from a kernel thread.  If a
 * process exits while it has the device open, the device is closed in this process or, if
 * the kernel delays the close, in a kernel thread.  If this close does not stop the watchdog,
 * the core pings once in the same task.
 */
static bool vmgl_watchdog_is_exiting(void)
{
	return current->flags & (PF_EXITING | PF_KTHREAD);
}

static int vmgl_watchdog_ping(struct watchdog_device *wdd)
{
	struct vmgl_watchdog *wd = to_vmgl_watchdog(wdd);
	int ret = vmgl_heartbeat_beat(wd->hb, &wd->owner);

	/* Do not arm the client, because no program would ping again. */
	if (vmgl_watchdog_is_exiting())
		return ret;
	/* An administrator has cleared the client.  The core still regards @wdd as active. */
	if (ret == -ENOTCONN)
		return vmgl_watchdog_start(wdd);
	if (ret == -ETIME && wd->pinger != task_tgid(current) &&
	    !test_bit(WDOG_NO_WAY_OUT, &wdd->status))
		return vmgl_watchdog_start(wdd);
	if (!ret)
		vmgl_watchdog_note_pinger(wd);
	return ret;
}

static int vmgl_watchdog_set_timeout(struct watchdog_device *wdd,
				     unsigned int timeout)
{
	struct vmgl_watchdog *wd = to_vmgl_watchdog(wdd);

	wdd->timeout = timeout;
	/*
	 * The core can emulate a pretimeout by an hrtimer.  If a driver has a set_timeout
	 * operation, the core does not clear a pretimeout that no longer fits.
	 */
	if (wdd->pretimeout >= timeout)
		wdd->pretimeout = 0;
	vmgl_heartbeat_set_deadline(wd->hb, &wd->owner,
				    timeout * MSEC_PER_SEC);
	return 0;
}

static unsigned int vmgl_watchdog_timeleft(struct watchdog_device *wdd)
{
	struct vmgl_watchdog *wd = to_vmgl_watchdog(wdd);
	u32 state, remaining_ms;

	vmgl_heartbeat_query(wd->hb, &wd->owner, &state, &remaining_ms);
	return remaining_ms / MSEC_PER_SEC;
}

static const struct watchdog_info vmgl_watchdog_info = {
	.options = WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE,
	/* At most 30 characters, because some programs do not read more. */
	.identity = "VMware HA heartbeat",
};

static const struct watchdog_ops vmgl_watchdog_ops = {
	.owner = THIS_MODULE,
	.start = vmgl_watchdog_start,
	.stop = vmgl_watchdog_stop,
	.ping = vmgl_watchdog_ping,
	.set_timeout = vmgl_watchdog_set_timeout,
	.get_timeleft = vmgl_watchdog_timeleft,
};

static struct vmgl_watchdog vmgl_watchdog = {
	.wdd = {
		.info = &vmgl_watchdog_info,
		.ops = &vmgl_watchdog_ops,
		.timeout = VMGL_WATCHDOG_TIMEOUT_S,
		.min_timeout = VMGL_WATCHDOG_TIMEOUT_MIN_S,
		.max_timeout = VMGL_WATCHDOG_TIMEOUT_MAX_S,
	},
};

/**
 * vmgl_watchdog_register() - register the device, if the parameter watchdog is set
 * @hb: arbiter, which must live until vmgl_watchdog_unregister()
 * @parent: parent of the device
 *
 * If the registration fails, this function logs a warning.  The rest of the module works
 * without the device.
 *
 * Context: Process context.
 */
void vmgl_watchdog_register(struct vmgl_heartbeat *hb, struct device *parent)
{
	struct watchdog_device *wdd = &vmgl_watchdog.wdd;
	int ret;

	if (!watchdog)
		return;

	vmgl_watchdog.hb = hb;
	wdd->parent = parent;
	watchdog_set_nowayout(wdd, nowayout);
	ret = watchdog_register_device(wdd);
	if (ret)
		pr_warn("cannot register the watchdog device: error %pe; continuing without it\n",
			ERR_PTR(ret));
	vmgl_watchdog.is_registered = !ret;
}

/**
 * vmgl_watchdog_unregister() - unregister the device, if it is registered
 *
 * There is no client, because a client pins the module.
 *
 * Context: Process context.
 */
void vmgl_watchdog_unregister(void)
{
	if (vmgl_watchdog.is_registered)
		watchdog_unregister_device(&vmgl_watchdog.wdd);
	put_pid(vmgl_watchdog.pinger);
}
