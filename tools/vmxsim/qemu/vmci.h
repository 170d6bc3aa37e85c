/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The VMCI device's place in QEMU.  All functions are for one virtual machine and
 * for one such device in it: "-device vmxsim-vmci".
 */
#ifndef VMXSIM_QEMU_VMCI_H
#define VMXSIM_QEMU_VMCI_H

#include <stdbool.h>

struct host;
struct host_ops;

/* Lets QEMU know the device, before it makes any; the machine will call it @id. */
void qemu_vmci_register(struct host *host, const struct host_ops *ops, const char *id);

/* The machine is reset. */
void qemu_vmci_reset(void);

/*
 * Asks the guest to let the device go, which it need not do.  Returns false if the
 * device is not in a slot.
 */
bool qemu_vmci_unplug(void);

#endif
