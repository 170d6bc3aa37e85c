/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the VMCI device share. */
#ifndef VMXSIM_VMCI_PRIVATE_H
#define VMXSIM_VMCI_PRIVATE_H

#include "vmci/device.h"
#include "vmci/interface.h"
#include "vmci/wire.h"

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
	struct vmci_sockets *sockets;
	uint32_t context;

	uint32_t caps;		/* that the driver uses */
	uint32_t icr, imr;
	uint32_t result;
	bool enabled;		/* interrupts are */
	bool line;		/* as the bus was told */
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

static inline bool vmci_same_handle(struct vmci_handle a, struct vmci_handle b)
{
	return a.context == b.context && a.resource == b.resource;
}

/* The driver shall find one more reason to be interrupted. */
void vmci_device_raise(struct vmci_device *device, uint32_t cause);

/* False: the guest gets none of this kind, or there is no room. */
bool vmci_device_pair_event(struct vmci_device *device, enum vmci_event event,
			    struct vmci_handle handle);

/* A datagram for one of the device's own resources; returns the result. */
int32_t vmci_hypercall(struct vmci_device *device, uint32_t resource,
		       const void *payload, size_t len);

/* What the guest asks for; both return a result. */
int32_t vmci_pair_alloc(struct vmci_device *device,
			const struct vmci_queue_pair_alloc *alloc,
			const void *pages, size_t pages_len);
int32_t vmci_pair_guest_detach(struct vmci_device *device,
			       struct vmci_handle handle);

/* The guest's ends of all pairs are gone, and nobody is told. */
void vmci_pairs_forget(struct vmci_device *device);

#endif
