/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Permission to change settings that affect all users: module parameters and files in
 * sysfs.
 */
#ifndef VMGL_SETTINGS_H
#define VMGL_SETTINGS_H

#include <linux/capability.h>
#include <linux/module.h>

/*
 * Returns whether the caller may change these settings.  The mode of a file is not
 * enough, because a process that has root's user id but no capabilities, for example in a
 * container, may write to the file.  While the module is being loaded and has no files
 * yet, the caller is the task that loads the module, and needs no other permission.
 */
static inline bool vmgl_may_change_settings(void)
{
#ifdef MODULE
	if (THIS_MODULE->state == MODULE_STATE_COMING &&
	    !THIS_MODULE->mkobj.kobj.state_in_sysfs)
		return true;
#endif
	return capable(CAP_SYS_ADMIN);
}

#endif
