/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The VMCI device, for the machine: registers in an I/O space of VMCI_REGS_SIZE bytes,
 * datagrams byte by byte, and one interrupt.  This is the first form of the device, which
 * all drivers support.
 */
#ifndef VMXSIM_VMCI_DEVICE_H
#define VMXSIM_VMCI_DEVICE_H

#include "vmci/interface.h"

struct vmci_device;

/* Returns a device for a guest with the context id @context, or NULL without memory. */
struct vmci_device *vmci_device_new(const struct vmci_bus *bus, uint32_t context);

/* Sets the receiver of datagrams; called before the guest runs. */
void vmci_device_set_client(struct vmci_device *device,
			    const struct vmci_client *client, void *opaque);
void vmci_device_free(struct vmci_device *device);

/* The guest reads or writes @size bytes, 1, 2 or 4, at @offset. */
uint32_t vmci_device_read(struct vmci_device *device, unsigned int offset,
			  unsigned int size);
void vmci_device_write(struct vmci_device *device, unsigned int offset,
		       uint32_t value, unsigned int size);

/* Called for a reset of the machine, and when the device is removed. */
void vmci_device_reset(struct vmci_device *device);

/* Called at the time that timer_at() set */
void vmci_device_timer(struct vmci_device *device);

#endif
