// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest doctor: why something does not work; described in man/vmguest-doctor.1.
 */
#include <stdbool.h>

#include "cli.h"
#include "diagnosis.h"
#include "doctor_host.h"
#include "doctor_system.h"

static const char help[] =
	"Usage: vmguest doctor [--json]\n"
	"\n"
	"Finds out why statistics or heartbeats do not work, and names the remedy. The exit\n"
	"status is 2 after a failure, 1 after a warning, and 0 otherwise.\n"
	"\n"
	"      --json    print JSON\n"
	"      --help\n";

/* In this order, because each examination needs the things that earlier ones examine. */
static bool (*const examinations[])(struct diagnosis *diagnosis) = {
	examine_machine, examine_module, examine_device, examine_transport, examine_host,
	examine_versions, examine_neighbours, examine_heartbeat,
};

#define EXAMINATIONS	(sizeof(examinations) / sizeof(examinations[0]))

static int examine(bool json)
{
	static struct diagnosis diagnosis;
	size_t i;

	for (i = 0; i < EXAMINATIONS; i++)
		if (!examinations[i](&diagnosis))
			break;
	if (!json)
		diagnosis_print(&diagnosis);
	else if (diagnosis_print_json(&diagnosis))
		complain("out of memory");
	return end_output((int)diagnosis_verdict(&diagnosis));
}

int main(int argc, char **argv)
{
	bool json = false;
	int status;

	cli_start("vmguest doctor");
	status = plain_options(argc, argv, help, 0, &json);
	return status < 0 ? examine(json) : status;
}
