// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"
#include "host/state.h"
#include "model/json.h"

struct host *host_new(const struct config *config, const struct host_ops *ops,
		      char *err, size_t err_size)
{
	struct host *host;

	if (config_check(config, err, err_size))
		return NULL;
	host = calloc(1, sizeof(*host));
	if (!host)
		goto no_memory;
	host->ops = *ops;
	host->session_reason = "poweron";
	host->config = config_copy(config);
	if (!host->config || !guestinfo_load(&host->guestinfo, host->config))
		goto free_host;
	model_start(&host->model, host->config);
	agent_start(&host->agent, host->config);
	return host;
free_host:
	host_free(host);
no_memory:
	snprintf(err, err_size, "out of memory");
	return NULL;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	tclo_free(&host->tclo);
	tools_free(&host->tools);
	guestinfo_free(&host->guestinfo);
	config_free(host->config);
	free(host);
}

void host_reset(struct host *host)
{
	host_change_session(host, "reset");
	agent_machine_reset(&host->agent, &host->ops);
}

void host_timer(struct host *host)
{
	agent_timer(&host->agent, &host->ops);
}

void host_time(const struct host *host, struct host_time *time)
{
	uint64_t now_us = host_now_ns(host) / 1000;

	time->sec = config_u64(host->config, "vmxsim.host.epoch") +
		    now_us / 1000000;
	time->usec = (uint32_t)(now_us % 1000000);
}

void host_write_guestinfo(const struct host *host, FILE *out)
{
	json_write(state_guestinfo(host), out);
	fputc('\n', out);
}

const struct config *host_config(const struct host *host)
{
	return host->config;
}

struct faults *host_faults(struct host *host)
{
	return &host->faults;
}

struct counters *host_counters(struct host *host)
{
	return &host->counters;
}

struct tclo *host_tclo(struct host *host)
{
	return &host->tclo;
}
