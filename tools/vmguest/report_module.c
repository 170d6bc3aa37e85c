// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: the answers of the host through the kernel module.
 */
#include "report_probes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "disabled.h"
#include "host.h"

static void add_reply(cJSON *probe, int err, int64_t begin, struct host_text *text)
{
	static const char *const words[] = {
		[VMGUESTLIB_REPLY_NONE] = "none",
		[VMGUESTLIB_REPLY_OK] = "served",
		[VMGUESTLIB_REPLY_REFUSED] = "refused",
		[VMGUESTLIB_REPLY_UNKNOWN_COMMAND] = "unknown command",
	};

	report_outcome(probe, err, begin);
	if (err)
		return;
	if (text->reply < sizeof(words) / sizeof(words[0]))
		report_text(probe, "reply", words[text->reply]);
	report_bytes(probe, text->text, text->len);
	free(text->text);
}

/* --- statistics -------------------------------------------------------------- */

static void add_stat(struct report *report, const char *encoding, const char *stat)
{
	int64_t begin = report_now_us();
	struct host_text text;
	char name[128];
	int err = host_stat_get(encoding, stat, &text);

	snprintf(name, sizeof(name), "stat.get '%s' '%s'", encoding, stat);
	add_reply(report_probe(report, name), err, begin, &text);
}

static void add_named(struct report *report, const char *name, const char *request)
{
	int64_t begin = report_now_us();
	struct host_text text;
	int err = host_rpc(request, &text);

	add_reply(report_probe(report, name), err, begin, &text);
}

/* Compares the firmware's UUID with the host's. The report shows neither of them. */
static void add_uuid(struct report *report)
{
	static const char key[] = "uuid.bios = ";
	/* The positions of the host's bytes if the first three numbers are byte-swapped. */
	static const unsigned char order[16] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15,
	};
	cJSON *probe = report_probe(report, "uuid");
	int64_t begin = report_now_us();
	char firmware[64] = "", host[33] = "", swapped[33] = "", plain[33] = "";
	struct host_text text;
	const char *at;
	size_t i, len = 0;
	int err = host_stat_get("text", "session", &text);

	report_outcome(probe, err, begin);
	if (err)
		return;
	at = strstr(text.text, key);
	for (at += at ? strlen(key) : 0; at && *at && *at != '\n' && len < 32; at++)
		if (isxdigit((unsigned char)*at))
			host[len++] = (char)tolower((unsigned char)*at);
	free(text.text);
	if (len != 32 || line_read("/sys/class/dmi/id/product_uuid", firmware,
				     sizeof(firmware)))
		return;
	for (i = len = 0; firmware[i] && len < 32; i++)
		if (isxdigit((unsigned char)firmware[i]))
			plain[len++] = (char)tolower((unsigned char)firmware[i]);
	for (i = 0; i < 16; i++)
		memcpy(swapped + 2 * i, plain + 2 * order[i], 2);
	report_text(probe, "firmware", !strcmp(plain, host) ? "plain" :
		    !strcmp(swapped, host) ? "swapped" : "differs");
}

static void add_request(struct report *report, const char *request)
{
	add_named(report, request, request);
}

static atomic_bool spinning;

static void *spin(void *unused)
{
	while (atomic_load_explicit(&spinning, memory_order_relaxed))
		;
	return unused;
}

/* Measures the time that all processors use in half a second in which none is idle. */
static void add_growth(struct report *report)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN), i, started = 0;
	cJSON *probe = report_probe(report, "growth");
	struct host_snapshot before, after;
	int64_t begin = report_now_us();
	pthread_t threads[256];
	int err;

	err = host_snapshot(&before, 0);
	atomic_store(&spinning, true);
	for (i = 0; !err && i < processors && i < 256; i++)
		started += !pthread_create(&threads[started], NULL, spin, NULL);
	if (!err)
		usleep(500000);
	atomic_store(&spinning, false);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (!err)
		err = host_snapshot(&after, 0);
	report_outcome(probe, err, begin);
	report_number(probe, "processors", (double)processors);
	if (err)
		return;
	report_number(probe, "used", (double)after.values[VMGUESTLIB_STAT_CPU_USED_MS].value -
		      (double)before.values[VMGUESTLIB_STAT_CPU_USED_MS].value);
	report_number(probe, "elapsed",
		      (double)after.values[VMGUESTLIB_STAT_ELAPSED_MS].value -
		      (double)before.values[VMGUESTLIB_STAT_ELAPSED_MS].value);
	report_number(probe, "used in all",
		      (double)after.values[VMGUESTLIB_STAT_CPU_USED_MS].value);
	report_number(probe, "elapsed in all",
		      (double)after.values[VMGUESTLIB_STAT_ELAPSED_MS].value);
	host_snapshot_free(&before);
	host_snapshot_free(&after);
}

static void add_record(struct report *report)
{
	cJSON *probe = report_probe(report, "record");
	int64_t begin = report_now_us();
	struct host_snapshot snapshot;
	char states[VMGUESTLIB_STAT_END + 1] = "", session[32];
	int err = host_snapshot(&snapshot, 0);
	size_t i;

	report_outcome(probe, err, begin);
	if (err)
		return;
	report_mask(snapshot.pool_path);
	report_mask(snapshot.pool_path_long);
	/* A digit for each statistic from 1: not sent, unavailable, given, unlimited. */
	for (i = 1; i < VMGUESTLIB_STAT_END; i++)
		states[i - 1] = (char)('0' + snapshot.values[i].state +
			(snapshot.values[i].state == VMGUESTLIB_VALUE_GIVEN &&
			 snapshot.values[i].value == UINT32_MAX));
	report_number(probe, "version", snapshot.info_version);
	report_number(probe, "count", snapshot.count);
	snprintf(session, sizeof(session), "%016llx",
		 (unsigned long long)snapshot.session_id);
	report_text(probe, "session", session);
	report_text(probe, "states", states);
	host_snapshot_free(&snapshot);
}

void report_statistics(struct report *report)
{
	static const char *const encodings[] = { "text", "json", "xml", "yaml" };
	static const char *const stats[] = { "", "session", "host", "resources" };
	size_t i, j;

	/* The record comes first, because its secrets are masked in the others. */
	add_record(report);
	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		for (j = 0; j < sizeof(stats) / sizeof(stats[0]); j++)
			add_stat(report, encodings[i], stats[j]);
	add_stat(report, "", "session");
	add_stat(report, "text", "nosuch");
	add_stat(report, "nosuch", "session");
	add_stat(report, "text", "vscsi scsi9:9");
	add_request(report, "guestlib.info.get 3");
	add_request(report, "guestlib.info.get 2");
	add_request(report, "guestlib.info.get 9");
	add_request(report, "guestlib.info.get ");
	add_uuid(report);
	add_growth(report);
}

/* --- application monitoring -------------------------------------------------- */

#define CMD	"GuestAppMonitor.Cmd."

/* Returns whether, as far as is known, a client is armed or the host expects heartbeats. */
static bool is_monitored(struct report *report)
{
	struct vmguestlib_heartbeat_client *clients = NULL;
	const cJSON *enabled = report_find(report, CMD "IsEnabled", "text");
	int fd = host_open(O_RDONLY);
	int count = fd < 0 ? fd : host_heartbeats(fd, &clients);

	if (fd >= 0)
		close(fd);
	free(clients);
	return count || !enabled || !strcmp(cJSON_GetStringValue(enabled), "true");
}

static void send_request(const char *request)
{
	struct host_text text;

	if (!host_rpc(request, &text))
		free(text.text);
}

/* Disables monitoring. Signals are blocked until this has ended. */
static void end_monitoring(struct report *report, const char *name)
{
	add_named(report, name, CMD "Disable");
	report->status = wait_until_disabled(send_request, CMD "Disable",
					     "vmware-appmonitor disable");
}

/*
 * The requests before Enable are harmless, because monitoring is not enabled then. At the
 * end monitoring is disabled again.
 */
static void add_active(struct report *report)
{
	static const char *const requests[] = {
		CMD "Disable", CMD "MarkActive", CMD "PostAppState OK",
		CMD "PostAppState appStateOk", CMD "Enable",
	};
	static const char *const afterwards[] = {
		"enabled: IsEnabled", "enabled: MarkActive", "enabled: GetAppStatus",
	};
	char request[64];
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		add_request(report, requests[i]);
	for (i = 0; i < sizeof(afterwards) / sizeof(afterwards[0]); i++) {
		snprintf(request, sizeof(request), CMD "%s",
			 afterwards[i] + strlen("enabled: "));
		add_named(report, afterwards[i], request);
	}
	end_monitoring(report, "enabled: Disable");
}

/* Returns whether a blocked signal is pending that would end the program. */
static bool signal_waits(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigismember(&pending, signals[i]))
			return true;
	return false;
}

/* The window is 30 s, and a host may take seconds for each answer. */
#define BEAT_US	(10 * INT64_C(1000000))

/* Sends beats until the session changes, END or a signal. Returns whether it has changed. */
static bool wait_for_move(int64_t end)
{
	int64_t next_beat = report_now_us() + BEAT_US;
	struct host_snapshot snapshot;
	uint64_t session = 0, now;

	while (report_now_us() < end && !signal_waits()) {
		if (!host_snapshot(&snapshot, 0)) {
			now = snapshot.session_id;
			host_snapshot_free(&snapshot);
			if (session && now != session)
				return true;
			session = now;
		}
		if (report_now_us() >= next_beat) {
			send_request(CMD "MarkActive");
			next_beat += BEAT_US;
		}
		usleep(200000);
	}
	return false;
}

/* Tests whether the host is still enabled and a connection still open after a move. */
static void add_move(struct report *report)
{
	int64_t begin = report_now_us();
	int fd = report_spare_connection();
	cJSON *probe;
	bool moved;

	add_named(report, "before the move: Enable", CMD "Enable");
	add_named(report, "before the move: MarkActive", CMD "MarkActive");
	probe = report_probe(report, "move");
	moved = wait_for_move(begin + (int64_t)report->move_s * 1000000);
	report_outcome(probe, moved ? 0 : -ETIMEDOUT, begin);
	if (moved) {
		add_named(report, "moved: IsEnabled", CMD "IsEnabled");
		add_named(report, "moved: GetAppStatus", CMD "GetAppStatus");
		add_named(report, "moved: MarkActive", CMD "MarkActive");
		add_named(report, "moved: status after it", CMD "GetAppStatus");
		report_spare_exchange(report, "moved: connection", fd);
	} else if (fd >= 0) {
		close(fd);
	}
	end_monitoring(report, "after the move: Disable");
}

void report_monitoring(struct report *report)
{
	sigset_t all, before;

	add_request(report, CMD "IsEnabled");
	add_request(report, CMD "GetAppStatus");
	if (!report->active)
		return;
	if (is_monitored(report)) {
		report_text(report_probe(report, "active"), "outcome",
			    "left out: application monitoring is enabled, or not known");
		return;
	}
	/* No signal may end the program between Enable and Disable. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	add_active(report);
	if (report->move_s && !report->status)
		add_move(report);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
