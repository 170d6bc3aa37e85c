/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The sockets that vmguest export listens on.
 */
#ifndef VMGUEST_SOCKETS_H
#define VMGUEST_SOCKETS_H

#include <poll.h>

/* A name may have several addresses, and systemd passes any number of sockets. */
#define SOCKETS_MAX	32

struct sockets {
	struct pollfd fds[SOCKETS_MAX];		/* nonblocking, for POLLIN */
	nfds_t len;
};

/*
 * ADDRESS is "port", "address:port", "[address]:port", or "systemd" for the sockets that
 * systemd passes. Returns 0, or complains and returns the exit status.
 */
int sockets_open(struct sockets *sockets, const char *address);

void sockets_close(struct sockets *sockets);

#endif
