// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The statistics by the names of sysfs.
 */
#include <stdio.h>
#include <string.h>

#include "stat_table.h"
#include "stats.h"

/* The value that a host sends where there is no limit. */
#define UNLIMITED	0xffffffffu

bool stats_has_name(int id)
{
	return vmgl_stats[id].group != VMGL_GROUP_NONE;
}

const char *stats_group(int id)
{
	switch (vmgl_stats[id].group) {
	case VMGL_GROUP_CPU:
		return "cpu";
	case VMGL_GROUP_MEM:
		return "mem";
	case VMGL_GROUP_HOST:
		return "host";
	default:
		return "";
	}
}

const char *stats_name(int id, char name[STATS_NAME_SIZE])
{
	const char *group = stats_group(id);

	snprintf(name, STATS_NAME_SIZE, "%s%s%s", group, *group ? "/" : "",
		 vmgl_stats[id].file);
	return name;
}

const char *stats_unit(int id)
{
	static const struct {
		const char *ending;
		const char *unit;
	} units[] = { { "_mhz", "MHz" }, { "_ms", "ms" }, { "_mb", "MB" } };
	const char *file = vmgl_stats[id].file;
	size_t i, len = strlen(file);

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t ending = strlen(units[i].ending);

		if (len > ending && !strcmp(file + len - ending, units[i].ending))
			return units[i].unit;
	}
	return "";
}

bool stats_is_text(int id)
{
	return vmgl_stat_is_text(&vmgl_stats[id]);
}

/* The times are sums since the session began. No other statistic is a sum. */
bool stats_is_counter(int id)
{
	return !strcmp(stats_unit(id), "ms");
}

static const char *text_of(const struct host_snapshot *snapshot, int id)
{
	return id == VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG ?
		snapshot->pool_path_long : snapshot->pool_path;
}

struct stats_value stats_value(const struct host_snapshot *snapshot, int id)
{
	const struct vmguestlib_value *own = &snapshot->values[id];
	const struct vmguestlib_value *value = own;
	struct stats_value found = { .state = own->state };

	if (own->state != VMGUESTLIB_VALUE_GIVEN && vmgl_stats[id].fallback) {
		id = vmgl_stats[id].fallback;
		value = &snapshot->values[id];
	}
	if (value->state != VMGUESTLIB_VALUE_GIVEN)
		return found;
	found.state = VMGUESTLIB_VALUE_GIVEN;
	found.number = value->value;
	found.unlimited = vmgl_stats[id].is_limit && value->value == UNLIMITED;
	if (stats_is_text(id)) {
		found.text = text_of(snapshot, id);
		if (!found.text)
			found.text = "";
	}
	return found;
}
