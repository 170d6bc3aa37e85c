/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seam inside the VMCI door (wire-protocol chapter 3):
 *
 *   sockets   the hypervisor's end of VMCI stream sockets, context 0
 *             |  datagrams, queue pairs, one timer
 *   device    PCI function 15AD:0740: registers, hypercall datagrams, queue
 *             pairs, doorbells, notifications
 *             |  struct vmci_bus: guest memory, interrupts, clock
 *   glue      qemu/vmci.c
 *
 * Neither knows QEMU, so both are tested as ordinary programs.  Everything runs
 * in one thread at a time, under QEMU's big lock.
 */
#ifndef VMXSIM_VMCI_H
#define VMXSIM_VMCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMCI_CONTEXT_HYPERVISOR		0u
/* The header counts, too. */
#define VMCI_DATAGRAM_PAYLOAD_MAX	(17u * 4096 - 24)

struct vmci_handle {
	uint32_t context;
	uint32_t resource;
};

/* What the machine around the device supplies. */
struct vmci_bus {
	/* Guest-physical memory; false if there is no such memory. */
	bool (*read)(void *opaque, uint64_t address, void *data, size_t len);
	bool (*write)(void *opaque, uint64_t address, const void *data,
		      size_t len);
	/* The line is raised or lowered: called when that changes. */
	void (*interrupt)(void *opaque, bool raised);
	/* Whether the device is there; if not, nobody answers the guest. */
	bool (*present)(void *opaque);
	uint64_t (*now_ns)(void *opaque);	/* virtual time */
	/* Call vmci_device_timer() once, then; UINT64_MAX: do not. */
	void (*timer_at)(void *opaque, uint64_t ns);
	void *opaque;
};

/*
 * What the device offers the sockets.  A queue pair is named by the handle that
 * the guest gave it when it allocated it.
 */
struct vmci_device;
struct vmci_pair;

/* The guest's own context id, as the device told it. */
uint32_t vmci_device_context(const struct vmci_device *device);

/* Queues a datagram for the guest; false if there is no room or no guest. */
bool vmci_datagram_to_guest(struct vmci_device *device, struct vmci_handle from,
			    struct vmci_handle to, const void *payload,
			    size_t len);

/*
 * Attaches the hypervisor to a queue pair of the guest; the guest gets its event.
 * NULL if there is none of this handle or it has its two ends already.  "Consume"
 * and "produce" are seen from here: what the guest produces is consumed here.
 * The pair stays valid until vmci_pair_detach(), also when the guest detaches
 * first: then all that reads or writes
 * returns -1.
 */
struct vmci_pair *vmci_pair_attach(struct vmci_device *device,
				   struct vmci_handle handle);
void vmci_pair_detach(struct vmci_pair *pair);	/* the guest gets its event */

/*
 * All read the queue headers from the guest's memory, where the guest can write
 * anything: a header that makes no sense is -1, for ever.
 */
int64_t vmci_pair_readable(struct vmci_pair *pair);
int64_t vmci_pair_writable(struct vmci_pair *pair);
int64_t vmci_pair_consume_size(const struct vmci_pair *pair);
int64_t vmci_pair_produce_size(const struct vmci_pair *pair);
/* Both move at most @len bytes and return how many, or -1. */
int64_t vmci_pair_read(struct vmci_pair *pair, void *data, size_t len);
int64_t vmci_pair_write(struct vmci_pair *pair, const void *data, size_t len);
/* Where the next byte is put and taken, for notify packets that carry it. */
uint64_t vmci_pair_produce_tail(struct vmci_pair *pair);
uint64_t vmci_pair_consume_head(struct vmci_pair *pair);

/* Have vmci_sockets_timer() called once, then; UINT64_MAX: do not. */
void vmci_sockets_timer_at(struct vmci_device *device, uint64_t ns);
uint64_t vmci_now_ns(const struct vmci_device *device);

/* What the sockets offer the device. */
struct host;
struct host_ops;
struct vmci_sockets;

/* NULL: out of memory. */
struct vmci_sockets *vmci_sockets_new(struct host *host,
				      const struct host_ops *ops,
				      struct vmci_device *device);
void vmci_sockets_free(struct vmci_sockets *sockets);

/*
 * A datagram for a resource of context 0 that is not the device's own; false:
 * there is no such resource, and the sender is told so.  @from is never another
 * context than the guest's.
 */
bool vmci_sockets_datagram(struct vmci_sockets *sockets,
			   struct vmci_handle from, struct vmci_handle to,
			   const void *payload, size_t len);

/* The guest has detached from its end of a pair that was attached here. */
void vmci_sockets_pair_gone(struct vmci_sockets *sockets,
			    struct vmci_pair *pair);

void vmci_sockets_timer(struct vmci_sockets *sockets);

/* All connections are gone: reset of the machine or of the device. */
void vmci_sockets_reset(struct vmci_sockets *sockets);

#endif
