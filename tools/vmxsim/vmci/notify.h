/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The state of the device, and what goes from it to the guest: datagrams, events,
 * interrupts.
 */
#ifndef VMXSIM_VMCI_NOTIFY_H
#define VMXSIM_VMCI_NOTIFY_H

#include "vmci/interface.h"

/* A queue pair's page list is the longest payload. */
#define VMCI_OUT_MAX \
	(sizeof(struct vmci_datagram) + sizeof(struct vmci_queue_pair_alloc) + \
	 VMCI_PAIR_PAGES_MAX * sizeof(uint64_t))

/* Two of the longest datagrams, and the events that may come on top. */
#define VMCI_EVENT_SIZE \
	(sizeof(struct vmci_datagram) + sizeof(struct vmci_pair_event))
#define VMCI_IN_DATAGRAMS	(2 * 17 * 4096u)
#define VMCI_IN_MAX		(VMCI_IN_DATAGRAMS + 1024 * VMCI_EVENT_SIZE)

/* One byte of the bitmap for each. */
#define VMCI_DOORBELLS_MAX	VMCI_PAGE_SIZE

struct vmci_doorbell {
	struct vmci_handle handle;
	unsigned int index;
};

/* From the guest: one datagram, as far as it came. */
struct vmci_out {
	uint8_t data[VMCI_OUT_MAX];
	size_t len;
	bool swallow;		/* up to the next look at the result */
};

/* For the guest: datagrams one after the other, at multiples of 8 bytes. */
struct vmci_in {
	uint8_t data[VMCI_IN_MAX];
	size_t head, tail;
	size_t datagram_left;	/* of the one being read */
	unsigned int position;	/* in the page that the driver reads */
	bool filling;		/* the rest of that page */
};

struct vmci_device {
	struct vmci_bus bus;
	const struct vmci_client *client;
	void *client_opaque;
	uint32_t context;

	uint32_t caps;		/* that the driver uses */
	uint32_t icr, imr;
	uint32_t result;
	bool enabled;		/* interrupts are */
	bool line;		/* as the bus has it */
	bool absent;		/* as last seen */

	struct vmci_out out;
	struct vmci_in in;

	uint64_t bitmap;	/* its address, or 0 */
	struct vmci_doorbell doorbells[VMCI_DOORBELLS_MAX];
	unsigned int doorbell_count;
	uint32_t subscriptions;	/* a bit for each event */

	struct vmci_pair *pairs;
	unsigned int pair_count;	/* of the guest */
	uint64_t pair_memory;		/* of the guest */
};

/* The guest's own context id, as the device has it. */
uint32_t vmci_device_context(const struct vmci_device *device);

/* Queues a datagram for the guest; false if there is no room or no guest. */
bool vmci_datagram_to_guest(struct vmci_device *device, struct vmci_handle from,
			    struct vmci_handle to, const void *payload,
			    size_t len);

uint64_t vmci_now_ns(const struct vmci_device *device);

/* Have the client's timer() called once, then; UINT64_MAX: do not. */
void vmci_timer_at(struct vmci_device *device, uint64_t ns);

/* The driver shall find one more reason to be interrupted. */
void vmci_raise(struct vmci_device *device, uint32_t cause);

/* False: the guest gets none of this kind, or there is no room. */
bool vmci_pair_event(struct vmci_device *device, enum vmci_event event,
			    struct vmci_handle handle);

/* Raises or lowers the line after a change of what it depends on. */
void vmci_update_line(struct vmci_device *device);

/* The causes of the interrupt, which are forgotten with it. */
uint32_t vmci_take_causes(struct vmci_device *device);

/* The next byte for the driver. */
uint8_t vmci_take_byte(struct vmci_device *device);

/* Forgets what is queued. */
void vmci_notify_reset(struct vmci_device *device);

#endif
