// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Requests to the host, and descriptions of their failures.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "host.h"

/*
 * The distance of the errors of opening from those of requests. It is greater than any errno
 * of the kernel, so that the two ranges do not overlap.
 */
#define OPENING	4096

int host_open(int access)
{
	int fd = vmguestlib_device_open(access);

	return fd < 0 ? fd - OPENING : fd;
}

int host_errno(int err)
{
	return err <= -OPENING ? err + OPENING : err;
}

static int request(unsigned long number, void *argument)
{
	int fd = host_open(O_RDONLY), err;

	if (fd < 0)
		return fd;
	err = vmguestlib_device_undisturbed(fd, number, argument);
	close(fd);
	return err;
}

/* Returns TEXT, shrunk to LEN bytes. If LEN is 0, frees TEXT and returns NULL. */
static char *ended_text(char *text, uint32_t len)
{
	char *shrunk;

	if (!len) {
		free(text);
		return NULL;
	}
	shrunk = realloc(text, len);
	if (shrunk)
		text = shrunk;
	return text;
}

/* The texts have room for the longest reply, so none is cut. */
static int request_snapshot(struct host_snapshot *snapshot, uint32_t max_age_ms,
			    char *path, char *long_path)
{
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.max_age_ms = max_age_ms,
		.values_len = VMGUESTLIB_STAT_END,
		.values = (uintptr_t)snapshot->values,
		.path = (uintptr_t)path,
		.path_len = VMGUESTLIB_REPLY_MAX,
		.long_path = (uintptr_t)long_path,
		.long_path_len = VMGUESTLIB_REPLY_MAX,
	};
	int err = request(VMGUESTLIB_IOC_GET_INFO, &info);

	if (err)
		return err;
	snapshot->session_id = info.out_session_id;
	snapshot->generation = info.out_generation;
	snapshot->time_ns = info.out_time_ns;
	snapshot->info_version = info.out_info_version;
	snapshot->count = info.out_count;
	snapshot->pool_path = ended_text(path, info.path_len);
	snapshot->pool_path_long = ended_text(long_path, info.long_path_len);
	return 0;
}

int host_snapshot(struct host_snapshot *snapshot, uint32_t max_age_ms)
{
	char *path = malloc(VMGUESTLIB_REPLY_MAX);
	char *long_path = malloc(VMGUESTLIB_REPLY_MAX);
	int err = -ENOMEM;

	*snapshot = (struct host_snapshot) { 0 };
	if (path && long_path)
		err = request_snapshot(snapshot, max_age_ms, path, long_path);
	if (err) {
		free(path);
		free(long_path);
	}
	return err;
}

void host_snapshot_free(struct host_snapshot *snapshot)
{
	free(snapshot->pool_path);
	free(snapshot->pool_path_long);
	*snapshot = (struct host_snapshot) { 0 };
}

static int take_text(int err, uint32_t reply, uint32_t len, struct host_text *text)
{
	char *shrunk;

	if (err) {
		free(text->text);
		*text = (struct host_text) { 0 };
		return err;
	}
	text->reply = reply;
	text->len = len;
	text->text[len] = '\0';
	shrunk = realloc(text->text, (size_t)len + 1);
	if (shrunk)
		text->text = shrunk;
	return 0;
}

int host_stat_get(const char *encoding, const char *stat, struct host_text *text)
{
	struct vmguestlib_stat_get call;
	int err;

	*text = (struct host_text) { .text = malloc(VMGUESTLIB_REPLY_MAX + 1) };
	if (!text->text)
		return -ENOMEM;
	call = vmguestlib_stat_request(encoding, stat, text->text);
	err = request(VMGUESTLIB_IOC_STAT_GET, &call);
	return take_text(err, call.out_reply, call.reply_len, text);
}

int host_rpc(const char *words, struct host_text *text)
{
	struct vmguestlib_rpc rpc = {
		.size = sizeof(rpc),
		.request = (uintptr_t)words,
		.request_len = (uint32_t)strlen(words),
		.reply_len = VMGUESTLIB_REPLY_MAX,
	};
	int err;

	*text = (struct host_text) { .text = malloc(VMGUESTLIB_REPLY_MAX + 1) };
	if (!text->text)
		return -ENOMEM;
	rpc.reply = (uintptr_t)text->text;
	err = request(VMGUESTLIB_IOC_RPC, &rpc);
	return take_text(err, rpc.out_reply, rpc.reply_len, text);
}

/* There are at most 256 clients of files, the watchdog and "api", so one call is enough. */
#define CLIENTS_MAX	258

int host_heartbeats(int fd, struct vmguestlib_heartbeat_client **clients)
{
	struct vmguestlib_heartbeat_list list = {
		.size = sizeof(list),
		.clients_len = CLIENTS_MAX,
	};

	*clients = calloc(CLIENTS_MAX, sizeof(**clients));
	if (!*clients)
		return -ENOMEM;
	list.clients = (uintptr_t)*clients;
	if (ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &list) < 0) {
		int err = -errno;

		free(*clients);
		*clients = NULL;
		return err;
	}
	return list.clients_len < CLIENTS_MAX ? list.clients_len : CLIENTS_MAX;
}

int host_is_enabled(bool *enabled)
{
	struct vmguestlib_appmon question = {
		.size = sizeof(question),
		.op = VMGUESTLIB_APPMON_IS_ENABLED,
	};
	int fd = host_open(O_RDWR), err;

	*enabled = false;
	if (fd < 0)
		return fd;
	err = vmguestlib_device_undisturbed(fd, VMGUESTLIB_IOC_APPMON, &question);
	close(fd);
	*enabled = !err && question.out_enabled;
	return err;
}

const char *host_action_word(uint32_t action)
{
	return action == VMGUESTLIB_HEARTBEAT_NEED_RESET ? "need-reset" : "stop";
}

const char *host_state_word(uint32_t state)
{
	return state == VMGUESTLIB_HEARTBEAT_EXPIRED ? "expired" : "armed";
}

const char *host_kind_word(uint32_t kind)
{
	switch (kind) {
	case VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG:
		return "watchdog";
	case VMGUESTLIB_HEARTBEAT_KIND_API:
		return "SDK";
	default:
		return "application";
	}
}

/* --- failures in words ----------------------------------------------------- */

static struct host_failure failure(int status, const char *reason, const char *cure)
{
	return (struct host_failure) { status, reason, cure };
}

bool host_module_is_loaded(void)
{
	char line[128];
	bool found;
	FILE *file;

	if (!vmguestlib_device_probe() || !access("/sys/module/vmguestlib", F_OK))
		return true;
	file = fopen("/proc/modules", "re");
	found = false;
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "vmguestlib ", strlen("vmguestlib "));
	if (file)
		fclose(file);
	return found;
}

static struct host_failure absent(void)
{
	if (host_module_is_loaded())
		return failure(EX_UNAVAILABLE, "the kernel module vmguestlib is loaded, but "
			       "there is no " VMGUESTLIB_DEVICE,
			       "a container has to be given the device");
	if (!vmguestlib_machine_is_vmware())
		return failure(EX_UNAVAILABLE,
			       "this is not a VMware virtual machine", NULL);
	return failure(EX_UNAVAILABLE, "the kernel module vmguestlib is not loaded",
		       "load it as root with 'vmguest load'");
}

static struct host_failure device_denied(int err)
{
	/* A device cgroup causes EPERM, the mode of the file EACCES. */
	if (err == -EPERM || !geteuid())
		return failure(EX_NOPERM, "a policy of this system forbids opening "
			       VMGUESTLIB_DEVICE,
			       "see DeviceAllow= of the unit, the devices of the "
			       "container, and the security module");
	return failure(EX_NOPERM, "no right to use " VMGUESTLIB_DEVICE,
		       "become root or a member of the group vmguestlib");
}

static struct host_failure not_opened(int err)
{
	if (vmguestlib_device_is_absent(err))
		return absent();
	if (err == -EACCES || err == -EPERM || err == -EROFS)
		return device_denied(err);
	return failure(EX_OSERR, strerror(-err), NULL);
}

const char *host_root_cure(void)
{
	return geteuid() ? "become root" :
			   "root lacks the capability here, as in a container or a unit";
}

static struct host_failure denied(enum host_topic topic)
{
	switch (topic) {
	case HOST_STATISTICS:
		return failure(EX_NOPERM, "this host gives statistics to root only",
			       host_root_cure());
	case HOST_RPC:
		return failure(EX_NOPERM, "only root may send requests",
			       host_root_cure());
	default:
		return failure(EX_NOPERM, "the host accepts the request from a privileged "
			       "sender only",
			       "this needs VMCI sockets, or "
			       "guest_rpc.rpci.auth.app.APP_MONITOR set to FALSE for the "
			       "virtual machine");
	}
}

static struct host_failure refused(enum host_topic topic)
{
	if (topic == HOST_STATISTICS)
		return failure(EX_TEMPFAIL, "the host refuses to give statistics",
			       "the host's administrator may have set "
			       "isolation.tools.guestlibGetInfo.disable or "
			       "guest_rpc.rpci.auth.app.APP_MONITOR");
	return failure(EX_TEMPFAIL, "the host failed to serve the request", NULL);
}

static struct host_failure unsupported(enum host_topic topic)
{
	if (topic == HOST_STATISTICS)
		return failure(EX_UNAVAILABLE, "this host has no statistics",
			       "desktop products and other hypervisors give none; "
			       "ESXi does");
	if (topic == HOST_HEARTBEAT)
		return failure(EX_UNAVAILABLE,
			       "this host does not know application monitoring",
			       "it needs ESXi and a cluster with vSphere HA");
	return failure(EX_UNAVAILABLE, "this host does not support the request", NULL);
}

struct host_failure host_failure(enum host_topic topic, int err)
{
	if (err <= -OPENING)
		return not_opened(err + OPENING);
	switch (err) {
	case -EACCES:
		return topic == HOST_HEARTBEAT ?
			failure(EX_TEMPFAIL, "application monitoring is not enabled",
				NULL) :
			failure(EX_NOPERM, strerror(-err), NULL);
	case -EPERM:
		return denied(topic);
	case -EREMOTEIO:
		return refused(topic);
	case -EOPNOTSUPP:
		return unsupported(topic);
	case -ENOTTY:
		return failure(EX_UNAVAILABLE,
			       "the loaded module is older than this program",
			       "load the module that came with it");
	case -EIO:
	case -ETIMEDOUT:
		return failure(EX_TEMPFAIL, "the host cannot be reached",
			       "try again; if it lasts, 'vmguest doctor' and 'vmguest "
			       "report' show more");
	case -EMSGSIZE:
		return failure(EX_UNAVAILABLE,
			       topic == HOST_RPC ? "the request or its reply is longer "
			       "than the 64 KiB that the module takes" :
			       "the host's reply is longer than the 64 KiB that the "
			       "module takes", NULL);
	case -EINVAL:
	case -ERANGE:
		return failure(EX_USAGE, "a value is out of its range", NULL);
	case -EPROTO:
		return failure(EX_PROTOCOL, "the host's reply is malformed", NULL);
	case -ENAMETOOLONG:
		return failure(EX_USAGE, "the request is too long", NULL);
	case -ENOMEM:
		return failure(EX_OSERR, "out of memory", NULL);
	default:
		return failure(EX_OSERR, strerror(-err), NULL);
	}
}

int host_complain(enum host_topic topic, int err)
{
	struct host_failure failed = host_failure(topic, err);

	if (failed.cure)
		complain("%s (%s)", failed.reason, failed.cure);
	else
		complain("%s", failed.reason);
	return failed.status;
}
