/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The HA agent of the host.  It configures the model of ha.h, and makes the resets on which
 * this model decides.
 */
#ifndef VMXSIM_AGENT_H
#define VMXSIM_AGENT_H

#include "host/request.h"
#include "model/ha.h"

struct config;

struct agent {
	struct ha ha;
	uint64_t due_ns;	/* argument of the last call of timer_at() */
};

/*
 * agent_start() is called at power on, and agent_configure() after each change of the
 * configuration.
 */
void agent_start(struct agent *agent, const struct config *config);
void agent_configure(struct agent *agent, const struct config *config);

/* Called before and after each request that may change the agent. */
void agent_run(struct agent *agent, const struct host_ops *ops);

/* Called at the time of timer_at(). */
void agent_timer(struct agent *agent, const struct host_ops *ops);

void agent_machine_reset(struct agent *agent, const struct host_ops *ops);

#endif
