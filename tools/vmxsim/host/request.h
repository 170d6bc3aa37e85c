/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The interfaces between the machine, the transports and the host. */
#ifndef VMXSIM_REQUEST_H
#define VMXSIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transport {
	TRANSPORT_LB,	/* low-bandwidth backdoor: I/O port 0x5658 */
	TRANSPORT_HB,	/* high-bandwidth backdoor: I/O port 0x5659 */
	TRANSPORT_VMCI,	/* VMCI socket to port 976 of the hypervisor context */
	TRANSPORT_COUNT
};

/* Functions of the machine around the model. */
struct host_ops {
	/* Returns the virtual time since power on. */
	uint64_t (*now_ns)(void *opaque);
	/* Stops the whole VM for @ms, at once or after the current instruction. */
	void (*stun_ms)(void *opaque, unsigned int ms);
	/* Lets the machine call host_timer() once, at the time @ns, or never for UINT64_MAX. */
	void (*timer_at)(void *opaque, uint64_t ns);
	/* Request a reset or the power off of the machine, which follows after the return. */
	void (*reset)(void *opaque);
	void (*power_off)(void *opaque);
	/* Requests that the guest release the VMCI device; false if it is in no slot. */
	bool (*unplug)(void *opaque);
	void *opaque;
};

struct request {
	const uint8_t *data;
	size_t len;
	enum transport transport;		/* transport of the payload */
	bool privileged;	/* the source port of the VMCI socket is below 1024 */
};

/* A raw reply, which begins with "1 " or "0 "; data is malloc'ed. */
struct reply {
	uint8_t *data;
	size_t len;
};

/* A reply as the transport sends it to the guest */
struct served {
	struct reply reply;	/* data is malloc'ed, the caller frees it */
	bool waiting;		/* whether a reply is announced to the guest */
	uint32_t announced;	/* length that is announced */
	unsigned int delay_ms;	/* time that VMCI waits before the reply; else 0 */
};

/* Returns "lb", "hb" or "vmci". */
const char *transport_name(enum transport transport);

#endif
