/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The interface of the heartbeat arbiter; heartbeat.c explains it.
 *
 * All functions are called in process context.  vmgl_heartbeat_arm(), _disarm(),
 * _clear(), _call(), _pause(), _start(), _suspend() and _stop() can wait for the host, at
 * most 2 s.  vmgl_heartbeat_call() first waits for its turn among the calls of the SDK,
 * and the 2 s begin with the turn.  vmgl_heartbeat_flush() and _destroy() wait for a
 * request in flight, and _create() allocates memory.  The other functions do not sleep.
 *
 * For each owner, the caller serializes arming and disarming.
 */
#ifndef VMGL_HEARTBEAT_H
#define VMGL_HEARTBEAT_H

#include <linux/types.h>
#include <linux/vmguestlib.h>

struct vmgl_event_client;
struct vmgl_events;
struct vmgl_heartbeat;
struct vmgl_heartbeat_client;
struct vmgl_rpc;

/*
 * Largest number of clients that were armed through a file.  A client whose file was
 * closed counts until the client is removed.
 */
#define VMGL_HEARTBEAT_FILES_MAX	256

/* Largest number of all clients, the watchdog and ``api`` included */
#define VMGL_HEARTBEAT_CLIENTS_MAX	(VMGL_HEARTBEAT_FILES_MAX + 2)

/**
 * struct vmgl_heartbeat_owner - owner of a client: an open file or the watchdog
 * @client: client of this owner, or NULL; written by the arbiter only
 * @events: the file that gets VMGUESTLIB_EVENT_EXPIRED when @client expires, or NULL
 */
struct vmgl_heartbeat_owner {
	struct vmgl_heartbeat_client *client;
	struct vmgl_event_client *events;
};

/**
 * struct vmgl_heartbeat_terms - parameters of a client
 * @name: name that identifies the client, terminated by a NUL
 * @kind: origin of the client
 * @action: effect of the client's expiry
 * @deadline_ms: longest time between two beats of the client, in ms
 * @exclusive: whether arming fails if another program has enabled monitoring before, or if
 *	this cannot be known because the arbiter rests
 * @forbids_pause: returns true if the client does not allow a pause now; called with a
 *	spinlock held; NULL if the client allows a pause at any time
 */
struct vmgl_heartbeat_terms {
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	enum vmguestlib_heartbeat_kind kind;
	enum vmguestlib_heartbeat_action action;
	u32 deadline_ms;
	bool exclusive;
	bool (*forbids_pause)(const struct vmgl_heartbeat_owner *owner);
};

/**
 * enum vmgl_app_state - application state, as the request PostAppState sends it
 * @VMGL_APP_STATE_NONE: no state was posted
 * @VMGL_APP_STATE_OK: the application needs no reset
 * @VMGL_APP_STATE_NEED_RESET: the application requests a reset of the machine
 */
enum vmgl_app_state {
	VMGL_APP_STATE_NONE,
	VMGL_APP_STATE_OK,
	VMGL_APP_STATE_NEED_RESET,
};

/**
 * struct vmgl_heartbeat_summary - state of the arbiter at one moment
 * @clients: number of armed and expired clients
 * @found_enabled: whether another program had enabled monitoring at the host before the
 *	first client was armed
 * @posted: last application state that the host accepted
 * @interval_ms: time between two heartbeats while all clients keep their deadlines, in ms
 * @age_ms: time since the last heartbeat that the host accepted, in ms; -1 if the host
 *	has accepted none since the arbiter last disabled it, or since the module was loaded
 * @missed: number of expiries since the module was loaded
 * @last_missed: name of the client that expired last, if @missed is not 0
 * @pause_s: time left of the pause in s, rounded up; 0 if there is no pause
 */
struct vmgl_heartbeat_summary {
	u32 clients;
	bool found_enabled;
	enum vmgl_app_state posted;
	u32 interval_ms;
	s64 age_ms;
	u64 missed;
	char last_missed[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	u32 pause_s;
};

struct vmgl_heartbeat *vmgl_heartbeat_create(struct vmgl_rpc *rpc,
					     struct vmgl_events *events);
void vmgl_heartbeat_start(struct vmgl_heartbeat *hb);
int vmgl_heartbeat_suspend(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_resume(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_stop(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_flush(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_destroy(struct vmgl_heartbeat *hb);

int vmgl_heartbeat_arm(struct vmgl_heartbeat *hb,
		       struct vmgl_heartbeat_owner *owner,
		       const struct vmgl_heartbeat_terms *terms);
int vmgl_heartbeat_beat(struct vmgl_heartbeat *hb,
			struct vmgl_heartbeat_owner *owner);
int vmgl_heartbeat_set_deadline(struct vmgl_heartbeat *hb,
				struct vmgl_heartbeat_owner *owner,
				u32 deadline_ms);
int vmgl_heartbeat_disarm(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner);
void vmgl_heartbeat_abandon(struct vmgl_heartbeat *hb,
			    struct vmgl_heartbeat_owner *owner);
int vmgl_heartbeat_clear(struct vmgl_heartbeat *hb, const char *name);

int vmgl_heartbeat_call(struct vmgl_heartbeat *hb, u32 op, const char *text);
int vmgl_heartbeat_pause(struct vmgl_heartbeat *hb, u32 seconds);
void vmgl_heartbeat_recheck(struct vmgl_heartbeat *hb);

void vmgl_heartbeat_query(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner, u32 *state,
			  u32 *remaining_ms);
u32 vmgl_heartbeat_list(struct vmgl_heartbeat *hb,
			struct vmguestlib_heartbeat_client *clients, u32 room);
void vmgl_heartbeat_summarize(struct vmgl_heartbeat *hb,
			      struct vmgl_heartbeat_summary *summary);

#endif
