/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The table of channels: opens and closes channels, and counts and traces their exchanges.
 * channel.c has the state machine of a channel.
 */
#ifndef VMXSIM_CHANNEL_TABLE_H
#define VMXSIM_CHANNEL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "host/counters.h"
#include "host/serve.h"
#include "model/prng.h"

#define MESSAGE_RPCI		0x49435052u
#define MESSAGE_TCLO		0x4f4c4354u
#define MESSAGE_COOKIE_FLAG	0x80000000u

#define CHANNELS_MAX	128

enum channel_state {
	CHANNEL_CLOSED,
	CHANNEL_IDLE,		/* a reply may be waiting */
	CHANNEL_SENDING,
	CHANNEL_RECEIVING,
	CHANNEL_NEEDSTATUS,
};

struct tclo_app;

struct channel {
	enum channel_state state;
	struct tclo_app *tclo;	/* program of the TCLO protocol, or NULL */
	bool doomed;		/* only the rest of the exchange and CLOSE are served */
	bool checkpoint;	/* the next payload step answers CPT */
	bool hb_offered;	/* high bandwidth is offered for the message under way */
	bool hb_running;
	uint32_t hb_swallow;	/* ECX at the next byte of a transfer that is refused, or 0 */
	uint32_t cookie_high;
	uint32_t cookie_low;
	uint64_t last_used_ns;

	uint8_t *request;	/* the last request; the faults compare it with match= */
	uint32_t request_len;
	uint32_t arrived;
	struct served served;
	uint32_t taken;		/* number of bytes of the reply that the guest has */

	/* Numbers of steps as in fault.h: the last step, and the last step that sends */
	uint32_t step;
	uint32_t send_steps;

	/* State of the exchange, for the trace and the counters */
	bool answered;
	bool steering;
	enum transport transport;
	unsigned int exits;
	uint64_t request_ns;
	struct exit_counts unsettled;	/* exits of a request that may still steer */
};

struct channels {
	struct host *host;
	const struct host_ops *ops;
	struct prng prng;
	struct channel table[CHANNELS_MAX];
	struct channel *serving;
};

/*
 * Returns the channels of @host, registered with the faults of @host, or NULL without memory.
 * Both arguments must live longer than the channels.
 */
struct channels *channels_new(struct host *host, const struct host_ops *ops);
void channels_free(struct channels *channels);

/*
 * Forgets every channel, as after a reset.  A channel whose request is being served can
 * still take its reply and be closed: for open-vm-tools a refused CLOSE means that the
 * request failed.
 */
void channels_forget(struct channels *channels);

/*
 * Makes a checkpoint: the guest has to restart a message that is being transferred.  Between
 * messages, for example while a request is served, a checkpoint has no effect.
 */
void channels_checkpoint(struct channels *channels);

const struct config *channels_config(const struct channels *channels);
uint64_t channels_now_ns(const struct channels *channels);

/*
 * Opens a channel for the protocol word of an OPEN.  Returns the id of the channel, or -1 if
 * the OPEN is to be refused.
 */
int channel_open(struct channels *channels, uint32_t protocol_word);
void channel_close(struct channels *channels, struct channel *channel);

/* Returns the open channel with this id and these cookies, or NULL. */
struct channel *channel_find(struct channels *channels, uint32_t id,
			     uint32_t cookie_high, uint32_t cookie_low);

/* Returns whether an open channel was idle for longer than vmxsim.channels.idle. */
bool channel_timed_out(const struct channels *channels,
		       const struct channel *channel);

/* Begins a new request, and drops the rest of the exchange before. */
void channel_begin_exchange(struct channel *channel);

/* Ends an exchange: the guest has the reply. */
void channel_end_exchange(struct channel *channel);

void channel_drop_request(struct channel *channel);

/* Counts one hypercall; @channel is NULL if the hypercall belongs to no channel. */
void channel_count_exit(struct channels *channels, struct channel *channel,
			enum exit_type type);

/*
 * Called when a request has arrived.  Counts its hypercalls as the guest's, or as steering if
 * the request steers.
 */
void channel_settle_exits(struct channels *channels, struct channel *channel);

#endif
