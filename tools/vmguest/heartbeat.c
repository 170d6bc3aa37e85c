// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest heartbeat: the monitored applications, and their status at the host; described
 * in man/vmguest-heartbeat.1.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "attribute.h"
#include "cli.h"
#include "command.h"
#include "disabled.h"
#include "heartbeat_run.h"
#include "host.h"
#include "text.h"

#define PAUSE_FILE	"/sys/class/misc/vmguestlib/heartbeat/pause_s"

static const char help[] =
	"Usage: vmguest heartbeat [status | list] [--json]\n"
	"       vmguest heartbeat run [OPTION...] -- COMMAND [ARGUMENT...]\n"
	"       vmguest heartbeat clear NAME\n"
	"       vmguest heartbeat pause SECONDS\n"
	"\n"
	"  status  print the state at the host and in the kernel; the default\n"
	"  list    print the monitored applications\n"
	"  run     run COMMAND as a monitored application: see 'heartbeat run --help'\n"
	"  clear   forget an expired application of any user (root)\n"
	"  pause   send no heartbeats and check no timeouts for SECONDS; 0 ends it (root)\n"
	"\n"
	"      --json  print JSON (status and list)\n"
	"      --help\n";

/* --- status -------------------------------------------------------------------- */

/* Files of sysfs, in the order of the output. */
static const struct row {
	const char *file;
	const char *label;
	const char *unit;
	bool is_number;
} rows[] = {
	{ "heartbeat/enabled", "host expects heartbeats", "", true },
	{ "heartbeat/status", "host's status", "", false },
	{ "heartbeat/found_enabled", "enabled by another", "", true },
	{ "heartbeat/app_state", "state posted to the host", "", false },
	{ "heartbeat/interval_ms", "interval", " ms", true },
	{ "heartbeat/last_beat_age_ms", "last heartbeat", " ms ago", true },
	{ "heartbeat/clients", "clients", "", true },
	{ "heartbeat/missed", "deadlines missed", "", true },
	{ "heartbeat/last_missed", "missed last by", "", false },
	{ "heartbeat/pause_s", "pause left", " s", true },
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

/* ENODATA is no failure: there is no value yet. */
static void print_row(const struct row *row, const char *text, int err)
{
	char *clean;

	printf("%-24s ", row->label);
	if (err == -ENODATA) {
		puts("none");
	} else if (err) {
		puts(host_failure(HOST_HEARTBEAT, err).reason);
	} else {
		clean = clean_text(text, "");
		printf("%s%s\n", clean ? clean : "", row->unit);
		free(clean);
	}
}

static void add_row(cJSON *object, const struct row *row, const char *text, int err)
{
	char *clean = clean_text(text, "");

	if (err)
		cJSON_AddNullToObject(object, row->file + strlen("heartbeat/"));
	else if (row->is_number)
		cJSON_AddRawToObject(object, row->file + strlen("heartbeat/"), text);
	else
		cJSON_AddStringToObject(object, row->file + strlen("heartbeat/"), clean ? clean : "");
	free(clean);
}

static int print_json(cJSON *json)
{
	char *text = cJSON_Print(json);

	cJSON_Delete(json);
	if (!text) {
		complain("%s", strerror(ENOMEM));
		return EX_OSERR;
	}
	puts(text);
	free(text);
	return end_output(0);
}

/* Returns the exit status for the first value that the host failed to give. */
static int show_status(bool json)
{
	cJSON *object = json ? cJSON_CreateObject() : NULL;
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	int fd = host_open(O_RDONLY), status = 0;
	size_t i;

	if (fd < 0) {
		cJSON_Delete(object);
		return host_complain(HOST_HEARTBEAT, fd);
	}
	close(fd);
	for (i = 0; i < ROWS; i++) {
		int err = attribute_read(rows[i].file, text, sizeof(text));

		if (err && err != -ENODATA && !status)
			status = host_failure(HOST_HEARTBEAT, err).status;
		if (err)
			text[0] = '\0';
		if (json)
			add_row(object, &rows[i], text, err);
		else
			print_row(&rows[i], text, err);
	}
	if (json) {
		int printed = print_json(object);

		return printed ? printed : status;
	}
	return end_output(status);
}

/* --- list ---------------------------------------------------------------------- */

static void print_client(const struct vmguestlib_heartbeat_client *client)
{
	printf("%-31s %-11s %-7s %-10s %10.1f %10.1f %6u\n", client->name,
	       host_kind_word(client->kind), host_state_word(client->state),
	       host_action_word(client->action), client->deadline_ms / 1000.0,
	       client->remaining_ms / 1000.0, client->uid);
}

static void add_client(cJSON *array, const struct vmguestlib_heartbeat_client *client)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", client->name);
	cJSON_AddStringToObject(object, "kind", host_kind_word(client->kind));
	cJSON_AddStringToObject(object, "state", host_state_word(client->state));
	cJSON_AddStringToObject(object, "on_expire", host_action_word(client->action));
	cJSON_AddNumberToObject(object, "timeout_ms", client->deadline_ms);
	cJSON_AddNumberToObject(object, "remaining_ms", client->remaining_ms);
	cJSON_AddNumberToObject(object, "uid", client->uid);
	cJSON_AddItemToArray(array, object);
}

static int show_list(bool json)
{
	struct vmguestlib_heartbeat_client *clients = NULL;
	cJSON *array = NULL;
	int fd = host_open(O_RDONLY), count, i;

	if (fd < 0)
		return host_complain(HOST_HEARTBEAT, fd);
	count = host_heartbeats(fd, &clients);
	close(fd);
	if (count < 0)
		return host_complain(HOST_HEARTBEAT, count);
	if (json)
		array = cJSON_CreateArray();
	else if (count)
		printf("%-31s %-11s %-7s %-10s %10s %10s %6s\n", "NAME", "KIND",
		       "STATE", "ON-EXPIRE", "TIMEOUT/s", "LEFT/s", "UID");
	for (i = 0; i < count; i++)
		if (json)
			add_client(array, &clients[i]);
		else
			print_client(&clients[i]);
	free(clients);
	return json ? print_json(array) : end_output(0);
}

/* --- for root ------------------------------------------------------------------ */

static int clear_client(const char *name)
{
	struct vmguestlib_heartbeat_clear clear = { .size = sizeof(clear) };
	int fd, err = 0;

	if (strlen(name) >= sizeof(clear.name))
		return wrong_usage("'%s' is too long for a name", name);
	strcpy(clear.name, name);
	fd = host_open(O_RDONLY);
	if (fd < 0)
		return host_complain(HOST_HEARTBEAT, fd);
	if (ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_CLEAR, &clear) < 0)
		err = -errno;
	close(fd);
	switch (err) {
	case 0:
		return wait_after_last_client();
	case -EPERM:
		complain("only root may clear an application (%s)", host_root_cure());
		return EX_NOPERM;
	case -ENOENT:
	case -EINVAL:
		complain("no such client: '%s' (see 'vmguest heartbeat list')", name);
		return EX_DATAERR;
	case -EBUSY:
		complain("'%s' has not expired (stop the program to end its monitoring)",
			 name);
		return EX_TEMPFAIL;
	default:
		return host_complain(HOST_HEARTBEAT, err);
	}
}

/* Returns 0 or a negative errno. */
static int write_pause(const char *seconds)
{
	int fd = open(PAUSE_FILE, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, seconds, strlen(seconds)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Writes the pause again, which makes the module send Disable at once. */
static void pause_again(const char *seconds)
{
	write_pause(seconds);
}

/*
 * Waits until the host is disabled. A successful write of the pause does not show this,
 * because the module accepts a pause even if the Disable for it fails.
 */
static int wait_for_pause(const char *seconds)
{
	char command[64];

	snprintf(command, sizeof(command), "vmguest heartbeat pause %s", seconds);
	return wait_until_disabled(pause_again, seconds, command);
}

static int pause_monitoring(const char *text)
{
	unsigned long seconds;
	int fd, err;

	if (!parse_number(text, 0, 86400, &seconds))
		return wrong_usage("wrong number of seconds '%s': 0 to 86400", text);
	fd = host_open(O_RDONLY);
	if (fd < 0)
		return host_complain(HOST_HEARTBEAT, fd);
	close(fd);
	err = write_pause(text);
	switch (err) {
	case 0:
		return seconds ? wait_for_pause(text) : 0;
	case -EACCES:
	case -EPERM:
		complain("only root may pause the monitoring (%s)", host_root_cure());
		return EX_NOPERM;
	case -EBUSY:
		complain("the watchdog runs with nowayout, which allows no pause");
		return EX_TEMPFAIL;
	default:
		return host_complain(HOST_HEARTBEAT, err);
	}
}

/* --- the command --------------------------------------------------------------- */

static int run_word(char **words, int count, bool json)
{
	const char *word = count ? words[0] : "status";
	bool is_status = !strcmp(word, "status"), is_list = !strcmp(word, "list");
	bool is_clear = !strcmp(word, "clear"), is_pause = !strcmp(word, "pause");

	if (!is_status && !is_list && !is_clear && !is_pause)
		return wrong_usage("unknown subcommand '%s'", word);
	if (json && !is_status && !is_list)
		return wrong_usage("--json is for status and list only");
	if ((is_clear || is_pause) && count != 2)
		return wrong_usage("'%s' needs exactly one argument", word);
	if ((is_status || is_list) && count > 1)
		return wrong_usage("unexpected argument '%s'", words[1]);
	if (is_clear)
		return clear_client(words[1]);
	if (is_pause)
		return pause_monitoring(words[1]);
	return is_list ? show_list(json) : show_status(json);
}

int vmguest_heartbeat(int argc, char **argv)
{
	bool json = false;
	int status;

	/* run has its own options, and after them comes COMMAND with its options. */
	if (argc > 1 && !strcmp(argv[1], "run"))
		return heartbeat_run(argc - 1, argv + 1);
	status = plain_options(argc, argv, help, argc, &json);
	return status < 0 ? run_word(argv + optind, argc - optind, json) : status;
}
