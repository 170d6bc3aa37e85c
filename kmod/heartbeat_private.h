/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Structures and functions that the files of the heartbeat arbiter share.  heartbeat.c
 * uses heartbeat_host.c, which uses heartbeat_steps.c, which uses heartbeat_clients.c.
 * As in heartbeat.c, "the host is enabled" means that monitoring at the host is enabled.
 */
#ifndef VMGL_HEARTBEAT_PRIVATE_H
#define VMGL_HEARTBEAT_PRIVATE_H

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "heartbeat.h"
#include "rpc.h"
#include "turns.h"

/* Longest wait of a caller for the host, in jiffies */
#define VMGL_HB_TIMEOUT			(2 * HZ)

/*
 * Longest delay before a retry, in ms.  The delay grows only while the host need not be
 * enabled.
 */
#define VMGL_HB_RETRY_MAX_MS		60000U

/* With three heartbeats per window, the loss of one heartbeat has no effect. */
#define VMGL_HB_BEATS_PER_WINDOW	3

/* Stages in the life of a client */
enum vmgl_hb_stage {
	VMGL_HB_PENDING,	/* waits until the worker has enabled the host */
	VMGL_HB_ARMED,		/* has not missed its deadline */
	VMGL_HB_EXPIRED,	/* missed its deadline, or its file was closed without a V */
};

/* What the arbiter knows about the host: whether its monitoring is enabled */
enum vmgl_hb_enabled {
	VMGL_HB_NOT,		/* the host is not enabled */
	VMGL_HB_ENABLED,
	VMGL_HB_UNKNOWN,	/* the host may be enabled or not */
};

/* Steps of the worker, the most urgent first */
enum vmgl_hb_step {
	VMGL_HB_BEAT,		/* send a heartbeat */
	VMGL_HB_POST,		/* post the application state */
	VMGL_HB_ENABLE,		/* enable the host */
	VMGL_HB_DISABLE,	/* disable the host */
	VMGL_HB_LOOK,		/* check the host's status */
	VMGL_HB_FORMER,		/* check whether an earlier boot left the host enabled */
	VMGL_HB_SERVE,		/* serve a call that waits */
	VMGL_HB_NOTHING,	/* no step is due */
};

/*
 * Operations of the arbiter itself.  Each comment gives the condition under which the
 * worker completes the operation.
 */
#define VMGL_HB_OP_ARM		0x100	/* the client of the call is armed or removed */
#define VMGL_HB_OP_SYNC		0x101	/* the worker has tried all steps that are due */
#define VMGL_HB_OP_OFF		0x102	/* host not enabled, and VMGL_HB_FORMER not due */

/**
 * struct vmgl_hb_call - a call that waits for the worker; on the stack of the caller
 * @entry: entry in struct vmgl_heartbeat.calls until the worker serves the call, or until
 *	the wait times out or is interrupted
 * @done: completed when @result is valid; completed with the lock held
 * @op: operation, an enum vmguestlib_appmon_op or VMGL_HB_OP_*
 * @text: argument of VMGUESTLIB_APPMON_POST_STATE
 * @client: pending client of VMGL_HB_OP_ARM; NULL after the client was armed or removed
 * @result: 0 or a negative error number
 * @repeated: whether a call of the operation MARK_ACTIVE has failed once, and is served a
 *	second time
 */
struct vmgl_hb_call {
	struct list_head entry;
	struct completion done;
	u32 op;
	const char *text;
	struct vmgl_heartbeat_client *client;
	int result;
	bool repeated;
};

/**
 * struct vmgl_heartbeat_client - a client, which has to beat within its deadline
 * @entry: entry in struct vmgl_heartbeat.clients; a client in that list pins the module
 * @owner: owner of the client; NULL for ``api``, and for a client whose file was closed
 * @terms: parameters of the client
 * @stage: stage in the life of the client
 * @uid: user that armed the client
 * @expires: end of the deadline, on the arbiter's clock
 * @stalls: number of stalls, in which the machine stood still, that were ignored since the
 *	deadline started; see heartbeat_clients.c
 * @arming: call that waits while the client is pending, else NULL
 */
struct vmgl_heartbeat_client {
	struct list_head entry;
	struct vmgl_heartbeat_owner *owner;
	struct vmgl_heartbeat_terms terms;
	enum vmgl_hb_stage stage;
	kuid_t uid;
	ktime_t expires;
	unsigned int stalls;
	struct vmgl_hb_call *arming;
};

/* The arbiter's clock, on which deadlines run.  ticked and due are CLOCK_MONOTONIC times. */
struct vmgl_hb_clock {
	struct kthread_worker *worker;	/* has FIFO priority; makes no requests */
	struct kthread_delayed_work tick;
	bool runs;			/* a client is armed, and !vmgl_hb_is_resting() */
	ktime_t reading;		/* what this clock showed at @ticked */
	ktime_t ticked;			/* time of the last tick, start or stop */
	ktime_t due;			/* time at which the next tick is due */
};

/* Arbiter of the application state; heartbeat.c explains how it works. */
struct vmgl_heartbeat {
	struct vmgl_rpc *rpc;		/* only the worker makes requests over it */
	struct vmgl_events *events;	/* gets expiries and changes of the status */
	struct vmgl_reply reply;	/* has a fixed size; used by the worker only */
	u32 window_ms;			/* time within which the host expects a heartbeat */
	struct kthread_worker *worker;	/* has FIFO priority; makes all requests */
	struct kthread_delayed_work work;
	struct workqueue_struct *wq;	/* workqueue that serves the calls of the SDK */
	struct vmgl_turns line;		/* calls of the SDK that wait for their turn */

	spinlock_t lock;		/* guards the members below; taken before events->lock */
	struct vmgl_hb_clock clock;
	struct list_head clients;	/* pending, armed and expired clients */
	struct vmgl_heartbeat_client api; /* the SDK's client; in clients while armed or expired */
	bool api_has_beaten;		/* MarkActive was called since ``api`` became a client */
	enum vmgl_app_state api_state;	/* last state that a program of the SDK posted */
	struct list_head calls;		/* calls that the worker has not yet served */
	struct vmgl_hb_call *serving;	/* call that the worker is serving, or NULL */
	bool kick;			/* vmgl_hb_unlock() has to wake the worker */
	bool kick_clock;		/* vmgl_hb_unlock() has to wake the clock */
	u64 pause_until;		/* end of the pause, CLOCK_BOOTTIME, ns; 0: none */
	bool is_suspended;		/* the machine sleeps, or is about to */
	bool is_stopped;		/* the machine or the module goes down */
	u64 missed;			/* number of expiries */
	char last_missed[VMGUESTLIB_HEARTBEAT_NAME_SIZE];

	/*
	 * The worker stores in the members below what it knows about the host, and when
	 * its steps are due.  Other threads change them only to request a step.
	 */
	enum vmgl_hb_enabled enabled;
	bool found_enabled;		/* the host was enabled before the first client */
	enum vmgl_app_state posted;	/* last state that the host accepted */
	bool post_again;		/* the host may have forgotten the posted state */
	bool post_lost;			/* the host may have a state that it did not confirm */
	bool post_known;		/* a post may be useful, see vmgl_hb_post() */
	bool recheck;			/* the status has to be checked soon */
	bool is_doubted;		/* the result of the current step may be out of date */
	bool gray_answered;		/* gray leads to no other Enable, see vmgl_hb_look() */
	u32 malformed;			/* malformed statuses in a row that could count as gray */
	u64 interruptions;		/* handled part of vmgl_hb_interruptions() */
	ktime_t next_beat;		/* time at which the next heartbeat is due */
	ktime_t next_status;		/* time at which the status is checked next */
	ktime_t looked_at;		/* last VMGL_HB_LOOK, or first answer to VMGL_HB_FORMER */
	ktime_t former_at;		/* time of the next VMGL_HB_FORMER step; 0: none */
	u32 failed;			/* bits of the steps that wait for retry_at */
	ktime_t retry_at;		/* time at which failed steps are tried again */
	u32 retry_ms;			/* delay of the last retry */
	u32 open_failures;		/* failures of vmgl_hb_open_window() in a row */
	ktime_t last_beat;		/* time of the last accepted heartbeat; 0: none */
	char status[VMGUESTLIB_APPMON_TEXT_SIZE]; /* the host's last status word */
};

static inline bool vmgl_hb_is_listed(const struct vmgl_heartbeat_client *client)
{
	return !list_empty(&client->entry);
}

/*
 * Returns the number of interruptions so far: lost channels and connections, failovers and
 * checkpoints.  Each interruption may be the sign of a vMotion.  All three instances of
 * struct vmgl_rpc share the counters, so their interruptions are included.
 */
static inline u64 vmgl_hb_interruptions(const struct vmgl_heartbeat *hb)
{
	return vmgl_counted(hb->rpc->counters, VMGL_COUNT_CHECKPOINTS) +
	       vmgl_counted(hb->rpc->counters, VMGL_COUNT_REOPENED) +
	       vmgl_counted(hb->rpc->counters, VMGL_COUNT_FAILOVERS);
}

/* Functions of heartbeat_clients.c: clients, deadlines and the clock */
void vmgl_hb_lock(struct vmgl_heartbeat *hb);
void vmgl_hb_unlock(struct vmgl_heartbeat *hb);
bool vmgl_hb_is_resting(const struct vmgl_heartbeat *hb);
bool vmgl_hb_any(const struct vmgl_heartbeat *hb, enum vmgl_hb_stage stage);
bool vmgl_hb_has_others(const struct vmgl_heartbeat *hb);
struct vmgl_heartbeat_client *vmgl_hb_find(struct vmgl_heartbeat *hb,
					   const char *name);
void vmgl_hb_attach(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client);
void vmgl_hb_detach(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client);
void vmgl_hb_resolve(struct vmgl_heartbeat *hb,
		     struct vmgl_heartbeat_client *client, int error);
bool vmgl_hb_resolve_pending(struct vmgl_heartbeat *hb, int error,
			     bool exclusive_only);
void vmgl_hb_restart(struct vmgl_heartbeat *hb,
		     struct vmgl_heartbeat_client *client);
void vmgl_hb_restart_all(struct vmgl_heartbeat *hb);
void vmgl_hb_set_clock(struct vmgl_heartbeat *hb);
void vmgl_hb_retry_now(struct vmgl_heartbeat *hb);
void vmgl_hb_end_pause(struct vmgl_heartbeat *hb);
u32 vmgl_hb_remaining_ms(const struct vmgl_heartbeat *hb,
			 const struct vmgl_heartbeat_client *client);
void vmgl_hb_expire(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client);
void vmgl_hb_report(const struct vmgl_heartbeat_terms *expired);
void vmgl_hb_tick(struct kthread_work *work);

/* Functions of heartbeat_steps.c: the choice of the next step */
bool vmgl_hb_is_wanted(const struct vmgl_heartbeat *hb);
bool vmgl_hb_should_beat(const struct vmgl_heartbeat *hb);
bool vmgl_hb_needs_reset(const struct vmgl_heartbeat *hb);
enum vmgl_app_state vmgl_hb_state_due(const struct vmgl_heartbeat *hb);
struct vmgl_hb_call *vmgl_hb_next_call(struct vmgl_heartbeat *hb);
enum vmgl_hb_step vmgl_hb_next_step(struct vmgl_heartbeat *hb, ktime_t now);
ktime_t vmgl_hb_next_wake(const struct vmgl_heartbeat *hb, ktime_t now);
void vmgl_hb_note(struct vmgl_heartbeat *hb, enum vmgl_hb_step step, int error);
void vmgl_hb_doubt(struct vmgl_heartbeat *hb);
void vmgl_hb_forget(struct vmgl_heartbeat *hb);

/* Functions of heartbeat_host.c: requests to the host */
void vmgl_hb_work(struct kthread_work *work);
void vmgl_hb_submit(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call);
int vmgl_hb_wait(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call,
		 bool may_interrupt);

#endif
