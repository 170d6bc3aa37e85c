/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The right to change settings that concern all users.
 */
#ifndef VMGL_SETTINGS_H
#define VMGL_SETTINGS_H

#include <linux/capability.h>
#include <linux/module.h>

/*
 * The mode of a file is not enough: a process that has root's user id but no
 * capabilities, such as one in a container, may write to the file.  While the module is
 * being loaded and has no files yet, the right to load it is enough.
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
