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
	struct client client;		/* with what it is armed */
	char **command;
	const char *check;		/* alive only while it succeeds; NULL: none */
	unsigned long every_s;		/* between two checks */
	bool notify;			/* alive only while it says so */
	uint64_t stop_signals;		/* those that ask for its end: bit N - 1 */
};

/* Returns the exit status. */
int supervise(struct supervised *supervised);

#endif
