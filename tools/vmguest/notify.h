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

/* The size of sun_path, which unix(7) describes */
#define NOTIFY_PATH_SIZE	108

struct notify {
	int fd;			/* the socket; -1: there is none */
	char folder[NOTIFY_PATH_SIZE];	/* the temporary folder in which the socket is */
	char path[NOTIFY_PATH_SIZE];	/* path of the socket, the value of NOTIFY_SOCKET */
};

/* Opens the socket. Returns 0 or a negative errno. */
int notify_open(struct notify *notify);

void notify_close(struct notify *notify);

#define NOTIFY_READY	0x1	/* READY=1 */
#define NOTIFY_ALIVE	0x2	/* WATCHDOG=1 */
#define NOTIFY_TRIGGER	0x4	/* WATCHDOG=trigger */
#define NOTIFY_STOPPING	0x8	/* STOPPING=1 */
#define NOTIFY_MAIN	0x10	/* MAINPID=; main has the process id */

/* The lines of a message that this program uses */
struct said {
	int bits;		/* NOTIFY_* of the lines that the message has */
	pid_t main;		/* process id of MAINPID= */
};

/*
 * Reads one message, and passes it to the manager at once or when the manager has room. A
 * message that is no text, or whose sender does not belong to the unit (see unit.h), is dropped
 * with a complaint, and SAID gets no bits. Returns false if there is no message.
 */
bool notify_read(struct notify *notify, struct manager *manager, struct said *said);

#endif
