/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The packets of GuestRPC on a connection: their length first, then their fields. */
#ifndef VMXSIM_VMCI_PACKET_H
#define VMXSIM_VMCI_PACKET_H

#include "vmci/conn.h"
#include "vmci/datamap.h"

/* Returns whether this host serves GuestRPC over VMCI. */
bool vmci_packet_host(const struct vmci_sockets *sockets);

/* For the members of struct vmci_service; @handle is called for each complete packet. */
size_t vmci_packet_wants(struct vmci_conn *conn);
void vmci_packet_take(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const uint8_t *data, size_t len,
		      void (*handle)(struct vmci_sockets *sockets,
				     struct vmci_conn *conn,
				     const struct datamap *map));

/* Resets the connection after a malformed packet. */
void vmci_packet_malformed(struct vmci_sockets *sockets, struct vmci_conn *conn);

#endif
