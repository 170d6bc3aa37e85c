// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* An echo service, for tests of AF_VSOCK with any program of the guest */
#include "vmci/echo.h"

#include <stdlib.h>
#include <string.h>

#define ECHO_CHUNK	16384

static size_t echo_wants(struct vmci_conn *conn)
{
	(void)conn;
	return ECHO_CHUNK;
}

static void echo_take(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);

	if (!copy) {
		vmci_conn_reset(sockets, conn, "out of memory");
		return;
	}
	memcpy(copy, data, len);
	vmci_conn_put(conn, copy, len, 0);
}

const struct vmci_service vmci_echo_service = {
	.port = VMCI_PORT_ECHO,
	.wants = echo_wants,
	.take = echo_take,
};
