/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Queue pairs: two rings of bytes in the guest's pages. */
#ifndef VMXSIM_VMCI_PAIR_H
#define VMXSIM_VMCI_PAIR_H

#include "vmci/interface.h"

struct vmci_device;

/*
 * Attaches the hypervisor to a queue pair of the guest, and sends the guest the event.
 * Returns NULL if there is no pair with this handle or both of its ends are attached.
 * "Consume" and "produce" mean the hypervisor's side: it consumes the bytes that the guest
 * produces.  The pair stays valid until vmci_pair_detach(), even if the guest detaches
 * first; after that all functions that read or write return -1.
 */
struct vmci_pair *vmci_pair_attach(struct vmci_device *device,
				   struct vmci_handle handle);
void vmci_pair_detach(struct vmci_pair *pair);	/* sends the guest the event */

/*
 * These functions read the queue headers from the guest's memory, where the guest can
 * write anything.  After an invalid header they always return -1.
 */
int64_t vmci_pair_readable(struct vmci_pair *pair);
int64_t vmci_pair_writable(struct vmci_pair *pair);
int64_t vmci_pair_consume_size(const struct vmci_pair *pair);
int64_t vmci_pair_produce_size(const struct vmci_pair *pair);
/* Both move at most @len bytes and return the number moved, or -1. */
int64_t vmci_pair_read(struct vmci_pair *pair, void *data, size_t len);
int64_t vmci_pair_write(struct vmci_pair *pair, const void *data, size_t len);
/* The positions of the next byte to write and to read, for notify packets */
uint64_t vmci_pair_produce_tail(struct vmci_pair *pair);
uint64_t vmci_pair_consume_head(struct vmci_pair *pair);

/* Serve the guest's requests; both return an enum vmci_result. */
int32_t vmci_pair_alloc(struct vmci_device *device,
			const struct vmci_queue_pair_alloc *alloc,
			const void *pages, size_t pages_len);
int32_t vmci_pair_guest_detach(struct vmci_device *device,
			       struct vmci_handle handle);

/* Detaches the guest from all pairs without an event. */
void vmci_pairs_forget(struct vmci_device *device);

#endif
