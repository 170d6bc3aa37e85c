// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vmguest top: what esxtop shows from outside, seen from the guest; described in
 * man/vmguest-top.1.
 */
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attribute.h"
#include "host.h"
#include "sample.h"
#include "top.h"
#include "vmguest.h"

#define BATCH_WIDTH	80

static const char help[] =
	"Usage: vmguest top [-b] [-d SECONDS] [-n N]\n"
	"\n"
	"Processor time, contention, memory, disks and network of the virtual machine, as\n"
	"its host accounts for them. Keys: q quit, + and - interval, h help.\n"
	"\n"
	"  -b, --batch          print page after page; so it is without a terminal\n"
	"  -d, --delay SECONDS  interval, 0.1 to 3600 (1)\n"
	"  -n, --count N        end after N pages\n"
	"      --help\n";

static void read_metric(const char *name, struct metric *metric)
{
	metric->state = attribute_number(name, &metric->value) ?
			METRIC_MISSING : METRIC_GIVEN;
}

static void read_heartbeat(struct heartbeat *heartbeat)
{
	if (attribute_read("heartbeat/status", heartbeat->status,
			   sizeof(heartbeat->status)))
		heartbeat->status[0] = '\0';
	if (attribute_read("heartbeat/last_missed", heartbeat->last_missed,
			   sizeof(heartbeat->last_missed)))
		heartbeat->last_missed[0] = '\0';
	read_metric("heartbeat/clients", &heartbeat->clients);
	read_metric("heartbeat/missed", &heartbeat->missed);
	read_metric("heartbeat/last_beat_age_ms", &heartbeat->last_beat_age_ms);
	read_metric("heartbeat/pause_s", &heartbeat->pause_s);
}

void top_sample(struct top *top)
{
	static struct sample next;
	struct view *view = &top->view;
	bool first = !view->sample.vcpus;

	next = view->sample;
	top->err = sample_next(&next);
	if (top->err) {
		view->message = host_failure(HOST_STATISTICS, top->err).reason;
		memset(&view->rates, 0, sizeof(view->rates));
		view_remember(view);
		return;
	}
	view->message = NULL;
	metrics_rates(&view->sample, &next, &view->rates);
	if (first)
		view->rates.session_changed = false;
	else
		view_remember(view);
	view->session_changes += view->rates.session_changed;
	view->sample = next;
	read_heartbeat(&view->heartbeat);
}

bool top_next_page(struct top *top)
{
	if (top->endless)
		return true;
	if (!top->pages_left)
		return false;
	top->pages_left--;
	return true;
}

static int status_of(const struct top *top)
{
	return top->err ? host_failure(HOST_STATISTICS, top->err).status : 0;
}

/* A page tells what happened in the interval before it. */
static int batch(struct top *top)
{
	struct timespec delay = {
		.tv_sec = (time_t)top->view.interval,
		.tv_nsec = (long)((top->view.interval -
				   (double)(time_t)top->view.interval) * 1e9),
	};
	bool first = true;
	size_t i;

	while (top_next_page(top)) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
		top_sample(top);
		page_build(&top->page, &top->view, BATCH_WIDTH);
		if (!first)
			puts("");
		first = false;
		for (i = 0; i < top->page.count; i++)
			puts(top->page.lines[i].text);
		if (end_output(0))
			return EX_IOERR;
	}
	return status_of(top);
}

static bool parse_delay(const char *text, double *delay)
{
	char *end;

	*delay = strtod(text, &end);
	return end != text && !*end && *delay >= DELAY_MIN && *delay <= DELAY_MAX;
}

/* Returns 0, an exit status, or -1 after --help. */
static int parse_options(int argc, char **argv, struct top *top, bool *in_batch)
{
	static const struct option options[] = {
		{ "batch", no_argument, NULL, 'b' },
		{ "delay", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "bd:n:h", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			*in_batch = true;
			break;
		case 'd':
			if (!parse_delay(optarg, &top->view.interval))
				return wrong_usage("wrong delay '%s'", optarg);
			break;
		case 'n':
			if (!parse_number(optarg, 1, ULONG_MAX, &top->pages_left))
				return wrong_usage("wrong count '%s'", optarg);
			top->endless = false;
			break;
		case 'h':
			print_help(help);
			return -1;
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

int vmguest_top(int argc, char **argv)
{
	static struct top top = { .view.interval = 1, .endless = true };
	bool in_batch = false;
	int status = parse_options(argc, argv, &top, &in_batch);

	if (status)
		return status < 0 ? end_output(0) : status;
	/* The characters of the locale, but numbers with a point. */
	setlocale(LC_CTYPE, "");
	top.view.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	top_sample(&top);
	if (top.err)
		return host_complain(HOST_STATISTICS, top.err);
	if (!in_batch && !is_dumb() && top_screen(&top))
		return status_of(&top);
	return batch(&top);
}
