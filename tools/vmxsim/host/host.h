/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seams of the virtual VMware host.
 *
 *   doors   backdoor ports (channel.c), later the VMCI device
 *             |  whole requests in, whole replies out
 *   host    host_request(): dispatch, model, steering (rpc.c, model.c ...)
 *             |  faults and counters are asked and kept by the doors
 *   glue    qemu.c: QEMU's symbols, registers, clock
 *
 * Nothing here knows QEMU except qemu.c, so that everything else is tested as
 * an ordinary program.  All calls come from one thread at a time (under QEMU's
 * big lock): there is no locking below this line.
 */
#ifndef VMXSIM_HOST_H
#define VMXSIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;		/* config.h: parsed .vmx */
struct host;		/* model, sessions, guestinfo, faults, counters, trace */

enum door {
	DOOR_LB,	/* port 0x5658 */
	DOOR_HB,	/* port 0x5659 */
	DOOR_VMCI,	/* port 976 of the hypervisor context */
	DOOR_COUNT
};

/* What the machine around the model supplies. */
struct host_ops {
	uint64_t (*now_ns)(void *opaque);	/* virtual time since power on */
	/* Stop the VM's world, now or once it has executed this instruction. */
	void (*stun_ms)(void *opaque, unsigned int ms);
	/* Call host_timer() once, then; UINT64_MAX: do not. */
	void (*timer_at)(void *opaque, uint64_t ns);
	void (*reset)(void *opaque);	/* the machine, soon */
	/* Ask the guest to give the VMCI device up; false if it is in no slot. */
	bool (*unplug)(void *opaque);
	void *opaque;
};

struct request {
	const uint8_t *data;
	size_t len;
	enum door door;		/* the door of the payload */
	bool privileged;	/* VMCI source port below 1024 */
};

/* A raw reply with its "1 " or "0 " in front; data is malloc'ed. */
struct reply {
	uint8_t *data;
	size_t len;
};

/* Returns NULL and fills err when the configuration cannot be modelled. */
struct host *host_new(const struct config *config, const struct host_ops *ops,
		      char *err, size_t err_size);
void host_free(struct host *host);

/* Serves one request; always leaves a reply (an empty one only as a fault). */
void host_request(struct host *host, const struct request *request,
		  struct reply *reply);

/* A guest reset (not a power cycle): new session, channels are the door's. */
void host_reset(struct host *host);

/* The time of timer_at() has come. */
void host_timer(struct host *host);

/* For the backdoor's own commands. */
struct host_time {
	uint64_t sec;
	uint32_t usec;
};
void host_time(const struct host *host, struct host_time *time);
uint32_t host_mhz(const struct host *host);	/* command 1 */

const struct config *host_config(const struct host *host);
struct faults *host_faults(struct host *host);		/* fault.h */
struct counters *host_counters(struct host *host);	/* counters.h */

#endif
