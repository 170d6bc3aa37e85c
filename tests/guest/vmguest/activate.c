// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * activate PORT[,PORT...] COMMAND...: runs COMMAND with sockets that listen at these ports, as
 * systemd does for socket activation (sd_listen_fds(3)).
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(int port, int fd)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int listening = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listening, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listening, 5) || dup2(listening, fd) < 0)
		return -1;
	return listening == fd ? 0 : close(listening);
}

int main(int argc, char **argv)
{
	char number[16], *port;
	int count = 0;

	if (argc < 3)
		return 2;
	for (port = strtok(argv[1], ","); port; port = strtok(NULL, ","))
		if (listen_on(atoi(port), 3 + count++)) {
			perror("activate");
			return 1;
		}
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%d", count);
	setenv("LISTEN_FDS", number, 1);
	execvp(argv[2], argv + 2);
	perror("activate");
	return 1;
}
