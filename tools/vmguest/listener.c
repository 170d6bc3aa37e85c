// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "listener.h"

/*
 * One request is served at a time, so that any
 * number of clients make one question at a time to the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "host.h"
#include "scrape.h"

#define TIMEOUT_S	30
#define CONNECTIONS_MAX	64
#define SYSTEMD_FD	3

static const char front_page[] =
	"vmguest export: what the host of this virtual machine tells is at /metrics\n";

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

static enum MHD_Result serve_metrics(struct MHD_Connection *connection)
{
	enum exposition_format format = wanted_format(connection);
	enum MHD_Result result;
	char *text, reason[256];
	size_t len;
	int err = scrape_text(format, &text, &len);

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

static enum MHD_Result serve(void *unused, struct MHD_Connection *connection,
			     const char *url, const char *method,
			     const char *version, const char *upload,
			     size_t *upload_size, void **state)
{
	(void)unused;
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			   "GET or HEAD\n");
	if (!strcmp(url, "/metrics"))
		return serve_metrics(connection);
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

/* sd_listen_fds(3): one socket, passed to this very process. */
static int passed_socket(int *status)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	unsigned long number;

	*status = EX_USAGE;
	if (pid && fds && parse_number(pid, (unsigned long)getpid(),
				       (unsigned long)getpid(), &number) &&
	    parse_number(fds, 1, 1, &number)) {
		fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
		return SYSTEMD_FD;
	}
	wrong_usage("systemd passes no socket, or more than one");
	return -1;
}

/* --- until told to stop ------------------------------------------------------ */

static void wait_for_signal(const sigset_t *signals)
{
	int signal;

	while (sigwait(signals, &signal) == EINTR)
		;
}

int listener_run(const char *address)
{
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int status, fd;

	/* Before the thread begins, which inherits it. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	fd = !strcmp(address, "systemd") ? passed_socket(&status) :
					   open_socket(address, &status);
	if (fd < 0)
		return status;
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
				  serve, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
				  MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				  MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				  MHD_OPTION_END);
	if (!daemon) {
		complain("%s: the listener does not start", address);
		close(fd);
		return EX_OSERR;
	}
	wait_for_signal(&signals);
	MHD_stop_daemon(daemon);
	return 0;
}
