/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The receiver of sd_notify(3): reads the messages of a service, and passes them to the
 * manager of this process, if there is one.
 */
#ifndef VMGUEST_NOTIFY_H
#define VMGUEST_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

#include "manager.h"

/* The size of sun_path, see unix(7) */
#define NOTIFY_PATH_SIZE	108

struct notify {
	int fd;			/* -1: there is no socket */
	char folder[NOTIFY_PATH_SIZE];
	char path[NOTIFY_PATH_SIZE];	/* for NOTIFY_SOCKET */
};

/* Opens the socket. Returns 0 or a negative errno. */
int notify_open(struct notify *notify);

void notify_close(struct notify *notify);

#define NOTIFY_READY	0x1	/* READY=1 */
#define NOTIFY_ALIVE	0x2	/* WATCHDOG=1 */
#define NOTIFY_TRIGGER	0x4	/* WATCHDOG=trigger */
#define NOTIFY_STOPPING	0x8	/* STOPPING=1 */
#define NOTIFY_MAIN	0x10	/* MAINPID=..., in main */

/* The content of a message */
struct said {
	int bits;
	pid_t main;
};

/*
 * Reads one message and passes it to the manager, at once or when the manager has room. For
 * a message of a process outside the unit no bits are set. Returns false if there is no
 * message.
 */
bool notify_read(struct notify *notify, struct manager *manager, struct said *said);

#endif
