// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "qemu/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/control.h"
#include "qemu/symbols.h"

#define CLIENTS_MAX	16
/* A program that leaves more bytes of output than this unread is disconnected. */
#define OUTPUT_MAX	(16u << 20)

struct client {
	struct control control;
	int fd;			/* -1: free */
	char *in, *out;
	size_t in_len, out_len;
	bool ended;		/* the program sends no more, but may wait for answers */
	bool broken;		/* output was lost; the program has to be disconnected */
};

static struct {
	int fd;			/* -1: not listening */
	char *path;
	struct host *host;
	const struct host_ops *ops;
	struct client clients[CLIENTS_MAX];
} server = { .fd = -1 };

static void watch(struct client *client);

static void disconnect(struct client *client)
{
	qemu.qemu_set_fd_handler(client->fd, NULL, NULL, NULL);
	control_end(&client->control);
	close(client->fd);
	free(client->in);
	free(client->out);
	memset(client, 0, sizeof(*client));
	client->fd = -1;
}

static void add_output(void *opaque, const char *line, size_t len)
{
	struct client *client = opaque;
	char *grown;

	if (client->broken || len > OUTPUT_MAX - client->out_len) {
		client->broken = true;
		return;
	}
	grown = realloc(client->out, client->out_len + len);
	if (!grown) {
		client->broken = true;
		return;
	}
	memcpy(grown + client->out_len, line, len);
	client->out = grown;
	client->out_len += len;
	watch(client);
}

static bool is_gone(const struct client *client)
{
	struct pollfd closed = { .fd = client->fd };

	return poll(&closed, 1, 0) > 0;
}

/* A program that sends no more requests is disconnected after its last answer. */
static void end_if_answered(struct client *client)
{
	if (client->ended &&
	    (client->broken || is_gone(client) ||
	     (!client->out_len && !client->control.pending)))
		disconnect(client);
}

static void on_writable(void *opaque)
{
	struct client *client = opaque;
	ssize_t n = send(client->fd, client->out, client->out_len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		disconnect(client);
		return;
	}
	if (n > 0) {
		client->out_len -= (size_t)n;
		memmove(client->out, client->out + n, client->out_len);
	}
	watch(client);
	end_if_answered(client);
}

/* Returns false if the program had to be disconnected. */
static bool take_lines(struct client *client)
{
	char *line = client->in, *end;
	size_t left = client->in_len;

	while (!client->broken && (end = memchr(line, '\n', left))) {
		control_request(&client->control, line, (size_t)(end - line));
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(client->in, line, left);
	client->in_len = left;
	if (!client->broken && left < CONTROL_LINE_MAX)
		return true;
	disconnect(client);
	return false;
}

/* Serves the last request, even if it has no newline. */
static void end_of_requests(struct client *client)
{
	client->ended = true;
	if (client->in_len)
		control_request(&client->control, client->in, client->in_len);
	client->in_len = 0;
	watch(client);
	end_if_answered(client);
}

static void on_readable(void *opaque)
{
	struct client *client = opaque;
	char buf[65536], *grown;
	ssize_t n = recv(client->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		disconnect(client);
		return;
	}
	if (!n) {
		end_of_requests(client);
		return;
	}
	grown = realloc(client->in, client->in_len + (size_t)n);
	if (!grown) {
		disconnect(client);
		return;
	}
	memcpy(grown + client->in_len, buf, (size_t)n);
	client->in = grown;
	client->in_len += (size_t)n;
	take_lines(client);
}

static void watch(struct client *client)
{
	qemu.qemu_set_fd_handler(client->fd, client->ended ? NULL : on_readable,
				 client->out_len ? on_writable : NULL, client);
}

/*
 * A client that sends no more, and waits for an answer of the guest, may have closed its
 * socket.  No event reports this.
 */
static void end_all_answered(void)
{
	struct client *client;

	for (client = server.clients; client < server.clients + CLIENTS_MAX; client++)
		if (client->fd >= 0)
			end_if_answered(client);
}

static void on_connection(void *opaque)
{
	struct client *client = server.clients;
	int fd = accept4(server.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)opaque;
	if (fd < 0)
		return;
	end_all_answered();
	while (client < server.clients + CLIENTS_MAX && client->fd >= 0)
		client++;
	if (client == server.clients + CLIENTS_MAX) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->control = (struct control) {
		.host = server.host, .ops = server.ops,
		.answer = add_output, .opaque = client,
	};
	watch(client);
}

/* Removes a socket on which no process listens: a killed process left it behind. */
static bool remove_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool stale;

	stale = fd >= 0 && lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return stale && unlink(address->sun_path) == 0;
}

static bool bind_to(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *any = (const struct sockaddr *)address;
	mode_t mask = umask(0177);
	int status = bind(fd, any, sizeof(*address));

	if (status < 0 && errno == EADDRINUSE && remove_stale(address))
		status = bind(fd, any, sizeof(*address));
	umask(mask);
	return status == 0;
}

static void remove_socket(void)
{
	if (server.path)
		unlink(server.path);
}

bool qemu_control_listen(const char *path, struct host *host, const struct host_ops *ops)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t i;

	errno = ENAMETOOLONG;
	if (strlen(path) < sizeof(address.sun_path)) {
		strcpy(address.sun_path, path);
		server.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
	if (server.fd < 0 || !bind_to(server.fd, &address) || listen(server.fd, 8) < 0) {
		fprintf(stderr, "vmxsim: control socket %s: %s\n", path, strerror(errno));
		return false;
	}
	server.path = strdup(path);
	atexit(remove_socket);
	server.host = host;
	server.ops = ops;
	for (i = 0; i < CLIENTS_MAX; i++)
		server.clients[i].fd = -1;
	return true;
}

void qemu_control_start(void)
{
	if (server.fd >= 0)
		qemu.qemu_set_fd_handler(server.fd, on_connection, NULL, NULL);
}
