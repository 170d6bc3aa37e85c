// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cli.h"

void sockets_close(struct sockets *sockets)
{
	while (sockets->len)
		close(sockets->fds[--sockets->len].fd);
}

/* Splits "port", "address:port" or "[address]:port". Returns false for another text. */
static bool split_address(char *address, const char **host, const char **port)
{
	char *colon = strrchr(address, ':');
	unsigned long number;
	size_t len;

	*host = "127.0.0.1";
	*port = address;
	if (colon)
		*port = colon + 1;
	/* getaddrinfo() would take 65537 for 1. */
	if (!parse_number(*port, 1, 65535, &number))
		return false;
	if (!colon)
		return true;
	*colon = '\0';
	len = strlen(address);
	if (*address == '[' && len > 2 && address[len - 1] == ']') {
		address[len - 1] = '\0';
		*host = address + 1;
	} else if (*address && !strchr(address, ':')) {
		*host = address;
	} else {
		return false;
	}
	return true;
}

/* Returns a descriptor or a negative errno. */
static int bind_to(const struct addrinfo *info, bool is_only)
{
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			info->ai_protocol);
	int on = 1, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* A socket of "::" would otherwise take the port of "0.0.0.0" as well. */
	if (!is_only && info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* /etc/hosts may have the same name with the same address twice. */
static bool is_repeated(const struct addrinfo *list, const struct addrinfo *info)
{
	for (; list != info; list = list->ai_next)
		if (list->ai_addrlen == info->ai_addrlen &&
		    !memcmp(list->ai_addr, info->ai_addr, info->ai_addrlen))
			return true;
	return false;
}

/*
 * Binds to all addresses of a name, because a client may try any of them first. An address
 * that this machine does not have, for example ::1 without IPv6, is left out if there is
 * another one. Returns 0 or a negative errno.
 */
static int bind_all(const struct addrinfo *list, struct sockets *sockets)
{
	const struct addrinfo *info;
	int fd, missing = 0;

	for (info = list; info && sockets->len < SOCKETS_MAX; info = info->ai_next) {
		if (is_repeated(list, info))
			continue;
		fd = bind_to(info, !list->ai_next);
		if (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT) {
			missing = fd;
			continue;
		}
		if (fd < 0)
			return fd;
		sockets->fds[sockets->len++] = (struct pollfd) { .fd = fd, .events = POLLIN };
	}
	return sockets->len ? 0 : missing;
}

/* Returns 0 or the exit status. */
static int open_address(struct sockets *sockets, const char *address)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	}, *found;
	char *copy = strdup(address);
	const char *host, *port;
	int err;

	if (!copy || !split_address(copy, &host, &port)) {
		free(copy);
		return wrong_usage("wrong address '%s'", address);
	}
	err = getaddrinfo(host, port, &hints, &found);
	free(copy);
	if (err)
		return wrong_usage("wrong address '%s': %s", address, gai_strerror(err));
	err = bind_all(found, sockets);
	freeaddrinfo(found);
	if (!err)
		return 0;
	sockets_close(sockets);
	complain("%s: %s", address, strerror(-err));
	return EX_OSERR;
}

/* Takes only sockets that listen. With others accept() would fail again and again. */
static int take_passed(struct sockets *sockets)
{
	int count = sd_listen_fds(1), fd;

	if (count <= 0)
		return wrong_usage("systemd passes no socket");
	if (count > SOCKETS_MAX)
		return wrong_usage("systemd passes more than %d sockets", SOCKETS_MAX);
	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return wrong_usage("systemd passes a socket that does not listen");
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		sockets->fds[sockets->len++] = (struct pollfd) { .fd = fd, .events = POLLIN };
	}
	return 0;
}

int sockets_open(struct sockets *sockets, const char *address)
{
	sockets->len = 0;
	return strcmp(address, "systemd") ? open_address(sockets, address) :
					    take_passed(sockets);
}
