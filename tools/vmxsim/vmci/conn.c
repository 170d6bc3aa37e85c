// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci/conn.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "host/counters.h"
#include "host/host.h"
#include "host/trace.h"
#include "model/json.h"
#include "vmci/notify.h"
#include "vmci/pair.h"

#define PACKET_VERSION		1

/* open-vm-tools issue 377: after this time a privileged port can connect again. */
#define REUSE_NS		50000000ull

struct vmci_counters *vmci_counters_of(const struct vmci_sockets *sockets)
{
	return &host_counters(sockets->host)->vmci;
}

bool vmci_send_to_port(struct vmci_sockets *sockets, uint32_t guest_port,
			 uint32_t port, const struct vmci_packet *what)
{
	const struct vmci_handle from = {
		VMCI_CONTEXT_HYPERVISOR, VMCI_RID_HYPERVISOR
	};
	const struct vmci_handle to = {
		vmci_device_context(sockets->device), VMCI_RID_GUEST
	};
	struct vmci_packet packet = *what;

	packet.version = PACKET_VERSION;
	packet.source_port = port;
	packet.port = guest_port;
	return vmci_datagram_to_guest(sockets->device, from, to, &packet,
				      sizeof(packet));
}

bool vmci_send(struct vmci_sockets *sockets, const struct vmci_conn *conn,
	       const struct vmci_packet *packet)
{
	return vmci_send_to_port(sockets, conn->guest_port, conn->service->port,
			    packet);
}

bool vmci_send_type(struct vmci_sockets *sockets, const struct vmci_conn *conn,
		    enum vmci_packet_type type)
{
	const struct vmci_packet packet = { .type = type };

	return vmci_send(sockets, conn, &packet);
}

bool vmci_conn_privileged(const struct vmci_conn *conn)
{
	return conn->guest_port < VMCI_PRIVILEGED_PORTS;
}

void vmci_trace_port(const char *what, uint32_t port, uint32_t source, const char *why)
{
	struct cJSON *json = trace_begin("socket", "%s port=%u source=%u%s%s", what,
					 (unsigned int)port, (unsigned int)source,
					 why ? ": " : "", why ? why : "");

	cJSON_AddStringToObject(json, "what", what);
	json_u64(json, "port", port);
	json_u64(json, "source_port", source);
	if (why)
		cJSON_AddStringToObject(json, "why", why);
	trace_end(json);
}

void vmci_conn_trace(const struct vmci_conn *conn, const char *what)
{
	vmci_trace_port(what, conn->service->port, conn->guest_port, NULL);
}

void vmci_conn_drop(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	if (conn->state == VMCI_CONN_OPEN && vmci_conn_privileged(conn))
		sockets->reusable_ns[conn->guest_port] =
			vmci_now_ns(sockets->device) + REUSE_NS;
	if (conn->state == VMCI_CONN_OPEN && conn->service->closed)
		conn->service->closed(sockets, conn);
	if (conn->pair) {
		vmci_pair_detach(conn->pair);
		vmci_counters_of(sockets)->open--;
	}
	free(conn->out);
	free(conn->in);
	memset(conn, 0, sizeof(*conn));
}

void vmci_conn_close(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	vmci_conn_trace(conn, "close");
	vmci_conn_drop(sockets, conn);
}

void vmci_conn_reset(struct vmci_sockets *sockets, struct vmci_conn *conn,
		     const char *why)
{
	vmci_trace_port("reset", conn->service->port, conn->guest_port, why);
	vmci_send_type(sockets, conn, VMCI_PACKET_RST);
	vmci_conn_drop(sockets, conn);
}

void vmci_conn_settle(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      bool steers)
{
	struct vmci_counters *counters = vmci_counters_of(sockets);
	uint64_t packets = conn->unsettled;

	/* The counters may have been reset in between. */
	if (packets > counters->packets)
		packets = counters->packets;
	if (steers) {
		counters->packets -= packets;
		counters->steering_packets += packets;
		if (!conn->settled && counters->connections)
			counters->connections--;
	}
	conn->settled = true;
	conn->steering = steers;
	conn->unsettled = 0;
}

void vmci_conn_put(struct vmci_conn *conn, uint8_t *data, size_t len,
		   uint64_t zeros)
{
	free(conn->out);
	conn->out = data;
	conn->out_len = len;
	conn->out_sent = 0;
	conn->out_zeros = zeros;
}
