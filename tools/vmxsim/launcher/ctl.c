// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/ctl.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "launcher/util.h"

#define EXIT_REFUSED	1

/* The host may still be starting, so ctl tries to connect for a minute. */
#define CONNECT_TRIES	1200
#define CONNECT_WAIT_MS	50

/* For each request, the names of the JSON members for the values on the command line */
static const struct {
	const char *request;
	const char *members[2];
	bool joined;		/* the last value is all remaining words, joined by blanks */
} requests[] = {
	{ "guestinfo.get", { "name" }, false },
	{ "guestinfo.set", { "name", "value" }, true },
	{ "steer", { "text" }, true },
	{ "fault", { "text" }, true },
	{ "tclo", { "text" }, true },
};

static char *join(char **words)
{
	char *joined = text("%s", *words);

	while (*++words)
		joined = text("%s %s", joined, *words);
	return joined;
}

static int add_values(struct cJSON *request, char **words)
{
	const char *name = words[0];
	size_t i, m = 0;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (!strcmp(requests[i].request, name))
			break;
	words++;
	if (i == sizeof(requests) / sizeof(requests[0]))
		return *words ? fail("ctl: %s takes no values", name) : 0;
	for (; *words && m < 2 && requests[i].members[m]; m++) {
		const bool last = m == 1 || !requests[i].members[m + 1];

		if (requests[i].joined && last) {
			cJSON_AddStringToObject(request, requests[i].members[m],
						join(words));
			return 0;
		}
		cJSON_AddStringToObject(request, requests[i].members[m], *words++);
	}
	return *words ? fail("ctl: %s: unexpected '%s'", name, *words) : 0;
}

static int connect_to(const char *path)
{
	const struct timespec wait = { .tv_nsec = CONNECT_WAIT_MS * 1000000L };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), tries = 0;

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		errno = fd < 0 ? errno : ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if ((errno != ENOENT && errno != ECONNREFUSED) ||
		    ++tries == CONNECT_TRIES)
			return -1;
		nanosleep(&wait, NULL);
	}
	return fd;
}

/* Prints a text unchanged, and other values as JSON. */
static void print_value(const struct cJSON *value)
{
	const char *shown = cJSON_IsString(value) ? value->valuestring :
						    cJSON_PrintUnformatted(value);

	if (shown && *shown)
		printf("%s%s", shown, shown[strlen(shown) - 1] == '\n' ? "" : "\n");
}

static int print_answer(const char *line)
{
	const struct cJSON *answer = cJSON_Parse(line), *member, *error;

	if (!cJSON_IsObject(answer))
		return fail("ctl: no answer");
	if (cJSON_IsTrue(cJSON_GetObjectItem(answer, "ok"))) {
		cJSON_ArrayForEach(member, answer)
			if (strcmp(member->string, "ok"))
				print_value(member);
		return end_output();
	}
	member = cJSON_GetObjectItem(answer, "member");
	error = cJSON_GetObjectItem(answer, "error");
	fail("ctl: %s%s%s", cJSON_IsString(member) ? member->valuestring : "",
	     member ? ": " : "", cJSON_IsString(error) ? error->valuestring : "refused");
	return EXIT_REFUSED;
}

int ctl_command(int argc, char **argv)
{
	struct cJSON *request = cJSON_CreateObject();
	char *line = NULL;
	size_t size = 0;
	FILE *stream;
	bool got;
	int fd;

	if (argc < 3)
		return fail("ctl: expected PATH REQUEST [VALUE]...");
	cJSON_AddStringToObject(request, "request", argv[2]);
	if (add_values(request, argv + 2))
		return EXIT_LAUNCHER;
	fd = connect_to(argv[1]);
	stream = fd < 0 ? NULL : fdopen(fd, "r+");
	if (!stream)
		return fail("ctl: %s: %s", argv[1], strerror(errno));
	fprintf(stream, "%s\n", cJSON_PrintUnformatted(request));
	got = !fflush(stream) && getline(&line, &size, stream) >= 0;
	fclose(stream);
	if (!got)
		return fail("ctl: %s: the connection ended before the answer: the run is over", argv[1]);
	return print_answer(line);
}
