// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* GuestRPC over a stream: each packet is a request, which serve_request() serves. */
#include "vmci/rpci.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "host/fault.h"
#include "host/host.h"
#include "host/hostile.h"
#include "host/serve.h"
#include "host/trace.h"
#include "vmci/datamap.h"
#include "vmci/notify.h"
#include "vmci/packet.h"

#define NS_PER_MS		1000000ull
#define NS_PER_US		1000ull
#define EXTRA_FIELD		77	/* an id that GuestRPC does not know */
#define NO_SUCH_TYPE		9

static enum vmci_answer rpci_connect(struct vmci_sockets *sockets)
{
	struct faults *faults = host_faults(sockets->host);

	if (!vmci_packet_host(sockets) || faults_take_connect(faults, FAULT_CONNRESET))
		return VMCI_REFUSE;
	if (faults_take_connect(faults, FAULT_CONNSILENT))
		return VMCI_IGNORE;
	return VMCI_ACCEPT;
}

/* Adds a field that a client must ignore, or one that a client must reject. */
static void put_odd_fields(struct faults *faults, struct datamap_packet *packet)
{
	if (faults_take(faults, FAULT_EXTRAFIELD, NULL))
		datamap_put_int64(packet, EXTRA_FIELD, -1);
	if (faults_take(faults, FAULT_BADTYPE, NULL))
		datamap_put_field(packet, NO_SUCH_TYPE, EXTRA_FIELD);
}

/* Returns the number of zeros that have to follow the packet. */
static uint64_t make_packet(struct vmci_sockets *sockets,
			    const struct served *served,
			    struct datamap_packet *packet)
{
	struct faults *faults = host_faults(sockets->host);
	const struct reply *reply = &served->reply;
	size_t len = reply->len < served->announced ? reply->len :
		     served->announced;
	uint64_t zeros = served->announced - len, word;
	bool twice = faults_take(faults, FAULT_DUPLICATE, NULL);

	datamap_start(packet);
	if (!faults_take(faults, FAULT_NOKIND, NULL) &&
	    config_bool(host_config(sockets->host), "vmxsim.quirk.replyKind"))
		datamap_put_int64(packet, DATAMAP_ID_KIND, DATAMAP_KIND_DATA);
	put_odd_fields(faults, packet);
	if (twice)
		datamap_put_string(packet, DATAMAP_ID_PAYLOAD, reply->data, len,
				   (uint32_t)len);
	if (faults_take(faults, FAULT_NOPAYLOAD, NULL))
		zeros = 0;
	else
		datamap_put_string(packet, DATAMAP_ID_PAYLOAD, reply->data, len,
				   served->announced);
	datamap_finish(packet, zeros);
	if (faults_take(faults, FAULT_LENGTH, &word))
		datamap_set_length(packet, (uint32_t)word);
	return zeros;
}

/* Appends a copy of the whole packet. */
static void repeat(struct datamap_packet *packet)
{
	uint8_t *both = realloc(packet->data, 2 * packet->len);

	if (!both) {
		free(packet->data);
		packet->data = NULL;
		packet->broken = true;
		return;
	}
	memcpy(both + packet->len, both, packet->len);
	packet->data = both;
	packet->len *= 2;
}

static void put_reply(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const struct served *served, bool fast_close)
{
	struct faults *faults = host_faults(sockets->host);
	struct datamap_packet packet;
	uint64_t zeros, ms;

	conn->dribble_ns = 0;
	if (fast_close)
		conn->ending = VMCI_ENDING_CLOSE;
	if (faults_take(faults, FAULT_EOF, NULL)) {
		conn->ending = VMCI_ENDING_CLOSE;
		return;
	}
	zeros = make_packet(sockets, served, &packet);
	if (!zeros && !packet.broken && faults_take(faults, FAULT_REPEAT, NULL))
		repeat(&packet);
	if (packet.broken) {
		free(packet.data);
		conn->ending = VMCI_ENDING_RESET;
		return;
	}
	hostile_packet(faults, packet.data, &packet.len);
	if (faults_take(faults, FAULT_DRIBBLE, &ms))
		conn->dribble_ns = ms * NS_PER_MS;
	if (faults_take(faults, FAULT_HALF, NULL)) {
		packet.len /= 2;
		zeros = 0;
		conn->ending = VMCI_ENDING_SILENCE;
	} else if (faults_take(faults, FAULT_HALFRESET, NULL)) {
		packet.len /= 2;
		zeros = 0;
		conn->ending = VMCI_ENDING_RESET;
	}
	vmci_conn_put(conn, packet.data, packet.len, zeros);
}

static void reply_to(struct vmci_sockets *sockets, struct vmci_conn *conn,
		     const struct request *request, const struct served *served,
		     bool fast_close)
{
	struct faults *faults = host_faults(sockets->host);
	const struct config *config = host_config(sockets->host);
	uint64_t wait = config_u64(config, "vmxsim.sockets.latency") *
			NS_PER_US;

	/*
	 * A reply must not come too early.  A guest on several processors may read it
	 * before Linux has handled WROTE, then close the socket and connect again from
	 * the same port.  Linux would take the late WROTE for a packet of the new socket,
	 * and break this socket.  If a reply and the end of the connection both arrive
	 * while a reader is about to sleep, Linux reports the end without looking for the
	 * reply.
	 */
	if (wait < served->delay_ms * NS_PER_MS)
		wait = served->delay_ms * NS_PER_MS;
	if (wait)
		conn->hold_ns = vmci_now_ns(sockets->device) + wait;
	conn->linger_ns = config_u64(config, "vmxsim.sockets.linger") * NS_PER_US;
	if (!served->waiting)
		return;
	faults_serving(faults, request->data, request->len);
	put_reply(sockets, conn, served, fast_close);
	faults_serving(faults, NULL, 0);
}

/* The low word comes first, but VGAuth sends the number as eight big-endian bytes. */
static bool is_number(const struct config *config, int64_t value, uint32_t number)
{
	return value == number || (value == (int64_t)number << 32 &&
				   config_is(config, "vmxsim.quirk.int64", "any"));
}

static void serve(struct vmci_sockets *sockets, struct vmci_conn *conn,
		  const struct datamap *map)
{
	const struct request request = {
		.data = map->payload, .len = map->payload_len,
		.transport = TRANSPORT_VMCI, .privileged = vmci_conn_privileged(conn),
	};
	const struct fault_target target = {
		map->payload, map->payload_len, map->payload_len
	};
	uint64_t now = vmci_now_ns(sockets->device);
	struct served served;

	vmci_conn_settle(sockets, conn, fault_target_steers(&target));
	sockets->serving = conn;
	serve_request(sockets->host, sockets->ops, &request, &served);
	sockets->serving = NULL;
	trace_socket_request(now, &request, &served.reply, conn->guest_port,
			     conn->packets);
	conn->packets = 0;
	reply_to(sockets, conn, &request, &served,
		 is_number(host_config(sockets->host), map->fast_close, 1));
	if (conn->doomed)
		conn->ending = VMCI_ENDING_RESET;
	free(served.reply.data);
}

static bool acceptable(const struct vmci_sockets *sockets,
		       const struct datamap *map)
{
	const struct config *config = host_config(sockets->host);

	if (map->has_kind && !is_number(config, map->kind, DATAMAP_KIND_DATA))
		return false;
	if (!map->has_payload)
		return false;
	if (!map->payload_len &&
	    config_is(config, "vmxsim.quirk.emptyRequest", "reset"))
		return false;
	return !config_is(config, "vmxsim.quirk.requestFields", "strict") ||
	       (map->has_kind && map->ascending);
}

static void handle_packet(struct vmci_sockets *sockets, struct vmci_conn *conn,
			  const struct datamap *map)
{
	const struct config *config = host_config(sockets->host);

	if (map->has_kind && is_number(config, map->kind, DATAMAP_KIND_PING))
		return;
	if (acceptable(sockets, map))
		serve(sockets, conn, map);
	else
		vmci_packet_malformed(sockets, conn);
}

static void rpci_take(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const uint8_t *data, size_t len)
{
	vmci_packet_take(sockets, conn, data, len, handle_packet);
}

const struct vmci_service vmci_rpci_service = {
	.port = VMCI_PORT_RPCI,
	.connect = rpci_connect,
	.wants = vmci_packet_wants,
	.take = rpci_take,
};
