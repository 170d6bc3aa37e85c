// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/state.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "config/config.h"
#include "host/trace.h"
#include "model/json.h"

uint64_t host_now_ns(const struct host *host)
{
	return host->ops.now_ns(host->ops.opaque);
}

struct cJSON *state_guestinfo(const struct host *host)
{
	struct cJSON *json = cJSON_CreateObject();
	const struct variable *variable = host->guestinfo.list;

	for (; json && variable; variable = variable->next)
		json_text(json, variable->name, variable->value, variable->len);
	return json;
}

static void add_session(struct cJSON *json, const char *name, uint64_t session)
{
	char id[24];

	snprintf(id, sizeof(id), "0x%016" PRIx64, session);
	cJSON_AddStringToObject(json, name, id);
}

struct cJSON *state_session(const struct host *host)
{
	const struct model *model = &host->model;
	struct cJSON *json = cJSON_CreateObject();

	add_session(json, "session", model->session);
	cJSON_AddStringToObject(json, "reason", host->session_reason);
	json_u64(json, "changes", host->session_changes);
	json_u64(json, "uptime_us", model->now_us - model->session_start_us);
	cJSON_AddBoolToObject(json, "frozen", model->frozen);
	cJSON_AddStringToObject(json, "host", config_str(host->config, "vmxsim.host"));
	return json;
}

void host_change_session(struct host *host, const char *reason)
{
	struct cJSON *json;

	model_advance(&host->model, host_now_ns(host));
	model_new_session(&host->model);
	host->session_reason = reason;
	host->session_changes++;
	json = trace_begin("session", "%s id=0x%016" PRIx64, reason, host->model.session);
	cJSON_AddStringToObject(json, "reason", reason);
	add_session(json, "id", host->model.session);
	trace_end(json);
}
