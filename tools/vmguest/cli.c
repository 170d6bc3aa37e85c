// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../streams.h"

#define MESSAGE_MAX	1024

static void to_standard_error(const char *text, size_t len)
{
	if (write(STDERR_FILENO, text, len) < 0)
		return;
}

const char *vmguest_name = "vmguest";
static bool ignores_limit;
static void (*put_message)(const char *text, size_t len) = to_standard_error;

void cli_start(const char *name)
{
	struct sigaction action;

	open_standard_streams();
	if (!sigaction(SIGXFSZ, NULL, &action) && action.sa_handler == SIG_DFL) {
		signal(SIGXFSZ, SIG_IGN);
		ignores_limit = true;
	}
	vmguest_name = name;
}

const char *cli_file(void)
{
	unsigned long value = getauxval(AT_EXECFN);
	const char *file;

	memcpy(&file, &value, sizeof(file));
	return file ? file : "";
}

void cli_restore_signals(void)
{
	if (ignores_limit)
		signal(SIGXFSZ, SIG_DFL);
}

void complain_through(void (*put)(const char *text, size_t len))
{
	put_message = put;
}

/* A message is one write(), so that the lines of several processes do not mix. */
static void complain_about(const char *format, va_list arguments)
{
	char text[MESSAGE_MAX];
	size_t len;

	fflush(stdout);
	len = (size_t)snprintf(text, sizeof(text), "%s: ", vmguest_name);
	if (len < sizeof(text))
		len += (size_t)vsnprintf(text + len, sizeof(text) - len, format,
					 arguments);
	if (len > sizeof(text) - 1)
		len = sizeof(text) - 1;
	text[len++] = '\n';
	put_message(text, len);
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

int plain_options(int argc, char **argv, const char *text, int max, bool *json)
{
	const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ json ? "json" : NULL, no_argument, NULL, 'j' },
		{ 0 }
	};
	int option;

	/* Words of requests may begin with a dash. */
	while ((option = getopt_long(argc, argv, json ? "" : "+", options, NULL)) != -1) {
		if (option == 'h')
			return print_help(text);
		if (option != 'j' || !json)
			return wrong_option();
		*json = true;
	}
	if (argc - optind > max)
		return wrong_usage("unexpected argument '%s'", argv[optind + max]);
	return -1;
}

int end_output(int status)
{
	/* The errno of an earlier write is no longer known. */
	const char *reason = ferror(stdout) ? "not all of it was written" : NULL;

	if (fflush(stdout))
		reason = strerror(errno);
	if (!reason)
		return status;
	complain("standard output: %s", reason);
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
