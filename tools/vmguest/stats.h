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

/* Returns whether the statistic has a name. A statistic without one only replaces another. */
bool stats_has_name(int id);

/* Writes a name such as "mem/ballooned_mb" into NAME, and returns NAME. */
const char *stats_name(int id, char name[STATS_NAME_SIZE]);

/* Returns "cpu", "mem", "host", or "". */
const char *stats_group(int id);

/* Returns "MHz", "ms", "MB", or "". */
const char *stats_unit(int id);

bool stats_is_text(int id);
/* Returns whether the value only grows within a session. */
bool stats_is_counter(int id);

/* The value of a statistic in a snapshot. */
struct stats_value {
	enum vmguestlib_value_state state;
	bool unlimited;
	uint64_t number;
	const char *text;	/* a text that belongs to the snapshot, or NULL for a number */
};

/* Returns the value of a statistic. If it is missing, another may replace it. */
struct stats_value stats_value(const struct host_snapshot *snapshot, int id);

#endif
