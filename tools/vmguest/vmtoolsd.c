// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmtoolsd --cmd: one request of GuestRPC (wire-protocol chapter 9.3); described in
 * man/vmguest-compat.1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "command.h"
#include "compat.h"
#include "device.h"

static int send_request(const char *request)
{
	struct host_text text;
	int err, ok;

	if (!vmguestlib_machine_is_vmware())
		return 1;
	/* A host does not know the empty request. */
	if (!*request) {
		fputs("Unknown command\n", stderr);
		return 1;
	}
	err = compat_ask(request, &text);
	if (err) {
		fprintf(stderr, "%s\n", host_failure(HOST_RPC, err).reason);
		return 1;
	}
	ok = text.reply == VMGUESTLIB_REPLY_OK;
	compat_print(ok ? stdout : stderr, text.text);
	free(text.text);
	return end_output(ok ? 0 : 1);
}

static int send_file(const char *path)
{
	char request[VMGUESTLIB_RPC_REQUEST_MAX + 2];
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (file)
		len = fread(request, 1, sizeof(request) - 1, file);
	if (!file || ferror(file)) {
		fprintf(stderr, "Unable to read command from file %s.\n", path);
		if (file)
			fclose(file);
		return 1;
	}
	fclose(file);
	while (len && strchr(" \t\n\v\f\r", request[len - 1]))
		len--;
	request[len] = '\0';
	return send_request(request);
}

static const char help[] =
	"Usage: vmtoolsd --cmd REQUEST | --cmdfile FILE | --version\n"
	"\n"
	"Sends one request to the host. Part of vmguestlib, which has no daemon: see\n"
	"vmguest-compat(1).\n";

/* Returns the argument of the option NAME at *INDEX, or NULL if it is not there. */
static const char *argument(char **argv, int *index, const char *name, bool *missing)
{
	const char *word = argv[*index];
	size_t len = strlen(name);

	if (strncmp(word, name, len))
		return NULL;
	if (word[len] == '=')
		return word + len + 1;
	if (word[len])
		return NULL;
	if (!argv[*index + 1])
		*missing = true;
	else
		(*index)++;
	return argv[*index];
}

static int parsing_failed(const char *what, const char *word)
{
	fprintf(stderr, "Command line parsing failed: %s %s\n", what, word);
	return 1;
}

static int unknown_option(char **argv, const char *option)
{
	compat_next(argv);
	return parsing_failed("Unknown option", option);
}

/* Options of the daemon that have no meaning here: name, plugins, a library to debug. */
static bool is_ignored(char **argv, int *index)
{
	static const char *const options[] = {
		"-n", "--name", "-p", "--plugin-path", "-g", "--debug",
	};
	bool missing = false;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (argument(argv, index, options[i], &missing) || missing)
			return !missing;
	return false;
}

/* The first request ends the program, whatever follows. */
int compat_vmtoolsd(int argc, char **argv)
{
	bool missing = false, version = false;
	const char *text;
	int i;

	for (i = 1; i < argc; i++) {
		text = argument(argv, &i, "--cmd", &missing);
		if (missing)
			return parsing_failed("Missing argument for", argv[i]);
		if (text)
			return send_request(text);
		text = argument(argv, &i, "--cmdfile", &missing);
		if (missing)
			return parsing_failed("Missing argument for", argv[i]);
		if (text)
			return send_file(text);
		if (is_ignored(argv, &i))
			continue;
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return print_help(help);
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--version"))
			version = true;
		else if (argv[i][0] == '-')
			return unknown_option(argv, argv[i]);
	}
	if (version) {
		puts("VMware Tools daemon, version " COMPAT_VERSION);
		return end_output(0);
	}
	compat_next(argv);
	fputs("vmtoolsd: vmguestlib has no daemon, only --cmd and --cmdfile\n", stderr);
	return 1;
}
