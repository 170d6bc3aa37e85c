// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci/packet.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "model/model.h"

#define GROWTH	65536u

bool vmci_packet_host(const struct vmci_sockets *sockets)
{
	const struct config *config = host_config(sockets->host);

	return model_preset(config)->sockets &&
	       config_bool(config, "guest_rpc.rpci.usevsocket");
}

/* A packet is its length of 4 bytes, then as many bytes as the length says. */
size_t vmci_packet_wants(struct vmci_conn *conn)
{
	size_t whole = DATAMAP_LENGTH_SIZE;

	if (conn->in_len >= whole)
		whole += datamap_word(conn->in);
	return whole - conn->in_len;
}

static bool grow(struct vmci_conn *conn, size_t len)
{
	size_t size = conn->in_size;
	uint8_t *grown;

	if (conn->in_len + len <= size)
		return true;
	size = conn->in_len + len + (conn->in_len ? GROWTH : 0);
	grown = realloc(conn->in, size);
	if (!grown)
		return false;
	conn->in = grown;
	conn->in_size = size;
	return true;
}

void vmci_packet_malformed(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	vmci_conn_reset(sockets, conn, "malformed packet");
}

void vmci_packet_take(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const uint8_t *data, size_t len,
		      void (*handle)(struct vmci_sockets *sockets,
				     struct vmci_conn *conn,
				     const struct datamap *map))
{
	uint64_t limit = config_u64(host_config(sockets->host),
				    "vmxsim.sockets.maxPacket");
	struct datamap map;
	uint8_t *packet;

	if (!grow(conn, len)) {
		vmci_conn_reset(sockets, conn, "out of memory");
		return;
	}
	memcpy(conn->in + conn->in_len, data, len);
	conn->in_len += len;
	if (conn->in_len < DATAMAP_LENGTH_SIZE)
		return;
	if (datamap_word(conn->in) > limit) {
		vmci_packet_malformed(sockets, conn);
		return;
	}
	if (vmci_packet_wants(conn))
		return;
	/* The handler may end the connection, which frees conn->in. */
	packet = conn->in;
	len = conn->in_len - DATAMAP_LENGTH_SIZE;
	conn->in = NULL;
	conn->in_len = 0;
	conn->in_size = 0;
	if (datamap_decode(packet + DATAMAP_LENGTH_SIZE, len, &map))
		handle(sockets, conn, &map);
	else
		vmci_packet_malformed(sockets, conn);
	free(packet);
}
