// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest watch: events as they happen; described in man/vmguest-watch.1.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "attribute.h"
#include "child.h"
#include "cli.h"
#include "command.h"
#include "host.h"
#include "text.h"
#include "writer.h"

static const char help[] =
	"Usage: vmguest watch [OPTION...]\n"
	"\n"
	"Prints one line for each event: a change of session (the virtual machine was moved,\n"
	"suspended, reverted ...), a change of the heartbeat status, and clients that are\n"
	"armed, expire, or disarm.\n"
	"\n"
	"      --interval MS  longest time between two requests (1000)\n"
	"      --count N      end after N events\n"
	"      --json         print one JSON object per line\n"
	"      --exec CMD     for each event run sh -c CMD; variables such as VMGUEST_EVENT\n"
	"                     describe the event, see vmguest-watch(1)\n"
	"      --help\n";

#define INTERVAL_MS	1000
#define LAST_MESSAGES_MS	1000
/* Time for a command of --exec to end after a signal that ends vmguest. */
#define LAST_COMMAND_MS	2000

/* A member of an event. JSON has it as NAME, the environment as VMGUEST_NAME. */
struct member {
	const char *name;
	const char *value;
	bool is_number;
};

#define MEMBERS_MAX	5

struct watch {
	int fd;
	int signals;
	unsigned long interval_ms;
	unsigned long count;		/* number of events after which to end; 0: do not end */
	bool json;
	const char *command;

	uint64_t session_id;
	uint64_t generation;
	struct vmguestlib_heartbeat_client *clients;
	int clients_len;

	bool session_due;		/* a change of the session is still to be reported */
	unsigned long seen;		/* number of events reported so far */
	bool ended;			/* a signal, the count or an error has ended the loop */
	int status;			/* exit status: EX_IOERR if the output failed, else 0 */
};

/* --- the output of an event ---------------------------------------------------- */

static char *json_text(const struct member *members)
{
	cJSON *object = cJSON_CreateObject();
	char *text;

	for (; members->name; members++)
		if (members->is_number)
			cJSON_AddRawToObject(object, members->name, members->value);
		else
			cJSON_AddStringToObject(object, members->name, members->value);
	text = cJSON_PrintUnformatted(object);
	cJSON_Delete(object);
	return text;
}

/* In a line the time and the kind of the event have no name before them. */
static char *line_text(const struct member *members)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int i;

	if (!out)
		return NULL;
	for (i = 0; members[i].name; i++)
		if (i < 2)
			fprintf(out, "%s%s", i ? " " : "", members[i].value);
		else
			fprintf(out, " %s=%s", members[i].name, members[i].value);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static void set_environment(const void *argument)
{
	const struct member *members = argument;
	char name[64];
	char *letter;

	for (; members->name; members++) {
		snprintf(name, sizeof(name), "VMGUEST_%s", members->name);
		for (letter = name; *letter; letter++)
			if (*letter >= 'a' && *letter <= 'z')
				*letter -= 'a' - 'A';
		setenv(name, members->value, 1);
	}
}

/* Reads the signals that have arrived. Passes those that end us to CHILD unless it is 0. */
static void read_signals(struct watch *watch, pid_t child)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (child)
			helper_kill(child, (int)info.ssi_signo);
		watch->ended = true;
	}
}

static struct writer output, messages;

static void put_message(const char *text, size_t len)
{
	writer_put(&messages, text, len);
}

/* Waits until the output is written or a signal ends the program. */
static void await_output(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = output.event, .events = POLLIN },
		{ .fd = watch->signals, .events = POLLIN },
	};

	while (!writer_is_done(&output) && !watch->ended) {
		poll(fds, 2, -1);
		read_signals(watch, 0);
	}
}

/* A reader that does not read delays the events, but not the signals. */
static void print(struct watch *watch, const struct member *members)
{
	char *text = watch->json ? json_text(members) : line_text(members), *line;
	int err = -ENOMEM;

	if (text && asprintf(&line, "%s\n", text) >= 0) {
		err = writer_put(&output, line, strlen(line));
		free(line);
	}
	free(text);
	await_output(watch);
	if (!err)
		err = output.err;
	if (!err)
		return;
	complain("standard output: %s", strerror(-err));
	watch->status = EX_IOERR;
	watch->ended = true;
}

static void run_command(struct watch *watch, const struct member *members)
{
	struct pollfd signals = { .fd = watch->signals, .events = POLLIN };
	char text[EXIT_TEXT_SIZE];
	pid_t child = helper_start(watch->command, set_environment, members);
	int status;

	if (child < 0) {
		complain("%s: %s", watch->command, strerror(-child));
		return;
	}
	while (!waitpid(child, &status, WNOHANG)) {
		if (!poll(&signals, 1, watch->ended ? LAST_COMMAND_MS : -1))
			helper_kill(child, SIGKILL);
		read_signals(watch, child);
	}
	if (status)
		complain("%s: %s", watch->command, exit_text(status, text));
}

static void happened(struct watch *watch, const char *event, struct member *members)
{
	struct member all[MEMBERS_MAX + 3] = {
		{ .name = "time" }, { .name = "event", .value = event },
	};
	char stamp[sizeof("2026-01-01T00:00:00Z") + 16];
	time_t now = time(NULL);
	int i;

	strftime(stamp, sizeof(stamp), "%FT%TZ", gmtime(&now));
	all[0].value = stamp;
	for (i = 0; i < MEMBERS_MAX && members[i].name; i++)
		all[2 + i] = members[i];
	print(watch, all);
	if (watch->ended || !strcmp(event, "start"))
		return;
	if (watch->command)
		run_command(watch, all);
	watch->seen++;
	if (watch->count && watch->seen >= watch->count)
		watch->ended = true;
}

/* --- finding events ------------------------------------------------------------ */

#define ID_SIZE	sizeof("0x0123456789abcdef")

static void print_id(char text[ID_SIZE], uint64_t id)
{
	snprintf(text, ID_SIZE, "0x%016" PRIx64, id);
}

/* EVENT is "start" or "session". The kernel still has the reply with the new session. */
static int look_at_session(struct watch *watch, const char *event)
{
	char now[ID_SIZE], previous[ID_SIZE], generation[24];
	struct host_snapshot snapshot;
	int err = host_snapshot(&snapshot, watch->interval_ms);

	if (err)
		return err;
	print_id(previous, watch->session_id);
	print_id(now, snapshot.session_id);
	snprintf(generation, sizeof(generation), "%" PRIu64, snapshot.generation);
	if (!watch->session_id || snapshot.generation != watch->generation) {
		struct member members[MEMBERS_MAX] = {
			{ "session_id", now, false },
			{ "generation", generation, true },
			{ watch->session_id ? "previous_session_id" : NULL,
			  previous, false },
		};

		watch->session_id = snapshot.session_id;
		watch->generation = snapshot.generation;
		happened(watch, event, members);
	}
	host_snapshot_free(&snapshot);
	return 0;
}

static void look_at_status(struct watch *watch)
{
	char word[VMGUESTLIB_APPMON_TEXT_SIZE] = "";
	struct member members[MEMBERS_MAX] = { { "status", NULL, false } };
	char *clean = NULL;

	if (!attribute_read("heartbeat/status", word, sizeof(word)))
		clean = clean_text(word, "");
	members[0].value = clean ? clean : "unknown";
	happened(watch, "status", members);
	free(clean);
}

static const struct vmguestlib_heartbeat_client *
find_client(const struct vmguestlib_heartbeat_client *clients, int len, const char *name)
{
	int i;

	for (i = 0; i < len; i++)
		if (!strcmp(clients[i].name, name))
			return &clients[i];
	return NULL;
}

static void client_event(struct watch *watch, const char *event,
			 const struct vmguestlib_heartbeat_client *client)
{
	struct member members[MEMBERS_MAX] = {
		{ "client", client->name, false },
		{ "on_expire", host_action_word(client->action), false },
	};

	happened(watch, event, members);
}

/* The kernel reports an expiry only to the client itself, so the list is compared. */
static void look_at_clients(struct watch *watch)
{
	struct vmguestlib_heartbeat_client *clients;
	const struct vmguestlib_heartbeat_client *was;
	int len = host_heartbeats(watch->fd, &clients), i;

	if (len < 0)
		return;
	for (i = 0; i < len && !watch->ended; i++) {
		was = find_client(watch->clients, watch->clients_len, clients[i].name);
		if (was && was->state == clients[i].state)
			continue;
		client_event(watch, clients[i].state == VMGUESTLIB_HEARTBEAT_EXPIRED ?
			     "expired" : "armed", &clients[i]);
	}
	for (i = 0; i < watch->clients_len && !watch->ended; i++)
		if (!find_client(clients, len, watch->clients[i].name))
			client_event(watch, "disarmed", &watch->clients[i]);
	free(watch->clients);
	watch->clients = clients;
	watch->clients_len = len;
}

static int fetch_events(struct watch *watch)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	if (ioctl(watch->fd, VMGUESTLIB_IOC_EVENTS, &events) < 0)
		return -errno;
	if (events.out_events & VMGUESTLIB_EVENT_SESSION)
		watch->session_due = true;
	/* If the host does not answer now, the change is reported when it answers again. */
	if (watch->session_due && !look_at_session(watch, "session"))
		watch->session_due = false;
	if (events.out_events & VMGUESTLIB_EVENT_STATUS && !watch->ended)
		look_at_status(watch);
	return 0;
}

/* --- the command --------------------------------------------------------------- */

/* A descriptor for writing permits a shorter interval. */
static int open_widest(void)
{
	int fd = host_open(O_RDWR);

	return fd < 0 ? host_open(O_RDONLY) : fd;
}

static int start(struct watch *watch)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = watch->interval_ms,
	};
	int err;

	watch->fd = open_widest();
	if (watch->fd < 0)
		return host_complain(HOST_HEARTBEAT, watch->fd);
	if (ioctl(watch->fd, VMGUESTLIB_IOC_WATCH, &arg) < 0) {
		if (errno == EPERM) {
			complain("no right to ask that often (choose a longer --interval, "
				 "or %s)", host_root_cure());
			return EX_NOPERM;
		}
		return host_complain(HOST_STATISTICS, -errno);
	}
	watch->clients_len = host_heartbeats(watch->fd, &watch->clients);
	if (watch->clients_len < 0)
		return host_complain(HOST_HEARTBEAT, watch->clients_len);
	err = look_at_session(watch, "start");
	return err ? host_complain(HOST_STATISTICS, err) : 0;
}

static int follow(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = watch->fd, .events = POLLPRI },
		{ .fd = watch->signals, .events = POLLIN },
	};
	int err;

	while (!watch->ended) {
		if (poll(fds, 2, watch->interval_ms) < 0 && errno != EINTR) {
			complain("poll: %s", strerror(errno));
			return EX_OSERR;
		}
		read_signals(watch, 0);
		if (watch->ended)
			break;
		err = fetch_events(watch);
		if (err)
			return host_complain(HOST_STATISTICS, err);
		if (!watch->ended)
			look_at_clients(watch);
	}
	return watch->status;
}

static int run(struct watch *watch)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD, 0 };
	int status;

	watch->signals = signals_open(signals);
	if (watch->signals < 0) {
		complain("cannot handle signals: %s", strerror(-watch->signals));
		return EX_OSERR;
	}
	if (writer_open(&output, STDOUT_FILENO) || writer_open(&messages, STDERR_FILENO)) {
		complain("%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	complain_through(put_message);
	status = start(watch);
	if (!status)
		status = follow(watch);
	free(watch->clients);
	if (watch->fd >= 0)
		close(watch->fd);
	close(watch->signals);
	writer_finish(&messages, LAST_MESSAGES_MS);
	return status;
}

int vmguest_watch(int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "exec", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct watch watch = { .interval_ms = INTERVAL_MS };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i':
			if (!parse_number(optarg, 1, VMGUESTLIB_WATCH_INTERVAL_MAX_MS,
					  &watch.interval_ms))
				return wrong_usage("wrong interval '%s': 1 to 3600000 ms",
						   optarg);
			break;
		case 'n':
			if (!parse_number(optarg, 1, UINT32_MAX, &watch.count))
				return wrong_usage("wrong count '%s'", optarg);
			break;
		case 'j':
			watch.json = true;
			break;
		case 'e':
			if (!*optarg)
				return wrong_usage("the command is empty");
			watch.command = optarg;
			break;
		case 'h':
			return print_help(help);
		default:
			return wrong_option();
		}
	}
	if (optind < argc)
		return wrong_usage("unexpected argument '%s'", argv[optind]);
	return run(&watch);
}
