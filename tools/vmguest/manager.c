// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "manager.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Limit of the messages that wait, and of their descriptors */
#define KEPT_MAX	256
#define CLOSE_TRIES	10
#define RETRY_MS	100

struct backlog {
	struct backlog *next;
	struct message message;
};

void message_close_fds(struct message *message)
{
	while (message->fds_len)
		close(message->fds[--message->fds_len]);
}

/* --- its environment ----------------------------------------------------------------- */

static uint64_t usec_for_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long number;

	if (!usec || (pid && atol(pid) != (long)getpid()) ||
	    !parse_number(usec, 1, ULONG_MAX, &number))
		return 0;
	return number;
}

/* Only Unix sockets are supported. Other address families do not lead to a local manager. */
static void set_address(struct manager *manager, const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return;
	if (len < 2 || len >= sizeof(manager->address.sun_path) ||
	    (*name != '/' && *name != '@')) {
		complain("cannot use the socket of the service manager: '%s'", name);
		return;
	}
	manager->address.sun_family = AF_UNIX;
	memcpy(manager->address.sun_path, name, len);
	if (*name == '@')
		manager->address.sun_path[0] = '\0';
	manager->address_len =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void manager_find(struct manager *manager)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*manager = (struct manager) { .full = -1, .usec = usec_for_us() };
	if (name)
		set_address(manager, name);
	unsetenv("NOTIFY_SOCKET");
	if (manager->usec) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
	}
}

bool manager_exists(const struct manager *manager)
{
	return manager->address_len;
}

/* --- messages ------------------------------------------------------------------------ */

/* Returns a descriptor or a negative errno. */
static int connect_to(const struct manager *manager)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&manager->address, manager->address_len))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int send_by(int fd, const struct message *message)
{
	union message_ancillary ancillary = { 0 };
	size_t len = message->fds_len * sizeof(int);
	struct iovec vector = {
		(void *)message->text, strlen(message->text),
	};
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	struct cmsghdr *part;

	if (len) {
		header.msg_control = &ancillary;
		header.msg_controllen = CMSG_SPACE(len);
		part = &ancillary.align;
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(len);
		memcpy(CMSG_DATA(part), message->fds, len);
	}
	return sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * The name of the socket is looked up for each message, as sd_notify(3) does, because a
 * manager that was executed again has another socket there. EAGAIN also means that the
 * manager has no socket at the moment.
 */
static int send_up(struct manager *manager, const struct message *message)
{
	int fd = connect_to(manager);
	int err = fd < 0 ? fd : send_by(fd, message);

	if (manager->full >= 0)
		close(manager->full);
	manager->full = -1;
	if (err == -EAGAIN)
		manager->full = fd;
	else if (fd >= 0)
		close(fd);
	return err == -ENOENT || err == -ECONNREFUSED ? -EAGAIN : err;
}

static void say_refused(int err)
{
	static bool said;

	if (!said)
		complain("cannot pass a message to the service manager: %s",
			 strerror(-err));
	said = true;
}

/* Keeps a message. Later messages wait behind it, so the order stays. */
static int keep(struct manager *manager, struct message *message)
{
	struct backlog *entry;

	if (manager->kept == KEPT_MAX ||
	    manager->kept_fds + message->fds_len > MESSAGE_FDS_MAX)
		return -ENOBUFS;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->message = *message;
	manager->kept_fds += message->fds_len;
	message->fds_len = 0;
	entry->next = NULL;
	*(manager->kept++ ? &manager->last->next : &manager->first) = entry;
	manager->last = entry;
	return 0;
}

void manager_send(struct manager *manager, struct message *message)
{
	int err = manager->kept ? -EAGAIN : send_up(manager, message);

	if (err == -EAGAIN)
		err = keep(manager, message);
	if (err)
		say_refused(err);
}

static void drop_first(struct manager *manager)
{
	struct backlog *entry = manager->first;

	manager->first = entry->next;
	manager->kept--;
	manager->kept_fds -= entry->message.fds_len;
	message_close_fds(&entry->message);
	free(entry);
}

void manager_send_kept(struct manager *manager)
{
	int err;

	while (manager->kept) {
		err = send_up(manager, &manager->first->message);
		if (err == -EAGAIN)
			return;
		if (err)
			say_refused(err);
		drop_first(manager);
	}
}

int manager_retry_ms(const struct manager *manager)
{
	return manager->kept && manager->full < 0 ? RETRY_MS : -1;
}

void manager_close(struct manager *manager)
{
	struct pollfd full = { .events = POLLOUT };
	int tries;

	for (tries = 0; manager->kept && tries < CLOSE_TRIES; tries++) {
		full.fd = manager->full;
		poll(&full, 1, RETRY_MS);
		manager_send_kept(manager);
	}
	if (manager->kept)
		complain("%zu messages did not reach the service manager", manager->kept);
	while (manager->kept)
		drop_first(manager);
	if (manager->full >= 0)
		close(manager->full);
	manager->full = -1;
}
