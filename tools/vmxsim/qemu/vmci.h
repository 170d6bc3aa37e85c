/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The connection of the VMCI device to QEMU.  All functions are for one virtual machine
 * with one such device: "-device vmxsim-vmci".
 */
#ifndef VMXSIM_QEMU_VMCI_H
#define VMXSIM_QEMU_VMCI_H

#include <stdbool.h>

struct host;
struct host_ops;

/* Registers the type, before QEMU creates devices.  @id is the id of the device in QEMU. */
void qemu_vmci_register(struct host *host, const struct host_ops *ops, const char *id);

/* Called when the machine is reset */
void qemu_vmci_reset(void);

/*
 * Requests that the guest release the device.  The guest may ignore the request.  Returns
 * false if there is no device, or if it is not in a slot.
 */
bool qemu_vmci_unplug(void);

#endif
