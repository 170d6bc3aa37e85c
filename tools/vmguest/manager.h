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

/* systemd limits the length of a text, and the kernel the number of descriptors. */
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
	socklen_t address_len;		/* length of address, or 0 if there is no manager */
	uint64_t usec;			/* WATCHDOG_USEC for this process, or 0 */
	int full;			/* socket of the manager if it has no room, else -1 */
	struct backlog *first, *last;	/* messages that wait until the socket has room */
	size_t kept, kept_fds;
};

/*
 * Finds the manager by variables of the environment, and removes these variables, so that
 * COMMAND finds only the socket of this process there.
 */
void manager_find(struct manager *manager);

bool manager_exists(const struct manager *manager);

/* Sends MESSAGE. Without room it keeps MESSAGE and its descriptors until there is room. */
void manager_send(struct manager *manager, struct message *message);

/* Sends the messages that are kept. */
void manager_send_kept(struct manager *manager);

/* Returns the ms until messages should be tried again even if FULL is not writable, or -1. */
int manager_retry_ms(const struct manager *manager);

/* Waits at most a second for a manager that does not read its messages. */
void manager_close(struct manager *manager);

#endif
