/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The statistics as text for Prometheus and compatible programs. No system calls.
 */
#ifndef VMGUEST_EXPOSITION_H
#define VMGUEST_EXPOSITION_H

#include <stdint.h>
#include <stdio.h>

#include "host.h"
#include "metrics.h"

/* node_exporter's textfile collector reads only this format (the Prometheus format). */
enum exposition_format {
	EXPOSITION_OPENMETRICS,		/* OpenMetrics 1.0 */
	EXPOSITION_PROMETHEUS,		/* Prometheus text format 0.0.4 */
};

/* Counters of the module. If one cannot be read, its state is METRIC_MISSING. */
struct module_counters {
	struct metric requests, refused, failed, failovers;
	struct metric heartbeat_clients, heartbeat_missed;
	struct metric heartbeat_last_beat_age_ms;
	struct metric heartbeat_expired;
};

struct exposition {
	enum exposition_format format;
	const struct host_snapshot *snapshot;
	const struct module_counters *counters;
	const char *version;		/* of this program */
	int64_t created;		/* begin of the session in s since 1970, or 0 if it is not known */
	unsigned int vcpus;
	const struct sample *extended;	/* extended statistics, or NULL */
};

/* ferror() shows whether writing has failed. */
void exposition_write(FILE *out, const struct exposition *exposition);

#endif
