/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Requests to the host through /dev/vmguestlib. Unless a comment names another value,
 * functions return 0 or a negative error. They print nothing; host_complain() explains an
 * error.
 */
#ifndef VMGUEST_HOST_H
#define VMGUEST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vmguestlib.h>

/* The content of one reply; see struct vmguestlib_get_info. */
struct host_snapshot {
	uint64_t session_id;
	uint64_t generation;
	uint64_t time_ns;
	uint32_t info_version;
	uint32_t count;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	/* Any bytes with a NUL after them; NULL if the host gave no path. */
	char *pool_path;
	char *pool_path_long;
};

int host_snapshot(struct host_snapshot *snapshot, uint32_t max_age_ms);
void host_snapshot_free(struct host_snapshot *snapshot);

/* A text reply. A refusal of the host is a reply, too. */
struct host_text {
	enum vmguestlib_reply reply;
	/* The text has LEN bytes and a NUL after them. The caller frees it. */
	char *text;
	size_t len;
};

/* Requests an extended statistic, or with an empty STAT the list of extended statistics. */
int host_stat_get(const char *encoding, const char *stat, struct host_text *text);

/* Sends any GuestRPC request; this needs CAP_SYS_ADMIN. */
int host_rpc(const char *request, struct host_text *text);

/*
 * Opens the device, O_RDONLY or O_RDWR. A COMMAND does not inherit the descriptor. Errors of
 * opening have other numbers than those of a request, so that host_complain() can
 * distinguish them.
 */
int host_open(int access);

/* Returns the negative errno of an error of opening or of a request. */
int host_errno(int err);

/* Returns the number of clients and sets *CLIENTS, which the caller frees. FD may be any
 * descriptor of the device. */
int host_heartbeats(int fd, struct vmguestlib_heartbeat_client **clients);

/* Asks the host whether it expects heartbeats; this needs write access to the device. */
int host_is_enabled(bool *enabled);

/* "stop" or "need-reset"; "armed" or "expired"; "application", "watchdog" or "SDK" */
const char *host_action_word(uint32_t action);
const char *host_state_word(uint32_t state);
const char *host_kind_word(uint32_t kind);

/* --- failures in words ----------------------------------------------------- */

/* The subject of a request: the same errno has different causes. */
enum host_topic {
	HOST_STATISTICS,	/* a request for statistics, including the opening */
	HOST_HEARTBEAT,		/* heartbeats and application monitoring */
	HOST_RPC,		/* any request, including the opening */
};

struct host_failure {
	int status;		/* exit status */
	const char *reason;
	const char *cure;	/* NULL: no remedy is known */
};

/* Describes ERR, an error of a function above. The texts are static. */
struct host_failure host_failure(enum host_topic topic, int err);

/* Returns a remedy for missing rights of root, which root in a container may lack too. */
const char *host_root_cure(void);

/*
 * Returns whether the module is loaded. The device, /sys/module or /proc/modules shows it; a
 * container may lack two of them.
 */
bool host_module_is_loaded(void);

/* Prints the reason and the remedy. Returns the exit status. */
int host_complain(enum host_topic topic, int err);

#endif
