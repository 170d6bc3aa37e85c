/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The statistics by the names of sysfs, from the table of the module.
 */
#ifndef VMGUEST_STATS_H
#define VMGUEST_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

#define STATS_NAME_SIZE	64

/* Identifiers from 1 to VMGUESTLIB_STAT_END that have a name: others stand in for one. */
bool stats_has_name(int id);

/* "mem/ballooned_mb" into NAME, which is returned. */
const char *stats_name(int id, char name[STATS_NAME_SIZE]);

/* "cpu", "mem", "host", or "" */
const char *stats_group(int id);

/* "MHz", "ms", "MB", or "" */
const char *stats_unit(int id);

bool stats_is_text(int id);
/* Whether the value only grows within a session. */
bool stats_is_counter(int id);

/* What there is of a statistic in a snapshot. */
struct stats_value {
	enum vmguestlib_value_state state;
	bool unlimited;
	uint64_t number;
	const char *text;	/* of a text, else NULL; belongs to the snapshot */
};

/* A statistic that is missing may have another one that stands in for it. */
struct stats_value stats_value(const struct host_snapshot *snapshot, int id);

#endif
