/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The state of a host, for the files of this folder. */
#ifndef VMXSIM_STATE_H
#define VMXSIM_STATE_H

#include "host/agent.h"
#include "host/counters.h"
#include "host/fault.h"
#include "host/request.h"
#include "host/tclo.h"
#include "host/tools.h"
#include "model/guestinfo.h"
#include "model/model.h"

struct cJSON;

struct host {
	struct config *config;		/* the host's own copy, which steering changes */
	struct host_ops ops;
	struct model model;
	struct guestinfo guestinfo;
	struct faults faults;
	struct counters counters;
	struct agent agent;
	struct tclo tclo;
	struct tools tools;

	const char *session_reason;
	unsigned long session_changes;
};

uint64_t host_now_ns(const struct host *host);

/* Returns for example {"guestinfo.x":"1"}, or NULL without memory. */
struct cJSON *state_guestinfo(const struct host *host);

/* Returns {"session":"0x...","reason":"poweron","changes":0,...}, or NULL without memory. */
struct cJSON *state_session(const struct host *host);

/* Starts a new session; @reason is one word for the trace. */
void host_change_session(struct host *host, const char *reason);

#endif
