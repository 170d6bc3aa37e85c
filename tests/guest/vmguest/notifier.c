// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * notifier WORD...: a service that sends each WORD as a message to NOTIFY_SOCKET, with these
 * exceptions: a number is a time to sleep in ms, "die" makes the service crash, and "check"
 * makes it fail unless WATCHDOG_USEC and WATCHDOG_PID are right.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *text)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t len;

	if (!name || strlen(name) >= sizeof(address.sun_path)) {
		fprintf(stderr, "no NOTIFY_SOCKET\n");
		exit(90);
	}
	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	len = offsetof(struct sockaddr_un, sun_path) + strlen(name);
	if (sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, len) < 0) {
		perror(text);
		exit(91);
	}
	close(fd);
}

static void check(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || strcmp(usec, "10000000") || !pid || atoi(pid) != getpid())
		exit(92);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "die"))
			abort();
		else if (!strcmp(argv[i], "check"))
			check();
		else if (atoi(argv[i]))
			usleep(1000 * (useconds_t)atoi(argv[i]));
		else
			say(argv[i]);
	return 0;
}
