// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Prints everything that the vSphere Guest API knows, again and again.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "accessors.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

#define INTERVAL_MAX_S	86400.0

static const char help[] =
	"Usage: vmguestlibtest [-n COUNT] [-i SECONDS]\n"
	"Print the session id and every statistic that VMGuestLib_* offers.\n"
	"\n"
	"  -n COUNT    stop after COUNT rounds (default: when interrupted)\n"
	"  -i SECONDS  time between rounds, 0 to 86400, fractions allowed\n"
	"              (default: 1)\n"
	"  -h          print this help\n"
	"\n"
	"A statistic without a value is printed with the reason.\n"
	"\n"
	"Exit status: 0 after COUNT rounds or when interrupted by SIGINT or\n"
	"SIGTERM; 1 when the library cannot be used here, an update fails or the\n"
	"output cannot be written; 2 for wrong arguments.\n";

struct settings {
	unsigned long rounds;	/* 0: without end */
	double interval_s;
};

struct statistic {
	const char *name;
	const char *unit;
	VMGuestLibError (*get_uint32)(VMGuestLibHandle handle, uint32 *result);
	VMGuestLibError (*get_uint64)(VMGuestLibHandle handle, uint64 *result);
};

#define STATISTIC(function, type, statistic, unit_text) { \
	.name = #function + sizeof("Get") - 1, \
	.unit = unit_text, \
	.get_##type = VMGuestLib_##function, \
},

/* Deprecated accessors are shown like the others. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static const struct statistic statistics[] = {
	VMGUESTLIB_DECLARED_ACCESSORS(STATISTIC)
	STATISTIC(GetMemShares64, uint64, MEM_SHARES64, "shares")
	STATISTIC(GetHostMemKernOvhdMB, uint64, HOST_MEM_KERN_OVHD_MB, "MB")
	VMGUESTLIB_UNDECLARED_ACCESSORS(STATISTIC)
};
#pragma GCC diagnostic pop

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	/* Without SA_RESTART, so that the pause between rounds ends. */
	const struct sigaction action = { .sa_handler = note_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static bool failed(const char *what, VMGuestLibError error)
{
	if (error)
		fprintf(stderr, "vmguestlibtest: %s: %s\n", what,
			VMGuestLib_GetErrorText(error));
	return error;
}

static void print_reason(const char *name, VMGuestLibError error)
{
	printf("%-22s %20s  %s\n", name, "-", VMGuestLib_GetErrorText(error));
}

static void print_statistic(VMGuestLibHandle handle,
			    const struct statistic *statistic)
{
	VMGuestLibError error;
	uint32 narrow = 0;
	uint64 value = 0;

	if (statistic->get_uint32) {
		error = statistic->get_uint32(handle, &narrow);
		value = narrow;
	} else {
		error = statistic->get_uint64(handle, &value);
	}
	if (error)
		print_reason(statistic->name, error);
	else
		printf("%-22s %20" FMT64 "u  %s\n", statistic->name, value,
		       statistic->unit);
}

static void print_path(VMGuestLibHandle handle)
{
	static const char name[] = "ResourcePoolPath";
	char path[513];
	size_t size = sizeof(path);
	VMGuestLibError error;

	error = VMGuestLib_GetResourcePoolPath(handle, &size, path);
	if (error)
		print_reason(name, error);
	else
		printf("%-22s %s\n", name, path);
}

static enum exit_code print_round(VMGuestLibHandle handle)
{
	VMSessionId session;
	size_t i;

	if (failed("UpdateInfo", VMGuestLib_UpdateInfo(handle)) ||
	    failed("GetSessionId", VMGuestLib_GetSessionId(handle, &session)))
		return EXIT_FAILED;

	printf("%-22s   0x%016" FMT64 "x\n", "SessionId", session);
	for (i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++)
		print_statistic(handle, &statistics[i]);
	print_path(handle);
	if (fflush(stdout) || ferror(stdout)) {
		perror("vmguestlibtest: standard output");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static void pause_for(double seconds)
{
	struct timespec rest = { .tv_sec = seconds };

	rest.tv_nsec = (seconds - rest.tv_sec) * 1e9;
	nanosleep(&rest, NULL);
}

static enum exit_code print_rounds(VMGuestLibHandle handle,
				   const struct settings *settings)
{
	enum exit_code code = EXIT_DONE;
	unsigned long round;

	for (round = 0; !interrupted && !code; round++) {
		if (settings->rounds && round == settings->rounds)
			break;
		if (round) {
			pause_for(settings->interval_s);
			if (interrupted)
				break;
			putchar('\n');
		}
		code = print_round(handle);
	}
	return code;
}

static bool parse_count(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *count;
}

static bool parse_interval(const char *text, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	return end != text && !*end && isfinite(*seconds) && *seconds >= 0 &&
	       *seconds <= INTERVAL_MAX_S;
}

static void usage_error(const char *what, const char *argument)
{
	fprintf(stderr, "vmguestlibtest: %s: %s\n"
		"Try 'vmguestlibtest -h' for more information.\n", what,
		argument);
	exit(EXIT_USAGE);
}

static struct settings parse_arguments(int argc, char **argv)
{
	struct settings settings = { .interval_s = 1.0 };
	int option;

	while ((option = getopt(argc, argv, "hi:n:")) != -1) {
		switch (option) {
		case 'n':
			if (!parse_count(optarg, &settings.rounds))
				usage_error("-n wants a number from 1", optarg);
			break;
		case 'i':
			if (!parse_interval(optarg, &settings.interval_s))
				usage_error("-i wants seconds, 0 to 86400",
					    optarg);
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_DONE);
		default:
			fputs("Try 'vmguestlibtest -h' for more information.\n",
			      stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		usage_error("unexpected argument", argv[optind]);
	return settings;
}

int main(int argc, char **argv)
{
	struct settings settings = parse_arguments(argc, argv);
	VMGuestLibHandle handle;
	enum exit_code code;

	if (failed("OpenHandle", VMGuestLib_OpenHandle(&handle)))
		return EXIT_FAILED;
	catch_interrupts();
	code = print_rounds(handle, &settings);
	VMGuestLib_CloseHandle(handle);
	return code;
}
