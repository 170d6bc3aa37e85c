// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "compat.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "text.h"

/* Sets PATH to NAME in the next directory of *PLACES. Returns false at the end. */
static bool next_place(const char **places, const char *name, char path[PATH_MAX])
{
	size_t len = strcspn(*places, ":");

	if (!**places)
		return false;
	snprintf(path, PATH_MAX, "%.*s/%s", (int)len, *places, name);
	*places += len + ((*places)[len] == ':');
	return true;
}

static bool is_self(const char *path)
{
	struct stat self, file;

	return !stat(cli_file(), &self) && !stat(path, &file) &&
	       self.st_dev == file.st_dev && self.st_ino == file.st_ino;
}

/* Searches only the part of PATH after this program, because two programs could otherwise
 * execute each other without end. */
void compat_next(char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	const char *path = getenv("PATH"), *rest, *behind;
	char candidate[PATH_MAX];

	if (!path)
		return;
	behind = path;
	for (rest = path; next_place(&rest, name, candidate); )
		if (is_self(candidate)) {
			behind = rest;
			break;
		}
	for (rest = behind; next_place(&rest, name, candidate); )
		if (*candidate == '/' && !is_self(candidate)) {
			cli_restore_signals();
			execv(candidate, argv);
		}
}

int compat_ask(const char *request, struct host_text *text)
{
	static const char statistic[] = "guestlib.stat.get";
	const char *words = request + strlen(statistic);
	char *encoding;
	size_t len;
	int err;

	if (strncmp(request, statistic, strlen(statistic)) || (*words && *words != ' '))
		return host_rpc(request, text);
	words += strspn(words, " ");
	len = strcspn(words, " ");
	encoding = strndup(words, len);
	if (!encoding)
		return -ENOMEM;
	words += len;
	err = host_stat_get(encoding, words + strspn(words, " "), text);
	free(encoding);
	return err;
}

void compat_print(FILE *stream, const char *text)
{
	char *shown = text_for(stream, text);

	fprintf(stream, "%s\n", shown ? shown : "");
	free(shown);
}
