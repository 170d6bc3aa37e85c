// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/agent.h"

#include <cjson/cJSON.h>

#include "config/config.h"
#include "host/trace.h"

#define NS_PER_SEC	1000000000ull

static uint64_t seconds(const struct config *config, const char *key)
{
	return config_u64(config, key) * NS_PER_SEC;
}

static void trace_agent(const char *event, const char *why)
{
	struct cJSON *json = trace_begin("ha", "%s %s", event, why);

	cJSON_AddStringToObject(json, "what", event);
	cJSON_AddStringToObject(json, "why", why);
	trace_end(json);
}

static void read_settings(const struct config *config,
			  struct ha_settings *settings)
{
	int64_t window;

	settings->window_ns = seconds(config, "vmxsim.ha.window");
	settings->failure_ns = seconds(config, "vmxsim.ha.failureInterval");
	settings->poll_ns = seconds(config, "vmxsim.ha.poll");
	window = config_limit(config, "vmxsim.ha.failureWindow");
	settings->failure_window_ns = window == CONFIG_UNLIMITED ? HA_NEVER :
				      (uint64_t)window * NS_PER_SEC;
	settings->sampling_ns = seconds(config, "vmxsim.ha.sampling");
	settings->min_up_ns = seconds(config, "vmxsim.ha.minUpTime");
	settings->seed = config_u64(config, "vmxsim.seed");
	settings->max_resets =
		(unsigned int)config_u64(config, "vmxsim.ha.maxResets");
	settings->noted = trace_agent;
	settings->log_only = config_is(config, "vmxsim.ha.action", "log");
	settings->first_beat_optional =
		config_is(config, "vmxsim.quirk.noFirstBeat", "gray");
	settings->enabled_while_gray =
		config_is(config, "vmxsim.quirk.grayBeat", "accepted");
	settings->enabled_across_reset =
		config_bool(config, "vmxsim.quirk.enableAcrossReset");
	settings->state_across_reset =
		config_bool(config, "vmxsim.quirk.stateAcrossReset");
	settings->state_across_move =
		config_bool(config, "vmxsim.quirk.stateAcrossMove");
	settings->disable_needs_enable =
		config_is(config, "vmxsim.quirk.disableTwice", "refused");
}

void agent_start(struct agent *agent, const struct config *config)
{
	struct ha_settings settings;

	read_settings(config, &settings);
	ha_start(&agent->ha, &settings);
	agent->due_ns = HA_NEVER;
}

void agent_configure(struct agent *agent, const struct config *config)
{
	struct ha_settings settings;

	read_settings(config, &settings);
	ha_configure(&agent->ha, &settings);
}

static uint64_t now_ns(const struct host_ops *ops)
{
	return ops->now_ns(ops->opaque);
}

void agent_run(struct agent *agent, const struct host_ops *ops)
{
	uint64_t due;

	if (ha_advance(&agent->ha, now_ns(ops)))
		ops->reset(ops->opaque);
	due = ha_due(&agent->ha);
	if (due == agent->due_ns)
		return;
	agent->due_ns = due;
	ops->timer_at(ops->opaque, due);
}

void agent_timer(struct agent *agent, const struct host_ops *ops)
{
	agent->due_ns = HA_NEVER;
	agent_run(agent, ops);
}

void agent_machine_reset(struct agent *agent, const struct host_ops *ops)
{
	ha_machine_reset(&agent->ha, now_ns(ops));
	agent_run(agent, ops);
}
