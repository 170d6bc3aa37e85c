/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The receiver's side of sd_notify(3): what a service says of itself.
 */
#ifndef VMGUEST_NOTIFY_H
#define VMGUEST_NOTIFY_H

#include <sys/types.h>

/* For NOTIFY_SOCKET, such as "@0012a" */
#define NOTIFY_NAME_SIZE	108

/* Opens a socket and names it. Returns a descriptor or a negative errno. */
int notify_open(char name[NOTIFY_NAME_SIZE]);

#define NOTIFY_READY	0x1	/* READY=1 */
#define NOTIFY_ALIVE	0x2	/* WATCHDOG=1 */
#define NOTIFY_TRIGGER	0x4	/* WATCHDOG=trigger */
#define NOTIFY_STOPPING	0x8	/* STOPPING=1 */

/*
 * Reads one message. Returns its NOTIFY_* bits, 0 for others and for those of
 * strangers, who are no descendants of CHILD, or -EAGAIN when there is none.
 */
int notify_read(int fd, pid_t child);

#endif
