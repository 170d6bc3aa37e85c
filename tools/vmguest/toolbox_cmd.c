// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmware-toolbox-cmd stat: its output equals that of open-vm-tools, because scripts parse it
 * (wire-protocol chapter 9.1); described in man/vmguest-compat.1. It uses the functions of
 * the SDK, because their error texts are part of its messages.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "command.h"
#include "compat.h"
#include "device.h"
#include "host.h"
#include "text.h"
#include "vmGuestLib.h"

static bool quiet;

/* Prints the message of a command that failed. Only these messages are subject to -q. */
static int failed(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int failed(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!quiet)
		vfprintf(stderr, format, arguments);
	va_end(arguments);
	return status;
}

/* --- statistics ---------------------------------------------------------------- */

/* Returns 0, or the exit status. */
static int open_updated(VMGuestLibHandle *handle)
{
	VMGuestLibError error = VMGuestLib_OpenHandle(handle);

	if (error)
		return failed(EX_UNAVAILABLE, "OpenHandle failed: %s\n",
			      VMGuestLib_GetErrorText(error));
	error = VMGuestLib_UpdateInfo(*handle);
	if (!error)
		return 0;
	VMGuestLib_CloseHandle(*handle);
	return failed(EX_TEMPFAIL, "UpdateInfo failed: %s\n",
		      VMGuestLib_GetErrorText(error));
}

static const struct accessor {
	const char *name;
	VMGuestLibError (*get)(VMGuestLibHandle handle, uint32 *value);
	const char *what;
	const char *unit;
} accessors[] = {
	{ "balloon", VMGuestLib_GetMemBalloonedMB, "ballooned memory", "MB" },
	{ "swap", VMGuestLib_GetMemSwappedMB, "swapped memory", "MB" },
	{ "memlimit", VMGuestLib_GetMemLimitMB, "memory limit", "MB" },
	{ "memres", VMGuestLib_GetMemReservationMB, "memory reservation", "MB" },
	{ "cpures", VMGuestLib_GetCpuReservationMHz, "CPU minimum", "MHz" },
	{ "cpulimit", VMGuestLib_GetCpuLimitMHz, "CPU limit", "MHz" },
};

#define ACCESSORS	(sizeof(accessors) / sizeof(accessors[0]))

static int show_accessor(const struct accessor *accessor)
{
	VMGuestLibHandle handle;
	VMGuestLibError error;
	uint32 value;
	int status = open_updated(&handle);

	if (status)
		return status;
	error = accessor->get(handle, &value);
	VMGuestLib_CloseHandle(handle);
	if (error)
		return failed(EX_TEMPFAIL, "Failed to get %s: %s\n", accessor->what,
			      VMGuestLib_GetErrorText(error));
	printf("%u %s\n", value, accessor->unit);
	return 0;
}

static int show_session(char **arguments)
{
	VMGuestLibHandle handle;
	VMGuestLibError error;
	VMSessionId session;
	int status = open_updated(&handle);

	(void)arguments;
	if (status)
		return status;
	error = VMGuestLib_GetSessionId(handle, &session);
	VMGuestLib_CloseHandle(handle);
	if (error)
		return failed(EX_TEMPFAIL, "Failed to get session ID: %s\n",
			      VMGuestLib_GetErrorText(error));
	printf("0x%llx\n", (unsigned long long)session);
	return 0;
}

static int show_speed(char **arguments)
{
	struct vmguestlib_cpu_speed speed = { .size = sizeof(speed) };

	(void)arguments;
	if (vmguestlib_device_request(VMGUESTLIB_IOC_CPU_SPEED, &speed))
		return failed(EX_TEMPFAIL, "Unable to get processor speed.\n");
	printf("%u MHz\n", speed.out_mhz);
	return 0;
}

static int show_host_time(char **arguments)
{
	struct vmguestlib_host_time host = { .size = sizeof(host) };
	char text[256];
	time_t seconds;

	(void)arguments;
	if (vmguestlib_device_request(VMGUESTLIB_IOC_HOST_TIME, &host) ||
	    !host.out_sec)
		return failed(EX_TEMPFAIL, "Unable to get host time.\n");
	seconds = host.out_sec;
	if (!strftime(text, sizeof(text), "%d %b %Y %H:%M:%S", localtime(&seconds)))
		return failed(EX_TEMPFAIL, "Unable to format host time.\n");
	puts(text);
	return 0;
}

/* raw [ENCODING [STATISTIC [PARAMETER]]] */
static int show_raw(char **arguments)
{
	const char *words[3] = { "", "", "" };
	char *reply = NULL, *name, *shown;
	VMGuestLibError error;
	size_t size = 0, i;

	for (i = 0; i < 3 && arguments[i]; i++)
		words[i] = arguments[i];
	if (asprintf(&name, "%s %s", words[1], words[2]) < 0)
		return EX_OSERR;
	/* The host ignores a blank at the end, but it counts for the limit of a request. */
	if (!*words[2])
		name[strlen(name) - 1] = '\0';
	error = VMGuestLib_StatGet(words[0], name, &reply, &size);
	free(name);
	/* open-vm-tools does not distinguish a host that does not know the request. */
	if (error == VMGUESTLIB_ERROR_UNSUPPORTED_VERSION)
		error = VMGUESTLIB_ERROR_NOT_AVAILABLE;
	if (error) {
		VMGuestLib_StatFree(reply, size);
		return failed(EX_TEMPFAIL, "Failed to get stat: %s\n",
			      VMGuestLib_GetErrorText(error));
	}
	shown = text_for(stdout, reply);
	printf("%*s", (int)size, shown ? shown : "");
	free(shown);
	VMGuestLib_StatFree(reply, size);
	return 0;
}

static const struct {
	const char *name;
	int (*show)(char **arguments);
} others[] = {
	{ "hosttime", show_host_time },
	{ "speed", show_speed },
	{ "sessionid", show_session },
	{ "raw", show_raw },
};

/* --- command line -------------------------------------------------------------- */

static const char main_help[] =
	"Usage: %1$s <command> [options] [subcommand]\n"
	"       %1$s help <command>\n"
	"       %1$s -v\n"
	"Options: -q no messages about failures, -v the version, -h this.\n"
	"\n"
	"Available commands:\n"
	"   stat\n"
	"\n"
	"Part of vmguestlib, see vmguest-compat(1).\n";

static const char stat_help[] =
	"stat: statistics of this virtual machine and of its host\n"
	"Usage: %1$s stat <subcommand>\n"
	"\n"
	"Subcommands:\n"
	"   hosttime: time of day at the host\n"
	"   speed: speed of the CPU in MHz\n"
	"Subcommands on ESX only:\n"
	"   sessionid: identifier of the session\n"
	"   balloon: memory taken by the balloon\n"
	"   swap: memory swapped out by the host\n"
	"   memlimit: limit of memory\n"
	"   memres: reservation of memory\n"
	"   cpures: reservation of the CPU\n"
	"   cpulimit: limit of the CPU\n"
	"   raw [<encoding> [<stat name>]]: a statistic as the host gives it\n"
	"      <encoding>: text, json, xml or yaml\n"
	"      <stat name>: session, host, resources, vscsi or vnet; the last two take\n"
	"      a device, as in 'vscsi scsi0:0'. Without arguments: their list.\n";

/* SUBJECT is "" or the command whose help explains the error. */
static int try_help(const char *program, const char *subject)
{
	fprintf(stderr, "Try '%s help%s%s' for more information.\n", program,
		*subject ? " " : "", subject);
	return EX_USAGE;
}

static int run_stat(char **argv, char **words)
{
	size_t i;

	if (!words[1]) {
		fprintf(stderr, "%s: Missing subcommand\n", argv[0]);
		return try_help(argv[0], "stat");
	}
	for (i = 0; i < ACCESSORS; i++)
		if (!strcmp(words[1], accessors[i].name))
			return show_accessor(&accessors[i]);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(words[1], others[i].name))
			return others[i].show(words + 2);
	fprintf(stderr, "%s: Unknown subcommand '%s'\n", argv[0], words[1]);
	return try_help(argv[0], "stat");
}

static int run_help(char **argv, char **words)
{
	int status = 0;

	if (words[1] && !strcmp(words[1], "stat")) {
		printf(stat_help, argv[0]);
		return 0;
	}
	if (words[1] && strcmp(words[1], "help")) {
		compat_next(argv);
		fprintf(stderr, "%s: Unknown subcommand '%s'\n", argv[0], words[1]);
		status = EX_USAGE;
	}
	printf(main_help, argv[0]);
	return status;
}

static int run_words(char **argv, char **words)
{
	if (!words[0]) {
		fprintf(stderr, "%s: Missing command\n", argv[0]);
		return try_help(argv[0], "");
	}
	if (!strcmp(words[0], "stat"))
		return run_stat(argv, words);
	if (!strcmp(words[0], "help"))
		return run_help(argv, words);
	compat_next(argv);
	fprintf(stderr, "%s: Unknown command '%s'\n", argv[0], words[0]);
	return try_help(argv[0], "");
}

/* Returns 'h', 'v', '?' for wrong options, or -1 to go on with argv + optind. */
static int parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 }
	};
	int option, wanted = -1;

	while ((option = getopt_long(argc, argv, "hqv", options, NULL)) != -1) {
		if (option == '?')
			return option;
		if (option == 'q')
			quiet = true;
		else if (wanted != 'v')
			wanted = option;
	}
	return wanted;
}

int compat_toolbox_cmd(int argc, char **argv)
{
	char **as_typed;
	int status = 0;

	if (!vmguestlib_machine_is_vmware()) {
		fprintf(stderr, "%s must be run inside a virtual machine.\n", argv[0]);
		return 1;
	}
	/* getopt_long() moves words, but another program has to get them as typed. */
	as_typed = calloc((size_t)argc + 1, sizeof(*as_typed));
	if (!as_typed)
		return EX_OSERR;
	memcpy(as_typed, argv, (size_t)argc * sizeof(*as_typed));
	switch (parse_options(argc, argv)) {
	case 'v':
		puts(COMPAT_VERSION);
		break;
	case 'h':
		printf(main_help, argv[0]);
		break;
	case '?':
		fprintf(stderr, "Try '%s -h' for more information.\n", argv[0]);
		status = 1;
		break;
	default:
		status = run_words(as_typed, argv + optind);
	}
	free(as_typed);
	return end_output(status);
}
