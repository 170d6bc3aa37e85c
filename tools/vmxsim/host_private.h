/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rpc.c and steer.c share. */
#ifndef VMXSIM_HOST_PRIVATE_H
#define VMXSIM_HOST_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "counters.h"
#include "fault.h"
#include "guestinfo.h"
#include "host.h"
#include "model.h"

struct host {
	struct config *config;		/* its own copy, which steering changes */
	struct host_ops ops;
	struct model model;
	struct guestinfo guestinfo;
	struct faults faults;
	struct counters counters;

	const char *session_reason;
	unsigned long session_changes;
};

uint64_t host_now_ns(const struct host *host);

/* Starts a new session; @reason is one word for the trace. */
void host_change_session(struct host *host, const char *reason);

/*
 * Serves "vmxsim.@name @args".  Writes the answer, or why it was refused and
 * returns false.
 */
bool steer(struct host *host, const char *name, const char *args, FILE *out);

#endif
