// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/state.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "host/json.h"
#include "host/trace.h"

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

void host_change_session(struct host *host, const char *reason)
{
	struct cJSON *json;
	char id[24];

	model_advance(&host->model, host_now_ns(host));
	model_new_session(&host->model);
	host->session_reason = reason;
	host->session_changes++;
	snprintf(id, sizeof(id), "0x%016" PRIx64, host->model.session);
	json = trace_begin("session", "%s id=%s", reason, id);
	cJSON_AddStringToObject(json, "reason", reason);
	cJSON_AddStringToObject(json, "id", id);
	trace_end(json);
}
