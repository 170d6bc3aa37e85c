// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Prints all statistics of the vSphere Guest API, in rounds.  The library is loaded at
 * run time, so that the program can be built without it, and reports what is missing:
 *
 *	gcc -g -o vmguestlibtest -ldl vmGuestLibTest.c
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmGuestLib.h"

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

static struct {
	char const *(*get_error_text)(VMGuestLibError error);
	VMGuestLibError (*open_handle)(VMGuestLibHandle *handle);
	VMGuestLibError (*close_handle)(VMGuestLibHandle handle);
	VMGuestLibError (*update_info)(VMGuestLibHandle handle);
	VMGuestLibError (*get_session_id)(VMGuestLibHandle handle,
					  VMSessionId *id);
	VMGuestLibError (*get_path)(VMGuestLibHandle handle, size_t *size,
				    char *path);
	VMGuestLibError (*stat_get)(const char *encoding, const char *stat,
				    char **reply, size_t *size);
	void (*stat_free)(char *reply, size_t size);
} library;

/* A function and the place where its address belongs. */
static const struct {
	const char *name;
	void *address;
} functions[] = {
	{ "VMGuestLib_GetErrorText", &library.get_error_text },
	{ "VMGuestLib_OpenHandle", &library.open_handle },
	{ "VMGuestLib_CloseHandle", &library.close_handle },
	{ "VMGuestLib_UpdateInfo", &library.update_info },
	{ "VMGuestLib_GetSessionId", &library.get_session_id },
	{ "VMGuestLib_GetResourcePoolPath", &library.get_path },
	{ "VMGuestLib_StatGet", &library.stat_get },
	{ "VMGuestLib_StatFree", &library.stat_free },
};

/* An accessor: its name without VMGuestLib_Get, and its statistic. */
static struct statistic {
	const char *name;
	const char *unit;
	size_t size;
	VMGuestLibError (*get)(VMGuestLibHandle handle, void *result);
} statistics[] = {
	{ "CpuReservationMHz", "MHz", sizeof(uint32), NULL },
	{ "CpuLimitMHz", "MHz", sizeof(uint32), NULL },
	{ "CpuShares", "shares", sizeof(uint32), NULL },
	{ "CpuUsedMs", "ms", sizeof(uint64), NULL },
	{ "HostProcessorSpeed", "MHz", sizeof(uint32), NULL },
	{ "MemReservationMB", "MB", sizeof(uint32), NULL },
	{ "MemLimitMB", "MB", sizeof(uint32), NULL },
	{ "MemShares", "shares", sizeof(uint32), NULL },
	{ "MemMappedMB", "MB", sizeof(uint32), NULL },
	{ "MemActiveMB", "MB", sizeof(uint32), NULL },
	{ "MemOverheadMB", "MB", sizeof(uint32), NULL },
	{ "MemBalloonedMB", "MB", sizeof(uint32), NULL },
	{ "MemSwappedMB", "MB", sizeof(uint32), NULL },
	{ "MemSharedMB", "MB", sizeof(uint32), NULL },
	{ "MemSharedSavedMB", "MB", sizeof(uint32), NULL },
	{ "MemUsedMB", "MB", sizeof(uint32), NULL },
	{ "ElapsedMs", "ms", sizeof(uint64), NULL },
	{ "CpuStolenMs", "ms", sizeof(uint64), NULL },
	{ "MemTargetSizeMB", "MB", sizeof(uint64), NULL },
	{ "HostNumCpuCores", "cores", sizeof(uint32), NULL },
	{ "HostCpuUsedMs", "ms", sizeof(uint64), NULL },
	{ "HostMemSwappedMB", "MB", sizeof(uint64), NULL },
	{ "HostMemSharedMB", "MB", sizeof(uint64), NULL },
	{ "HostMemUsedMB", "MB", sizeof(uint64), NULL },
	{ "HostMemPhysMB", "MB", sizeof(uint64), NULL },
	{ "HostMemPhysFreeMB", "MB", sizeof(uint64), NULL },
	{ "HostMemKernOvhdMB", "MB", sizeof(uint64), NULL },
	{ "HostMemMappedMB", "MB", sizeof(uint64), NULL },
	{ "HostMemUnmappedMB", "MB", sizeof(uint64), NULL },
	{ "MemShares64", "shares", sizeof(uint64), NULL },
	{ "MemZippedMB", "MB", sizeof(uint32), NULL },
	{ "MemZipSavedMB", "MB", sizeof(uint32), NULL },
	{ "MemLLSwappedMB", "MB", sizeof(uint32), NULL },
	{ "MemSwapTargetMB", "MB", sizeof(uint32), NULL },
	{ "MemBalloonTargetMB", "MB", sizeof(uint32), NULL },
	{ "MemBalloonMaxMB", "MB", sizeof(uint32), NULL },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* The address is copied as bytes, because C cannot cast a data pointer to a function's. */
static bool find(void *handle, const char *name, void *address)
{
	void *found = dlsym(handle, name);

	if (!found)
		fprintf(stderr, "vmguestlibtest: %s\n", dlerror());
	memcpy(address, &found, sizeof(found));
	return found;
}

static bool load_library(void)
{
	void *handle = dlopen("libvmGuestLib.so", RTLD_NOW);
	char name[64];
	bool found = handle;
	size_t i;

	if (!handle)
		fprintf(stderr, "vmguestlibtest: %s\n", dlerror());
	for (i = 0; found && i < COUNT(functions); i++)
		found = find(handle, functions[i].name, functions[i].address);
	for (i = 0; found && i < COUNT(statistics); i++) {
		snprintf(name, sizeof(name), "VMGuestLib_Get%s",
			 statistics[i].name);
		found = find(handle, name, &statistics[i].get);
	}
	return found;
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	/* Without SA_RESTART a signal ends the wait between rounds. Ignored signals stay ignored. */
	const struct sigaction action = { .sa_handler = note_interrupt };
	static const int signals[] = { SIGINT, SIGTERM };
	struct sigaction was;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

/* If a standard stream is closed, the next open file would get its number. */
static void open_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return;
}

static bool failed(const char *what, VMGuestLibError error)
{
	if (error)
		fprintf(stderr, "vmguestlibtest: %s: %s\n", what,
			library.get_error_text(error));
	return error;
}

static void print_reason(const char *name, VMGuestLibError error)
{
	printf("%-22s %20s  %s\n", name, "-", library.get_error_text(error));
}

static void print_statistic(VMGuestLibHandle handle,
			    const struct statistic *statistic)
{
	union {
		uint32 narrow;
		uint64 wide;
	} value;
	VMGuestLibError error = statistic->get(handle, &value);

	if (error)
		print_reason(statistic->name, error);
	else
		printf("%-22s %20" FMT64 "u  %s\n", statistic->name,
		       statistic->size == sizeof(value.narrow) ?
				value.narrow : value.wide, statistic->unit);
}

/* Replaces control characters: a text of the host must not control a terminal. */
static char *clean(char *text)
{
	char *byte;

	for (byte = text; isatty(STDOUT_FILENO) && *byte; byte++)
		if ((*byte < ' ' && *byte != '\n' && *byte != '\t') || *byte > '~')
			*byte = '?';
	return text;
}

static void print_path(VMGuestLibHandle handle)
{
	static const char name[] = "ResourcePoolPath";
	char path[513];
	size_t size = sizeof(path);
	VMGuestLibError error;

	error = library.get_path(handle, &size, path);
	if (error)
		print_reason(name, error);
	else
		printf("%-22s %s\n", name, clean(path));
}

/* The extended statistics of the session, as the host writes them. */
static void print_extended(void)
{
	VMGuestLibError error;
	char *reply = NULL;
	size_t size = 0;

	error = library.stat_get("text", "session", &reply, &size);
	if (error)
		print_reason("StatGet session", error);
	else
		printf("StatGet session\n%.*s", (int)size, clean(reply));
	library.stat_free(reply, size);
}

static enum exit_code end_output(void)
{
	/* The errno of an earlier write is no longer known. */
	const char *reason = ferror(stdout) ? "not all of it was written" : NULL;

	if (fflush(stdout))
		reason = strerror(errno);
	if (!reason)
		return EXIT_DONE;
	fprintf(stderr, "vmguestlibtest: standard output: %s\n", reason);
	return EXIT_FAILED;
}

static enum exit_code print_round(VMGuestLibHandle handle)
{
	VMSessionId session;
	size_t i;

	if (failed("UpdateInfo", library.update_info(handle)) ||
	    failed("GetSessionId", library.get_session_id(handle, &session)))
		return EXIT_FAILED;

	printf("%-22s   0x%016" FMT64 "x\n", "SessionId", session);
	for (i = 0; i < COUNT(statistics); i++)
		print_statistic(handle, &statistics[i]);
	print_path(handle);
	print_extended();
	return end_output();
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
	return end != text && end == text + strspn(text, "0123456789.") &&
	       !*end && *seconds <= INTERVAL_MAX_S;
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
				usage_error("-i needs seconds, 0 to 86400",
					    optarg);
			break;
		case 'h':
			fputs(help, stdout);
			exit(end_output());
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
	struct settings settings;
	VMGuestLibHandle handle;
	enum exit_code code;

	open_standard_streams();
	settings = parse_arguments(argc, argv);
	if (!load_library() ||
	    failed("OpenHandle", library.open_handle(&handle)))
		return EXIT_FAILED;
	catch_interrupts();
	code = print_rounds(handle, &settings);
	library.close_handle(handle);
	return code;
}
