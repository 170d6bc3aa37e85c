// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The commands of vmguest by their names; described in man/vmguest.1. Commands with large
 * libraries are separate programs, so that the other commands start fast.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"

struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
	const char *program;		/* a separate program in place of run, or NULL */
};

static const struct command commands[] = {
	{ "stat", "print statistics of the virtual machine", vmguest_stat, NULL },
	{ "top", "show the resources, and refresh every second", NULL, "top" },
	{ "export", "write statistics for Prometheus", NULL, "export" },
	{ "doctor", "find the reason why something does not work", NULL, "doctor" },
	{ "report", "print a report on this host for the authors", NULL, "report" },
	{ "raw", "print extended statistics as the host gives them", vmguest_raw, NULL },
	{ "watch", "print events when they happen", vmguest_watch, NULL },
	{ "heartbeat", "run and list monitored applications (vSphere HA)", vmguest_heartbeat, NULL },
	{ "rpc", "send any request to the host (root)", vmguest_rpc, NULL },
	{ "status", "print the state of the kernel module", NULL, "module" },
	{ "load", "load the kernel module (root)", NULL, "module" },
	{ "unload", "remove the kernel module (root)", NULL, "module" },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	puts("Usage: vmguest COMMAND [ARGUMENT...]\n"
	     "       vmguest COMMAND --help\n"
	     "\n"
	     "Prints statistics of a VMware virtual machine, and runs monitored applications.\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-12s%s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "  --help, --version\n"
	     "\n"
	     "vmguest(1) describes the exit statuses.");
	return end_output(0);
}

/* Executes PROGRAM in the folder of this program (built tree) or in libexec (installed). */
static int run_program(const char *program, char **argv)
{
	static const char *const places[] = {
		"%svmguest-%s", "%s../libexec/vmguestlib/vmguest-%s",
	};
	char self[PATH_MAX], path[sizeof(self) + 64];
	size_t i;

	if (!realpath(cli_file(), self)) {
		complain("cannot find the directory of this program: %s", strerror(errno));
		return EX_OSERR;
	}
	strrchr(self, '/')[1] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], self, program);
		cli_restore_signals();
		execv(path, argv);
		if (errno != ENOENT)
			break;
	}
	complain("%s: %s", path, strerror(errno));
	return EX_OSFILE;
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[32];

	snprintf(name, sizeof(name), "vmguest %s", command->name);
	vmguest_name = name;
	argv[0] = name;
	return command->run ? command->run(argc, argv) :
			      run_program(command->program, argv);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} names[] = {
		{ "vmware-toolbox-cmd", compat_toolbox_cmd },
		{ "vmtoolsd", compat_vmtoolsd },
		{ "vmware-rpctool", compat_rpctool },
		{ "vmware-checkvm", compat_checkvm },
	};
	const char *invoked = argc ? last_part(argv[0]) : "";
	size_t i;

	cli_start("vmguest");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(invoked, names[i].name))
			return names[i].run(argc, argv);

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
