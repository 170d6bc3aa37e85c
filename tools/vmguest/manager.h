/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The service manager above this process, and the messages that go to it.
 */
#ifndef VMGUEST_MANAGER_H
#define VMGUEST_MANAGER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* As many as systemd takes, and as many as the kernel passes. */
#define MESSAGE_TEXT_SIZE	(PIPE_BUF + 1)
#define MESSAGE_FDS_MAX		253

struct message {
	char text[MESSAGE_TEXT_SIZE];
	int fds[MESSAGE_FDS_MAX];
	size_t fds_len;
};

union message_ancillary {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct ucred)) +
		   CMSG_SPACE(MESSAGE_FDS_MAX * sizeof(int))];
};

void message_close_fds(struct message *message);

struct manager {
	struct sockaddr_un address;
	socklen_t address_len;		/* 0: there is no manager */
	uint64_t usec;			/* its WATCHDOG_USEC for us; 0: none */
	int full;			/* a socket that has no room; -1: none */
	struct backlog *first, *last;	/* messages that wait */
	size_t kept, kept_fds;
};

/*
 * Removes the variables of the manager from the environment, so that COMMAND finds only
 * the socket of this process there.
 */
void manager_find(struct manager *manager);

bool manager_exists(const struct manager *manager);

/* Sends MESSAGE, or takes its descriptors and keeps it until there is room. */
void manager_send(struct manager *manager, struct message *message);

/* Sends what is kept. */
void manager_send_kept(struct manager *manager);

/* The time until that is worth a try although FULL is not writable, in ms; -1: none. */
int manager_retry_ms(const struct manager *manager);

/* Waits a second at most for a manager that does not read. */
void manager_close(struct manager *manager);

#endif
