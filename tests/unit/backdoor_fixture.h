/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for tests of the virtual host's backdoor: a host whose answer the test sets, and a
 * guest that makes hypercalls. Neither needs QEMU.
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

/* The only machine. backdoor_start() creates it, and backdoor_stop() frees it. */
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

/* @settings has texts "KEY=VALUE", and ends with NULL. */
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
	bool hb_allowed;	/* uses high bandwidth if the host offers it */
	/* The reply of the last exchange */
	char reply[4096];
	uint32_t reply_len;
	unsigned int exits;
	unsigned int restarts;
};

/* Garbage in the registers that a hypercall must not change. */
#define GUEST_GARBAGE	0x5eed5eedu

/*
 * Makes one hypercall of the message command, and returns its status.  Checks that the host
 * changes only the registers that are outputs of @type.  *@ebx is the value of EBX before and
 * after the hypercall.  *@edx_high gets EDX[31:16], unless @edx_high is NULL.
 */
uint32_t guest_call(struct guest *guest, enum message_type type, uint32_t *ebx,
		    uint32_t *edx_high);
uint32_t guest_step(struct guest *guest, enum message_type type, uint32_t ebx);

bool guest_open(struct guest *guest, uint32_t protocol_word);
bool guest_close(struct guest *guest);

/* Transfer a whole payload at high bandwidth, and return the status. */
uint32_t guest_hb_out(struct guest *guest, const void *data, uint32_t len);
uint32_t guest_hb_in(struct guest *guest, void *data, uint32_t len);

/*
 * Makes a request, and receives its reply. After a checkpoint the message is sent or received
 * again, at most 8 times. Returns whether the host served the request, and the reply fits.
 */
bool guest_ask(struct guest *guest, const char *request);

#endif
