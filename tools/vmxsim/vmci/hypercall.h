/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The VMCI device's own resources: the driver sends datagrams to them. */
#ifndef VMXSIM_VMCI_HYPERCALL_H
#define VMXSIM_VMCI_HYPERCALL_H

#include "vmci/interface.h"

struct vmci_device;

/* Serves a datagram for one of the device's own resources, and returns the result. */
int32_t vmci_hypercall(struct vmci_device *device, uint32_t resource,
		       const void *payload, size_t len);

#endif
