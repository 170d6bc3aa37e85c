// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "listener.h"

/*
 * One HTTP request is served at a time. Therefore only one request to the host is in flight,
 * regardless of the number of clients.
 */
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "cli.h"
#include "host.h"
#include "scrape.h"
#include "sockets.h"

#define TIMEOUT_S	30
#define CONNECTIONS_MAX	64
#define CONNECTIONS_ALL	(CONNECTIONS_MAX + 8)

static const char front_page[] =
	"vmguest export: the statistics of this virtual machine are at /metrics\n";

/* --- connections --------------------------------------------------------------- */

/* All open connections; the one that was used last is at the end. */
static struct MHD_Connection *connections[CONNECTIONS_ALL];
static size_t connections_len;

static void forget(struct MHD_Connection *connection)
{
	size_t i;

	for (i = 0; i < connections_len && connections[i] != connection; i++)
		;
	if (i == connections_len)
		return;
	connections_len--;
	memmove(&connections[i], &connections[i + 1],
		(connections_len - i) * sizeof(struct MHD_Connection *));
}

static void remember(struct MHD_Connection *connection)
{
	forget(connection);
	if (connections_len < CONNECTIONS_ALL)
		connections[connections_len++] = connection;
}

/*
 * Idle connections would keep other clients out until a timeout. Therefore the connection
 * that was used longest ago is shut down. The library then closes this connection.
 */
static void shut_oldest(void)
{
	const union MHD_ConnectionInfo *info;
	struct MHD_Connection *oldest = connections[0];

	if (!connections_len)
		return;
	forget(oldest);
	info = MHD_get_connection_info(oldest, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
}

static void note_connection(void *unused, struct MHD_Connection *connection,
			    void **state, enum MHD_ConnectionNotificationCode what)
{
	(void)unused;
	(void)state;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		forget(connection);
		return;
	}
	remember(connection);
	if (connections_len > CONNECTIONS_MAX)
		shut_oldest();
}

/* --- signals ------------------------------------------------------------------- */

static int signals;

/*
 * The library serves all connections with a request in a row, without a return to our loop.
 * The host may take seconds for each, so signals are checked here.
 */
static bool must_end(void)
{
	struct pollfd pending = { .fd = signals, .events = POLLIN };

	return poll(&pending, 1, 0) > 0;
}

/* --- answers ----------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int code,
			      const char *type, const char *text, size_t len)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, (void *)text,
						MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned int code,
			   const char *text)
{
	return answer(connection, code, "text/plain; charset=utf-8", text,
		      strlen(text));
}

/* Prometheus names OpenMetrics in its request if it can read this format. */
static enum exposition_format wanted_format(struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection,
							 MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_ACCEPT);

	return accept && strstr(accept, "application/openmetrics-text") ?
	       EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS;
}

static enum MHD_Result serve_metrics(struct MHD_Connection *connection,
				     unsigned int groups)
{
	enum exposition_format format = wanted_format(connection);
	enum MHD_Result result;
	char *text, reason[256];
	size_t len;
	int err;

	if (must_end())
		return MHD_NO;
	err = scrape_text(format, groups, &text, &len);
	if (err) {
		snprintf(reason, sizeof(reason), "%s\n",
			 host_failure(HOST_STATISTICS, err).reason);
		return say(connection, MHD_HTTP_SERVICE_UNAVAILABLE, reason);
	}
	result = answer(connection, MHD_HTTP_OK,
			format == EXPOSITION_OPENMETRICS ?
			"application/openmetrics-text; version=1.0.0; charset=utf-8" :
			"text/plain; version=0.0.4; charset=utf-8", text, len);
	free(text);
	return result;
}

/* A server has to accept "http://host/path" too (RFC 9112, 3.2.2). */
static const char *path_of(const char *url)
{
	const char *path;

	if (strncasecmp(url, "http://", strlen("http://")))
		return url;
	path = strchr(url + strlen("http://"), '/');
	return path ? path : "/";
}

/*
 * Called for the head of a request, for each part of its body, and at its end. The library
 * closes a connection that gets its answer before the end, which spares the body of a POST.
 */
static enum MHD_Result serve(void *groups, struct MHD_Connection *connection,
			     const char *url, const char *method,
			     const char *version, const char *upload,
			     size_t *upload_size, void **state)
{
	const char *path = path_of(url);

	(void)version;
	(void)upload;
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			   "GET or HEAD\n");
	if (!*state || *upload_size) {
		if (!*state)
			remember(connection);
		*state = connection;
		*upload_size = 0;
		return MHD_YES;
	}
	if (!strcmp(path, "/metrics"))
		return serve_metrics(connection, *(const unsigned int *)groups);
	if (!strcmp(path, "/"))
		return say(connection, MHD_HTTP_OK, front_page);
	return say(connection, MHD_HTTP_NOT_FOUND, "not found\n");
}

/* --- serving until a signal arrives ------------------------------------------- */

/* Returns whether a connection has no room and has to wait until another one has ended. */
static bool take_connection(struct MHD_Daemon *daemon, int listening)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int fd = accept4(listening, (struct sockaddr *)&address, &len,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		/* After a failure, this function has closed the descriptor. */
		MHD_add_connection(daemon, fd, (struct sockaddr *)&address, len);
		return false;
	}
	if (errno == EAGAIN || errno == ECONNABORTED)
		return false;
	shut_oldest();
	return true;
}

#define FULL_MS		100

/* Returns the time to wait in ms: the library's, or a shorter one if connections wait. */
static int wait_ms(struct MHD_Daemon *daemon, bool full)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) != MHD_YES)
		return full ? FULL_MS : -1;
	if (full && ms > FULL_MS)
		return FULL_MS;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void serve_until_signal(struct MHD_Daemon *daemon, struct sockets *sockets)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[SOCKETS_MAX + 2] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = info->epoll_fd, .events = POLLIN },
	};
	bool full = false;
	nfds_t i;

	memcpy(&fds[2], sockets->fds, sockets->len * sizeof(fds[0]));
	while (!fds[0].revents) {
		for (i = 0; i < sockets->len + 2; i++)
			fds[i].revents = 0;
		poll(fds, full ? 2 : sockets->len + 2, wait_ms(daemon, full));
		full = false;
		for (i = 2; i < sockets->len + 2; i++)
			if (fds[i].revents)
				full |= take_connection(daemon, fds[i].fd);
		MHD_run(daemon);
	}
}

int listener_run(const char *address, unsigned int groups)
{
	static const int ending[] = { SIGINT, SIGTERM, 0 };
	struct sockets sockets;
	struct MHD_Daemon *daemon;
	int status;

	/* A client that closes its connection must not end this process. */
	signal(SIGPIPE, SIG_IGN);
	signals = signals_open(ending);
	if (signals < 0) {
		complain("cannot handle signals: %s", strerror(-signals));
		return EX_OSERR;
	}
	status = sockets_open(&sockets, address);
	if (status)
		return status;
	daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
				  serve, &groups,
				  MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				  MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_ALL,
				  MHD_OPTION_NOTIFY_CONNECTION, note_connection, NULL,
				  MHD_OPTION_END);
	if (daemon) {
		serve_until_signal(daemon, &sockets);
		MHD_stop_daemon(daemon);
	} else {
		complain("%s: cannot start the HTTP server", address);
		status = EX_OSERR;
	}
	sockets_close(&sockets);
	return status;
}
