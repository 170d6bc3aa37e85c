/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Counts the hypercalls by transport and type, the requests, and their bytes.
 *
 * Exchanges that steer the model (`vmxsim.*`) are counted separately, so that a test may
 * request the counters without changing them.  OPEN and CLOSE of a channel that had only such
 * exchanges are counted with them, and so is a connection to port 976 if its first request
 * steers.
 */
#ifndef VMXSIM_COUNTERS_H
#define VMXSIM_COUNTERS_H

#include <stdint.h>

#include "host/request.h"

struct cJSON;

/* The types of exits of the virtual machine.  A whole `rep outsb/insb` is one exit. */
enum exit_type {
	EXIT_OPEN,		/* the first seven are numbered like the message types */
	EXIT_SENDSIZE,
	EXIT_SENDPAYLOAD,
	EXIT_RECVSIZE,
	EXIT_RECVPAYLOAD,
	EXIT_RECVSTATUS,
	EXIT_CLOSE,
	EXIT_MESSAGE_UNKNOWN,	/* a message type beyond CLOSE */
	EXIT_HB_OUT,
	EXIT_HB_IN,
	EXIT_COMMAND,		/* any other backdoor command */
	EXIT_TYPES
};

struct exit_counts {
	uint64_t of[EXIT_TYPES];
};

/* Counters of VMCI: established connections, and control packets. */
struct vmci_counters {
	uint64_t connections;
	uint64_t refused;
	uint64_t packets;		/* packets from the guest; each is a hypercall */
	uint64_t steering_packets;
	unsigned int open;		/* connections that are open now */
};

struct counters {
	struct exit_counts guest;	/* exits that do not steer */
	struct exit_counts steering;
	uint64_t requests[TRANSPORT_COUNT];
	uint64_t request_bytes;
	uint64_t reply_bytes;
	uint64_t refused;		/* message steps answered without SUCCESS */
	uint64_t checkpoints;		/* message steps answered with CPT */
	unsigned int channels;		/* channels that are open now */
	struct vmci_counters vmci;
};

/* Sets every counter to 0, except the numbers of open channels and connections. */
void counters_reset(struct counters *counters);

/*
 * Returns the counters as JSON, or NULL without memory.
 *
 *	{"exits":{"lb":{"open":1,"sendsize":1, ... ,"unknown":0,"total":154},
 *		  "hb":{"out":0,"in":0,"total":0},"commands":2},
 *	 "requests":{"lb":1,"hb":0,"vmci":0},"request_bytes":19,
 *	 "reply_bytes":574,"refused":0,"checkpoints":0,"faults":0,"channels":1,
 *	 "sockets":{"connections":0,"refused":0,"packets":0,"open":0},
 *	 "steering":{"exits":12,"packets":0}}
 *
 * "exits" are exits that do not steer.  "commands" (GETVERSION and others) are not part of a
 * total, because programs that steer send them too.  A request counts for the transport that
 * took its payload.  @faults is the number of injected faults of struct faults.
 */
struct cJSON *counters_json(const struct counters *counters, uint64_t faults);

#endif
