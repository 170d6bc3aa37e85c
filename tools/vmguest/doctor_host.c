// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The examinations of vmguest doctor that ask the host.
 */
#include "doctor_host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attribute.h"
#include "host.h"
#include "sample.h"
#include "text.h"

#define UNPRIVILEGED	65534
#define TRANSPORT	"/sys/module/vmguestlib/parameters/transport"

static uint64_t counter(const char *name)
{
	uint64_t value;

	return attribute_number(name, &value) ? 0 : value;
}

/* --- the way to the host ----------------------------------------------------- */

bool examine_transport(struct diagnosis *diagnosis)
{
	uint64_t failed, failovers;
	struct host_failure failure;
	struct host_snapshot snapshot;
	char transport[32], forced[32];
	int err, asked;

	/* Only a request shows whether the transport works. */
	asked = host_snapshot(&snapshot, 0);
	if (!asked)
		host_snapshot_free(&snapshot);
	if (!line_read(TRANSPORT, forced, sizeof(forced)) && strcmp(forced, "auto") &&
	    (asked == -EIO || asked == -ETIMEDOUT)) {
		finding(diagnosis, VERDICT_FAILURE, "transport",
			"let the module choose: 'echo auto >" TRANSPORT "'",
			"only %s is allowed, which does not answer", forced);
		return false;
	}
	failed = counter("rpc/failed");
	failovers = counter("rpc/failovers");
	err = attribute_read("transport", transport, sizeof(transport));
	if (err) {
		failure = host_failure(HOST_STATISTICS, err);
		finding(diagnosis, VERDICT_FAILURE, "transport", failure.cure, "%s",
			failure.reason);
		return false;
	}
	finding(diagnosis, VERDICT_OK, "transport", NULL, "%s, %" PRIu64 " requests",
		!strcmp(transport, "vsock") ? "VMCI sockets" : transport,
		counter("rpc/requests"));
	if (failovers)
		finding(diagnosis, VERDICT_WARNING, "transport",
			"is guest_rpc.rpci.usevsocket FALSE, or vmw_vsock_vmci_transport "
			"not loaded? Statistics over the backdoor are the same",
			"VMCI sockets failed, so the backdoor was used; failovers: %"
			PRIu64, failovers);
	if (failed)
		finding(diagnosis, VERDICT_WARNING, "transport",
			"'vmguest report' shows what this host answers", "%" PRIu64
			" requests got no well-formed answer", failed);
	return true;
}

/* --- what the host gives ----------------------------------------------------- */

/* Asks as an ordinary user: root drops its rights for this check. */
static int ask_without_rights(void)
{
	struct host_snapshot snapshot;
	uid_t user = geteuid();
	int err;

	if (user || seteuid(UNPRIVILEGED))
		return 0;
	err = host_snapshot(&snapshot, 0);
	if (!err)
		host_snapshot_free(&snapshot);
	if (seteuid(user))
		abort();
	return err;
}

static void examine_rights(struct diagnosis *diagnosis)
{
	if (ask_without_rights() != -EPERM)
		return;
	finding(diagnosis, VERDICT_WARNING, "statistics",
		"set guest_rpc.rpci.auth.app.APP_MONITOR to FALSE for the virtual "
		"machine, if all users may see the statistics",
		"this host gives statistics to root only");
}

static void examine_host_wide(struct diagnosis *diagnosis,
			      const struct host_snapshot *snapshot)
{
	uint32_t state = snapshot->values[VMGUESTLIB_STAT_HOST_MEM_PHYS_MB].state;

	if (state == VMGUESTLIB_VALUE_GIVEN)
		finding(diagnosis, VERDICT_OK, "statistics", NULL,
			"statistics of the whole host are given");
	else
		finding(diagnosis, VERDICT_OK, "statistics", NULL,
			"statistics of the whole host are not given, which is the default: they "
			"need tools.guestlib.enableHostInfo, with this exact spelling, and "
			"Misc.GuestLibAllowHostInfo of the host");
}

static void examine_extended(struct diagnosis *diagnosis)
{
	struct host_failure failure;
	struct host_text text;
	int err = host_stat_get("text", "", &text);

	if (err) {
		failure = host_failure(HOST_STATISTICS, err);
		finding(diagnosis, VERDICT_WARNING, "statistics", failure.cure,
			"extended statistics are missing: %s", failure.reason);
		return;
	}
	if (text.reply == VMGUESTLIB_REPLY_OK)
		finding(diagnosis, VERDICT_OK, "statistics", NULL,
			"extended statistics are given");
	else if (text.reply == VMGUESTLIB_REPLY_UNKNOWN_COMMAND)
		finding(diagnosis, VERDICT_WARNING, "statistics",
			"extended statistics need ESXi 6.0 or later",
			"this host does not know extended statistics: disks and network adapters "
			"are missing");
	else
		finding(diagnosis, VERDICT_WARNING, "statistics",
			"ask the host's administrator",
			"the host refuses extended statistics");
	free(text.text);
}

/* Steal time of all processors in ticks of 10 ms: the eighth number of the line. */
static bool kernel_steal(unsigned long long *ticks)
{
	char line[512];

	return !line_read("/proc/stat", line, sizeof(line)) &&
	       sscanf(line, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", ticks) == 1;
}

/* Stolen time of at least 1 % and of at least this time should be visible in the guest. */
#define STOLEN_MIN_MS	5000

static void examine_steal(struct diagnosis *diagnosis, const struct host_snapshot *snapshot)
{
	const struct vmguestlib_value *stolen =
		&snapshot->values[VMGUESTLIB_STAT_CPU_STOLEN_MS];
	const struct vmguestlib_value *elapsed =
		&snapshot->values[VMGUESTLIB_STAT_ELAPSED_MS];
	unsigned long long ticks;

	if (stolen->state != VMGUESTLIB_VALUE_GIVEN ||
	    elapsed->state != VMGUESTLIB_VALUE_GIVEN ||
	    stolen->value < STOLEN_MIN_MS || stolen->value < elapsed->value / 100 ||
	    !kernel_steal(&ticks) || ticks)
		return;
	finding(diagnosis, VERDICT_WARNING, "steal",
		"set stealclock.enable to TRUE for the virtual machine (hardware version 13 "
		"or later)",
		"the host has taken %" PRIu64 " s, but top and vmstat show none of it: the "
		"kernel's steal clock is off", (uint64_t)stolen->value / 1000);
}

bool examine_host(struct diagnosis *diagnosis)
{
	struct host_snapshot snapshot;
	struct host_failure failure;
	int err = host_snapshot(&snapshot, 0);

	if (err) {
		failure = host_failure(HOST_STATISTICS, err);
		finding(diagnosis, VERDICT_FAILURE, "statistics", failure.cure, "%s",
			failure.reason);
	} else {
		finding(diagnosis, VERDICT_OK, "statistics", NULL,
			"%u statistics are given (record version %u)", snapshot.count,
			snapshot.info_version);
		examine_host_wide(diagnosis, &snapshot);
		examine_rights(diagnosis);
	}
	examine_extended(diagnosis);
	if (!err) {
		examine_steal(diagnosis, &snapshot);
		host_snapshot_free(&snapshot);
	}
	return true;
}

/* --- versions ---------------------------------------------------------------- */

static void examine_abi(struct diagnosis *diagnosis)
{
	struct vmguestlib_abi_info info = { .size = sizeof(info) };
	int fd = host_open(O_RDONLY);

	if (fd < 0)
		return;
	if (ioctl(fd, VMGUESTLIB_IOC_ABI_INFO, &info))
		info.out_abi_version = 0;
	close(fd);
	if (info.out_abi_version != VMGUESTLIB_ABI_VERSION)
		finding(diagnosis, VERDICT_WARNING, "version",
			"install module and vmguest of the same release",
			"the interface version of the module is %u, that of vmguest %u",
			info.out_abi_version, VMGUESTLIB_ABI_VERSION);
	else
		finding(diagnosis, VERDICT_OK, "version", NULL,
			"vmguest " VERSION ", interface version %u",
			info.out_abi_version);
}

bool examine_versions(struct diagnosis *diagnosis)
{
	static struct sample sample;
	struct host_text text;

	examine_abi(diagnosis);
	if (host_stat_get("text", "session", &text))
		return true;
	if (text.reply == VMGUESTLIB_REPLY_OK)
		metrics_session(&sample, text.text, text.len);
	if (*sample.version)
		finding(diagnosis, VERDICT_OK, "version", NULL, "host: %s",
			sample.version);
	free(text.text);
	return true;
}

/* --- heartbeats -------------------------------------------------------------- */

static void examine_clients(struct diagnosis *diagnosis, bool enabled)
{
	struct vmguestlib_heartbeat_client *clients = NULL;
	int fd = host_open(O_RDONLY), count = 0, i;

	if (fd >= 0) {
		count = host_heartbeats(fd, &clients);
		close(fd);
	}
	for (i = 0; i < count; i++)
		if (clients[i].state == VMGUESTLIB_HEARTBEAT_EXPIRED)
			finding(diagnosis, VERDICT_FAILURE, "heartbeat",
				"start it again, or clear it as root: "
				"'vmguest heartbeat clear NAME'",
				"client %s has expired: the host is going to reset this "
				"machine", clients[i].name);
	if (!count && enabled)
		finding(diagnosis, VERDICT_WARNING, "heartbeat",
			"find the program that enabled it, or run 'vmware-appmonitor disable'",
			"the host expects heartbeats, but no client is armed");
	else if (!count)
		finding(diagnosis, VERDICT_OK, "heartbeat", NULL,
			"no client is armed, and the host expects no heartbeats");
	free(clients);
}

static void examine_status(struct diagnosis *diagnosis)
{
	uint64_t armed = counter("heartbeat/clients");
	char word[64];

	if (attribute_read("heartbeat/status", word, sizeof(word)))
		return;
	if (status_is(word, "red"))
		finding(diagnosis, VERDICT_FAILURE, "heartbeat",
			"find out why the application sends no heartbeats",
			"status %s: the host misses heartbeats and may reset this "
			"machine", word);
	else if (armed && !status_is(word, "green"))
		finding(diagnosis, VERDICT_WARNING, "heartbeat",
			"wait for one window of the host, by default 30 s",
			"status %s although a client is armed", word);
	else if (armed)
		finding(diagnosis, VERDICT_OK, "heartbeat", NULL,
			"status %s, %" PRIu64 " client%s", word, armed,
			armed == 1 ? "" : "s");
}

/* Reports limits of the watchdog device that a cluster stack has to know. */
static void examine_limits(struct diagnosis *diagnosis)
{
	finding(diagnosis, VERDICT_OK, "heartbeat", NULL,
		"vSphere HA resets the machine up to 29 s after need-reset, or 61 to 89 s after "
		"the last heartbeat, at most maxFailures times, so fencing is not guaranteed");
	if (!access("/etc/default/sbd", F_OK) || !access("/etc/sysconfig/sbd", F_OK))
		finding(diagnosis, VERDICT_OK, "heartbeat", NULL,
			"sbd has to wait for 89 s and a margin: set msgwait ('sbd -4 120 create') or "
			"stonith-watchdog-timeout to at least 120 s");
}

bool examine_heartbeat(struct diagnosis *diagnosis)
{
	uint64_t missed = counter("heartbeat/missed");
	char enabled[8], name[64] = "?";
	struct host_failure failure;
	int err = attribute_read("heartbeat/enabled", enabled, sizeof(enabled));

	if (err) {
		failure = host_failure(HOST_HEARTBEAT, err);
		finding(diagnosis, VERDICT_WARNING, "heartbeat", failure.cure, "%s",
			failure.reason);
		return true;
	}
	examine_clients(diagnosis, *enabled == '1');
	examine_status(diagnosis);
	examine_limits(diagnosis);
	if (counter("heartbeat/pause_s"))
		finding(diagnosis, VERDICT_WARNING, "heartbeat",
			"end it as root: 'vmguest heartbeat pause 0'",
			"paused for %" PRIu64 " s more: no client is monitored",
			counter("heartbeat/pause_s"));
	if (counter("heartbeat/found_enabled"))
		finding(diagnosis, VERDICT_WARNING, "heartbeat",
			"let all programs send heartbeats through the module",
			"the host was enabled before the first client was armed: another "
			"program sends heartbeats, too");
	if (missed) {
		attribute_read("heartbeat/last_missed", name, sizeof(name));
		finding(diagnosis, VERDICT_WARNING, "heartbeat",
			"the kernel log has the names and times",
			"expired clients since the module was loaded: %" PRIu64
			", the last one is %s", missed, name);
	}
	return true;
}
