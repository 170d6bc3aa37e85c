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

/* --- the socket -------------------------------------------------------------------- */

/*
 * The socket is in the file system, so that other network namespaces reach it. COMMAND may
 * run as any user, so all users may write to the socket; only the owner of the folder can
 * list or change it.
 */
static int make_folder(char folder[NOTIFY_PATH_SIZE])
{
	/* A unit with ProtectSystem=strict can write only to the last of these places. */
	const char *places[] = {
		geteuid() ? getenv("XDG_RUNTIME_DIR") : "/run", "/tmp",
		getenv("RUNTIME_DIRECTORY"),
	};
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* Room is left for the name of the socket in the folder. */
		if (!places[i] || snprintf(folder, NOTIFY_PATH_SIZE - 8,
					   "%.*s/vmguest-XXXXXX",
					   (int)strcspn(places[i], ":"), places[i]) >=
				  NOTIFY_PATH_SIZE - 8)
			continue;
		if (mkdtemp(folder))
			return chmod(folder, 0711) ? -errno : 0;
		err = -errno;
	}
	folder[0] = '\0';
	return err;
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
	struct message message;
	struct ucred sender;
};

static void take_ancillary(struct received *received, struct msghdr *header)
{
	struct cmsghdr *part;
	size_t len;

	received->sender = (struct ucred) { .pid = 0, .uid = (uid_t)-1 };
	received->message.fds_len = 0;
	for (part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		len = part->cmsg_len - CMSG_LEN(0);
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_CREDENTIALS &&
		    len == sizeof(received->sender)) {
			memcpy(&received->sender, CMSG_DATA(part), len);
		} else if (part->cmsg_type == SCM_RIGHTS &&
			   len <= sizeof(received->message.fds)) {
			memcpy(received->message.fds, CMSG_DATA(part), len);
			received->message.fds_len = len / sizeof(int);
		}
	}
}

/* Returns 1, or 0 if there is no message, or -EBADMSG if the message is too long or no text. */
static int receive(int fd, struct received *received)
{
	union message_ancillary ancillary;
	struct iovec vector = {
		received->message.text, sizeof(received->message.text) - 1,
	};
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
	received->message.text[len] = '\0';
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    strlen(received->message.text) + 1 < (size_t)len)
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

/* Removes MAINPID= and similar lines, because this process is the main one of the unit. */
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

static void understand(const char *text, struct said *said)
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
				said->bits |= lines[i].bit;
		if (strncmp(text, "MAINPID=", 8) || len - 8 >= sizeof(number))
			continue;
		snprintf(number, sizeof(number), "%.*s", (int)len - 8, text + 8);
		if (parse_number(number, 1, INT_MAX, &pid)) {
			said->bits |= NOTIFY_MAIN;
			said->main = (pid_t)pid;
		}
	}
}

bool notify_read(struct notify *notify, struct manager *manager, struct said *said)
{
	struct received received;
	int got = receive(notify->fd, &received);

	*said = (struct said) { 0 };
	if (!got)
		return false;
	if (got < 0) {
		say_dropped(&received.sender, "it is too long, or no text");
	} else if (!is_trusted(&received.sender)) {
		say_dropped(&received.sender, "it does not belong to the service");
	} else {
		understand(received.message.text, said);
		drop_main_pid(received.message.text);
		if (manager_exists(manager) && *received.message.text)
			manager_send(manager, &received.message);
	}
	message_close_fds(&received.message);
	return true;
}
