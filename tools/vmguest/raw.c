// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest raw and vmguest rpc: texts of the host, unchanged; described in
 * man/vmguest-raw.1.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "command.h"
#include "host.h"
#include "text.h"

static const char raw_help[] =
	"Usage: vmguest raw [ENCODING [STATISTIC [PARAMETER]]]\n"
	"\n"
	"Prints an extended statistic as the host gives it. Without arguments it prints the\n"
	"list of statistics. ENCODING is text, json, xml or yaml. STATISTIC is session, host,\n"
	"resources, vscsi (PARAMETER is a disk such as scsi0:0) or vnet (PARAMETER is the MAC\n"
	"address of an adapter).\n"
	"\n"
	"      --help\n";

static const char rpc_help[] =
	"Usage: vmguest rpc REQUEST\n"
	"\n"
	"Sends REQUEST to the host as a privileged sender, and prints the reply. Only root\n"
	"may do so. If the host refuses, the status is 1, and the reason of the host goes to\n"
	"standard error.\n"
	"\n"
	"      --help\n";

static int print_text(FILE *stream, struct host_text *text, int status)
{
	int err = print_reply(stream, text->text);

	free(text->text);
	return err ? host_complain(HOST_RPC, err) : end_output(status);
}

static int refused_stat(struct host_text *text)
{
	char *clean = clean_text(text->text, "");

	if (text->reply == VMGUESTLIB_REPLY_UNKNOWN_COMMAND)
		complain("this host has no extended statistics");
	else
		complain("the host refuses this statistic: %s", clean ? clean : "");
	free(clean);
	free(text->text);
	return EX_UNAVAILABLE;
}

int vmguest_raw(int argc, char **argv)
{
	char stat[VMGUESTLIB_STAT_REQUEST_MAX + 1] = "";
	const char *encoding = "";
	struct host_text text;
	int status = plain_options(argc, argv, raw_help, 3, NULL);
	int err;

	if (status >= 0)
		return status;
	argv += optind;
	argc -= optind;
	if (argc > 0)
		encoding = argv[0];
	if (argc > 1 && snprintf(stat, sizeof(stat), "%s%s%s", argv[1],
				 argc > 2 ? " " : "",
				 argc > 2 ? argv[2] : "") >= (int)sizeof(stat))
		return host_complain(HOST_STATISTICS, -ENAMETOOLONG);
	err = host_stat_get(encoding, stat, &text);
	if (err)
		return host_complain(HOST_STATISTICS, err);
	if (text.reply != VMGUESTLIB_REPLY_OK)
		return refused_stat(&text);
	return print_text(stdout, &text, 0);
}

int vmguest_rpc(int argc, char **argv)
{
	struct host_text text;
	int status = plain_options(argc, argv, rpc_help, 1, NULL);
	int err;

	if (status >= 0)
		return status;
	if (optind == argc || !*argv[optind])
		return wrong_usage("exactly one request is needed");
	err = host_rpc(argv[optind], &text);
	if (err)
		return host_complain(HOST_RPC, err);
	if (text.reply != VMGUESTLIB_REPLY_OK)
		return print_text(stderr, &text, 1);
	return print_text(stdout, &text, 0);
}
