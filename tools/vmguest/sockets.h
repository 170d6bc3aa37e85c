/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The sockets that vmguest export listens on.
 */
#ifndef VMGUEST_SOCKETS_H
#define VMGUEST_SOCKETS_H

#include <poll.h>

/* A name has an address for each family and interface, and systemd passes any number. */
#define SOCKETS_MAX	32

struct sockets {
	struct pollfd fds[SOCKETS_MAX];		/* nonblocking, for POLLIN */
	nfds_t len;
};

/*
 * ADDRESS is "port", "address:port", "[address]:port", or "systemd" for those that systemd
 * passes. Returns 0, or the exit status after a message.
 */
int sockets_open(struct sockets *sockets, const char *address);

void sockets_close(struct sockets *sockets);

#endif
