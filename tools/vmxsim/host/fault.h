/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Faults that a test orders with the steering request `vmxsim.fault ...`.
 *
 * Grammar (one order per request; several may be armed at the same time):
 *
 *	clear				disarm everything
 *	[match=TEXT] [times=N] FAULT	arm FAULT for its next N occasions
 *					(default 1)
 *
 * Faults of a hypercall.  STEP names one hypercall of an exchange.  1 is
 * SENDSIZE, then come the payload calls of the request, RECVSIZE, the payload
 * calls of the reply and RECVSTATUS; a high-bandwidth transfer is one payload
 * call.  OPEN and CLOSE are not counted.  A message that the guest restarts has
 * its old numbers again.  A guest that takes fewer steps never meets the fault,
 * which then stays armed.
 *
 *	cpt STEP		answers CPT without SUCCESS, and the message has
 *				to be restarted
 *	refuse STEP		answers without SUCCESS and any other bit
 *	status BITS STEP	answers exactly BITS if SUCCESS is not among them,
 *				else does the step and adds BITS.  BITS is a
 *				number or names joined by `|`: success, dorecv,
 *				closed, unsent, cpt, poweroff, timeout, hb.
 *				closed and poweroff close the channel
 *
 * Faults of OPEN (no match=):
 *
 *	open N			the next N OPENs are refused; many a client tries
 *				twice, with the cookie flag and without
 *	cookie			an OPEN with the cookie flag is refused
 *
 * Faults of channels and connections (no match=, no times=; at once):
 *
 *	dropchannel		the host forgets all open channels.  The one that
 *				carries the order can still take its reply and be
 *				closed
 *	dropsockets		the host resets all connections of VMCI sockets; the one
 *				that carries the order after its reply
 *
 * Faults of a connection to the VMCI port 976 (no match=):
 *
 *	connreset N		the next N are reset
 *	connsilent N		the next N get no answer
 *
 * Faults of the reply.  Over VMCI it is the payload of a packet:
 *
 *	noreply			RECVSIZE answers SUCCESS without DORECV; no packet
 *				comes
 *	truncate N		only the first N bytes of the raw reply are there;
 *				with 0 the payload is empty
 *	oversize N		RECVSIZE, or the payload, announces N bytes; what the
 *				reply lacks is read as zeros.  An N below the length
 *				truncates
 *	random SEED		all after the "1 " or "0 " becomes random bytes
 *	delay MS		the VM stands still for MS ms of real time first; the
 *				packet comes after MS ms of virtual time, and nothing
 *				else waits
 *	reorder			guestlib.info.get 3: the elements change places
 *	count N			guestlib.info.get 3: announces N elements
 *	version2		guestlib.info.get 3: refused as by a host that knows
 *				version 2 only
 *	hostile SEED		by chance, as SEED decides: other bytes or none, another
 *				length, or nothing wrong at all; in the packet over VMCI
 *				as well; and any status at one in 64 of the steps
 *				after the first
 *
 * Faults of the packet that carries the reply over VMCI; those of other
 * transports never meet them:
 *
 *	length N		the packet announces N bytes; from 2147483648 they are
 *				negative
 *	duplicate		the payload comes twice, which is malformed
 *	extrafield		with an unknown field, which is well-formed
 *	badtype			with a field of a type that does not exist
 *	nopayload		without the payload
 *	nokind			without field 1, the kind of the packet
 *	repeat			it comes twice
 *	dribble MS		it comes byte by byte, MS ms of virtual time before each
 *	half			the first half, and nothing after it
 *	halfreset		the first half, then the connection is reset
 *	eof			the connection is closed instead
 *
 * Hypercall and reply faults apply to the next request that does not begin with
 * `vmxsim.` and that, with match=, begins with TEXT (no blank in it).  While a
 * request is being sent only as much of it can be compared as has arrived.  At
 * step 1 that is nothing: match= is refused there, and the next request is hit
 * even if it steers.
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

/* The prefix of requests that steer the model and are never themselves hit. */
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
	uint32_t times;			/* occasions left */
	uint32_t step;			/* hypercall faults */
	uint32_t status;		/* FAULT_STATUS */
	uint64_t arg;			/* reply faults */
	char match[FAULT_MATCH_MAX];	/* "" is every request */
};

/*
 * Functions that the channels and the connections register: one forgets all of them, one
 * applies a checkpoint to them.  Both spare the exchange being served.  They are NULL if
 * there are no channels or connections.
 */
struct fault_connections {
	void (*forget)(void *opaque);
	void (*checkpoint)(void *opaque);
	void *opaque;
};

struct faults {
	struct fault list[FAULTS_ARMED_MAX];
	uint64_t injected;		/* occasions met since power on */
	/* The request that is being served; set by faults_serving(). */
	const uint8_t *request;
	size_t request_len;
	struct fault_connections channels;	/* of the backdoor */
	struct fault_connections sockets;	/* of VMCI */
	struct fault any_status;	/* fault of FAULT_HOSTILE at a step */
	uint64_t hostile_steps;		/* steps that FAULT_HOSTILE has checked */
};

/* A request as far as it has arrived. */
struct fault_target {
	const uint8_t *data;
	size_t arrived;
	size_t len;		/* announced */
};

/*
 * Carries out the order after `vmxsim.fault `.  If the order is wrong, it changes nothing,
 * writes the reason to @err and returns false.
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

/* For faults that have no request: FAULT_OPEN, FAULT_COOKIE. */
bool faults_take_open(struct faults *faults, bool with_cookie);

/* Likewise for one kind: FAULT_CONNRESET, FAULT_CONNSILENT. */
bool faults_take_connect(struct faults *faults, enum fault_kind kind);

/*
 * The effects on all open channels and connections of a vMotion (checkpoint), and of a
 * suspend or a revert.  They spare the exchange being served.
 */
void faults_checkpoint(struct faults *faults);
void faults_drop_channels(struct faults *faults);

/* Names the request that faults_take() is about; NULL ends it. */
void faults_serving(struct faults *faults, const uint8_t *request, size_t len);

/* Whether a request that has arrived as far as @target steers the model. */
bool fault_target_steers(const struct fault_target *target);

#endif
