/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The hypervisor's end of VMCI stream sockets: the client of the VMCI device. */
#ifndef VMXSIM_VMCI_SOCKETS_H
#define VMXSIM_VMCI_SOCKETS_H

#include "host/host.h"

struct vmci_device;
struct vmci_sockets;

/*
 * Returns the client of @device, registered with the faults of @host, or NULL without memory.
 */
struct vmci_sockets *vmci_sockets_new(struct host *host,
				      const struct host_ops *ops,
				      struct vmci_device *device);
void vmci_sockets_free(struct vmci_sockets *sockets);

#endif
