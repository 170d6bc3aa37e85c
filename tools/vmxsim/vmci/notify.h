/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The state of the device, and its output to the guest: datagrams, events and
 * interrupts.
 */
#ifndef VMXSIM_VMCI_NOTIFY_H
#define VMXSIM_VMCI_NOTIFY_H

#include "vmci/interface.h"

/* The longest payload is the page list of a queue pair. */
#define VMCI_OUT_MAX \
	(sizeof(struct vmci_datagram) + sizeof(struct vmci_queue_pair_alloc) + \
	 VMCI_PAIR_PAGES_MAX * sizeof(uint64_t))

/* Room for two of the longest datagrams, and beyond that for 1024 events */
#define VMCI_EVENT_SIZE \
	(sizeof(struct vmci_datagram) + sizeof(struct vmci_pair_event))
#define VMCI_IN_DATAGRAMS	(2 * 17 * 4096u)
#define VMCI_IN_MAX		(VMCI_IN_DATAGRAMS + 1024 * VMCI_EVENT_SIZE)

/* Each doorbell has a byte of the bitmap, which is a page. */
#define VMCI_DOORBELLS_MAX	VMCI_PAGE_SIZE

struct vmci_doorbell {
	struct vmci_handle handle;
	unsigned int index;
};

/* The bytes so far of a datagram from the guest */
struct vmci_out {
	uint8_t data[VMCI_OUT_MAX];
	size_t len;
	bool swallow;		/* discard bytes until the driver reads the result */
};

/* Datagrams for the guest, each at a multiple of 8 bytes */
struct vmci_in {
	uint8_t data[VMCI_IN_MAX];
	size_t head, tail;
	size_t datagram_left;	/* rest of the datagram that the driver reads */
	unsigned int position;	/* in the page that the driver reads */
	bool filling;		/* fill the rest of that page */
};

struct vmci_device {
	struct vmci_bus bus;
	const struct vmci_client *client;
	void *client_opaque;
	uint32_t context;

	uint32_t caps;		/* capabilities that the driver uses */
	uint32_t icr, imr;
	uint32_t result;
	bool enabled;		/* interrupts are enabled */
	bool line;		/* state of the interrupt line */
	bool absent;		/* by the last check, the device is not plugged in */

	struct vmci_out out;
	struct vmci_in in;

	uint64_t bitmap;	/* address of the doorbells' bitmap, or 0 */
	struct vmci_doorbell doorbells[VMCI_DOORBELLS_MAX];
	unsigned int doorbell_count;
	uint32_t subscriptions;	/* one bit per event */

	struct vmci_pair *pairs;
	unsigned int pair_count;	/* number that the guest has */
	uint64_t pair_memory;		/* bytes in the guest's queues */
};

/* Returns the guest's context id. */
uint32_t vmci_device_context(const struct vmci_device *device);

/* Queues a datagram for the guest.  Returns false if there is no room or no such guest. */
bool vmci_datagram_to_guest(struct vmci_device *device, struct vmci_handle from,
			    struct vmci_handle to, const void *payload,
			    size_t len);

uint64_t vmci_now_ns(const struct vmci_device *device);

/* Sets the time of one call of the client's timer(); UINT64_MAX: no call. */
void vmci_timer_at(struct vmci_device *device, uint64_t ns);

/* Adds a cause to ICR, and raises the interrupt unless it is masked. */
void vmci_raise(struct vmci_device *device, uint32_t cause);

/* Sends an event.  Returns false if the guest takes no events, or if there is no room. */
bool vmci_pair_event(struct vmci_device *device, enum vmci_event event,
			    struct vmci_handle handle);

/* Raises or lowers the interrupt line after a change of causes, mask or control bits. */
void vmci_update_line(struct vmci_device *device);

/* Returns the causes of the interrupt and clears them. */
uint32_t vmci_take_causes(struct vmci_device *device);

/* Returns the next byte for the driver. */
uint8_t vmci_take_byte(struct vmci_device *device);

/* Drops all queued datagrams. */
void vmci_notify_reset(struct vmci_device *device);

#endif
