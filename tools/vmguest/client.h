/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A heartbeat client of the kernel: an open, armed device. When the process dies, the
 * kernel closes the device, and the client expires unless it may close.
 */
#ifndef VMGUEST_CLIENT_H
#define VMGUEST_CLIENT_H

#include <stdbool.h>

#include <linux/vmguestlib.h>

struct client {
	struct vmguestlib_heartbeat_arm arm;
	int fd;
	bool may_close;
};

/* Returns 0, or the exit status after a message. */
int client_arm(struct client *client);

/* A sign of life. A client that has expired is armed again, and a message says so. */
void client_beat(struct client *client);

/* Makes any close() disarm, also that by SIGKILL. This is a beat, too. */
void client_may_close(struct client *client);

/*
 * Disarms if CLEAN, else lets the client expire. Returns 0, or the exit status after a
 * message: the host still expects heartbeats.
 */
int client_close(struct client *client, bool clean);

#endif
