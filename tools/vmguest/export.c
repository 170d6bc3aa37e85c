// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest export: the statistics for monitoring; described in man/vmguest-export.1.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host.h"
#include "listener.h"
#include "sample.h"
#include "scrape.h"
#include "textfile.h"

static const char help[] =
	"Usage: vmguest export [--collect GROUPS] [--format FORMAT] [--textfile FILE]\n"
	"       vmguest export [--collect GROUPS] --listen ADDRESS:PORT|PORT|systemd\n"
	"\n"
	"Writes statistics in the format of Prometheus: to standard output, to a file for\n"
	"node_exporter, or as the answer to each GET of /metrics.\n"
	"\n"
	"      --collect GROUPS  write extended statistics as well: resources, vscsi and vnet,\n"
	"                        separated by commas; each group and device needs a request\n"
	"      --format FORMAT   openmetrics (default), or prometheus (default of --textfile)\n"
	"      --textfile FILE   replace FILE atomically, so that no reader gets a part of it\n"
	"      --listen ADDRESS  answer on the loopback device, or at ADDRESS; systemd: answer\n"
	"                        on the sockets that systemd passes\n"
	"      --help\n";

static int export_once(enum exposition_format format, unsigned int groups,
		       const char *file)
{
	char *text;
	size_t len;
	int err = scrape_text(format, groups, &text, &len);

	if (err)
		return host_complain(HOST_STATISTICS, err);
	if (!file) {
		fwrite(text, 1, len, stdout);
		free(text);
		return end_output(0);
	}
	err = textfile_write(file, text, len);
	free(text);
	if (!err)
		return 0;
	complain("%s: %s", file, strerror(-err));
	return EX_CANTCREAT;
}

static bool parse_format(const char *name, int *format)
{
	if (!strcmp(name, "openmetrics"))
		*format = EXPOSITION_OPENMETRICS;
	else if (!strcmp(name, "prometheus"))
		*format = EXPOSITION_PROMETHEUS;
	else
		return false;
	return true;
}

/* Parses a list such as "vscsi,vnet". */
static bool parse_groups(char *names, unsigned int *groups)
{
	static char *const known[] = { "resources", "vscsi", "vnet", NULL };
	char *value;
	int found;

	do {
		found = getsubopt(&names, known, &value);
		if (found < 0 || value)
			return false;
		*groups |= 1u << found;
	} while (*names);
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "collect", required_argument, NULL, 'c' },
		{ "format", required_argument, NULL, 'f' },
		{ "textfile", required_argument, NULL, 't' },
		{ "listen", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *file = NULL, *address = NULL;
	unsigned int groups = 0;
	int option, format = -1;

	cli_start("vmguest export");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			if (!parse_groups(optarg, &groups))
				return wrong_usage("wrong groups: resources, vscsi, vnet");
			break;
		case 'f':
			if (!parse_format(optarg, &format))
				return wrong_usage("unknown format '%s'", optarg);
			break;
		case 't':
			file = optarg;
			break;
		case 'l':
			address = optarg;
			break;
		case 'h':
			return print_help(help);
		default:
			return wrong_option();
		}
	}
	if (optind < argc)
		return wrong_usage("unexpected argument '%s'", argv[optind]);
	if (address && (file || format >= 0))
		return wrong_usage("no option but --collect can be given with --listen");
	if (address)
		return listener_run(address, groups);
	if (format < 0)
		format = file ? EXPOSITION_PROMETHEUS : EXPOSITION_OPENMETRICS;
	return export_once((enum exposition_format)format, groups, file);
}
