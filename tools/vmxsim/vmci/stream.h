/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The bytes of a connection, and the packets that notify the guest of them. */
#ifndef VMXSIM_VMCI_STREAM_H
#define VMXSIM_VMCI_STREAM_H

#include "vmci/conn.h"

/* Moves all bytes that can be moved, serves requests, and notifies the guest. */
void vmci_conn_pump(struct vmci_sockets *sockets, struct vmci_conn *conn);

/* Handles a notify packet of an open connection. */
void vmci_conn_notified(struct vmci_conn *conn, enum vmci_packet_type type);

#endif
