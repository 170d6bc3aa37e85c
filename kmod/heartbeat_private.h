/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Shared by the files of the arbiter of heartbeats: heartbeat.c uses
 * heartbeat_host.c, and both use heartbeat_clients.c.
 */
#ifndef VMGL_HEARTBEAT_PRIVATE_H
#define VMGL_HEARTBEAT_PRIVATE_H

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "heartbeat.h"
#include "rpc.h"

/* Longest wait of a caller for the host, in jiffies */
#define VMGL_HB_TIMEOUT			(2 * HZ)

/* One beat of a window may get lost without the host noticing. */
#define VMGL_HB_BEATS_PER_WINDOW	3

enum vmgl_hb_stage {
	VMGL_HB_PENDING,	/* the first one: its arming waits for the host */
	VMGL_HB_ARMED,		/* within its deadline */
	VMGL_HB_EXPIRED,	/* missed it */
};

/* Whether the host expects heartbeats from us */
enum vmgl_hb_enabled {
	VMGL_HB_NOT,
	VMGL_HB_ENABLED,
	VMGL_HB_UNKNOWN,	/* it has forgotten, or not answered */
};

/* Beside the operations of the SDK */
#define VMGL_HB_OP_ARM		0x100	/* until the host has answered for @client */
#define VMGL_HB_OP_SYNC		0x101	/* until all that is due has been tried */
#define VMGL_HB_OP_OFF		0x102	/* until the host is known not to be enabled */

/**
 * struct vmgl_hb_call - a caller that waits for the worker; on its stack
 * @entry: in struct vmgl_heartbeat.calls until it is served or given up
 * @done: completed with the lock held
 * @op: an enum vmguestlib_appmon_op or VMGL_HB_OP_*
 * @text: a word of the SDK
 * @client: pending one that this is about; NULL: the host has answered
 * @result: 0 or an error number
 * @repeated: a beat that failed once
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
 * struct vmgl_heartbeat_client - what must stay alive
 * @entry: in struct vmgl_heartbeat.clients; each there pins the module
 * @owner: holds it; NULL for ``api``, and for one whose file was closed
 * @terms: what it was armed with
 * @stage: see there
 * @uid: user that armed it
 * @expires: when it expires unless it beats; on the arbiter's clock
 * @stalls: that were forgiven since it last beat
 * @arming: caller that waits while it is pending
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

/* The arbiter's clock; times are of CLOCK_MONOTONIC where nothing else is said */
struct vmgl_hb_clock {
	struct kthread_worker *worker;	/* FIFO; never talks to the host */
	struct kthread_delayed_work tick;
	bool runs;
	ktime_t reading;		/* at the last tick */
	ktime_t ticked;			/* when that was */
	ktime_t due;			/* when the next one is due */
};

/* Arbiter of the one application state; heartbeat.c explains it */
struct vmgl_heartbeat {
	struct vmgl_rpc *rpc;		/* its own: no reader delays a beat */
	struct vmgl_events *events;
	struct vmgl_reply reply;	/* allocated before; the worker's */
	u32 window_ms;
	struct kthread_worker *worker;	/* FIFO; alone talks to the host */
	struct kthread_delayed_work work;
	struct mutex line;		/* calls of the SDK; outside of lock */

	spinlock_t lock;		/* outside of events; guards the rest */
	struct vmgl_hb_clock clock;
	struct list_head clients;
	struct vmgl_heartbeat_client api; /* of the SDK; armed: in clients */
	enum vmgl_app_state api_state;	/* last word of the SDK */
	struct list_head calls;
	struct vmgl_hb_call *serving;	/* the host is being asked for it */
	bool kick;			/* the worker has to look, */
	bool kick_clock;		/* the clock: see vmgl_hb_unlock() */
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
	bool found_enabled;		/* so before the first client */
	enum vmgl_app_state posted;	/* last one that the host took */
	bool post_again;		/* it may have forgotten it */
	bool post_known;		/* it knows PostAppState, it seems */
	bool recheck;			/* look at the status */
	bool gray_answered;		/* and no client has beaten since */
	u64 interruptions;		/* that were looked into */
	ktime_t next_beat;
	ktime_t next_status;
	ktime_t looked_at;
	ktime_t former_at;		/* vmgl_hb_check_former(); 0: never */
	u32 failed;			/* steps that wait for retry_at */
	ktime_t retry_at;
	u32 retry_ms;
	ktime_t last_beat;		/* that the host took; 0: none */
	char status[VMGUESTLIB_APPMON_TEXT_SIZE];
};

static inline bool vmgl_hb_is_listed(const struct vmgl_heartbeat_client *client)
{
	return !list_empty(&client->entry);
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

/* heartbeat_host.c: what the host is told */
void vmgl_hb_work(struct kthread_work *work);
void vmgl_hb_forget(struct vmgl_heartbeat *hb);
void vmgl_hb_doubt(struct vmgl_heartbeat *hb);
void vmgl_hb_retry_now(struct vmgl_heartbeat *hb);
void vmgl_hb_submit(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call);
int vmgl_hb_wait(struct vmgl_heartbeat *hb, struct vmgl_hb_call *call,
		 bool may_interrupt);

#endif
