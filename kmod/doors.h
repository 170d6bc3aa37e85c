/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_DOORS_H
#define VMGL_DOORS_H

#include <linux/types.h>

#include "backdoor.h"
#include "counters.h"
#include "transport.h"
#include "vsock.h"

/**
 * enum vmgl_door_choice - module parameter ``transport``
 * @VMGL_DOOR_AUTO: VMCI sockets where they work, else the backdoor
 * @VMGL_DOOR_VSOCK: VMCI sockets only
 * @VMGL_DOOR_BACKDOOR: the backdoor only
 */
enum vmgl_door_choice {
	VMGL_DOOR_AUTO,
	VMGL_DOOR_VSOCK,
	VMGL_DOOR_BACKDOOR,
};

/**
 * struct vmgl_doors_terms - what a conversation is for
 * @name: of the thread that serves it, at most 15 characters
 * @is_privileged: be a sender whom the host trusts, where the door allows that
 * @is_urgent: no program's load may delay it
 * @patience_ms: within which the host has to answer over VMCI sockets
 */
struct vmgl_doors_terms {
	const char *name;
	bool is_privileged;
	bool is_urgent;
	u32 patience_ms;
};

/**
 * struct vmgl_doors - the two ways to the host as one transport
 * @transport: what the rpc layer sees
 * @counters: where a change of doors is counted
 * @backdoor: the one that is always there
 * @vsock: the one that is preferred
 * @active: the one in use, or used last
 * @retry_at: in jiffies, when @vsock may be tried again
 * @retry_s: the wait that ends then, 0: @vsock has not failed since it last served
 *
 * All but @transport.name and @transport.is_privileged is guarded by the rpc
 * layer's lock.
 */
struct vmgl_doors {
	struct vmgl_transport transport;
	struct vmgl_counters *counters;
	struct vmgl_backdoor backdoor;
	struct vmgl_vsock vsock;
	struct vmgl_transport *active;
	unsigned long retry_at;
	unsigned int retry_s;
};

int vmgl_doors_init(struct vmgl_doors *doors, struct vmgl_counters *counters,
		    const struct vmgl_doors_terms *terms);
void vmgl_doors_destroy(struct vmgl_doors *doors);
void vmgl_doors_choose(enum vmgl_door_choice choice);
enum vmgl_door_choice vmgl_doors_chosen(void);

#endif
