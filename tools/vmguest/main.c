// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The commands of vmguest by their names; described in man/vmguest.1.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "vmguest.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "stat", vmguest_stat, "statistics of the virtual machine" },
	{ "top", vmguest_top, "what they mean, refreshed every second" },
	{ "export", vmguest_export, "statistics for Prometheus" },
	{ "doctor", vmguest_doctor, "why something does not work" },
	{ "raw", vmguest_raw, "extended statistics, as the host gives them" },
	{ "watch", vmguest_watch, "events as they happen" },
	{ "heartbeat", vmguest_heartbeat, "monitored applications (vSphere HA)" },
	{ "rpc", vmguest_rpc, "any request to the host (root)" },
	{ "status", vmguest_status, "the state of the kernel module" },
	{ "load", vmguest_load, "load the kernel module (root)" },
	{ "unload", vmguest_unload, "remove the kernel module (root)" },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

const char *vmguest_name = "vmguest";

static void complain_about(const char *format, va_list arguments)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", vmguest_name);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_about(format, arguments);
	va_end(arguments);
}

int wrong_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_about(format, arguments);
	va_end(arguments);
	return wrong_option();
}

int wrong_option(void)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", vmguest_name);
	return EX_USAGE;
}

int print_help(const char *text)
{
	fputs(text, stdout);
	return end_output(0);
}

int end_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	complain("standard output: %s", strerror(errno));
	return status ? status : EX_IOERR;
}

bool parse_number(const char *text, unsigned long min, unsigned long max,
		  unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return !errno && !*end && *number >= min && *number <= max;
}

static int help(void)
{
	size_t i;

	puts("Usage: vmguest COMMAND [ARGUMENT...]\n"
	     "       vmguest COMMAND --help\n"
	     "\n"
	     "What a VMware virtual machine can learn from its host.\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-12s%s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "  --help, --version\n"
	     "\n"
	     "vmguest(1) tells the exit statuses.");
	return end_output(0);
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[32];

	snprintf(name, sizeof(name), "vmguest %s", command->name);
	vmguest_name = name;
	argv[0] = name;
	return command->run(argc, argv);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	const char *invoked = argc ? last_part(argv[0]) : "";
	size_t i;

	if (!strcmp(invoked, "vmware-toolbox-cmd"))
		return compat_toolbox_cmd(argc, argv);
	if (!strcmp(invoked, "vmtoolsd"))
		return compat_vmtoolsd(argc, argv);

	if (argc < 2)
		return wrong_usage("a command is missing");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("vmguest (vmguestlib) " VERSION);
		return end_output(0);
	}
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return run(&commands[i], argc - 1, argv + 1);
	return wrong_usage("unknown command '%s'", argv[1]);
}
