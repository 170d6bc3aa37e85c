// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/counters.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "model/json.h"

static const char *const exit_names[EXIT_TYPES] = {
	[EXIT_OPEN] = "open",
	[EXIT_SENDSIZE] = "sendsize",
	[EXIT_SENDPAYLOAD] = "sendpayload",
	[EXIT_RECVSIZE] = "recvsize",
	[EXIT_RECVPAYLOAD] = "recvpayload",
	[EXIT_RECVSTATUS] = "recvstatus",
	[EXIT_CLOSE] = "close",
	[EXIT_MESSAGE_UNKNOWN] = "unknown",
	[EXIT_HB_OUT] = "out",
	[EXIT_HB_IN] = "in",
};

static uint64_t sum(const struct exit_counts *counts,
			      enum exit_type first, enum exit_type last)
{
	uint64_t total = 0;
	int type;

	for (type = first; type <= (int)last; type++)
		total += counts->of[type];
	return total;
}

static void add_exits(struct cJSON *json, const char *name,
		      const struct exit_counts *counts, enum exit_type first,
		      enum exit_type last)
{
	struct cJSON *exits = cJSON_AddObjectToObject(json, name);
	int type;

	for (type = first; type <= (int)last; type++)
		json_u64(exits, exit_names[type], counts->of[type]);
	json_u64(exits, "total", sum(counts, first, last));
}

static void add_requests(struct cJSON *json, const struct counters *counters)
{
	struct cJSON *requests = cJSON_AddObjectToObject(json, "requests");

	json_u64(requests, "lb", counters->requests[TRANSPORT_LB]);
	json_u64(requests, "hb", counters->requests[TRANSPORT_HB]);
	json_u64(requests, "vmci", counters->requests[TRANSPORT_VMCI]);
}

static void add_sockets(struct cJSON *json, const struct vmci_counters *vmci)
{
	struct cJSON *sockets = cJSON_AddObjectToObject(json, "sockets");

	json_u64(sockets, "connections", vmci->connections);
	json_u64(sockets, "refused", vmci->refused);
	json_u64(sockets, "packets", vmci->packets);
	json_u64(sockets, "open", vmci->open);
}

static void add_steering(struct cJSON *json, const struct counters *counters)
{
	struct cJSON *steering = cJSON_AddObjectToObject(json, "steering");

	json_u64(steering, "exits", sum(&counters->steering, EXIT_OPEN, EXIT_HB_IN));
	json_u64(steering, "packets", counters->vmci.steering_packets);
}

void counters_reset(struct counters *counters)
{
	unsigned int channels = counters->channels;
	unsigned int open = counters->vmci.open;

	memset(counters, 0, sizeof(*counters));
	counters->channels = channels;
	counters->vmci.open = open;
}

struct cJSON *counters_json(const struct counters *counters, uint64_t faults)
{
	struct cJSON *json = cJSON_CreateObject();
	struct cJSON *exits = cJSON_AddObjectToObject(json, "exits");

	add_exits(exits, "lb", &counters->guest, EXIT_OPEN, EXIT_MESSAGE_UNKNOWN);
	add_exits(exits, "hb", &counters->guest, EXIT_HB_OUT, EXIT_HB_IN);
	json_u64(exits, "commands", counters->guest.of[EXIT_COMMAND]);
	add_requests(json, counters);
	json_u64(json, "request_bytes", counters->request_bytes);
	json_u64(json, "reply_bytes", counters->reply_bytes);
	json_u64(json, "refused", counters->refused);
	json_u64(json, "checkpoints", counters->checkpoints);
	json_u64(json, "faults", faults);
	json_u64(json, "channels", counters->channels);
	add_sockets(json, &counters->vmci);
	add_steering(json, counters);
	return json;
}
