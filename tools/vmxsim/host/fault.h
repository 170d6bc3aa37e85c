/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Faults that a test orders with the steering request `vmxsim.fault ...`.
 *
 * The text after `vmxsim.fault ` is one order.  An order arms one fault or disarms all, and
 * several faults may be armed at the same time.  An occasion is a moment at which the host can
 * apply an armed fault, such as the next request or the next OPEN.  Grammar:
 *
 *	clear				disarm everything
 *	[match=TEXT] [times=N] FAULT	arm FAULT for its next N occasions
 *					(default 1)
 *
 * Faults of a hypercall.  STEP is the number of a hypercall of an exchange.
 * SENDSIZE has number 1.  The payload calls of the request, RECVSIZE, the payload
 * calls of the reply and RECVSTATUS follow.  A high-bandwidth transfer is one
 * payload call.  OPEN and CLOSE have no number.  A message that the guest restarts
 * has its old numbers again.  If a guest makes fewer calls, the fault stays armed.
 *
 *	cpt STEP		answers CPT without SUCCESS, and the message has
 *				to be restarted
 *	refuse STEP		answers with no bit set
 *	status BITS STEP	answers exactly BITS if SUCCESS is not among them,
 *				else does the step and adds BITS.  BITS is a
 *				number or names joined by `|`: success, dorecv,
 *				closed, unsent, cpt, poweroff, timeout, hb.
 *				closed and poweroff close the channel
 *
 * Faults of OPEN (no match=):
 *
 *	open N			the next N OPENs are refused; many clients try
 *				twice, with the cookie flag and without it
 *	cookie			an OPEN with the cookie flag is refused
 *
 * Faults of channels and connections (no match=, no times=; at once):
 *
 *	dropchannel		the host forgets all open channels.  The channel of
 *				the order still gets its reply and can be closed
 *	dropsockets		the host resets all connections of VMCI sockets.  The
 *				connection of the order is reset after its reply
 *
 * Faults of a connection to the VMCI port 976 (no match=):
 *
 *	connreset N		the next N connections are reset
 *	connsilent N		the next N connections get no answer
 *
 * Faults of the reply.  Over VMCI it is the payload of a packet:
 *
 *	noreply			RECVSIZE answers SUCCESS without DORECV; no packet
 *				comes
 *	truncate N		only the first N bytes of the raw reply are there;
 *				with 0 the payload is empty
 *	oversize N		RECVSIZE, or the payload, announces N bytes; missing
 *				bytes are read as zeros.  An N below the length
 *				truncates the reply
 *	random SEED		all bytes after the "1 " or "0 " become random bytes
 *	delay MS		over the backdoor the VM stands still for MS ms of real
 *				time before the reply; over VMCI the packet comes after
 *				MS ms of virtual time, and nothing else waits
 *	reorder			guestlib.info.get 3: the elements change places
 *	count N			guestlib.info.get 3: announces N elements
 *	version2		guestlib.info.get 3 is refused, like by a host that
 *				knows only version 2
 *	hostile SEED		SEED decides what happens: other bytes, no bytes,
 *				another length, or no fault.  Over VMCI the packet is
 *				affected as well.  One in 64 of the steps after the
 *				first has a random status
 *
 * Faults of the packet that carries the reply over VMCI.  Replies over other
 * transports are not affected, and the fault stays armed:
 *
 *	length N		the packet announces N bytes.  For the guest, an N from
 *				2147483648 on is a negative length
 *	duplicate		the packet has two payloads, which is malformed
 *	extrafield		the packet has an unknown field, which is well-formed
 *	badtype			the packet has a field of a type that does not exist
 *	nopayload		the packet has no payload
 *	nokind			the packet has no field 1, the kind of the packet
 *	repeat			the packet comes twice
 *	dribble MS		the packet comes byte by byte; before each byte MS ms of
 *				virtual time pass
 *	half			only the first half of the packet comes
 *	halfreset		the first half comes, then the connection is reset
 *	eof			the connection is closed, and no packet comes
 *
 * Hypercall and reply faults affect the next request that does not begin with
 * `vmxsim.`.  With match= the request also has to begin with TEXT, which has no
 * blank.  While a request is being sent, only the bytes that have arrived are
 * compared.  At step 1 no byte has arrived.  Therefore match= is refused at step 1,
 * and the fault affects the next request even if it steers.
 */
#ifndef VMXSIM_FAULT_H
#define VMXSIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_CPT,
	FAULT_REFUSE,
	FAULT_STATUS,
	FAULT_OPEN,
	FAULT_COOKIE,
	FAULT_DROPCHANNEL,
	FAULT_DROPSOCKETS,
	FAULT_CONNRESET,
	FAULT_CONNSILENT,
	FAULT_NOREPLY,
	FAULT_TRUNCATE,
	FAULT_OVERSIZE,
	FAULT_RANDOM,
	FAULT_DELAY,
	FAULT_REORDER,
	FAULT_COUNT,
	FAULT_VERSION2,
	FAULT_HOSTILE,
	FAULT_LENGTH,
	FAULT_DUPLICATE,
	FAULT_EXTRAFIELD,
	FAULT_BADTYPE,
	FAULT_NOPAYLOAD,
	FAULT_NOKIND,
	FAULT_REPEAT,
	FAULT_DRIBBLE,
	FAULT_HALF,
	FAULT_HALFRESET,
	FAULT_EOF,
	FAULT_KINDS
};

/* The prefix of requests that steer the model */
#define VMXSIM_PREFIX	"vmxsim."

/* Bits of the status of a message step. */
#define STATUS_SUCCESS		0x0001u
#define STATUS_DORECV		0x0002u
#define STATUS_CLOSED		0x0004u
#define STATUS_UNSENT		0x0008u
#define STATUS_CPT		0x0010u
#define STATUS_POWEROFF		0x0020u
#define STATUS_TIMEOUT		0x0040u
#define STATUS_HB		0x0080u

#define FAULTS_ARMED_MAX	16
#define FAULT_MATCH_MAX		64

struct fault {
	bool armed;
	enum fault_kind kind;
	uint32_t times;			/* number of occasions left */
	uint32_t step;			/* STEP, for faults of a hypercall */
	uint32_t status;		/* BITS, for FAULT_STATUS */
	uint64_t arg;			/* the number of any other fault that has one */
	char match[FAULT_MATCH_MAX];	/* TEXT of match=; "" matches every request */
};

/*
 * Functions that the code of the channels or of the connections registers.  forget() drops all
 * channels or connections, and checkpoint() applies a checkpoint to them.  Both spare the
 * exchange being served.  They are NULL if the machine has no channels or no connections.
 */
struct fault_connections {
	void (*forget)(void *opaque);
	void (*checkpoint)(void *opaque);
	void *opaque;
};

struct faults {
	struct fault list[FAULTS_ARMED_MAX];
	uint64_t injected;		/* number of faults applied since power on */
	/* The request that is being served; set by faults_serving(). */
	const uint8_t *request;
	size_t request_len;
	struct fault_connections channels;	/* of the backdoor */
	struct fault_connections sockets;	/* of VMCI */
	struct fault any_status;	/* the random status with which FAULT_HOSTILE hits a step */
	uint64_t hostile_steps;		/* number of steps that FAULT_HOSTILE has checked */
};

/* A request as far as it has arrived. */
struct fault_target {
	const uint8_t *data;
	size_t arrived;
	size_t len;		/* length that the guest has announced */
};

/*
 * Carries out the order @args.  If the order is wrong, changes nothing, writes the reason to
 * @err and returns false.
 */
bool faults_parse(struct faults *faults, const char *args, char *err,
		  size_t err_size);

/*
 * Returns whether an armed fault of @kind hits the request being served, and if so uses up
 * one occasion.  @arg (may be NULL) receives the number of the fault.
 */
bool faults_take(struct faults *faults, enum fault_kind kind, uint64_t *arg);

/*
 * Returns the hypercall fault that hits @step of the exchange with @target, or NULL, and
 * uses up one occasion of it.  The pointer is valid until the next call.
 */
const struct fault *faults_take_step(struct faults *faults, uint32_t step,
				     const struct fault_target *target);

/*
 * Returns whether an OPEN is refused, and uses up one occasion of the fault that refuses it:
 * FAULT_OPEN, or for an OPEN @with_cookie FAULT_COOKIE.
 */
bool faults_take_open(struct faults *faults, bool with_cookie);

/*
 * Returns whether a fault of @kind, FAULT_CONNRESET or FAULT_CONNSILENT, hits a new connection,
 * and if so uses up one occasion.
 */
bool faults_take_connect(struct faults *faults, enum fault_kind kind);

/*
 * The first function does to all open channels and connections what a vMotion does to them,
 * the second one what a suspend or a revert does.  Both spare the exchange being served.
 */
void faults_checkpoint(struct faults *faults);
void faults_drop_channels(struct faults *faults);

/* Sets the request that faults_take() compares with match=.  NULL: no request is served. */
void faults_serving(struct faults *faults, const uint8_t *request, size_t len);

/* Returns whether a request that has arrived as far as @target steers the model. */
bool fault_target_steers(const struct fault_target *target);

#endif
