/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The unit: the descendants of this process. As their subreaper, this process becomes the
 * parent of a descendant whose own parent has ended.
 */
#ifndef VMGUEST_UNIT_H
#define VMGUEST_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

enum unit_place {
	UNIT_INSIDE,
	UNIT_OUTSIDE,
	UNIT_UNKNOWN,		/* the process has ended, or this process cannot see it */
};

/* Returns whether PID belongs to the unit. */
enum unit_place unit_place(pid_t pid);

/*
 * Returns whether UID is the user of this process, or of a process that belongs to the unit or
 * belonged to it at an earlier call.
 */
bool unit_has_user(uid_t uid);

/* Remembers the user of a descendant that has sent a message. */
void unit_add_user(uid_t uid);

/* Returns whether the freezer of PID's cgroup, or of a parent group, has stopped PID. */
bool unit_is_frozen(pid_t pid);

#endif
