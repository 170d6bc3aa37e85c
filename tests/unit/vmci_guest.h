/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for tests of the VMCI device: a machine with a little memory, a driver in its guest,
 * and a client of the device that counts its notifications.
 */
#ifndef VMCI_GUEST_H
#define VMCI_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmci/device.h"
#include "vmci/interface.h"
#include "vmci/notify.h"
#include "vmci/pair.h"

#define GUEST_CONTEXT	1234u
#define GUEST_PAGES	64u	/* begin at address 0; there is no other memory */

/* The only machine */
struct machine {
	struct vmci_device *device;
	uint8_t memory[GUEST_PAGES * VMCI_PAGE_SIZE];
	uint64_t now_ns, timer_ns;
	bool line, absent;
	unsigned int raised;		/* number of interrupts */

	/* Numbers of notifications of the client */
	unsigned int datagrams, resets, timers, gone;
	struct vmci_handle from, to;
	uint8_t payload[VMCI_DATAGRAM_PAYLOAD_MAX];
	size_t len;
	struct vmci_pair *gone_pair;
	/* Actions of the client at a notification */
	bool detach_when_gone;
	struct vmci_pair *detach_on_reset;
};

extern struct machine machine;

/* Creates the machine, and sets up the device as a driver does. */
void machine_start(uint32_t caps);
void machine_stop(void);

uint32_t guest_read(unsigned int offset);
void guest_write(unsigned int offset, uint32_t value);

/* Sends a datagram and returns the result. */
int32_t guest_send(struct vmci_handle from, struct vmci_handle to,
		   const void *payload, size_t len);
/* Sends a datagram to one of the device's resources, and returns the result. */
int32_t guest_call(uint32_t resource, const void *payload, size_t len);

/* Reads a page, as the driver does after an interrupt. Returns the number of its datagrams. */
unsigned int guest_read_page(void);
/* The n-th datagram of the page, and its payload */
struct vmci_datagram guest_datagram(unsigned int n);
const void *guest_payload(unsigned int n);

uint64_t guest_u64(uint64_t address);
void guest_set_u64(uint64_t address, uint64_t value);

#endif
