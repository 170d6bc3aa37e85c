/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_HEARTBEAT_H
#define VMGL_HEARTBEAT_H

#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/vmguestlib.h>
#include <linux/wait.h>

#include "events.h"
#include "rpc.h"

/* Name of the SDK's client */
#define VMGL_HEARTBEAT_API_NAME		"api"

/* Nobody waits longer than this for the host, in jiffies */
#define VMGL_HEARTBEAT_PATIENCE		(2 * HZ)

/* One may get lost without the host noticing. */
#define VMGL_HEARTBEATS_PER_WINDOW	3

/* Between two tries after the host has failed */
#define VMGL_HEARTBEAT_RETRY_MS		1000U

/* More than anybody has; orphans stay */
#define VMGL_HEARTBEAT_CLIENTS_MAX	256

/* A reply of these requests is a word. */
#define VMGL_HEARTBEAT_REPLY_MAX	256

/**
 * struct vmgl_heartbeat_owner - who holds a client
 * @client: what it holds, or NULL; guarded by struct vmgl_heartbeat.lock
 * @events: where its expiry is reported, or NULL
 */
struct vmgl_heartbeat_owner {
	struct vmgl_heartbeat_client *client;
	struct vmgl_event_client *events;
};

/**
 * enum vmgl_heartbeat_stage - life of a client
 * @VMGL_HEARTBEAT_PENDING: the first one, whose arming waits for the host
 * @VMGL_HEARTBEAT_ARMED: within its deadline
 * @VMGL_HEARTBEAT_EXPIRED: missed it
 * @VMGL_HEARTBEAT_REJECTED: not in the list any more: the host refused
 */
enum vmgl_heartbeat_stage {
	VMGL_HEARTBEAT_PENDING,
	VMGL_HEARTBEAT_ARMED,
	VMGL_HEARTBEAT_EXPIRED,
	VMGL_HEARTBEAT_REJECTED,
};

/**
 * struct vmgl_heartbeat_client - one of those who must stay alive
 * @kref: held by the list, and by the caller of vmgl_heartbeat_arm() meanwhile;
 *	means nothing for ``api``, which is part of struct vmgl_heartbeat
 * @entry: in struct vmgl_heartbeat.clients
 * @owner: who holds it; NULL for ``api`` and for one whose file was closed
 * @name: for people
 * @kind: where it comes from
 * @action: what its expiry causes
 * @stage: see there
 * @uid: user who armed it
 * @deadline_ms: longest time between two beats
 * @expires: when it expires unless it beats; CLOCK_MONOTONIC
 * @exclusive: must not be armed if the host was enabled before
 * @forbids_pause: whether there may be no pause now; NULL: never
 * @error: why it was rejected
 *
 * Guarded by struct vmgl_heartbeat.lock.  Each in the list pins the module.
 */
struct vmgl_heartbeat_client {
	struct kref kref;
	struct list_head entry;
	struct vmgl_heartbeat_owner *owner;
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	enum vmguestlib_heartbeat_kind kind;
	enum vmguestlib_heartbeat_action action;
	enum vmgl_heartbeat_stage stage;
	kuid_t uid;
	u32 deadline_ms;
	ktime_t expires;
	bool exclusive;
	bool (*forbids_pause)(const struct vmgl_heartbeat_owner *owner);
	int error;
};

/**
 * struct vmgl_heartbeat_obituary - what the log says of a client that expired
 * @name: its own
 * @action: of the client
 */
struct vmgl_heartbeat_obituary {
	char name[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
	enum vmguestlib_heartbeat_action action;
};

/**
 * enum vmgl_app_state - a word of PostAppState
 * @VMGL_APP_STATE_NONE: nothing was posted
 * @VMGL_APP_STATE_OK: all is well again
 * @VMGL_APP_STATE_NEED_RESET: the machine has to be reset
 */
enum vmgl_app_state {
	VMGL_APP_STATE_NONE,
	VMGL_APP_STATE_OK,
	VMGL_APP_STATE_NEED_RESET,
};

/**
 * struct vmgl_heartbeat_call - a call of the SDK on its way to the worker
 * @serialize: one caller at a time; outside of @vmgl_heartbeat.lock
 * @number: of the latest call
 * @served: number of the latest call that the worker has answered
 * @cancelled: number of the latest call that its caller has given up
 * @op: what to do
 * @text: a word
 * @uid: of the caller
 * @result: 0 or an error number
 *
 * Guarded by struct vmgl_heartbeat.lock.
 */
struct vmgl_heartbeat_call {
	struct mutex serialize; /* a caller for its whole call */
	u64 number;
	u64 served;
	u64 cancelled;
	enum vmguestlib_appmon_op op;
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	kuid_t uid;
	int result;
};

/**
 * struct vmgl_heartbeat - arbiter of the one application state
 * @rpc: a conversation of its own, so that no reader delays a beat
 * @events: where changes are reported
 * @reply: storage for replies, allocated before; the worker's
 * @window_ms: the host's window
 * @worker: FIFO thread; the only one that talks to the host
 * @tick: its work
 * @changed: woken when the worker has done a round
 * @call: call of the SDK
 * @lock: guards what follows; struct vmgl_events.lock is taken inside of it
 * @clients: pending, armed and expired ones
 * @api: the client of the SDK's calls; armed when it is in @clients
 * @api_state: last word of the SDK's calls
 * @rounds_begun: of the worker
 * @rounds_ended: of the worker
 * @wake: when the worker wants to be woken; KTIME_MAX: not at all
 * @asleep: since then it waits for that
 * @pause_until: no heartbeats and no deadlines before; 0: no pause
 * @suspended: no heartbeats and no deadlines
 * @stopped: for ever
 * @recheck: the host may have turned gray
 * @enabled: the host expects heartbeats from us
 * @in_doubt: it may do so although it did not say yes
 * @found_enabled: it did so before the first client
 * @gray_enabled: Enable was sent for the present gray status, and nobody has
 *	shown life since
 * @posted: word that the host has from us
 * @post_known: the host knows PostAppState, as far as we know
 * @interruptions: checkpoints and lost channels seen so far
 * @next_beat: when the next one is due
 * @next_status: when to look at the status again
 * @next_retry: when to try Enable or Disable again after a failure
 * @retry_ms: how long the host was left alone after its last failure to disable
 * @next_post: when to try PostAppState again after a failure
 * @last_beat: last one accepted, 0: none
 * @status: the host's last word
 * @missed: deadlines missed since the module was loaded
 * @last_missed: name of the last client that missed one
 *
 * From @enabled on to @next_post the worker alone writes.
 */
struct vmgl_heartbeat {
	struct vmgl_rpc *rpc;
	struct vmgl_events *events;
	struct vmgl_reply reply;
	u32 window_ms;
	struct kthread_worker *worker;
	struct kthread_delayed_work tick;
	wait_queue_head_t changed;
	struct vmgl_heartbeat_call call;

	spinlock_t lock; /* outside of events */
	struct list_head clients;
	struct vmgl_heartbeat_client api;
	enum vmgl_app_state api_state;
	u64 rounds_begun;
	u64 rounds_ended;
	ktime_t wake;
	ktime_t asleep;
	ktime_t pause_until;
	bool suspended;
	bool stopped;
	bool recheck;

	bool enabled;
	bool in_doubt;
	bool found_enabled;
	bool gray_enabled;
	enum vmgl_app_state posted;
	bool post_known;
	u64 interruptions;
	ktime_t next_beat;
	ktime_t next_status;
	ktime_t next_retry;
	u32 retry_ms;
	ktime_t next_post;
	ktime_t last_beat;
	char status[VMGUESTLIB_APPMON_TEXT_SIZE];
	u64 missed;
	char last_missed[VMGUESTLIB_HEARTBEAT_NAME_SIZE];
};

int vmgl_heartbeat_init(struct vmgl_heartbeat *hb, struct vmgl_rpc *rpc,
			struct vmgl_events *events);
void vmgl_heartbeat_destroy(struct vmgl_heartbeat *hb);

/* heartbeat.c: clients */
int vmgl_heartbeat_arm(struct vmgl_heartbeat *hb,
		       struct vmgl_heartbeat_owner *owner,
		       const struct vmgl_heartbeat_client *wanted);
int vmgl_heartbeat_beat(struct vmgl_heartbeat *hb,
			struct vmgl_heartbeat_owner *owner);
int vmgl_heartbeat_disarm(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner);
void vmgl_heartbeat_abandon(struct vmgl_heartbeat *hb,
			    struct vmgl_heartbeat_owner *owner);
int vmgl_heartbeat_set_deadline(struct vmgl_heartbeat *hb,
				struct vmgl_heartbeat_owner *owner,
				u32 deadline_ms);

/* heartbeat_control.c: the whole */
void vmgl_heartbeat_query(struct vmgl_heartbeat *hb,
			  struct vmgl_heartbeat_owner *owner, u32 *state,
			  u32 *remaining_ms);
u32 vmgl_heartbeat_list(struct vmgl_heartbeat *hb,
			struct vmguestlib_heartbeat_client *clients, u32 room);
u32 vmgl_heartbeat_interval_ms(const struct vmgl_heartbeat *hb);
s64 vmgl_heartbeat_age_ms(struct vmgl_heartbeat *hb);
u64 vmgl_heartbeat_missed(struct vmgl_heartbeat *hb, char *name);
int vmgl_heartbeat_clear(struct vmgl_heartbeat *hb, const char *name);
int vmgl_heartbeat_call(struct vmgl_heartbeat *hb, u32 op, const char *text);
int vmgl_heartbeat_pause(struct vmgl_heartbeat *hb, u32 seconds);
u32 vmgl_heartbeat_pause_left(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_recheck(struct vmgl_heartbeat *hb);
int vmgl_heartbeat_suspend(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_resume(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_stop(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_flush(struct vmgl_heartbeat *hb);

/* heartbeat_worker.c: what happens at the host; for heartbeat_call.c */
void vmgl_heartbeat_tick(struct kthread_work *work);
bool vmgl_heartbeat_look_at_status(struct vmgl_heartbeat *hb);
int vmgl_heartbeat_enable_host(struct vmgl_heartbeat *hb, bool was_enabled);
void vmgl_heartbeat_set_enabled(struct vmgl_heartbeat *hb, bool enabled);

/* heartbeat_call.c: the calls of the SDK and the state; for the worker */
enum vmgl_app_state
vmgl_heartbeat_owed_state(const struct vmgl_heartbeat *hb);
void vmgl_heartbeat_post(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_serve(struct vmgl_heartbeat *hb);

/* Of heartbeat.c, for the other files; the first three without the lock, the
 * others under it
 */
void vmgl_heartbeat_report(const struct vmgl_heartbeat_obituary *obituary);
void vmgl_heartbeat_kick(struct vmgl_heartbeat *hb);
void vmgl_heartbeat_sync(struct vmgl_heartbeat *hb);
struct vmgl_heartbeat_client *vmgl_heartbeat_find(struct vmgl_heartbeat *hb,
						  const char *name);
void vmgl_heartbeat_refresh(struct vmgl_heartbeat_client *client, ktime_t now);
void vmgl_heartbeat_refresh_all(struct vmgl_heartbeat *hb, ktime_t now);
void vmgl_heartbeat_expire(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client,
			   struct vmgl_heartbeat_obituary *obituary);
void vmgl_heartbeat_detach(struct vmgl_heartbeat *hb,
			   struct vmgl_heartbeat_client *client);
bool vmgl_heartbeat_paused(const struct vmgl_heartbeat *hb);
bool vmgl_heartbeat_has_others(const struct vmgl_heartbeat *hb);
bool vmgl_heartbeat_api_armed(const struct vmgl_heartbeat *hb);
void vmgl_heartbeat_admit_api(struct vmgl_heartbeat *hb, kuid_t uid);

#endif
