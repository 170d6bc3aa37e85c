// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest top: shows values within the guest that esxtop shows on the host; described in
 * man/vmguest-top.1.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "monitor.h"
#include "screen.h"
#include "cli.h"

#define BATCH_WIDTH	80

static const char help[] =
	"Usage: vmguest top [-b] [-d SECONDS] [-n N]\n"
	"\n"
	"Shows processor time, contention, memory, disks and network of the virtual machine,\n"
	"as its host accounts for them. Keys: q quit, + and - interval, h help.\n"
	"\n"
	"  -b, --batch          print page after page (default without a terminal)\n"
	"  -d, --delay SECONDS  interval, 0.1 to 3600 (1)\n"
	"  -n, --count N        end after N pages\n"
	"      --help\n";

static int status_of(const struct monitor *monitor)
{
	return monitor->err ? host_failure(HOST_STATISTICS, monitor->err).status : 0;
}

/* A page shows the rates of the interval before it. */
static int batch(struct monitor *monitor)
{
	struct timespec delay = {
		.tv_sec = (time_t)monitor->view.interval,
		.tv_nsec = (long)((monitor->view.interval -
				   (double)(time_t)monitor->view.interval) * 1e9),
	};
	bool first = true;
	size_t i;

	while (monitor_next_page(monitor)) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
		monitor_sample(monitor);
		page_build(&monitor->page, &monitor->view, BATCH_WIDTH);
		if (!first)
			puts("");
		first = false;
		for (i = 0; i < monitor->page.count; i++)
			puts(monitor->page.lines[i].text);
		if (end_output(0))
			return EX_IOERR;
	}
	return status_of(monitor);
}

static bool parse_delay(const char *text, double *delay)
{
	char *end;

	*delay = strtod(text, &end);
	return end != text && end == text + strspn(text, "0123456789.") &&
	       !*end && *delay >= DELAY_MIN && *delay <= DELAY_MAX;
}

/* Returns 0, an exit status, or -1 after --help. */
static int parse_options(int argc, char **argv, struct monitor *monitor, bool *in_batch)
{
	static const struct option options[] = {
		{ "batch", no_argument, NULL, 'b' },
		{ "delay", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "bd:n:h", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			*in_batch = true;
			break;
		case 'd':
			if (!parse_delay(optarg, &monitor->view.interval))
				return wrong_usage("wrong delay '%s': 0.1 to 3600 seconds",
						   optarg);
			break;
		case 'n':
			if (!parse_number(optarg, 1, ULONG_MAX, &monitor->pages_left))
				return wrong_usage("wrong count '%s'", optarg);
			monitor->endless = false;
			break;
		case 'h':
			status = print_help(help);
			return status ? status : -1;
		default:
			return wrong_option();
		}
	}
	if (optind < argc)
		return wrong_usage("unexpected argument '%s'", argv[optind]);
	return 0;
}

static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || !strcmp(term, "dumb") ||
	       !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	static struct monitor monitor = { .view.interval = 1, .endless = true };
	bool in_batch = false;
	int status, err;

	cli_start("vmguest top");
	status = parse_options(argc, argv, &monitor, &in_batch);
	if (status)
		return status < 0 ? 0 : status;
	/* Characters are those of the locale, but numbers have a decimal point. */
	setlocale(LC_CTYPE, "");
	monitor.view.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	monitor_sample(&monitor);
	if (monitor.err)
		return host_complain(HOST_STATISTICS, monitor.err);
	err = in_batch || is_dumb() ? -ENOTTY : screen_show(&monitor);
	switch (err) {
	case 0:
		return status_of(&monitor);
	case -ENOTTY:
		return batch(&monitor);
	default:
		complain("cannot use the terminal: %s", strerror(-err));
		return EX_IOERR;
	}
}
