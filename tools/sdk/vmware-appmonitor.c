// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The SDK's command for scripts that take part in vSphere HA application
 * monitoring; described in man/vmware-appmonitor.1.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "vmGuestAppMonitorLib.h"
#include "../streams.h"

#define ERR(name)	VMGUESTAPPMONITORLIB_ERROR_##name

/* Number of attempts to disable, one per second */
#define DISABLE_TRIES	5

static const char usage[] =
	"Usage: vmware-appmonitor { enable | disable | markActive | isEnabled |\n"
	"           getAppStatus | postAppState appStateOk|appStateNeedReset }\n";

static const char help[] =
	"Take part in vSphere HA application monitoring.\n"
	"\n"
	"  enable        enable monitoring: the host expects a heartbeat every 30 seconds\n"
	"  disable       disable monitoring\n"
	"  markActive    send a heartbeat\n"
	"  isEnabled     print whether the host expects heartbeats\n"
	"  getAppStatus  print the host's status: Green, Red or Gray\n"
	"  postAppState  appStateNeedReset: request a reset of the virtual machine;\n"
	"                appStateOk: withdraw the request\n"
	"\n"
	"The exit status of isEnabled is 1 if monitoring is enabled, and 0 if it is not or if\n"
	"this is not known. The exit status of the other commands is 0 for success, 1 for a\n"
	"failure, 2 outside of a VMware virtual machine, 3 if monitoring is not enabled, 4 if\n"
	"the host does not support the request, and 74 if the output cannot be written. It is\n"
	"64 for wrong usage of any command.";

static int usage_error(void)
{
	fprintf(stderr, "%sTry 'vmware-appmonitor --help' for more information.\n",
		usage);
	return EX_USAGE;
}

static bool device_opens(void)
{
	int fd = open("/dev/vmguestlib", O_RDWR | O_CLOEXEC);

	errno = EPERM;
	return fd >= 0 && !close(fd);
}

static const char *reason(VMGuestAppMonitorLibError error)
{
	switch (error) {
	case ERR(NOT_RUNNING_IN_VM):
		return "this is not a VMware virtual machine";
	case ERR(NOT_ENABLED):
		if (errno == EACCES)
			return "application monitoring is not enabled";
		return errno == EIO ?
			"the host cannot be reached" :
			"there is no /dev/vmguestlib (load the kernel module vmguestlib, or "
			"give the device to the container)";
	case ERR(NOT_SUPPORTED):
		return "this host does not support it";
	default:
		/* EPERM may come from the host, or from open() itself. */
		return errno == EPERM && device_opens() ?
			"the host accepts privileged senders only" : NULL;
	}
}

static int failed(const char *command, VMGuestAppMonitorLibError error)
{
	const char *text = reason(error);

	if (text)
		fprintf(stderr, "vmware-appmonitor: %s: %s\n", command, text);
	else
		fprintf(stderr, "vmware-appmonitor: %s: /dev/vmguestlib: %s\n",
			command, strerror(errno));
	return error;
}

static int say(const char *text)
{
	if (puts(text) < 0 || fflush(stdout)) {
		perror("vmware-appmonitor: standard output");
		return EX_IOERR;
	}
	return 0;
}

static bool is_denied(void)
{
	return errno == EACCES || errno == EPERM;
}

/* Tries again after a failure: a host that still expects heartbeats resets the machine. */
static int run_disable(const char *command)
{
	VMGuestAppMonitorLibError error;
	int tries = DISABLE_TRIES;

	while ((error = VMGuestAppMonitor_Disable()) == ERR(OTHER) && !is_denied() && --tries)
		sleep(1);
	if (error)
		failed(command, error);
	if (!tries)
		fputs("vmware-appmonitor: disable: the host may still expect heartbeats, and "
		      "resets this machine when none arrive (run 'vmware-appmonitor disable' "
		      "until it succeeds)\n", stderr);
	return error;
}

/*
 * For scripts that were written for the SDK, status 1 means "enabled". So no other outcome
 * has status 1, and a closed standard output does not change it.
 */
static int run_is_enabled(const char *command)
{
	int enabled;

	errno = 0;
	enabled = VMGuestAppMonitor_IsEnabled();
	if (errno)
		failed(command, ERR(OTHER));
	else
		puts(enabled ? "enabled" : "not enabled");
	return enabled;
}

static int run_get_app_status(const char *command)
{
	char *status = VMGuestAppMonitor_GetAppStatus();
	int code;

	if (!status)
		return failed(command, ERR(OTHER));
	code = say(for_terminal(status));
	VMGuestAppMonitor_Free(status);
	return code;
}

static bool is_app_state(const char *word)
{
	static const char *const words[] = {
		"appStateOk", "appStateNeedReset", "OK", "needReset",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static int run_post_app_state(const char *word)
{
	VMGuestAppMonitorLibError error;

	if (!is_app_state(word))
		return usage_error();
	error = VMGuestAppMonitor_PostAppState(word);
	return error ? failed("postAppState", error) : 0;
}

static int print_help(const char *command)
{
	(void)command;
	fputs(usage, stdout);
	return say(help);
}

static int print_version(const char *command)
{
	(void)command;
	return say("vmware-appmonitor (vmguestlib) " VERSION);
}

/* Each command is a function of the library, or a function here that gets the argument. */
static const struct {
	const char *name;
	VMGuestAppMonitorLibError (*call)(void);
	int (*run)(const char *argument);
	int argc;
} commands[] = {
	{ "enable", VMGuestAppMonitor_Enable, NULL, 2 },
	{ "disable", NULL, run_disable, 2 },
	{ "markActive", VMGuestAppMonitor_MarkActive, NULL, 2 },
	{ "isEnabled", NULL, run_is_enabled, 2 },
	{ "getAppStatus", NULL, run_get_app_status, 2 },
	{ "postAppState", NULL, run_post_app_state, 3 },
	{ "--help", NULL, print_help, 2 },
	{ "--version", NULL, print_version, 2 },
};

int main(int argc, char **argv)
{
	VMGuestAppMonitorLibError error;
	size_t i;

	open_standard_streams();
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (argc != commands[i].argc || strcmp(argv[1], commands[i].name))
			continue;
		if (commands[i].run)
			return commands[i].run(argv[argc - 1]);
		error = commands[i].call();
		return error ? failed(argv[1], error) : 0;
	}
	return usage_error();
}
