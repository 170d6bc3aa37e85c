/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The interfaces between the machine, the transports and the host. */
#ifndef VMXSIM_REQUEST_H
#define VMXSIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transport {
	TRANSPORT_LB,	/* port 0x5658 */
	TRANSPORT_HB,	/* port 0x5659 */
	TRANSPORT_VMCI,	/* port 976 of the hypervisor context */
	TRANSPORT_COUNT
};

/* Functions of the machine around the model. */
struct host_ops {
	uint64_t (*now_ns)(void *opaque);	/* virtual time since power on */
	/* Stop the whole VM, now or after the present instruction. */
	void (*stun_ms)(void *opaque, unsigned int ms);
	/* Call host_timer() once at this time; UINT64_MAX: do not call it. */
	void (*timer_at)(void *opaque, uint64_t ns);
	void (*reset)(void *opaque);	/* the machine, soon */
	void (*power_off)(void *opaque);	/* soon */
	/* Ask the guest to give the VMCI device up; false if it is in no slot. */
	bool (*unplug)(void *opaque);
	void *opaque;
};

struct request {
	const uint8_t *data;
	size_t len;
	enum transport transport;		/* transport of the payload */
	bool privileged;	/* VMCI source port below 1024 */
};

/* A raw reply, which begins with "1 " or "0 "; data is malloc'ed. */
struct reply {
	uint8_t *data;
	size_t len;
};

/* A reply as the transport passes it on. */
struct served {
	struct reply reply;	/* data is malloc'ed, the caller frees it */
	bool waiting;		/* false: no reply is announced */
	uint32_t announced;	/* length that is announced */
	unsigned int delay_ms;	/* for a transport that can wait; others have waited */
};

/* "lb", "hb", "vmci" */
const char *transport_name(enum transport transport);

#endif
