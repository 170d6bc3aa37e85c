/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Operations on /dev/vmguestlib as functions without arguments, for programs that have a table
 * of operations. Each operation returns 0 or the error number.
 */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "heartbeat.h"
#include "snapshot.h"

static int fd = -1;

/* --- statistics ------------------------------------------------------------------- */

static inline int get_info(void)
{
	static struct snapshot snapshot;

	return snapshot_take(fd, &snapshot);
}

static char reply[VMGUESTLIB_REPLY_MAX];

static inline int stat_get(void)
{
	struct vmguestlib_stat_get get = {
		.size = sizeof(get),
		.encoding = (uintptr_t)"text",
		.encoding_len = strlen("text"),
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	return request(fd, VMGUESTLIB_IOC_STAT_GET, &get);
}

static inline int send_rpc(const char *words, size_t len)
{
	struct vmguestlib_rpc rpc = {
		.size = sizeof(rpc),
		.request = (uintptr_t)words,
		.request_len = (uint32_t)len,
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	return request(fd, VMGUESTLIB_IOC_RPC, &rpc);
}

static inline int read_file(const char *name)
{
	static char page[4096];
	char path[256];
	int file, error;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno;
	error = read(file, page, sizeof(page)) < 0 ? errno : 0;
	close(file);
	return error;
}

static inline int read_transport(void)
{
	return read_file("transport");
}

/* --- heartbeats ------------------------------------------------------------------- */

static inline int arm_client(void)
{
	return arm(fd, "app", 3600000, STOP);
}

static inline int disarm_client(void)
{
	return disarm(fd);
}

static inline int enable(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL);
}

static inline int disable(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL);
}

static inline int ask_enabled(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_IS_ENABLED, NULL);
}

static inline int mark_active(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL);
}

static inline int ask_status(void)
{
	return appmon(fd, VMGUESTLIB_APPMON_GET_STATUS, NULL);
}

static inline int post_ok(void)
{
	return post(fd, "OK");
}

#endif
