/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The descendants of this process, which is their subreaper.
 */
#ifndef VMGUEST_UNIT_H
#define VMGUEST_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

enum unit_place {
	UNIT_INSIDE,
	UNIT_OUTSIDE,
	UNIT_UNKNOWN,		/* it has ended, or is not visible here */
};

enum unit_place unit_place(pid_t pid);

/*
 * Whether UID is the user of this process, of a descendant, or of a descendant that has
 * ended
 */
bool unit_has_user(uid_t uid);

/* Remembers the user of a descendant that has sent a message. */
void unit_add_user(uid_t uid);

/* Whether the freezer of PID's cgroup or of a parent group has stopped PID */
bool unit_is_frozen(pid_t pid);

#endif
