// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The hypervisor's end of VMCI stream sockets.  A connection begins like this:
 *
 *	guest				hypervisor
 *	REQUEST2 size, protocols
 *					NEGOTIATE2 size, protocol
 *	(makes a queue pair)
 *	OFFER handle
 *					(attaches)
 *					ATTACH handle
 *
 * REQUEST and NEGOTIATE are the older form, without a choice of protocols; the guest uses
 * it after the answer INVALID.  A connection ends when either side detaches from the
 * queue pair, or with RST.
 */
#include "vmci/sockets.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "host/counters.h"
#include "host/fault.h"
#include "host/host.h"
#include "vmci/conn.h"
#include "vmci/device.h"
#include "vmci/echo.h"
#include "vmci/notify.h"
#include "vmci/pair.h"
#include "vmci/rpci.h"
#include "vmci/stream.h"
#include "vmci/tclo.h"

#define QUEUE_SIZE_MIN		128u
#define QUEUE_SIZE_MAX		(1u << 20)
#define QUEUE_SIZE		(256u << 10)

/* Timeout of a guest between REQUEST and OFFER, because a guest that gives up sends no packet */
#define ASKED_MAX_NS		10000000000ull

/*
 * Time without packets after ATTACH.  Linux may handle later packets before ATTACH, and a
 * WAITING_READ for a socket that is not yet connected breaks the socket.
 */
#define SETTLING_NS		10000000ull

static const struct vmci_service *const services[] = {
	&vmci_rpci_service, &vmci_tclo_service, &vmci_echo_service,
};

static bool setting_is(const struct vmci_sockets *sockets, const char *key,
		       const char *word)
{
	return config_is(host_config(sockets->host), key, word);
}

/* Answers a packet that belongs to no connection. */
static void answer(struct vmci_sockets *sockets,
		   const struct vmci_packet *packet, enum vmci_packet_type type)
{
	const struct vmci_packet reply = { .type = type };

	vmci_send_to_port(sockets, packet->source_port, packet->port, &reply);
}

static struct vmci_conn *find(struct vmci_sockets *sockets,
			      const struct vmci_packet *packet)
{
	struct vmci_conn *conn = sockets->table;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++)
		if (conn->state != VMCI_CONN_FREE &&
		    conn->guest_port == packet->source_port &&
		    conn->service->port == packet->port)
			return conn;
	return NULL;
}

static struct vmci_conn *find_room(struct vmci_sockets *sockets)
{
	uint64_t limit = config_u64(host_config(sockets->host),
				    "vmxsim.sockets");
	uint64_t now = vmci_now_ns(sockets->device);
	struct vmci_conn *conn = sockets->table, *room = NULL;
	uint64_t taken = 0;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++) {
		if (conn->state == VMCI_CONN_ASKED &&
		    now - conn->asked_ns > ASKED_MAX_NS)
			vmci_conn_drop(sockets, conn);
		if (conn->state == VMCI_CONN_FREE)
			room = conn;
		else
			taken++;
	}
	return taken < limit ? room : NULL;
}

static const struct vmci_service *find_service(uint32_t port)
{
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (services[i]->port == port)
			return services[i];
	return NULL;
}

static void refuse(struct vmci_sockets *sockets,
		   const struct vmci_packet *packet)
{
	vmci_counters_of(sockets)->refused++;
	vmci_trace_port("refused", packet->port, packet->source_port, NULL);
	answer(sockets, packet, VMCI_PACKET_RST);
}

/* Returns whether the source is a privileged port that may not yet connect again. */
static bool reused(const struct vmci_sockets *sockets, const struct vmci_packet *packet)
{
	return packet->source_port < VMCI_PRIVILEGED_PORTS &&
	       vmci_now_ns(sockets->device) < sockets->reusable_ns[packet->source_port];
}

static enum vmci_answer decide(struct vmci_sockets *sockets,
			       const struct vmci_service *service,
			       const struct vmci_packet *packet)
{
	if (!service)
		return VMCI_REFUSE;
	if (reused(sockets, packet) &&
	    !setting_is(sockets, "vmxsim.quirk.portReuse", "served"))
		return setting_is(sockets, "vmxsim.quirk.portReuse", "silent") ?
		       VMCI_IGNORE : VMCI_REFUSE;
	return service->connect ? service->connect(sockets) : VMCI_ACCEPT;
}

static void negotiate(struct vmci_sockets *sockets, struct vmci_conn *conn,
		      const struct vmci_packet *request)
{
	struct vmci_packet packet = { .type = VMCI_PACKET_NEGOTIATE };

	conn->queue_size = request->u.size;
	if (conn->queue_size < QUEUE_SIZE_MIN ||
	    conn->queue_size > QUEUE_SIZE_MAX)
		conn->queue_size = QUEUE_SIZE;
	packet.u.size = conn->queue_size;
	conn->waits = request->type == VMCI_PACKET_REQUEST;
	if (!conn->waits) {
		packet.type = VMCI_PACKET_NEGOTIATE2;
		packet.proto = VMCI_PROTO_QSTATE;
	}
	vmci_send(sockets, conn, &packet);
}

static void handle_request(struct vmci_sockets *sockets,
			   const struct vmci_packet *packet)
{
	const struct vmci_service *service = find_service(packet->port);
	enum vmci_answer decision = decide(sockets, service, packet);
	struct vmci_conn *conn;

	if (decision == VMCI_IGNORE)
		return;
	conn = find_room(sockets);
	if (decision == VMCI_REFUSE || !conn || !packet->u.size ||
	    (packet->type == VMCI_PACKET_REQUEST2 &&
	     !(packet->proto & VMCI_PROTO_QSTATE))) {
		refuse(sockets, packet);
		return;
	}
	/* All refusals are before INVALID, because a guest ignores RST after INVALID. */
	if (packet->type == VMCI_PACKET_REQUEST2 &&
	    setting_is(sockets, "vmxsim.quirk.socketNotify", "waits")) {
		answer(sockets, packet, VMCI_PACKET_INVALID);
		return;
	}
	conn->state = VMCI_CONN_ASKED;
	conn->service = service;
	conn->sockets = sockets;
	conn->guest_port = packet->source_port;
	conn->guest_writes = true;
	conn->asked_ns = vmci_now_ns(sockets->device);
	conn->packets = 1;
	negotiate(sockets, conn, packet);
}

static bool attach(struct vmci_sockets *sockets, struct vmci_conn *conn,
		   struct vmci_handle handle)
{
	conn->pair = vmci_pair_attach(sockets->device, handle);
	if (!conn->pair)
		return false;
	vmci_counters_of(sockets)->open++;
	return vmci_pair_consume_size(conn->pair) ==
	       (int64_t)conn->queue_size &&
	       vmci_pair_produce_size(conn->pair) == (int64_t)conn->queue_size;
}

/* Only established connections are counted, with the packets that established them. */
static void count_conn(struct vmci_sockets *sockets, struct vmci_conn *conn)
{
	vmci_counters_of(sockets)->connections++;
	conn->unsettled = conn->packets;
	vmci_conn_trace(conn, "connect");
}

static void handle_asked(struct vmci_sockets *sockets, struct vmci_conn *conn,
			 const struct vmci_packet *packet)
{
	struct vmci_packet reply = { .type = VMCI_PACKET_ATTACH };

	if (packet->type != VMCI_PACKET_OFFER) {
		vmci_conn_reset(sockets, conn, "expected an offer");
		return;
	}
	if (!attach(sockets, conn, packet->u.handle)) {
		vmci_conn_reset(sockets, conn, "the queue pair does not fit");
		return;
	}
	reply.u.handle = packet->u.handle;
	if (!vmci_send(sockets, conn, &reply)) {
		vmci_conn_reset(sockets, conn, "the guest takes no datagrams");
		return;
	}
	conn->state = VMCI_CONN_OPEN;
	if (conn->waits) {
		conn->settling = true;
		conn->hold_ns = vmci_now_ns(sockets->device) + SETTLING_NS;
	}
	count_conn(sockets, conn);
	if (conn->service->opened && !conn->service->opened(sockets, conn)) {
		vmci_conn_reset(sockets, conn, "too many programs");
		return;
	}
	vmci_conn_pump(sockets, conn);
}

static void handle_shutdown(struct vmci_sockets *sockets,
			    struct vmci_conn *conn, uint64_t mode)
{
	if (mode & VMCI_SHUTDOWN_WRITE)
		conn->guest_writes = false;
	if (mode & VMCI_SHUTDOWN_READ) {
		/* The output has no reader any more. */
		vmci_conn_put(conn, NULL, 0, 0);
		if (!conn->guest_writes) {
			vmci_conn_close(sockets, conn);
			return;
		}
	}
	vmci_conn_pump(sockets, conn);
}

static void handle_open(struct vmci_sockets *sockets, struct vmci_conn *conn,
			const struct vmci_packet *packet)
{
	if (conn->settling)
		conn->hold_ns = 0;
	conn->settling = false;
	switch (packet->type) {
	case VMCI_PACKET_SHUTDOWN:
		handle_shutdown(sockets, conn, packet->u.mode);
		break;
	case VMCI_PACKET_WROTE:
	case VMCI_PACKET_READ:
	case VMCI_PACKET_WAITING_READ:
	case VMCI_PACKET_WAITING_WRITE:
		vmci_conn_notified(conn, packet->type);
		vmci_conn_pump(sockets, conn);
		break;
	default:
		break;
	}
}

static bool is_request(const struct vmci_packet *packet)
{
	return packet->type == VMCI_PACKET_REQUEST ||
	       packet->type == VMCI_PACKET_REQUEST2;
}

static void count_packet(struct vmci_sockets *sockets, struct vmci_conn *conn,
			 enum vmci_packet_type type)
{
	struct vmci_counters *counters = vmci_counters_of(sockets);

	if (conn)
		conn->packets++;
	/* WROTE may begin another request, which need not steer. */
	if (conn && type == VMCI_PACKET_WROTE)
		conn->steering = false;
	if (conn && conn->steering) {
		counters->steering_packets++;
		return;
	}
	counters->packets++;
	if (conn)
		conn->unsettled++;
}

static void handle_packet(struct vmci_sockets *sockets,
			  const struct vmci_packet *packet)
{
	struct vmci_conn *conn = find(sockets, packet);

	/*
	 * The guest may use a port again as soon as its socket is closed, before it has
	 * detached from the old queue pair.
	 */
	if (conn && is_request(packet)) {
		vmci_conn_drop(sockets, conn);
		conn = NULL;
	}
	count_packet(sockets, conn, packet->type);
	if (packet->type == VMCI_PACKET_RST) {
		if (conn)
			vmci_conn_drop(sockets, conn);
	} else if (is_request(packet)) {
		handle_request(sockets, packet);
	} else if (packet->type >= VMCI_PACKET_TYPES) {
		answer(sockets, packet, VMCI_PACKET_INVALID);
	} else if (!conn) {
		answer(sockets, packet, VMCI_PACKET_RST);
	} else if (conn->state == VMCI_CONN_ASKED) {
		handle_asked(sockets, conn, packet);
	} else {
		handle_open(sockets, conn, packet);
	}
}

/* Sets the only timer to the earliest end of a hold. */
static void set_timer(struct vmci_sockets *sockets)
{
	struct vmci_conn *conn = sockets->table;
	uint64_t next = UINT64_MAX;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++)
		if (conn->state == VMCI_CONN_OPEN && conn->hold_ns &&
		    conn->hold_ns < next)
			next = conn->hold_ns;
	if (next == sockets->timer_ns)
		return;
	sockets->timer_ns = next;
	vmci_timer_at(sockets->device, next);
}

static bool datagram(void *opaque, struct vmci_handle from, struct vmci_handle to,
		     const void *payload, size_t len)
{
	struct vmci_sockets *sockets = opaque;
	struct vmci_packet packet;

	if (to.resource != VMCI_RID_HYPERVISOR)
		return false;
	if (from.resource != VMCI_RID_GUEST || len < sizeof(packet))
		return true;
	memcpy(&packet, payload, sizeof(packet));
	handle_packet(sockets, &packet);
	set_timer(sockets);
	return true;
}

static void pair_gone(void *opaque, struct vmci_pair *pair)
{
	struct vmci_sockets *sockets = opaque;
	struct vmci_conn *conn = sockets->table;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++)
		if (conn->pair == pair)
			vmci_conn_close(sockets, conn);
	set_timer(sockets);
}

static void timer(void *opaque)
{
	struct vmci_sockets *sockets = opaque;
	uint64_t now = vmci_now_ns(sockets->device);
	struct vmci_conn *conn = sockets->table;

	sockets->timer_ns = UINT64_MAX;
	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++) {
		if (!conn->hold_ns || conn->hold_ns > now)
			continue;
		conn->hold_ns = 0;
		vmci_conn_pump(sockets, conn);
	}
	set_timer(sockets);
}

static void reset(void *opaque)
{
	struct vmci_sockets *sockets = opaque;
	struct vmci_conn *conn = sockets->table;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++)
		vmci_conn_drop(sockets, conn);
	set_timer(sockets);
}

/* The connection that carries the request gets its reply before it is reset. */
static void reset_all(void *opaque)
{
	struct vmci_sockets *sockets = opaque;
	struct vmci_conn *conn = sockets->table;

	for (; conn < sockets->table + VMCI_CONNS_MAX; conn++) {
		if (conn == sockets->serving)
			conn->doomed = true;
		else if (conn->state != VMCI_CONN_FREE)
			vmci_conn_reset(sockets, conn, "all are");
	}
}

static void checkpoint(void *opaque)
{
	if (!setting_is(opaque, "vmxsim.quirk.socketVmotion", "kept"))
		reset_all(opaque);
}

static const struct vmci_client client = {
	.datagram = datagram,
	.pair_gone = pair_gone,
	.timer = timer,
	.reset = reset,
};

struct vmci_sockets *vmci_sockets_new(struct host *host,
				      const struct host_ops *ops,
				      struct vmci_device *device)
{
	struct vmci_sockets *sockets = calloc(1, sizeof(*sockets));

	if (!sockets)
		return NULL;
	sockets->host = host;
	sockets->ops = ops;
	sockets->device = device;
	sockets->timer_ns = UINT64_MAX;
	vmci_device_set_client(device, &client, sockets);
	host_faults(host)->sockets = (struct fault_connections) {
		.forget = reset_all, .checkpoint = checkpoint, .opaque = sockets,
	};
	return sockets;
}

void vmci_sockets_free(struct vmci_sockets *sockets)
{
	if (!sockets)
		return;
	reset(sockets);
	host_faults(sockets->host)->sockets = (struct fault_connections) { 0 };
	free(sockets);
}
