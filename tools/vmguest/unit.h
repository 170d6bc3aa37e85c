/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The processes that have come from this one, which is their subreaper.
 */
#ifndef VMGUEST_UNIT_H
#define VMGUEST_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

enum unit_place {
	UNIT_INSIDE,
	UNIT_OUTSIDE,
	UNIT_UNKNOWN,		/* it is gone, or not to be seen from here */
};

enum unit_place unit_place(pid_t pid);

/* Is it the user of this process, or of one that is or was seen inside? */
bool unit_has_user(uid_t uid);

/* One that was: of the sender of a message. */
void unit_add_user(uid_t uid);

/* Has the freezer of its cgroup, or of one above, stopped it? */
bool unit_is_frozen(pid_t pid);

#endif
