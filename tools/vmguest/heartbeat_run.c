// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest heartbeat run: a command as a monitored application; described in
 * man/vmguest-heartbeat.1.
 */
#include "heartbeat_run.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "names.h"
#include "supervisor.h"

static const char help[] =
	"Usage: vmguest heartbeat run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs COMMAND as an application that vSphere HA monitors. If COMMAND fails, heartbeats\n"
	"stop, and HA resets the virtual machine unless COMMAND is started again first. If\n"
	"COMMAND succeeds, or ends after SIGTERM, SIGINT or SIGQUIT to vmguest, the monitoring\n"
	"ends. The exit status is that of COMMAND.\n"
	"\n"
	"      --timeout S    longest time between two signs of life (30)\n"
	"      --name N       name of the application (the file name of COMMAND)\n"
	"      --name-after T derive the name from text T, such as the name of a unit: characters\n"
	"                     that a name must not have become _, and a long text is cut\n"
	"      --on-expire A  stop: stop heartbeats, so that the host acts when they are missing;\n"
	"                     need-reset: also request a reset from the host (stop)\n"
	"      --check CMD    COMMAND is alive only while sh -c CMD succeeds\n"
	"      --every S      time between two checks (a third of the timeout)\n"
	"      --notify       COMMAND is alive only while it sends WATCHDOG=1, like a service\n"
	"                     of systemd (sd_notify(3))\n"
	"      --stop-signal SIGNAL\n"
	"                     SIGNAL requests a stop of COMMAND, like TERM, INT and QUIT\n"
	"      --help\n";

#define TIMEOUT_S	30
#define BIT(number)	(UINT64_C(1) << ((number) - 1))

/* Characters that the kernel accepts in a name */
static const char allowed[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@:-";

/* Sets the name to the characters of TEXT that are allowed in a name. */
static void name_after(struct vmguestlib_heartbeat_arm *arm, const char *text)
{
	char *letter;

	snprintf(arm->name, sizeof(arm->name), "%s", text);
	for (letter = arm->name; *letter; letter++)
		if (!strchr(allowed, *letter))
			*letter = '_';
}

static void name_after_command(struct supervised *run)
{
	const char *slash = strrchr(run->command[0], '/');

	name_after(&run->client.arm, slash ? slash + 1 : run->command[0]);
	/* The file name of a directory is empty; the attempt to execute it reports that. */
	if (!*run->client.arm.name)
		strcpy(run->client.arm.name, "_");
}

static bool reserved(const char *name)
{
	return !strcmp(name, "api") || !strcmp(name, "watchdog");
}

/* Returns 0, or the exit status. */
static int set_option(struct supervised *run, int option, const char *argument)
{
	struct vmguestlib_heartbeat_arm *arm = &run->client.arm;
	unsigned long seconds;
	int number;

	switch (option) {
	case 't':
		if (!parse_number(argument, 1, 3600, &seconds))
			return wrong_usage("wrong timeout '%s': 1 to 3600 seconds",
					   argument);
		arm->deadline_ms = (uint32_t)seconds * 1000;
		return 0;
	case 'n':
		if (!*argument || strlen(argument) >= sizeof(arm->name) ||
		    argument[strspn(argument, allowed)])
			return wrong_usage("wrong name '%s': letters, digits and "
					   "._@:-, %zu at most", argument,
					   sizeof(arm->name) - 1);
		strcpy(arm->name, argument);
		return 0;
	case 'a':
		if (!*argument)
			return wrong_usage("the text to name it after is empty");
		name_after(arm, argument);
		if (reserved(arm->name))
			strcat(arm->name, "_");
		return 0;
	case 'o':
		if (strcmp(argument, "stop") && strcmp(argument, "need-reset"))
			return wrong_usage("wrong action '%s': stop or need-reset",
					   argument);
		arm->action = !strcmp(argument, "stop") ?
			VMGUESTLIB_HEARTBEAT_STOP : VMGUESTLIB_HEARTBEAT_NEED_RESET;
		return 0;
	case 'c':
		/* An empty check, for example from an unset variable, would always succeed. */
		if (!*argument)
			return wrong_usage("the check is empty");
		run->check = argument;
		return 0;
	case 'e':
		if (!parse_number(argument, 1, 3600, &run->every_s))
			return wrong_usage("wrong time between checks '%s': 1 to 3600 "
					   "seconds", argument);
		return 0;
	case 'N':
		run->notify = true;
		return 0;
	case 's':
		number = signal_number(argument);
		if (!number || number == SIGKILL || number == SIGSTOP)
			return wrong_usage("wrong signal '%s'", argument);
		run->stop_signals |= BIT(number);
		return 0;
	default:
		return wrong_option();
	}
}

/* Returns 0, or the exit status. */
static int complete(struct supervised *run)
{
	unsigned long timeout_s = run->client.arm.deadline_ms / 1000;
	const char *name = run->client.arm.name;

	if (!run->command[0] || !*run->command[0])
		return wrong_usage("a command is missing");
	if (run->check && run->notify)
		return wrong_usage("--check and --notify exclude each other");
	if (run->every_s && !run->check)
		return wrong_usage("--every needs --check");
	if (run->check && !run->every_s)
		run->every_s = timeout_s >= 3 ? timeout_s / 3 : 1;
	if (run->check && run->every_s >= timeout_s)
		return wrong_usage("checks every %lu s do not fit a timeout of %lu s",
				   run->every_s, timeout_s);
	if (!*name)
		name_after_command(run);
	if (reserved(name))
		return wrong_usage("the name '%s' is the kernel's own (choose another --name)",
				   name);
	return 0;
}

int heartbeat_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "name", required_argument, NULL, 'n' },
		{ "name-after", required_argument, NULL, 'a' },
		{ "on-expire", required_argument, NULL, 'o' },
		{ "check", required_argument, NULL, 'c' },
		{ "every", required_argument, NULL, 'e' },
		{ "notify", no_argument, NULL, 'N' },
		{ "stop-signal", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct supervised run = {
		.client.arm = {
			.size = sizeof(run.client.arm),
			.deadline_ms = TIMEOUT_S * 1000,
			.action = VMGUESTLIB_HEARTBEAT_STOP,
		},
		.stop_signals = BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT),
	};
	static char name[] = "vmguest heartbeat run";
	int option, status = 0;

	vmguest_name = name;
	argv[0] = name;
	while (!status &&
	       (option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		status = option == 'h' ? -1 : set_option(&run, option, optarg);
	if (status)
		return status < 0 ? print_help(help) : status;
	run.command = argv + optind;
	status = complete(&run);
	return status ? status : supervise(&run);
}
