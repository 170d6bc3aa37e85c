/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A command as a monitored application, from its start to its end.
 */
#ifndef VMGUEST_SUPERVISOR_H
#define VMGUEST_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"

struct supervised {
	struct client client;		/* the heartbeat client and its terms */
	char **command;
	const char *check;		/* shell command that must succeed for a beat, or NULL */
	unsigned long every_s;		/* time between two checks */
	bool notify;			/* COMMAND must send WATCHDOG=1 for a beat */
	uint64_t stop_signals;		/* signals that stop COMMAND; bit N - 1 is signal N */
};

/* Runs the command until it ends. Returns the exit status. */
int supervise(struct supervised *supervised);

#endif
