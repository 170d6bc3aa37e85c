// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci/tclo.h"

#include <stdlib.h>

#include "host/tclo.h"
#include "vmci/packet.h"
#include "vmci/stream.h"

static enum vmci_answer tclo_connect(struct vmci_sockets *sockets)
{
	return vmci_packet_host(sockets) ? VMCI_ACCEPT : VMCI_REFUSE;
}

/* Only one request is under way at a time, so there is no other output. */
static void send_next(struct vmci_conn *conn)
{
	struct datamap_packet packet;
	const uint8_t *text;
	size_t len;

	if (!tclo_next(conn->program, &text, &len))
		return;
	datamap_start(&packet);
	datamap_put_int64(&packet, DATAMAP_ID_KIND, DATAMAP_KIND_DATA);
	datamap_put_string(&packet, DATAMAP_ID_PAYLOAD, text, len, (uint32_t)len);
	datamap_finish(&packet, 0);
	if (packet.broken)
		conn->ending = VMCI_ENDING_RESET;
	else
		vmci_conn_put(conn, packet.data, packet.len, 0);
}

/* Never called from the pump of this connection, because handle() sends the next request. */
static void wake(void *opaque)
{
	struct vmci_conn *conn = opaque;

	/* tclo_open() calls this function before it returns the program. */
	if (!conn->program)
		return;
	send_next(conn);
	vmci_conn_pump(conn->sockets, conn);
}

static bool tclo_opened(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	conn->program = tclo_open(host_tclo(sockets->host), TRANSPORT_VMCI, wake, conn);
	send_next(conn);
	return conn->program;
}

static void tclo_closed(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	struct tclo_app *program = conn->program;

	conn->program = NULL;
	tclo_close(host_tclo(sockets->host), program);
}

/* A program that has no answer sends a packet without a payload once a second. */
static void handle(struct vmci_sockets *sockets, struct vmci_conn *conn,
		   const struct datamap *map)
{
	if (!map->has_payload)
		return;
	tclo_answer(host_tclo(sockets->host), conn->program, map->payload,
		    map->payload_len);
	send_next(conn);
}

static void tclo_take(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const uint8_t *data, size_t len)
{
	vmci_packet_take(sockets, conn, data, len, handle);
}

const struct vmci_service vmci_tclo_service = {
	.port = VMCI_PORT_TCLO,
	.connect = tclo_connect,
	.opened = tclo_opened,
	.closed = tclo_closed,
	.wants = vmci_packet_wants,
	.take = tclo_take,
};
