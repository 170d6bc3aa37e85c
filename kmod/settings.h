/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Who may change what concerns all.
 */
#ifndef VMGL_SETTINGS_H
#define VMGL_SETTINGS_H

#include <linux/capability.h>
#include <linux/module.h>

/*
 * The mode of a file is not enough: a process with the owner's user id but without
 * capabilities, as in a container, may write to it.  When the module is loaded, the
 * right to load it is enough.
 */
static inline bool vmgl_may_change_settings(void)
{
#ifdef MODULE
	if (THIS_MODULE->state == MODULE_STATE_COMING)
		return true;
#endif
	return capable(CAP_SYS_ADMIN);
}

#endif
