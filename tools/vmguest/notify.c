// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

int notify_open(char name[NOTIFY_NAME_SIZE])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(sa_family_t);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	int err;

	if (fd < 0)
		return -errno;
	/* No address: the kernel chooses an abstract one that nobody has. */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, len))
		goto failed;
	len = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &len))
		goto failed;
	snprintf(name, NOTIFY_NAME_SIZE, "@%.*s",
		 (int)(len - sizeof(sa_family_t) - 1), address.sun_path + 1);
	return fd;
failed:
	err = -errno;
	close(fd);
	return err;
}

/* The parent of a process, 0 when it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	/* The name, in parentheses, may hold any character. */
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static int is_descendant(pid_t pid, pid_t ancestor)
{
	int generations;

	for (generations = 0; pid > 1 && generations < 100; generations++) {
		if (pid == ancestor)
			return 1;
		pid = parent_of(pid);
	}
	return 0;
}

/* The sender's process, 0 if unknown. Descriptors that came along are closed. */
static pid_t take_ancillary(struct msghdr *header)
{
	struct cmsghdr *part;
	struct ucred sender = { .pid = 0 };
	pid_t pid = 0;

	for (part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		size_t len = part->cmsg_len - CMSG_LEN(0), at;
		int fd;

		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_CREDENTIALS && len == sizeof(sender)) {
			memcpy(&sender, CMSG_DATA(part), sizeof(sender));
			pid = sender.pid;
		}
		if (part->cmsg_type != SCM_RIGHTS)
			continue;
		for (at = 0; at + sizeof(fd) <= len; at += sizeof(fd)) {
			memcpy(&fd, CMSG_DATA(part) + at, sizeof(fd));
			close(fd);
		}
	}
	return pid;
}

static int meaning(char *text)
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
	char *rest, *line;
	int bits = 0;
	size_t i;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			if (!strcmp(line, lines[i].line))
				bits |= lines[i].bit;
	return bits;
}

int notify_read(int fd, pid_t child)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred)) +
			   CMSG_SPACE(16 * sizeof(int))];
	} ancillary;
	char text[4096];
	struct iovec vector = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr header = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	ssize_t len = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	pid_t sender;

	if (len < 0)
		return errno == EAGAIN ? -EAGAIN : 0;
	sender = take_ancillary(&header);
	if (!is_descendant(sender, child))
		return 0;
	text[len] = '\0';
	return meaning(text);
}
