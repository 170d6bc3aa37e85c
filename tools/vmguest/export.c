// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vmguest export: the statistics for monitoring; described in man/vmguest-export.1.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attribute.h"
#include "export.h"
#include "vmguest.h"

static const char help[] =
	"Usage: vmguest export [--format FORMAT]\n"
	"       vmguest export [--format FORMAT] --textfile FILE\n"
	"       vmguest export --listen ADDRESS:PORT|PORT|systemd\n"
	"\n"
	"Statistics for Prometheus and whoever understands its text: once, on standard\n"
	"output or as a file for node_exporter; or for every GET of /metrics.\n"
	"\n"
	"      --format FORMAT   openmetrics, which is the default, or prometheus, which is\n"
	"                        the default of --textfile\n"
	"      --textfile FILE   replace FILE, which is never seen half written\n"
	"      --listen ADDRESS  on the loopback device unless ADDRESS names another;\n"
	"                        systemd: on the socket that systemd passes\n"
	"      --help\n";

/* --- the text ---------------------------------------------------------------- */

/*
 * When the session began, by the guest's clock. It is worked out once for a session,
 * so that a program that stays tells the same for all of it.
 */
static int64_t session_began(const struct host_snapshot *snapshot)
{
	const struct vmguestlib_value *elapsed =
		&snapshot->values[VMGUESTLIB_STAT_ELAPSED_MS];
	static uint64_t session_id;
	static int64_t began;
	struct timespec real, boot;
	double asked;

	if (elapsed->state != VMGUESTLIB_VALUE_GIVEN)
		return 0;
	if (session_id == snapshot->session_id)
		return began;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	asked = (double)(real.tv_sec - boot.tv_sec) +
		(double)(real.tv_nsec - boot.tv_nsec) / 1e9 +
		(double)snapshot->time_ns / 1e9;
	session_id = snapshot->session_id;
	began = (int64_t)(asked - (double)elapsed->value / 1e3 + 0.5);
	return began;
}

static void read_counter(const char *name, struct metric *metric)
{
	metric->state = attribute_number(name, &metric->value) ?
			METRIC_MISSING : METRIC_GIVEN;
}

/* None of these files asks the host. */
static void read_counters(struct module_counters *counters)
{
	read_counter("rpc/requests", &counters->requests);
	read_counter("rpc/refused", &counters->refused);
	read_counter("rpc/failed", &counters->failed);
	read_counter("rpc/failovers", &counters->failovers);
	read_counter("heartbeat/clients", &counters->heartbeat_clients);
	read_counter("heartbeat/missed", &counters->heartbeat_missed);
	read_counter("heartbeat/last_beat_age_ms",
		     &counters->heartbeat_last_beat_age_ms);
}

int export_text(enum exposition_format format, char **text, size_t *len)
{
	struct module_counters counters;
	struct host_snapshot snapshot;
	struct exposition exposition = {
		.format = format,
		.snapshot = &snapshot,
		.counters = &counters,
		.version = VERSION,
	};
	int err = host_snapshot(&snapshot, 0);
	FILE *out;

	if (err)
		return err;
	exposition.created = session_began(&snapshot);
	read_counters(&counters);
	*text = NULL;
	out = open_memstream(text, len);
	if (out) {
		exposition_write(out, &exposition);
		err = ferror(out) ? -ENOMEM : 0;
		if (fclose(out))
			err = -ENOMEM;
	} else {
		err = -ENOMEM;
	}
	host_snapshot_free(&snapshot);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}

/* --- the file ---------------------------------------------------------------- */

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t written;

	while (len) {
		written = write(fd, text, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		len -= (size_t)written;
	}
	return 0;
}

/* The new name has to last, too. */
static int sync_directory(const char *file)
{
	char *copy = strdup(file);
	int fd, err;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

/* A name that the textfile collector does not take for one of its files. */
static int replace_file(const char *file, const char *text, size_t len)
{
	char *temporary;
	int fd, err;

	if (asprintf(&temporary, "%s.XXXXXX", file) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temporary);
		return err;
	}
	err = write_all(fd, text, len);
	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temporary, file))
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err ? err : sync_directory(file);
}

/* --- the command ------------------------------------------------------------- */

static int export_once(enum exposition_format format, const char *file)
{
	char *text;
	size_t len;
	int err = export_text(format, &text, &len);

	if (err)
		return host_complain(HOST_STATISTICS, err);
	if (!file) {
		fwrite(text, 1, len, stdout);
		free(text);
		return end_output(0);
	}
	err = replace_file(file, text, len);
	free(text);
	if (!err)
		return 0;
	complain("%s: %s", file, strerror(-err));
	return EX_CANTCREAT;
}

static bool parse_format(const char *name, int *format)
{
	if (!strcmp(name, "openmetrics"))
		*format = EXPOSITION_OPENMETRICS;
	else if (!strcmp(name, "prometheus"))
		*format = EXPOSITION_PROMETHEUS;
	else
		return false;
	return true;
}

int vmguest_export(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "textfile", required_argument, NULL, 't' },
		{ "listen", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *file = NULL, *address = NULL;
	int option, format = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			if (!parse_format(optarg, &format))
				return wrong_usage("unknown format '%s'", optarg);
			break;
		case 't':
			file = optarg;
			break;
		case 'l':
			address = optarg;
			break;
		case 'h':
			return print_help(help);
		default:
			return wrong_option();
		}
	}
	if (optind < argc)
		return wrong_usage("unexpected argument '%s'", argv[optind]);
	if (address && (file || format >= 0))
		return wrong_usage("--listen goes with no other option");
	if (address)
		return export_listen(address);
	if (format < 0)
		format = file ? EXPOSITION_PROMETHEUS : EXPOSITION_OPENMETRICS;
	return export_once((enum exposition_format)format, file);
}
