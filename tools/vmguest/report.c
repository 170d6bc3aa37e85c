// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: the behaviour of this host; described in man/vmguest-report.1.
 */
#include "report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "report_probes.h"

static const char help[] =
	"Usage: vmguest report [--active [--move SECONDS]] [--json]\n"
	"\n"
	"Collects facts about this host that no public source settles, for the authors of\n"
	"vmguestlib. Names, addresses and the path of the resource pool are masked. Run the\n"
	"command as root. Without --active it takes less than a minute and changes nothing.\n"
	"\n"
	"      --active        if no client is armed, also enable monitoring, send heartbeats and\n"
	"                      disable monitoring; also open more connections\n"
	"      --move SECONDS  then enable monitoring again, and wait SECONDS for a vMotion, a\n"
	"                      suspend or a revert\n"
	"      --json          print JSON\n"
	"      --help\n";

static void print_value(const cJSON *item, int depth)
{
	char *value = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);

	printf("%*s%s: %s\n", depth, "", item->string ? item->string : "",
	       cJSON_IsString(item) ? item->valuestring : value ? value : "");
	free(value);
}

/* Prints a value, or a list of objects whose members are values. */
static void print_member(const cJSON *item, int depth)
{
	const cJSON *entry, *value;

	if (!cJSON_IsArray(item)) {
		print_value(item, depth);
		return;
	}
	printf("%*s%s:\n", depth, "", item->string);
	for (entry = item->child; entry; entry = entry->next)
		for (value = entry->child; value; value = value->next)
			print_value(value, depth + 2);
}

/* The text has everything that the JSON has, one value per line. */
static void print_text(const cJSON *document)
{
	const cJSON *part, *item, *member;

	for (part = document->child; part; part = part->next) {
		if (!cJSON_IsArray(part)) {
			print_value(part, 0);
			continue;
		}
		printf("\n%s\n", part->string);
		for (item = part->child; item; item = item->next) {
			if (cJSON_IsString(item)) {
				printf("  %s\n", item->valuestring);
				continue;
			}
			putchar('\n');
			for (member = item->child; member; member = member->next)
				print_member(member, member == item->child ? 2 : 4);
		}
	}
}

static int print_report(const struct report *report, bool json)
{
	char *text;

	if (!json) {
		print_text(report->document);
		return end_output(report->status);
	}
	text = cJSON_Print(report->document);
	if (!text) {
		complain("out of memory");
		return EX_OSERR;
	}
	puts(text);
	free(text);
	return end_output(report->status);
}

static int make_report(struct report *report, bool json)
{
	int status;

	report->document = cJSON_CreateObject();
	if (!report->document)
		return EX_OSERR;
	report_text(report->document, "report", "vmguest " VERSION);
	report_text(report->document, "kind", report->active ? "active" : "read-only");
	report->probes = cJSON_AddArrayToObject(report->document, "probes");
	report_system(report);
	report_statistics(report);
	report_monitoring(report);
	report_backdoor(report);
	report_sockets(report);
	report_verdicts(report);
	status = print_report(report, json);
	cJSON_Delete(report->document);
	report_forget_masks();
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "active", no_argument, NULL, 'a' },
		{ "move", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct report report = { 0 };
	bool json = false;
	int option;

	cli_start("vmguest report");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'a':
			report.active = true;
			break;
		case 'm':
			if (!parse_number(optarg, 1, 3600, &report.move_s))
				return wrong_usage("--move needs seconds, 1 to 3600");
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			return print_help(help);
		default:
			return wrong_option();
		}
	}
	if (optind < argc)
		return wrong_usage("unexpected argument '%s'", argv[optind]);
	if (report.move_s && !report.active)
		return wrong_usage("--move needs --active");
	return make_report(&report, json);
}
