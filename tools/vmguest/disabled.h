/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The end of heartbeats. A host that still expects heartbeats resets the machine.
 */
#ifndef VMGUEST_DISABLED_H
#define VMGUEST_DISABLED_H

#include <stdbool.h>

/* Returns whether the host may have served a request with the error ERR: the reply was lost. */
bool may_be_served(int err);

/*
 * Waits some seconds until the host expects no heartbeats, and calls DISABLE with ARGUMENT
 * each second until then. Returns 0, or complains and returns EX_TEMPFAIL; COMMAND is what
 * the user has to run in that case.
 */
int wait_until_disabled(void (*disable)(const char *argument), const char *argument,
			const char *command);

/*
 * Does the same after the end of a client. The module disables monitoring itself, and repeats
 * this after a failure, unless it has other clients.
 */
int wait_after_last_client(void);

#endif
