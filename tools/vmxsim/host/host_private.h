/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dispatch.c, appmon.c and steer.c share. */
#ifndef VMXSIM_HOST_PRIVATE_H
#define VMXSIM_HOST_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "host/counters.h"
#include "host/fault.h"
#include "host/host.h"
#include "model/guestinfo.h"
#include "model/ha.h"
#include "model/model.h"

struct host {
	struct config *config;		/* its own copy, which steering changes */
	struct host_ops ops;
	struct model model;
	struct guestinfo guestinfo;
	struct faults faults;
	struct counters counters;
	struct ha ha;
	uint64_t agent_due_ns;		/* as timer_at() was told */

	const char *session_reason;
	unsigned long session_changes;
};

/* What follows the command and its blank. */
struct arguments {
	const char *text;
	size_t len;
	bool given;		/* there is a blank */
};

uint64_t host_now_ns(const struct host *host);

/* Starts a new session; @reason is one word for the trace. */
void host_change_session(struct host *host, const char *reason);

/*
 * Serves "vmxsim.@name @args".  Writes the answer, or why it was refused and
 * returns false.
 */
bool steer(struct host *host, const char *name, const char *args, FILE *out);

/* Without the blanks at both ends. */
struct arguments arguments_trim(struct arguments arguments);

/* Whether this host's policy lets the sender use the Guest SDK. */
bool request_authorized(const struct host *host, const struct request *request);

/* Two ways to refuse; both return false. */
bool unknown_command(FILE *out);
bool refuse_by_quirk(struct host *host, const char *quirk, FILE *out);

/*
 * The HA agent: at power on; after every change of the configuration; before and
 * after whatever may concern it.
 */
void agent_start(struct host *host);
void agent_configure(struct host *host);
void agent_run(struct host *host);

/* Serves "GuestAppMonitor.Cmd.@name", as the table of dispatch.c does. */
#define APPMON_PREFIX	"GuestAppMonitor.Cmd."
bool appmon(struct host *host, const struct request *request, const char *name,
	    size_t name_len, const struct arguments *arguments, FILE *out);

#endif
