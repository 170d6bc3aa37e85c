// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "scrape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attribute.h"
#include "host.h"
#include "sample.h"

/* A greater difference of the clocks of guest and host is a step, not a drift. */
#define DRIFT_S	2

/*
 * Returns the begin of the session by the present clock. Within a session the value stays
 * the same, although the clocks of host and guest drift: a new value would look like a new
 * counter. It is computed again after a step of the clock or a restore of the machine.
 */
static int64_t session_began(const struct host_snapshot *snapshot)
{
	const struct vmguestlib_value *elapsed =
		&snapshot->values[VMGUESTLIB_STAT_ELAPSED_MS];
	static uint64_t session_id;
	static int64_t kept;
	struct timespec now;
	int64_t began;

	if (elapsed->state != VMGUESTLIB_VALUE_GIVEN)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	began = (int64_t)((double)now.tv_sec + (double)now.tv_nsec / 1e9 -
			  (double)elapsed->value / 1e3 + 0.5);
	if (session_id != snapshot->session_id || llabs(began - kept) > DRIFT_S)
		kept = began;
	session_id = snapshot->session_id;
	return kept;
}

static void read_counter(const char *name, struct metric *metric)
{
	metric->state = attribute_number(name, &metric->value) ?
			METRIC_MISSING : METRIC_GIVEN;
}

static void count_expired(struct metric *metric)
{
	struct vmguestlib_heartbeat_client *clients = NULL;
	int fd = host_open(O_RDONLY), count = -1, i;

	if (fd >= 0) {
		count = host_heartbeats(fd, &clients);
		close(fd);
	}
	*metric = (struct metric) { count < 0 ? METRIC_MISSING : METRIC_GIVEN, 0 };
	for (i = 0; i < count; i++)
		metric->value += clients[i].state == VMGUESTLIB_HEARTBEAT_EXPIRED;
	free(clients);
}

/* Reading these files makes no request to the host. */
static void read_counters(struct module_counters *counters)
{
	read_counter("rpc/requests", &counters->requests);
	read_counter("rpc/refused", &counters->refused);
	read_counter("rpc/failed", &counters->failed);
	read_counter("rpc/failovers", &counters->failovers);
	read_counter("heartbeat/clients", &counters->heartbeat_clients);
	read_counter("heartbeat/missed", &counters->heartbeat_missed);
	read_counter("heartbeat/last_beat_age_ms",
		     &counters->heartbeat_last_beat_age_ms);
	count_expired(&counters->heartbeat_expired);
}

int scrape_text(enum exposition_format format, unsigned int groups, char **text,
		size_t *len)
{
	static struct sample extended;
	struct module_counters counters;
	struct host_snapshot snapshot;
	struct exposition exposition = {
		.format = format,
		.snapshot = &snapshot,
		.counters = &counters,
		.version = VERSION,
		.vcpus = present_cpus(),
		.extended = groups ? &extended : NULL,
	};
	int err = host_snapshot(&snapshot, 0);
	FILE *out;

	if (err)
		return err;
	exposition.created = session_began(&snapshot);
	read_counters(&counters);
	memset(&extended, 0, sizeof(extended));
	sample_extended(&extended, groups);
	*text = NULL;
	out = open_memstream(text, len);
	if (out) {
		exposition_write(out, &exposition);
		err = ferror(out) ? -ENOMEM : 0;
		if (fclose(out))
			err = -ENOMEM;
	} else {
		err = -ENOMEM;
	}
	host_snapshot_free(&snapshot);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}

