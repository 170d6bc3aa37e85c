/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What the host says, through /dev/vmguestlib. Functions return 0 (or what they
 * are said to return) or a negative error, and print nothing; host_complain() puts it
 * into words.
 */
#ifndef VMGUEST_HOST_H
#define VMGUEST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vmguestlib.h>

/* All of one reply; see struct vmguestlib_get_info. */
struct host_snapshot {
	uint64_t session_id;
	uint64_t generation;
	uint64_t time_ns;
	uint32_t info_version;
	uint32_t count;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	/* Any bytes, with a NUL behind them; NULL where the host gave none. */
	char *pool_path;
	char *pool_path_long;
};

int host_snapshot(struct host_snapshot *snapshot, uint32_t max_age_ms);
void host_snapshot_free(struct host_snapshot *snapshot);

/* A reply of text; a refusal of the host is a reply. */
struct host_text {
	enum vmguestlib_reply reply;
	/* With a NUL behind it, which is not counted; to be freed. */
	char *text;
	size_t len;
};

/* An empty stat asks for the list. */
int host_stat_get(const char *encoding, const char *stat, struct host_text *text);

/* Any GuestRPC request, for CAP_SYS_ADMIN. */
int host_rpc(const char *request, struct host_text *text);

/*
 * Opens the device, O_RDONLY or O_RDWR: a descriptor that a COMMAND does not inherit. An
 * error of opening is another number than one of a request, so that its origin is kept.
 */
int host_open(int access);

/* The negative errno behind an error, whatever failed. */
int host_errno(int err);

/* The number of clients, and *CLIENTS, to be freed. Any descriptor does. */
int host_heartbeats(int fd, struct vmguestlib_heartbeat_client **clients);

/* "stop" or "need-reset"; "armed" or "expired"; "application", "watchdog" or "SDK" */
const char *host_action_word(uint32_t action);
const char *host_state_word(uint32_t state);
const char *host_kind_word(uint32_t kind);

/* --- failures in words ----------------------------------------------------- */

/* What was asked for: the same errno may have another cause. */
enum host_topic {
	HOST_STATISTICS,	/* a request for statistics, including the opening */
	HOST_HEARTBEAT,		/* heartbeats and application monitoring */
	HOST_RPC,		/* any request, including the opening */
};

struct host_failure {
	int status;		/* exit status */
	const char *reason;
	const char *cure;	/* NULL where there is none to offer */
};

/* ERR is an error of a function above. The texts are static. */
struct host_failure host_failure(enum host_topic topic, int err);

/* What gives the rights of root, also to a root that lacks them. Static. */
const char *host_root_cure(void);

/* By the device, /sys/module or /proc/modules: a container may lack two of them. */
bool host_module_is_loaded(void);

/* Prints reason and cure. Returns the exit status. */
int host_complain(enum host_topic topic, int err);

#endif
