// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmware-rpctool and vmware-checkvm (wire-protocol chapter 9.2); described in
 * man/vmguest-compat.1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "command.h"
#include "compat.h"
#include "device.h"

/* In a shell the status of both programs is 255, because their main() returns -1. */
static int outside(const char *name, int status)
{
	fprintf(stderr, "Error: %s must be run inside a virtual machine on a VMware "
		"hypervisor product.\n", name);
	return status;
}

static int usage(int status)
{
	fputs("Usage: vmware-rpctool REQUEST\n"
	      "  -h | --help	print this.\n"
	      "Part of vmguestlib, see vmguest-compat(1).\n", stderr);
	return end_output(status);
}

int compat_rpctool(int argc, char **argv)
{
	struct host_text text;
	int err;

	if (!vmguestlib_machine_is_vmware())
		return outside("vmware-rpctool", 255);
	if (argc < 2)
		return usage(1);
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))
		return usage(0);
	err = compat_ask(argv[1], &text);
	if (err) {
		fprintf(stderr, "%s\n", host_failure(HOST_RPC, err).reason);
		return 1;
	}
	compat_print(text.reply == VMGUESTLIB_REPLY_OK ? stdout : stderr, text.text);
	free(text.text);
	return end_output(text.reply == VMGUESTLIB_REPLY_OK ? 0 : 1);
}

/* The product is in the session's statistics; a host without these is no ESXi. */
static const char *product(void)
{
	const char *name = "Unknown";
	struct host_text text;

	if (host_stat_get("text", "session", &text))
		return name;
	if (text.reply == VMGUESTLIB_REPLY_OK && strstr(text.text, "VMware ESX"))
		name = "ESX Server";
	free(text.text);
	return name;
}

/* The version of the backdoor is 6 for all releases of these programs. */
int compat_checkvm(int argc, char **argv)
{
	if (!vmguestlib_machine_is_vmware())
		return outside("vmware-checkvm", 1);
	if (argc > 1 && !strcmp(argv[1], "-p"))
		puts(product());
	else if (argc > 1 && !strcmp(argv[1], "-h"))
		puts("Usage: vmware-checkvm [-p]\n"
		     "  -p	print the hypervisor's product\n"
		     "Part of vmguestlib, see vmguest-compat(1).");
	else
		puts("VMware software version 6 (good)");
	return end_output(0);
}
