// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Requests to the host at shutdown, suspend, hibernation and panic, and in a crash
 * kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crash_dump.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "appmon.h"
#include "backdoor.h"
#include "device.h"
#include "lifecycle.h"
#include "settings.h"

enum vmgl_panic_action {
	VMGL_PANIC_NONE,
	VMGL_PANIC_NEED_RESET,
};

static const char *const vmgl_panic_actions[] = {
	[VMGL_PANIC_NONE] = "none",
	[VMGL_PANIC_NEED_RESET] = "need-reset",
};

static int panic_action = VMGL_PANIC_NONE;

static int vmgl_set_panic_action(const char *val, const struct kernel_param *kp)
{
	int action = sysfs_match_string(vmgl_panic_actions, val);

	if (!vmgl_may_change_settings())
		return -EPERM;
	if (action < 0)
		return action;
	WRITE_ONCE(panic_action, action);
	return 0;
}

static int vmgl_get_panic_action(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n",
			  vmgl_panic_actions[READ_ONCE(panic_action)]);
}

static const struct kernel_param_ops vmgl_panic_action_ops = {
	.set = vmgl_set_panic_action,
	.get = vmgl_get_panic_action,
};

module_param_cb(panic_action, &vmgl_panic_action_ops, NULL, 0644);
MODULE_PARM_DESC(panic_action,
		 "Application state posted to the host on a panic: none or need-reset (default none)");

/* Device that the notifiers use */
static struct vmgl_device *vmgl_living;

static int vmgl_on_reboot(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	vmgl_heartbeat_stop(vmgl_living->heartbeat);
	vmgl_rpc_stop(&vmgl_living->heartbeat_rpc);
	vmgl_rpc_stop(&vmgl_living->privileged_rpc);
	vmgl_rpc_stop(&vmgl_living->rpc);
	return NOTIFY_DONE;
}

static struct notifier_block vmgl_reboot_nb = {
	.notifier_call = vmgl_on_reboot,
};

/*
 * Disables application monitoring, and closes all channels and connections.  The machine
 * may resume on another host, where they do not exist.  The boot kernel that loads a
 * hibernation image also closes its channels and connections.  The kernel in the image does
 * not know them, so they would stay open at the host.
 */
static void vmgl_prepare_for_sleep(void)
{
	/*
	 * The machine goes to sleep even after a failure.  If a failure prevented the
	 * sleep, a machine whose host does not answer could not be suspended at all.
	 */
	if (vmgl_heartbeat_suspend(vmgl_living->heartbeat))
		pr_warn("the host did not confirm that heartbeats end: it may reset the sleeping machine\n");
	vmgl_rpc_suspend(&vmgl_living->heartbeat_rpc);
	vmgl_rpc_suspend(&vmgl_living->privileged_rpc);
	vmgl_rpc_suspend(&vmgl_living->rpc);
}

static void vmgl_wake_up(void)
{
	vmgl_rpc_resume(&vmgl_living->heartbeat_rpc);
	vmgl_rpc_resume(&vmgl_living->privileged_rpc);
	vmgl_rpc_resume(&vmgl_living->rpc);
	vmgl_heartbeat_resume(vmgl_living->heartbeat);
}

static int vmgl_on_pm(struct notifier_block *nb, unsigned long event,
		      void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		vmgl_prepare_for_sleep();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		vmgl_wake_up();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block vmgl_pm_nb = {
	.notifier_call = vmgl_on_pm,
};

/* Longest reply that matters in a panic and in a crash kernel, with its NUL */
#define VMGL_LAST_REPLY_SIZE	32

/* Sends a request for a reset.  Returns whether the host has accepted it. */
static bool vmgl_request_reset(const char *request)
{
	char text[VMGL_LAST_REPLY_SIZE];

	vmgl_backdoor_send_once(request, strlen(request), text, sizeof(text));
	return !strcmp(text, "1 0");
}

static int vmgl_on_panic(struct notifier_block *nb, unsigned long event,
			 void *data)
{
	bool is_accepted;

	if (READ_ONCE(panic_action) != VMGL_PANIC_NEED_RESET)
		return NOTIFY_DONE;

	/* Send both spellings, because no public source says which one a host accepts. */
	is_accepted = vmgl_request_reset(VMGL_APPMON_NEED_RESET);
	is_accepted |= vmgl_request_reset(VMGL_APPMON_STATE_NEED_RESET);
	if (!is_accepted)
		pr_emerg("the host has not accepted the request for a reset\n");
	return NOTIFY_DONE;
}

static struct notifier_block vmgl_panic_nb = {
	.notifier_call = vmgl_on_panic,
};

/**
 * vmgl_lifecycle_is_crash_kernel() - detect a crash kernel, and send Disable there
 *
 * The kernel that panicked could not send Disable, so the host may still expect
 * heartbeats.  Without Disable, vSphere HA could reset the machine during the dump.
 *
 * Context: Process context.
 * Return: true in a crash kernel.
 */
bool vmgl_lifecycle_is_crash_kernel(void)
{
	char text[VMGL_LAST_REPLY_SIZE];

	if (!is_kdump_kernel())
		return false;
	vmgl_backdoor_send_once(VMGL_APPMON_DISABLE,
				strlen(VMGL_APPMON_DISABLE), text, sizeof(text));
	/* The host accepts Disable, expects no heartbeats, or has no application monitoring. */
	if (strcmp(text, "1 0") && strcmp(text, "1 2") &&
	    strcmp(text, "0 Unknown command"))
		pr_warn("the host did not confirm that heartbeats end: it may reset this machine during the dump\n");
	return true;
}

/**
 * vmgl_lifecycle_register() - register the notifiers for reboot, sleep and panic
 * @device: device that the notifiers use; must live until vmgl_lifecycle_unregister()
 *
 * Context: Process context.
 * Return: 0 or a negative error number.
 */
int vmgl_lifecycle_register(struct vmgl_device *device)
{
	int ret;

	vmgl_living = device;
	ret = register_reboot_notifier(&vmgl_reboot_nb);
	if (ret)
		return ret;
	ret = register_pm_notifier(&vmgl_pm_nb);
	if (ret)
		goto err_reboot;
	ret = atomic_notifier_chain_register(&panic_notifier_list,
					     &vmgl_panic_nb);
	if (ret)
		goto err_pm;
	return 0;

err_pm:
	unregister_pm_notifier(&vmgl_pm_nb);
err_reboot:
	unregister_reboot_notifier(&vmgl_reboot_nb);
	return ret;
}

/**
 * vmgl_lifecycle_unregister() - unregister the notifiers
 *
 * Context: Process context.
 */
void vmgl_lifecycle_unregister(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list,
					 &vmgl_panic_nb);
	unregister_pm_notifier(&vmgl_pm_nb);
	unregister_reboot_notifier(&vmgl_reboot_nb);
}
