// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "notify.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "unit.h"

/* As many as systemd takes, and as many as the kernel passes. */
#define TEXT_SIZE	(PIPE_BUF + 1)
#define FDS_MAX		253

/* --- the manager above ------------------------------------------------------------- */

static uint64_t usec_for_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long number;

	if (!usec || (pid && atol(pid) != (long)getpid()) ||
	    !parse_number(usec, 1, ULONG_MAX, &number))
		return 0;
	return number;
}

static int connect_manager(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd;

	if (len < 2 || len >= sizeof(address.sun_path) ||
	    (*name != '/' && *name != '@'))
		return -1;
	memcpy(address.sun_path, name, len);
	if (*name == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	len += offsetof(struct sockaddr_un, sun_path);
	if (connect(fd, (struct sockaddr *)&address, (socklen_t)len)) {
		complain("cannot connect to the service manager: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

void notify_find_manager(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");

	notify->fd = -1;
	notify->manager = name ? connect_manager(name) : -1;
	notify->manager_usec = usec_for_us();
	unsetenv("NOTIFY_SOCKET");
	if (notify->manager_usec) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
	}
}

/* Limit of messages, and of their descriptors, that wait until the manager reads */
#define KEPT_MAX	256
#define CLOSE_TRIES	10
#define CLOSE_MS	100

/* --- the socket -------------------------------------------------------------------- */

/*
 * The socket is in the file system, so that other network namespaces reach it. COMMAND may
 * run as any user, so all users may write to the socket; only the owner of the folder can
 * list or change it.
 */
static int make_folder(char folder[NOTIFY_PATH_SIZE])
{
	/* The last one is what a unit has below ProtectSystem=strict. */
	const char *places[] = {
		geteuid() ? getenv("XDG_RUNTIME_DIR") : "/run", "/tmp",
		getenv("RUNTIME_DIRECTORY"),
	};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* Room for the name of the socket is left. */
		if (!places[i] || snprintf(folder, NOTIFY_PATH_SIZE - 8,
					   "%.*s/vmguest-XXXXXX",
					   (int)strcspn(places[i], ":"), places[i]) >=
				  NOTIFY_PATH_SIZE - 8)
			continue;
		if (mkdtemp(folder))
			return chmod(folder, 0711) ? -errno : 0;
	}
	folder[0] = '\0';
	return errno ? -errno : -ENOENT;
}

static int bind_to(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int on = 1;

	strcpy(address.sun_path, path);
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(path, 0622))
		return -errno;
	return 0;
}

int notify_open(struct notify *notify)
{
	int err = make_folder(notify->folder);

	if (err)
		return err;
	snprintf(notify->path, sizeof(notify->path), "%.*s/notify",
		 NOTIFY_PATH_SIZE - 8, notify->folder);
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = notify->fd < 0 ? -errno : bind_to(notify->fd, notify->path);
	if (err)
		notify_close(notify);
	return err;
}

void notify_close(struct notify *notify)
{
	struct pollfd manager = { .fd = notify->manager, .events = POLLOUT };
	int tries;

	for (tries = 0; notify->kept && tries < CLOSE_TRIES; tries++) {
		poll(&manager, 1, CLOSE_MS);
		notify_send_kept(notify);
	}
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
	if (!notify->folder[0])
		return;
	unlink(notify->path);
	rmdir(notify->folder);
	notify->folder[0] = '\0';
}

/* --- messages ------------------------------------------------------------------------ */

struct received {
	char text[TEXT_SIZE];
	struct ucred sender;
	int fds[FDS_MAX];
	size_t fds_len;
};

struct backlog {
	struct backlog *next;
	struct received received;
};

static void take_ancillary(struct received *received, struct msghdr *header)
{
	struct cmsghdr *part;
	size_t len;

	received->sender = (struct ucred) { .pid = 0, .uid = (uid_t)-1 };
	received->fds_len = 0;
	for (part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		len = part->cmsg_len - CMSG_LEN(0);
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_CREDENTIALS &&
		    len == sizeof(received->sender)) {
			memcpy(&received->sender, CMSG_DATA(part), len);
		} else if (part->cmsg_type == SCM_RIGHTS &&
			   len <= sizeof(received->fds)) {
			memcpy(received->fds, CMSG_DATA(part), len);
			received->fds_len = len / sizeof(int);
		}
	}
}

static void close_all(struct received *received)
{
	while (received->fds_len)
		close(received->fds[--received->fds_len]);
}

union ancillary {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(FDS_MAX * sizeof(int))];
};

/* Returns 1, 0 when there is no message, or -EBADMSG for one that is no text. */
static int receive(int fd, struct received *received)
{
	union ancillary ancillary;
	struct iovec vector = { received->text, sizeof(received->text) - 1 };
	struct msghdr header = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	ssize_t len = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);

	if (len < 0)
		return 0;
	take_ancillary(received, &header);
	received->text[len] = '\0';
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    strlen(received->text) + 1 < (size_t)len)
		return -EBADMSG;
	return 1;
}

/*
 * Messages of a sender that has ended count if its user had a process in the unit, as with
 * systemd. Other local users cannot keep a dead service alive.
 */
static bool is_trusted(const struct ucred *sender)
{
	switch (unit_place(sender->pid)) {
	case UNIT_INSIDE:
		unit_add_user(sender->uid);
		return true;
	case UNIT_UNKNOWN:
		return unit_has_user(sender->uid);
	default:
		return false;
	}
}

static void say_dropped(const struct ucred *sender, const char *reason)
{
	static bool said;

	if (!said)
		complain("a message of process %d, user %u, is dropped: %s (further ones "
			 "are not reported)", (int)sender->pid, sender->uid, reason);
	said = true;
}

/* Removes MAINPID= and the like: the main process of the unit is this one. */
static void drop_main_pid(char *text)
{
	char *line, *end;

	for (line = text; *line; line = end) {
		end = line + strcspn(line, "\n");
		end += *end == '\n';
		if (!strncmp(line, "MAINPID", 7)) {
			memmove(line, end, strlen(end) + 1);
			end = line;
		}
	}
}

static int send_up(const struct notify *notify, const struct received *received)
{
	union ancillary ancillary = { 0 };
	size_t len = received->fds_len * sizeof(int);
	struct iovec vector = {
		(void *)received->text, strlen(received->text),
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
		memcpy(CMSG_DATA(part), received->fds, len);
	}
	return sendmsg(notify->manager, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void say_refused(int err)
{
	static bool said;

	if (!said)
		complain("cannot pass a message to the service manager: %s",
			 strerror(-err));
	said = true;
}

/* Keeps the order: behind a message that waits, all later ones wait. */
static int keep(struct notify *notify, struct received *received)
{
	struct backlog *entry;

	if (notify->kept == KEPT_MAX || notify->kept_fds + received->fds_len > FDS_MAX)
		return -EAGAIN;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->received = *received;
	notify->kept_fds += received->fds_len;
	received->fds_len = 0;
	entry->next = NULL;
	*(notify->kept++ ? &notify->last->next : &notify->first) = entry;
	notify->last = entry;
	return 0;
}

static void pass_on(struct notify *notify, struct received *received)
{
	int err;

	drop_main_pid(received->text);
	if (!*received->text)
		return;
	err = notify->kept ? -EAGAIN : send_up(notify, received);
	if (err == -EAGAIN)
		err = keep(notify, received);
	if (err)
		say_refused(err);
}

void notify_send_kept(struct notify *notify)
{
	struct backlog *entry;
	int err;

	while (notify->kept) {
		entry = notify->first;
		err = send_up(notify, &entry->received);
		if (err == -EAGAIN)
			return;
		if (err)
			say_refused(err);
		notify->first = entry->next;
		notify->kept--;
		notify->kept_fds -= entry->received.fds_len;
		close_all(&entry->received);
		free(entry);
	}
}

static void understand(const char *text, struct notify_message *message)
{
	static const struct {
		const char *line;
		int bit;
	} lines[] = {
		{ "READY=1", NOTIFY_READY },
		{ "WATCHDOG=1", NOTIFY_ALIVE },
		{ "WATCHDOG=trigger", NOTIFY_TRIGGER },
		{ "STOPPING=1", NOTIFY_STOPPING },
	};
	char number[24];
	unsigned long pid;
	size_t len, i;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			if (len == strlen(lines[i].line) &&
			    !strncmp(text, lines[i].line, len))
				message->bits |= lines[i].bit;
		if (strncmp(text, "MAINPID=", 8) || len - 8 >= sizeof(number))
			continue;
		snprintf(number, sizeof(number), "%.*s", (int)len - 8, text + 8);
		if (parse_number(number, 1, INT_MAX, &pid)) {
			message->bits |= NOTIFY_MAIN;
			message->main = (pid_t)pid;
		}
	}
}

bool notify_read(struct notify *notify, struct notify_message *message)
{
	struct received received;
	int got = receive(notify->fd, &received);

	*message = (struct notify_message) { 0 };
	if (!got)
		return false;
	if (got < 0) {
		say_dropped(&received.sender, "it is too long, or no text");
	} else if (!is_trusted(&received.sender)) {
		say_dropped(&received.sender, "it does not belong to the service");
	} else {
		understand(received.text, message);
		if (notify->manager >= 0)
			pass_on(notify, &received);
	}
	close_all(&received);
	return true;
}
