/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The interfaces of the VMCI device (wire-protocol chapter 3): to the guest's driver, to
 * the machine around the device, and to its client.
 *
 *   client    the hypervisor's end of VMCI stream sockets, context 0 (sockets.c)
 *             |  struct vmci_client up; datagrams and queue pairs down
 *   device    PCI function 15AD:0740: registers, hypercall datagrams, queue
 *             pairs, doorbells, notifications
 *             |  struct vmci_bus: guest memory, interrupts, clock
 *   machine   qemu/vmci.c
 *
 * Client and device do not depend on QEMU, so that unit tests can run them.  All calls
 * are made under QEMU's big lock, by one thread at a time.  Integers on the wire are
 * little-endian, as is the host.
 */
#ifndef VMXSIM_VMCI_INTERFACE_H
#define VMXSIM_VMCI_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMCI_CONTEXT_HYPERVISOR		0u
/* The limit of 17 pages includes the header of 24 bytes. */
#define VMCI_DATAGRAM_PAYLOAD_MAX	(17u * 4096 - 24)

struct vmci_handle {
	uint32_t context;
	uint32_t resource;
};

bool vmci_same_handle(struct vmci_handle a, struct vmci_handle b);

/* Services of the machine around the device */
struct vmci_bus {
	/* Access guest-physical memory; return false if there is none at @address. */
	bool (*read)(void *opaque, uint64_t address, void *data, size_t len);
	bool (*write)(void *opaque, uint64_t address, const void *data,
		      size_t len);
	/* Called when the interrupt line is raised or lowered */
	void (*interrupt)(void *opaque, bool raised);
	/* Returns whether the device is plugged in; if not, the guest reads ones. */
	bool (*present)(void *opaque);
	uint64_t (*now_ns)(void *opaque);	/* virtual time */
	/* Sets the time of one call of vmci_device_timer(); UINT64_MAX: no call. */
	void (*timer_at)(void *opaque, uint64_t ns);
	void *opaque;
};

struct vmci_pair;

/* Functions of the client, called by the device with @opaque */
struct vmci_client {
	/*
	 * Receives a datagram for a resource of context 0 that is not the device's own.
	 * Returns false if there is no such resource; then the sender gets an error.  The
	 * context of @from is always the guest's.
	 */
	bool (*datagram)(void *opaque, struct vmci_handle from, struct vmci_handle to,
			 const void *payload, size_t len);
	/* Called when the guest detaches from a pair that the client is attached to */
	void (*pair_gone)(void *opaque, struct vmci_pair *pair);
	/* Called at the time that vmci_timer_at() set */
	void (*timer)(void *opaque);
	/* Called when a reset of the machine or the device ends all connections */
	void (*reset)(void *opaque);
};

/* Registers of 32 bits, except for the two streams of bytes */
#define VMCI_REG_STATUS		0x00
#define VMCI_REG_CONTROL	0x04
#define VMCI_REG_ICR		0x08	/* causes of the interrupt; cleared by reading */
#define VMCI_REG_IMR		0x0c	/* mask of the causes that raise the interrupt */
#define VMCI_REG_DATA_OUT	0x10	/* datagrams from the guest */
#define VMCI_REG_DATA_IN	0x14	/* datagrams for the guest */
#define VMCI_REG_CAPS		0x18
#define VMCI_REG_RESULT_LOW	0x1c
#define VMCI_REG_RESULT_HIGH	0x20
#define VMCI_REGS_SIZE		64

#define VMCI_STATUS_INT_ON	1u

#define VMCI_CONTROL_RESET	1u
#define VMCI_CONTROL_INT_ENABLE	2u
#define VMCI_CONTROL_INT_DISABLE 4u

#define VMCI_CAPS_DATAGRAM	0x04u
#define VMCI_CAPS_NOTIFICATIONS	0x08u
#define VMCI_CAPS_PPN64		0x10u	/* page numbers of 64 bits */

/* Bits of ICR and IMR */
#define VMCI_CAUSE_DATAGRAM	1u
#define VMCI_CAUSE_NOTIFICATION	2u

#define VMCI_PAGE_SIZE		4096u
#define VMCI_PAGE_SHIFT		12

#define VMCI_INVALID_ID		UINT32_MAX

struct vmci_datagram {
	struct vmci_handle to;
	struct vmci_handle from;
	uint64_t payload_size;
};

/* The device's own resources in the hypervisor's context. */
enum vmci_resource {
	VMCI_RESOURCES_QUERY,
	VMCI_GET_CONTEXT_ID,
	VMCI_SET_NOTIFY_BITMAP,
	VMCI_DOORBELL_LINK,
	VMCI_DOORBELL_UNLINK,
	VMCI_DOORBELL_NOTIFY,
	VMCI_DATAGRAM_REQUEST_MAP,
	VMCI_DATAGRAM_REMOVE_MAP,
	VMCI_EVENT_SUBSCRIBE,
	VMCI_EVENT_UNSUBSCRIBE,
	VMCI_QUEUEPAIR_ALLOC,
	VMCI_QUEUEPAIR_DETACH,
	VMCI_RESOURCES_OF_DEVICE,
};

/* The result has a bit for each resource, and must be positive. */
#define VMCI_QUERY_MAX		31

struct vmci_resources_query {
	uint32_t count;
	uint32_t padding;
	uint32_t resources[];
};

struct vmci_doorbell_link {
	struct vmci_handle handle;
	uint64_t index;		/* index of the doorbell's byte in the bitmap */
};

struct vmci_queue_pair_alloc {
	struct vmci_handle handle;
	uint32_t peer;
	uint32_t flags;
	uint64_t produce_size;
	uint64_t consume_size;
	uint64_t pages;
	/* The page numbers follow: of the produce queue with its header, then of the other. */
};

#define VMCI_PAIR_ATTACH_ONLY	1u
#define VMCI_PAIR_LOCAL		2u
#define VMCI_PAIR_FLAGS		0xfu

/* Limit for all pairs of a guest together */
#define VMCI_PAIRS_MEMORY_MAX	(128u << 20)
#define VMCI_PAIRS_MAX		(VMCI_PAIRS_MEMORY_MAX / VMCI_PAGE_SIZE / 2)

/* Both sizes may be rounded up to a page, and each queue has a page for its header. */
#define VMCI_PAIR_PAGES_MAX	(VMCI_PAIRS_MEMORY_MAX / VMCI_PAGE_SIZE + 4)

/* The first page of each queue, which the producer of that queue writes */
struct vmci_queue_header {
	struct vmci_handle handle;
	uint64_t producer_tail;	/* of this queue */
	uint64_t consumer_head;	/* of the other queue */
};

enum vmci_event {
	VMCI_EVENT_CTX_ID_UPDATE,
	VMCI_EVENT_CTX_REMOVED,
	VMCI_EVENT_QP_RESUMED,
	VMCI_EVENT_QP_PEER_ATTACH,
	VMCI_EVENT_QP_PEER_DETACH,
	VMCI_EVENTS,
};

/* The resource of the guest's context that events are sent to. */
#define VMCI_EVENT_HANDLER	0u

struct vmci_subscription {
	uint32_t event;
	uint32_t padding;
};

struct vmci_pair_event {
	uint32_t event;
	uint32_t padding;
	struct vmci_handle handle;
	uint32_t peer;
	uint32_t more_padding;
};

/* Results; those below 0 are errors. */
enum vmci_result {
	VMCI_SUCCESS_QUEUEPAIR_CREATE = 4,
	VMCI_SUCCESS_LAST_DETACH = 3,
	VMCI_SUCCESS = 0,
	VMCI_ERROR_INVALID_RESOURCE = -1,
	VMCI_ERROR_INVALID_ARGS = -2,
	VMCI_ERROR_NO_MEM = -3,
	VMCI_ERROR_NO_ACCESS = -7,
	VMCI_ERROR_DUPLICATE_ENTRY = -9,
	VMCI_ERROR_DST_UNREACHABLE = -10,
	VMCI_ERROR_PAYLOAD_TOO_LARGE = -11,
	VMCI_ERROR_NO_RESOURCES = -19,
	VMCI_ERROR_UNAVAILABLE = -20,
	VMCI_ERROR_NOT_FOUND = -21,
	VMCI_ERROR_ALREADY_EXISTS = -22,
	VMCI_ERROR_DATAGRAM_INCOMPLETE = -27,
	VMCI_ERROR_EVENT_UNKNOWN = -29,
	VMCI_ERROR_OBSOLETE = -30,
};

#endif
