/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A heartbeat client of the kernel: an open, armed device. When the process ends, the kernel
 * closes the device, and the client expires unless client_may_close() was called.
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

/* Sends a beat. A client that has expired is armed again, and a message reports it. */
void client_beat(struct client *client);

/* Sends a beat. After it, each close() disarms the client, also that of a killed process. */
void client_may_close(struct client *client);

/*
 * Disarms if CLEAN, else lets the client expire. Returns 0. If CLEAN and the host still
 * expects heartbeats, complains and returns the exit status.
 */
int client_close(struct client *client, bool clean);

#endif
