// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "listener.h"

/*
 * One HTTP request is served at a time, so that any number of clients cause one request at
 * a time to the host.
 */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "child.h"
#include "cli.h"
#include "host.h"
#include "scrape.h"

#define TIMEOUT_S	30
#define CONNECTIONS_MAX	64
#define CONNECTIONS_ALL	(CONNECTIONS_MAX + 8)

static const char front_page[] =
	"vmguest export: the statistics of this virtual machine are at /metrics\n";

/* --- connections --------------------------------------------------------------- */

/* All that are open, the one that was used last at the end. */
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
 * Idle connections would keep others out until they time out: the one that was used
 * longest ago is shut down. The library closes it then.
 */
static void make_room(void)
{
	const union MHD_ConnectionInfo *info;
	struct MHD_Connection *oldest = connections[0];

	if (connections_len <= CONNECTIONS_MAX)
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
	make_room();
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

/* Prometheus names OpenMetrics when it can read it. */
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
	int err = scrape_text(format, groups, &text, &len);

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

static enum MHD_Result serve(void *groups, struct MHD_Connection *connection,
			     const char *url, const char *method,
			     const char *version, const char *upload,
			     size_t *upload_size, void **state)
{
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	remember(connection);
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			   "GET or HEAD\n");
	if (!strcmp(url, "/metrics"))
		return serve_metrics(connection, *(const unsigned int *)groups);
	if (!strcmp(url, "/"))
		return say(connection, MHD_HTTP_OK, front_page);
	return say(connection, MHD_HTTP_NOT_FOUND, "not found\n");
}

/* --- the socket -------------------------------------------------------------- */

/* "port", "address:port" or "[address]:port", of numbers. Returns false if it is none. */
static bool split_address(char *address, const char **host, const char **port)
{
	char *colon = strrchr(address, ':');
	unsigned long number;
	size_t len;

	*host = "127.0.0.1";
	*port = address;
	if (colon)
		*port = colon + 1;
	/* getaddrinfo() would take 65537 for 1. */
	if (!parse_number(*port, 1, 65535, &number))
		return false;
	if (!colon)
		return true;
	*colon = '\0';
	len = strlen(address);
	if (*address == '[' && len > 2 && address[len - 1] == ']') {
		address[len - 1] = '\0';
		*host = address + 1;
	} else if (*address && !strchr(address, ':')) {
		*host = address;
	} else {
		return false;
	}
	return true;
}

static int bind_to(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC,
			info->ai_protocol);
	int on = 1, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Returns a descriptor, or -1 with *STATUS. */
static int open_socket(const char *address, int *status)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	}, *found;
	char *copy = strdup(address);
	const char *host, *port;
	int err, fd = -1;

	*status = EX_USAGE;
	if (!copy || !split_address(copy, &host, &port)) {
		free(copy);
		wrong_usage("wrong address '%s'", address);
		return -1;
	}
	err = getaddrinfo(host, port, &hints, &found);
	free(copy);
	if (err) {
		wrong_usage("wrong address '%s': %s", address, gai_strerror(err));
		return -1;
	}
	fd = bind_to(found);
	freeaddrinfo(found);
	if (fd >= 0)
		return fd;
	complain("%s: %s", address, strerror(-fd));
	*status = EX_OSERR;
	return -1;
}

/* Only one that listens: any other would be accepted from again and again. */
static int passed_socket(int *status)
{
	int count = sd_listen_fds(1);

	if (count == 1 && sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) > 0)
		return SD_LISTEN_FDS_START;
	if (count > 0)
		wrong_usage("systemd passes more than one socket, or one that does not listen");
	else
		wrong_usage("systemd passes no socket");
	*status = EX_USAGE;
	return -1;
}

/* --- serving until a signal arrives ------------------------------------------- */

static void wait_for_signal(int signals)
{
	struct pollfd readable = { .fd = signals, .events = POLLIN };

	while (poll(&readable, 1, -1) <= 0)
		;
}

int listener_run(const char *address, unsigned int groups)
{
	struct MHD_Daemon *daemon;
	static const int ending[] = { SIGINT, SIGTERM, 0 };
	int status, fd, signals;

	/* Before the thread begins, which inherits their mask. */
	signals = signals_open(ending);
	if (signals < 0) {
		complain("cannot handle signals: %s", strerror(-signals));
		return EX_OSERR;
	}
	fd = !strcmp(address, "systemd") ? passed_socket(&status) :
					   open_socket(address, &status);
	if (fd < 0)
		return status;
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
				  serve, &groups, MHD_OPTION_LISTEN_SOCKET, fd,
				  MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				  MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_ALL,
				  MHD_OPTION_NOTIFY_CONNECTION, note_connection, NULL,
				  MHD_OPTION_END);
	if (!daemon) {
		complain("%s: cannot start the HTTP server", address);
		close(fd);
		return EX_OSERR;
	}
	wait_for_signal(signals);
	MHD_stop_daemon(daemon);
	return 0;
}
