// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest stat: statistics with value and unit; described in man/vmguest-stat.1.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli.h"
#include "command.h"
#include "host.h"
#include "stats.h"
#include "text.h"

static const char help[] =
	"Usage: vmguest stat [--json] [--max-age MS] [NAME...]\n"
	"\n"
	"Prints the statistics that the host gives, or only those with the names NAME. NAME is\n"
	"a file below /sys/class/misc/vmguestlib/ such as mem/ballooned_mb, or the part after\n"
	"the slash if it is unique, or a group: cpu, mem or host.\n"
	"\n"
	"      --json        print JSON; see vmguest-stat(1)\n"
	"      --max-age MS  accept cached values up to MS old (0)\n"
	"      --help\n";

/* --- the choice ------------------------------------------------------------- */

struct choice {
	bool chosen[VMGUESTLIB_STAT_END];
	bool session;
};

/* NAME may be the whole name of a statistic, its group, or the end of its name. */
static bool is_whole(int id, const char *name)
{
	char buffer[STATS_NAME_SIZE];

	return !strcmp(stats_name(id, buffer), name);
}

static bool is_group(int id, const char *name)
{
	return *name && !strcmp(stats_group(id), name);
}

static bool is_tail(int id, const char *name)
{
	char buffer[STATS_NAME_SIZE];
	const char *slash = strchr(stats_name(id, buffer), '/');

	return slash && !strcmp(slash + 1, name);
}

static void list_meant(const char *name, char *list, size_t size)
{
	char buffer[STATS_NAME_SIZE];
	size_t len = 0;
	int id;

	for (id = 1; id < VMGUESTLIB_STAT_END && len < size; id++)
		if (stats_has_name(id) && is_tail(id, name))
			len += snprintf(list + len, size - len, "%s%s",
					len ? " or " : "", stats_name(id, buffer));
}

static int choose_by(struct choice *choice, const char *name,
		     bool (*means)(int id, const char *name))
{
	int id, found = 0;

	for (id = 1; id < VMGUESTLIB_STAT_END; id++) {
		if (!stats_has_name(id) || !means(id, name))
			continue;
		choice->chosen[id] = true;
		found++;
	}
	return found;
}

/* Returns 0, or the exit status. */
static int choose(struct choice *choice, const char *name)
{
	struct choice tails = *choice;
	char list[3 * STATS_NAME_SIZE];

	if (!strcmp(name, "session_id")) {
		choice->session = true;
		return 0;
	}
	if (choose_by(choice, name, is_whole) || choose_by(choice, name, is_group))
		return 0;
	switch (choose_by(&tails, name, is_tail)) {
	case 0:
		return wrong_usage("unknown statistic '%s' ('vmguest stat' lists them)",
				   name);
	case 1:
		*choice = tails;
		return 0;
	default:
		list_meant(name, list, sizeof(list));
		return wrong_usage("'%s' is ambiguous: use %s", name, list);
	}
}

/* --- output ------------------------------------------------------------------ */

static const char *missing(const struct stats_value *value)
{
	return value->state == VMGUESTLIB_VALUE_UNAVAILABLE ?
		"unavailable" : "not given by this host";
}

static int print_value(const struct host_snapshot *snapshot, int id)
{
	struct stats_value value = stats_value(snapshot, id);
	char name[STATS_NAME_SIZE];
	const char *unit = stats_unit(id);
	char *text;

	printf("%-24s ", stats_name(id, name));
	if (value.state != VMGUESTLIB_VALUE_GIVEN) {
		puts(missing(&value));
	} else if (value.unlimited) {
		puts("unlimited");
	} else if (!value.text) {
		printf("%" PRIu64 "%s%s\n", value.number, *unit ? " " : "", unit);
	} else {
		text = clean_text(value.text, "");
		if (!text)
			return -ENOMEM;
		puts(text);
		free(text);
	}
	return 0;
}

static int print_all(const struct host_snapshot *snapshot, const struct choice *choice)
{
	int id, err = 0;

	if (choice->session)
		printf("%-24s 0x%016" PRIx64 "\n", "session_id",
		       snapshot->session_id);
	for (id = 1; id < VMGUESTLIB_STAT_END && !err; id++)
		if (choice->chosen[id])
			err = print_value(snapshot, id);
	return err;
}

/* Numbers of cJSON are doubles, so this uses raw text to keep all 64 bits. */
static cJSON *number(uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	return cJSON_CreateRaw(digits);
}

static cJSON *json_value(const struct host_snapshot *snapshot, int id)
{
	struct stats_value value = stats_value(snapshot, id);
	cJSON *object = cJSON_CreateObject();
	char *text = value.text ? clean_text(value.text, "") : NULL;
	bool given = value.state == VMGUESTLIB_VALUE_GIVEN && !value.unlimited;

	cJSON_AddItemToObject(object, "value",
			      !given ? cJSON_CreateNull() :
			      value.text ? cJSON_CreateString(text) :
			      number(value.number));
	free(text);
	if (*stats_unit(id))
		cJSON_AddStringToObject(object, "unit", stats_unit(id));
	cJSON_AddStringToObject(object, "kind",
				stats_is_text(id) ? "text" :
				stats_is_counter(id) ? "counter" : "gauge");
	if (!given)
		cJSON_AddStringToObject(object, "reason", value.unlimited ?
					"unlimited" : missing(&value));
	return object;
}

static int print_json(const struct host_snapshot *snapshot, const struct choice *choice)
{
	cJSON *root = cJSON_CreateObject(), *statistics;
	char text[24], name[STATS_NAME_SIZE];
	char *printed;
	int id;

	snprintf(text, sizeof(text), "0x%016" PRIx64, snapshot->session_id);
	cJSON_AddStringToObject(root, "session_id", text);
	cJSON_AddItemToObject(root, "generation", number(snapshot->generation));
	cJSON_AddItemToObject(root, "boottime_ns", number(snapshot->time_ns));
	statistics = cJSON_AddObjectToObject(root, "statistics");
	for (id = 1; id < VMGUESTLIB_STAT_END; id++)
		if (choice->chosen[id])
			cJSON_AddItemToObject(statistics, stats_name(id, name),
					      json_value(snapshot, id));
	printed = cJSON_Print(root);
	cJSON_Delete(root);
	if (!printed)
		return -ENOMEM;
	puts(printed);
	free(printed);
	return 0;
}

/* --- the command ------------------------------------------------------------- */

static int show(const struct choice *choice, uint32_t max_age_ms, bool json)
{
	struct host_snapshot snapshot;
	int err = host_snapshot(&snapshot, max_age_ms);

	if (err)
		return host_complain(HOST_STATISTICS, err);
	err = (json ? print_json : print_all)(&snapshot, choice);
	host_snapshot_free(&snapshot);
	return err ? host_complain(HOST_STATISTICS, err) : end_output(0);
}

int vmguest_stat(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "max-age", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct choice choice = { 0 };
	unsigned long max_age_ms = 0;
	bool json = false;
	int option, status = 0, id;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'a':
			if (!parse_number(optarg, 0, UINT32_MAX, &max_age_ms))
				return wrong_usage("wrong age '%s': 0 to 4294967295 ms",
						   optarg);
			break;
		case 'h':
			return print_help(help);
		default:
			return wrong_option();
		}
	}
	if (optind == argc) {
		choice.session = true;
		for (id = 1; id < VMGUESTLIB_STAT_END; id++)
			choice.chosen[id] = stats_has_name(id);
	}
	for (; optind < argc && !status; optind++)
		status = choose(&choice, argv[optind]);
	return status ? status : show(&choice, max_age_ms, json);
}
