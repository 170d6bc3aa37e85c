/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The arbiter of heartbeats as its consumers see it; heartbeat.c explains it.
 *
 * All is called in process context.  To arm, disarm, clear, call, pause, start, suspend
 * and stop waits for the host, at most 2 s; flush and destroy wait for a request in
 * flight; the rest does not sleep.  The caller serializes arming and disarming of an
 * owner.
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

/* Clients at a time, those without an owner included */
#define VMGL_HEARTBEAT_CLIENTS_MAX	256

/**
 * struct vmgl_heartbeat_owner - what holds a client: an open file, the watchdog
 * @client: the client, or NULL; the arbiter's
 * @events: where its expiry is reported, or NULL
 */
struct vmgl_heartbeat_owner {
	struct vmgl_heartbeat_client *client;
	struct vmgl_event_client *events;
};

/**
 * struct vmgl_heartbeat_terms - what a client is armed with
 * @name: identifies it
 * @kind: where it comes from
 * @action: what its expiry causes
 * @deadline_ms: longest time between two beats
 * @exclusive: it must not be armed if the host was enabled before
 * @forbids_pause: whether there may be no pause now; called with a spinlock held;
 *	NULL: never
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
 * enum vmgl_app_state - a word of PostAppState
 * @VMGL_APP_STATE_NONE: nothing was posted
 * @VMGL_APP_STATE_OK: no reset is needed
 * @VMGL_APP_STATE_NEED_RESET: the machine has to be reset
 */
enum vmgl_app_state {
	VMGL_APP_STATE_NONE,
	VMGL_APP_STATE_OK,
	VMGL_APP_STATE_NEED_RESET,
};

/**
 * struct vmgl_heartbeat_summary - the arbiter at one moment
 * @clients: armed and expired ones
 * @found_enabled: the host was enabled before the first client was armed
 * @posted: last state that the host took
 * @interval_ms: time between two beats
 * @age_ms: time since the host took one; -1: none since it was enabled
 * @missed: deadlines missed since the module was loaded
 * @last_missed: name of the client that missed the last one, if @missed
 * @pause_s: what is left of a pause, rounded up
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
