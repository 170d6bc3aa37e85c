/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* A snapshot, which is all statistics of one reply, for tests that compare snapshots. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <errno.h>
#include <linux/vmguestlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

struct snapshot {
	struct vmguestlib_get_info info;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	char path[512];
};

/* Takes a snapshot by a new request to the host. Returns 0 or the error number. */
static inline int snapshot_take(int fd, struct snapshot *snapshot)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->info = (struct vmguestlib_get_info) {
		.size = sizeof(snapshot->info),
		.values = (uintptr_t)snapshot->values,
		.values_len = VMGUESTLIB_STAT_END,
		.path = (uintptr_t)snapshot->path,
		.path_len = sizeof(snapshot->path),
	};
	return ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &snapshot->info) ? errno : 0;
}

static inline bool snapshot_same(const struct snapshot *a,
				 const struct snapshot *b)
{
	return a->info.out_session_id == b->info.out_session_id &&
	       a->info.out_count == b->info.out_count &&
	       !memcmp(a->values, b->values, sizeof(a->values)) &&
	       !memcmp(a->path, b->path, sizeof(a->path));
}

/* Returns the argument of a request for the extended statistic "session" as text. */
static inline struct vmguestlib_stat_get session_request(char *reply, uint32_t size)
{
	return (struct vmguestlib_stat_get) {
		.size = sizeof(struct vmguestlib_stat_get),
		.encoding = (uintptr_t)"text",
		.encoding_len = strlen("text"),
		.stat = (uintptr_t)"session",
		.stat_len = strlen("session"),
		.reply = (uintptr_t)reply,
		.reply_len = size,
	};
}

#endif
