/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The HA agent of the host: the model of ha.h with the configuration and the machine. */
#ifndef VMXSIM_AGENT_H
#define VMXSIM_AGENT_H

#include "host/request.h"
#include "model/ha.h"

struct config;

struct agent {
	struct ha ha;
	uint64_t due_ns;	/* as timer_at() has it */
};

/* At power on, and after every change of the configuration. */
void agent_start(struct agent *agent, const struct config *config);
void agent_configure(struct agent *agent, const struct config *config);

/* Before and after anything that may concern the agent. */
void agent_run(struct agent *agent, const struct host_ops *ops);

/* The time of timer_at() has come. */
void agent_timer(struct agent *agent, const struct host_ops *ops);

void agent_machine_reset(struct agent *agent, const struct host_ops *ops);

#endif
