/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Shared by the files of the heartbeat arbiter: heartbeat.c uses heartbeat_host.c, and
 * both use heartbeat_clients.c.
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

/* The host does not notice one lost beat. */
#define VMGL_HB_BEATS_PER_WINDOW	3

enum vmgl_hb_stage {
	VMGL_HB_PENDING,	/* first client, waits for the host */
	VMGL_HB_ARMED,		/* within its deadline */
	VMGL_HB_EXPIRED,	/* missed its deadline */
};

/* Whether the host expects heartbeats from the arbiter */
enum vmgl_hb_enabled {
	VMGL_HB_NOT,
	VMGL_HB_ENABLED,
	VMGL_HB_UNKNOWN,	/* the host may have forgotten Enable, or did not answer */
};

/* Operations of the arbiter itself; the comment says when the operation is complete */
#define VMGL_HB_OP_ARM		0x100	/* @client is armed or removed */
#define VMGL_HB_OP_SYNC		0x101	/* all due steps have been tried */
#define VMGL_HB_OP_OFF		0x102	/* the host is known not to be enabled */

/**
 * struct vmgl_hb_call - a call that waits for the worker; on the stack of the caller
 * @entry: in struct vmgl_heartbeat.calls until it is served or has timed out
 * @done: completed with the lock held
 * @op: an enum vmguestlib_appmon_op or VMGL_HB_OP_*
 * @text: argument of POST_STATE
 * @client: the pending client of VMGL_HB_OP_ARM; NULL: the host has answered
 * @result: 0 or an error number
 * @repeated: MARK_ACTIVE failed once and is repeated
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
 * @entry: in struct vmgl_heartbeat.clients; a client in that list pins the module
 * @owner: owner; NULL for ``api``, and for a client whose file was closed
 * @terms: parameters
 * @stage: stage of its life
 * @uid: user that armed it
 * @expires: end of its deadline, on the arbiter's clock
 * @stalls: stalls since its last beat that were not counted against its deadline
 * @arming: call that waits while it is pending
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

/* The arbiter's clock; times are of CLOCK_MONOTONIC unless noted otherwise */
struct vmgl_hb_clock {
	struct kthread_worker *worker;	/* FIFO; makes no requests to the host */
	struct kthread_delayed_work tick;
	bool runs;
	ktime_t reading;		/* at the last tick */
	ktime_t ticked;			/* time of the last tick */
	ktime_t due;			/* when the next one is due */
};

/* Arbiter of the application state; heartbeat.c explains it */
struct vmgl_heartbeat {
	struct vmgl_rpc *rpc;		/* not shared: no reader delays a beat */
	struct vmgl_events *events;
	struct vmgl_reply reply;	/* fixed size; used by the worker only */
	u32 window_ms;
	struct kthread_worker *worker;	/* FIFO; the only user of rpc */
	struct kthread_delayed_work work;
	struct vmgl_turns line;		/* calls of the SDK; taken before lock */

	spinlock_t lock;		/* taken before that of events; guards the rest */
	struct vmgl_hb_clock clock;
	struct list_head clients;
	struct vmgl_heartbeat_client api; /* of the SDK; in clients while armed */
	enum vmgl_app_state api_state;	/* last state posted by the SDK */
	struct list_head calls;
	struct vmgl_hb_call *serving;	/* call that the worker serves */
	bool kick;			/* vmgl_hb_unlock() wakes the worker */
	bool kick_clock;		/* vmgl_hb_unlock() wakes the clock's thread */
	u64 pause_until;		/* CLOCK_BOOTTIME in ns; 0: no pause */
	bool is_suspended;
	bool is_stopped;
	u64 missed;
	char last_missed[VMGUESTLIB_HEARTBEAT_NAME_SIZE];

	/*
	 * The worker writes these, and other threads only by vmgl_hb_doubt(),
	 * vmgl_hb_forget() and vmgl_hb_retry_now().
	 */
	enum vmgl_hb_enabled enabled;
	bool found_enabled;		/* host was enabled before the first client */
	enum vmgl_app_state posted;	/* last state that the host accepted */
	bool post_again;		/* the host may have forgotten posted */
	bool post_known;		/* the host may know PostAppState */
	bool recheck;			/* check the status soon */
	bool is_doubted;		/* forgotten or doubted since the last step began */
	bool gray_answered;		/* Enable was sent; no client beat since */
	u64 interruptions;		/* count at the last check */
	ktime_t next_beat;
	ktime_t next_status;
	ktime_t looked_at;
	ktime_t former_at;		/* vmgl_hb_check_former(); 0: never */
	u32 failed;			/* steps that wait for retry_at */
	ktime_t retry_at;
	u32 retry_ms;
	ktime_t last_beat;		/* last one that the host accepted; 0: none */
	char status[VMGUESTLIB_APPMON_TEXT_SIZE];
};

static inline bool vmgl_hb_is_listed(const struct vmgl_heartbeat_client *client)
{
	return !list_empty(&client->entry);
}

/* Lost channels and checkpoints: signs of a vMotion, counted by all threads */
static inline u64 vmgl_hb_interruptions(const struct vmgl_heartbeat *hb)
{
	return vmgl_counted(hb->rpc->counters, VMGL_COUNT_CHECKPOINTS) +
	       vmgl_counted(hb->rpc->counters, VMGL_COUNT_REOPENED) +
	       vmgl_counted(hb->rpc->counters, VMGL_COUNT_FAILOVERS);
}

/* heartbeat_clients.c: clients, deadlines and the clock */
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
void vmgl_hb_end_pause(struct vmgl_heartbeat *hb);
u32 vmgl_hb_remaining_ms(const struct vmgl_heartbeat *hb,
			 const struct vmgl_heartbeat_client *client);
void vmgl_hb_expire(struct vmgl_heartbeat *hb,
		    struct vmgl_heartbeat_client *client);
void vmgl_hb_report(const struct vmgl_heartbeat_terms *expired);
void vmgl_hb_tick(struct kthread_work *work);

/* heartbeat_host.c: requests to the host */
void vmgl_hb_work(struct kthread_work *work);
void vmgl_hb_forget(struct vmgl_heartbeat *hb);
void vmgl_hb_doubt(struct vmgl_heartbeat *hb);
void vmgl_hb_retry_now(struct vmgl_heartbeat *hb);
void vmgl_hb_submit(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call);
int vmgl_hb_wait(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call,
		 bool may_interrupt);

#endif
