// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "scrape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attribute.h"
#include "host.h"

/*
 * When the session began, by the guest's clock. It is worked out once for a session,
 * so that a program that stays tells the same for all of it.
 */
static int64_t session_began(const struct host_snapshot *snapshot)
{
	const struct vmguestlib_value *elapsed =
		&snapshot->values[VMGUESTLIB_STAT_ELAPSED_MS];
	static uint64_t session_id;
	static int64_t began;
	struct timespec real, boot;
	double asked;

	if (elapsed->state != VMGUESTLIB_VALUE_GIVEN)
		return 0;
	if (session_id == snapshot->session_id)
		return began;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	asked = (double)(real.tv_sec - boot.tv_sec) +
		(double)(real.tv_nsec - boot.tv_nsec) / 1e9 +
		(double)snapshot->time_ns / 1e9;
	session_id = snapshot->session_id;
	began = (int64_t)(asked - (double)elapsed->value / 1e3 + 0.5);
	return began;
}

static void read_counter(const char *name, struct metric *metric)
{
	metric->state = attribute_number(name, &metric->value) ?
			METRIC_MISSING : METRIC_GIVEN;
}

/* None of these files asks the host. */
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
}

int scrape_text(enum exposition_format format, char **text, size_t *len)
{
	struct module_counters counters;
	struct host_snapshot snapshot;
	struct exposition exposition = {
		.format = format,
		.snapshot = &snapshot,
		.counters = &counters,
		.version = VERSION,
	};
	int err = host_snapshot(&snapshot, 0);
	FILE *out;

	if (err)
		return err;
	exposition.created = session_began(&snapshot);
	read_counters(&counters);
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

