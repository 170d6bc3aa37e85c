// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vmguest doctor: why something does not work; described in man/vmguest-doctor.1.
 */
#include "doctor.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "vmguest.h"

static const char help[] =
	"Usage: vmguest doctor [--json]\n"
	"\n"
	"Looks for what keeps this machine from its host's statistics and heartbeats, and\n"
	"tells the cure. Exit status: 0 all is well, 1 with warnings, 2 with failures.\n"
	"\n"
	"      --json\n"
	"      --help\n";

/* In the order in which one thing builds on another. */
static bool (*const examinations[])(struct diagnosis *diagnosis) = {
	examine_machine, examine_module, examine_device, examine_doors, examine_host,
	examine_versions, examine_neighbours, examine_heartbeat,
};

#define EXAMINATIONS	(sizeof(examinations) / sizeof(examinations[0]))

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARNING] = "warning",
	[VERDICT_FAILURE] = "failure",
};

void finding(struct diagnosis *diagnosis, enum verdict verdict,
	     const char *subject, const char *cure, const char *format, ...)
{
	struct finding *finding;
	va_list arguments;

	if (diagnosis->count == FINDINGS_MAX)
		return;
	finding = &diagnosis->findings[diagnosis->count++];
	finding->verdict = verdict;
	finding->subject = subject;
	finding->cure = cure;
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
}

static enum verdict worst(const struct diagnosis *diagnosis)
{
	enum verdict verdict = VERDICT_OK;
	size_t i;

	for (i = 0; i < diagnosis->count; i++)
		if (diagnosis->findings[i].verdict > verdict)
			verdict = diagnosis->findings[i].verdict;
	return verdict;
}

static void print(const struct diagnosis *diagnosis)
{
	const struct finding *finding;

	for (finding = diagnosis->findings;
	     finding < diagnosis->findings + diagnosis->count; finding++) {
		printf("%-8s %-11s %s\n", verdicts[finding->verdict],
		       finding->subject, finding->text);
		if (finding->cure)
			printf("%20s -> %s\n", "", finding->cure);
	}
}

static int print_json(const struct diagnosis *diagnosis)
{
	cJSON *root = cJSON_CreateObject(), *list, *object;
	const struct finding *finding;
	char *text;

	cJSON_AddStringToObject(root, "verdict", verdicts[worst(diagnosis)]);
	list = cJSON_AddArrayToObject(root, "findings");
	for (finding = diagnosis->findings;
	     finding < diagnosis->findings + diagnosis->count; finding++) {
		object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "verdict",
					verdicts[finding->verdict]);
		cJSON_AddStringToObject(object, "subject", finding->subject);
		cJSON_AddStringToObject(object, "text", finding->text);
		if (finding->cure)
			cJSON_AddStringToObject(object, "cure", finding->cure);
		cJSON_AddItemToArray(list, object);
	}
	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text) {
		complain("out of memory");
		return EX_OSERR;
	}
	puts(text);
	free(text);
	return 0;
}

static int examine(bool json)
{
	static struct diagnosis diagnosis;
	int status = 0;
	size_t i;

	for (i = 0; i < EXAMINATIONS; i++)
		if (!examinations[i](&diagnosis))
			break;
	if (json)
		status = print_json(&diagnosis);
	else
		print(&diagnosis);
	return end_output(status ? status : (int)worst(&diagnosis));
}

int vmguest_doctor(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
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
	return examine(json);
}
