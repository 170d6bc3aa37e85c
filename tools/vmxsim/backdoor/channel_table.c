// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "backdoor/channel_table.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "host/fault.h"
#include "host/host.h"
#include "host/tclo.h"
#include "host/trace.h"
#include "model/json.h"

#define NS_PER_SEC		1000000000ull
#define PRNG_SALT_CHANNEL	0x6368616e6e656cull

static void forget(void *opaque)
{
	channels_forget(opaque);
}

static void checkpoint(void *opaque)
{
	channels_checkpoint(opaque);
}

struct channels *channels_new(struct host *host, const struct host_ops *ops)
{
	struct channels *channels = calloc(1, sizeof(*channels));

	if (!channels)
		return NULL;
	channels->host = host;
	channels->ops = ops;
	prng_seed(&channels->prng,
		  config_u64(host_config(host), "vmxsim.seed"),
		  PRNG_SALT_CHANNEL);
	host_faults(host)->channels = (struct fault_connections) {
		.forget = forget, .checkpoint = checkpoint, .opaque = channels,
	};
	return channels;
}

void channels_free(struct channels *channels)
{
	if (!channels)
		return;
	channels_forget(channels);
	host_faults(channels->host)->channels = (struct fault_connections) { 0 };
	free(channels);
}

void channels_forget(struct channels *channels)
{
	int i;

	for (i = 0; i < CHANNELS_MAX; i++) {
		if (&channels->table[i] == channels->serving)
			channels->serving->doomed = true;
		else
			channel_close(channels, &channels->table[i]);
	}
}

void channels_checkpoint(struct channels *channels)
{
	int i;

	for (i = 0; i < CHANNELS_MAX; i++)
		channels->table[i].checkpoint = true;
}

const struct config *channels_config(const struct channels *channels)
{
	return host_config(channels->host);
}

uint64_t channels_now_ns(const struct channels *channels)
{
	return channels->ops->now_ns(channels->ops->opaque);
}

void channel_count_exit(struct channels *channels, struct channel *channel,
			enum exit_type type)
{
	struct counters *counters = host_counters(channels->host);

	if (channel)
		channel->exits++;
	if (channel && channel->steering) {
		counters->steering.of[type]++;
		return;
	}
	counters->guest.of[type]++;
	if (channel && !channel->answered)
		channel->unsettled.of[type]++;
}

void channel_settle_exits(struct channels *channels, struct channel *channel)
{
	struct counters *counters = host_counters(channels->host);
	int type;

	for (type = 0; channel->steering && type < EXIT_TYPES; type++) {
		uint64_t count = channel->unsettled.of[type];

		/* The counters may have been reset in between. */
		if (count > counters->guest.of[type])
			count = counters->guest.of[type];
		counters->guest.of[type] -= count;
		counters->steering.of[type] += count;
	}
	memset(&channel->unsettled, 0, sizeof(channel->unsettled));
}

static void trace_exchange(struct channel *channel)
{
	const struct request request = {
		.data = channel->request, .len = channel->request_len,
		.transport = channel->transport,
	};

	trace_request(channel->request_ns, &request, &channel->served.reply,
		      channel->exits);
	channel->answered = false;
	channel->exits = 0;
}

static void drop_reply(struct channel *channel)
{
	free(channel->served.reply.data);
	memset(&channel->served, 0, sizeof(channel->served));
	channel->taken = 0;
}

void channel_drop_request(struct channel *channel)
{
	free(channel->request);
	channel->request = NULL;
	channel->request_len = 0;
	channel->arrived = 0;
}

void channel_begin_exchange(struct channel *channel)
{
	channel->steering = false;
	if (channel->answered)
		trace_exchange(channel);
	drop_reply(channel);
	channel_drop_request(channel);
}

void channel_end_exchange(struct channel *channel)
{
	if (channel->answered)
		trace_exchange(channel);
	drop_reply(channel);
	channel->state = CHANNEL_IDLE;
}

static void channels_trace(const struct channel *channel, const char *what, int id)
{
	struct cJSON *json = trace_begin("channel", "%s %d", what, id);

	cJSON_AddStringToObject(json, "what", what);
	json_u64(json, "channel", (uint64_t)id);
	cJSON_AddStringToObject(json, "protocol", channel->tclo ? "tclo" : "rpci");
	trace_end(json);
}

void channel_close(struct channels *channels, struct channel *channel)
{
	if (channel->state == CHANNEL_CLOSED)
		return;
	if (channel->answered)
		trace_exchange(channel);
	channels_trace(channel, "close", (int)(channel - channels->table));
	if (channel->tclo)
		tclo_close(host_tclo(channels->host), channel->tclo);
	drop_reply(channel);
	channel_drop_request(channel);
	memset(channel, 0, sizeof(*channel));
	host_counters(channels->host)->channels--;
}

bool channel_timed_out(const struct channels *channels,
		       const struct channel *channel)
{
	uint64_t idle_s = config_u64(channels_config(channels),
				     "vmxsim.channels.idle");

	return idle_s && channel->state != CHANNEL_CLOSED &&
	       channels_now_ns(channels) - channel->last_used_ns >
	       idle_s * NS_PER_SEC;
}

static void close_timed_out(struct channels *channels)
{
	int i;

	for (i = 0; i < CHANNELS_MAX; i++) {
		if (channel_timed_out(channels, &channels->table[i]))
			channel_close(channels, &channels->table[i]);
	}
}

static bool open_granted(struct channels *channels, uint32_t protocol,
			 bool with_cookie)
{
	const struct config *config = channels_config(channels);

	if (protocol != MESSAGE_RPCI && protocol != MESSAGE_TCLO)
		return false;
	if (!config_bool(config, "vmxsim.transport.lb"))
		return false;
	if (with_cookie && !config_bool(config, "vmxsim.transport.cookies"))
		return false;
	if (faults_take_open(host_faults(channels->host), with_cookie))
		return false;
	return host_counters(channels->host)->channels <
	       config_u64(config, "vmxsim.channels");
}

static int free_id(struct channels *channels)
{
	int first = (int)(prng_next(&channels->prng) % CHANNELS_MAX);
	int i, id;

	for (i = 0; i < CHANNELS_MAX; i++) {
		id = (first + i) % CHANNELS_MAX;
		if (channels->table[id].state == CHANNEL_CLOSED)
			return id;
	}
	return -1;
}

int channel_open(struct channels *channels, uint32_t protocol_word)
{
	uint32_t protocol = protocol_word & ~MESSAGE_COOKIE_FLAG;
	bool with_cookie = protocol_word & MESSAGE_COOKIE_FLAG;
	struct tclo_app *tclo = NULL;
	struct channel *channel;
	int id;

	close_timed_out(channels);
	if (!open_granted(channels, protocol, with_cookie))
		return -1;
	id = free_id(channels);
	if (id < 0)
		return -1;
	if (protocol == MESSAGE_TCLO) {
		tclo = tclo_open(host_tclo(channels->host), TRANSPORT_LB, NULL, NULL);
		if (!tclo)
			return -1;
	}

	channel = &channels->table[id];
	channel->state = CHANNEL_IDLE;
	channel->tclo = tclo;
	channels_trace(channel, "open", id);
	channel->last_used_ns = channels_now_ns(channels);
	if (with_cookie) {
		channel->cookie_high = (uint32_t)prng_next(&channels->prng);
		channel->cookie_low = (uint32_t)prng_next(&channels->prng);
	}
	host_counters(channels->host)->channels++;
	return id;
}

struct channel *channel_find(struct channels *channels, uint32_t id,
			     uint32_t cookie_high, uint32_t cookie_low)
{
	struct channel *channel;

	if (id >= CHANNELS_MAX)
		return NULL;
	channel = &channels->table[id];
	if (channel->state == CHANNEL_CLOSED ||
	    channel->cookie_high != cookie_high ||
	    channel->cookie_low != cookie_low)
		return NULL;
	return channel;
}
