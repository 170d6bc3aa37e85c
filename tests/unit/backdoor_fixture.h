/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * For tests of the virtual host's backdoor: a host whose answer the test sets, and a
 * guest that makes hypercalls, both without QEMU.
 */
#ifndef BACKDOOR_FIXTURE_H
#define BACKDOOR_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backdoor/bdoor.h"
#include "backdoor/channel.h"
#include "backdoor/channel_table.h"
#include "config/config.h"
#include "host/counters.h"
#include "host/dispatch.h"
#include "host/fault.h"
#include "host/host.h"
#include "host/tclo.h"

/* One machine at a time: backdoor_start() builds it, backdoor_stop() ends it. */
struct backdoor {
	struct config *config;
	struct host *host;
	struct channels *channels;
	struct faults *faults;
	struct counters *counters;

	uint64_t now_ns;		/* set by the test */
	unsigned int stunned_ms;

	/* The requests that the host received, and its answer to every request */
	unsigned int requests;
	char request[MESSAGE_REQUEST_MAX + 1];
	size_t request_len;
	enum transport transport;
	const void *reply;
	size_t reply_len;
	/* Function that is called while a request is served, or NULL */
	void (*while_serving)(void);
};

extern struct backdoor backdoor;

/* @settings are "KEY=VALUE" texts, the last one NULL. */
void backdoor_start(const char *const settings[]);
void backdoor_stop(void);
void backdoor_set(const char *key, const char *value);
void backdoor_answer(const char *reply);
void backdoor_order_fault(const char *order);

/* A guest's view of one channel. */
struct guest {
	uint32_t id;
	uint32_t cookie_high;
	uint32_t cookie_low;
	bool hb_allowed;	/* uses high bandwidth when offered */
	/* The reply of the last exchange */
	char reply[4096];
	uint32_t reply_len;
	unsigned int exits;
	unsigned int restarts;
};

/* Garbage in the registers that a hypercall must not change. */
#define GUEST_GARBAGE	0x5eed5eedu

/*
 * One hypercall of the message command; returns the status.  Checks that only the
 * registers change that are outputs of the type.  @ebx is the input and becomes the
 * output; @edx_high becomes the output in EDX[31:16] unless it is NULL.
 */
uint32_t guest_call(struct guest *guest, enum message_type type, uint32_t *ebx,
		    uint32_t *edx_high);
uint32_t guest_step(struct guest *guest, enum message_type type, uint32_t ebx);

bool guest_open(struct guest *guest, uint32_t protocol_word);
bool guest_close(struct guest *guest);

/* Whole transfers over the high-bandwidth port; they return the status. */
uint32_t guest_hb_out(struct guest *guest, const void *data, uint32_t len);
uint32_t guest_hb_in(struct guest *guest, void *data, uint32_t len);

/*
 * One request with its reply, as a careful client does it: restarts after a
 * checkpoint (8 times at most), refuses what does not fit.
 */
bool guest_ask(struct guest *guest, const char *request);

#endif
