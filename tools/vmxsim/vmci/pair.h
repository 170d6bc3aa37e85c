/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Queue pairs: two rings of bytes in the guest's pages. */
#ifndef VMXSIM_VMCI_PAIR_H
#define VMXSIM_VMCI_PAIR_H

#include "vmci/interface.h"

struct vmci_device;

/*
 * Attaches the hypervisor to a queue pair of the guest; the guest gets its event.
 * NULL if there is no pair with this handle or it has its two ends already.  "Consume"
 * and "produce" are seen from here: what the guest produces is consumed here.
 * The pair stays valid until vmci_pair_detach(), also when the guest detaches
 * first: then all that reads or writes returns -1.
 */
struct vmci_pair *vmci_pair_attach(struct vmci_device *device,
				   struct vmci_handle handle);
void vmci_pair_detach(struct vmci_pair *pair);	/* the guest gets its event */

/*
 * All read the queue headers from the guest's memory, where the guest can write
 * anything: a header that makes no sense is -1 from then on.
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

/* What the guest asks for; both return a result. */
int32_t vmci_pair_alloc(struct vmci_device *device,
			const struct vmci_queue_pair_alloc *alloc,
			const void *pages, size_t pages_len);
int32_t vmci_pair_guest_detach(struct vmci_device *device,
			       struct vmci_handle handle);

/* The guest's ends of all pairs are gone, and no event is sent. */
void vmci_pairs_forget(struct vmci_device *device);

#endif
