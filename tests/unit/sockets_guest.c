// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "sockets_guest.h"

struct machine machine;

#define SOCKS_MAX	PAIRS_MAX

static struct sock *socks[SOCKS_MAX];

/* --- the device ------------------------------------------------------------- */

uint32_t vmci_device_context(const struct vmci_device *device)
{
	(void)device;
	return GUEST_CONTEXT;
}

uint64_t vmci_now_ns(const struct vmci_device *device)
{
	(void)device;
	return machine.fixture.now_ns;
}

void vmci_device_set_client(struct vmci_device *device,
			    const struct vmci_client *client, void *opaque)
{
	(void)device;
	machine.client = client;
	machine.client_opaque = opaque;
}

void vmci_timer_at(struct vmci_device *device, uint64_t ns)
{
	(void)device;
	machine.timer_ns = ns;
}

static uint64_t ring_used(const struct ring *ring)
{
	return (ring->tail + ring->size - ring->head) % ring->size;
}

static uint64_t ring_free(const struct ring *ring)
{
	return ring->size - 1 - ring_used(ring);
}

static size_t ring_put(struct ring *ring, const uint8_t *data, size_t len)
{
	size_t done = 0;

	for (; done < len && ring_free(ring); done++) {
		ring->data[ring->tail] = data[done];
		ring->tail = (ring->tail + 1) % ring->size;
	}
	return done;
}

static size_t ring_take(struct ring *ring, uint8_t *data, size_t len)
{
	size_t done = 0;

	for (; done < len && ring_used(ring); done++) {
		data[done] = ring->data[ring->head];
		ring->head = (ring->head + 1) % ring->size;
	}
	return done;
}

struct vmci_pair *vmci_pair_attach(struct vmci_device *device,
				   struct vmci_handle handle)
{
	uint32_t i;

	(void)device;
	for (i = 0; i < machine.pairs_made; i++) {
		struct vmci_pair *pair = &machine.pairs[i];

		if (handle.context != GUEST_CONTEXT || pair->gone ||
		    pair->attached || pair->resource != handle.resource)
			continue;
		pair->attached = true;
		return pair;
	}
	return NULL;
}

void vmci_pair_detach(struct vmci_pair *pair)
{
	CHECK(pair->attached);
	pair->attached = false;
}

static bool usable(const struct vmci_pair *pair)
{
	CHECK(pair->attached);
	return !pair->gone && !pair->broken;
}

int64_t vmci_pair_readable(struct vmci_pair *pair)
{
	return usable(pair) ? (int64_t)ring_used(&pair->to_host) : -1;
}

int64_t vmci_pair_writable(struct vmci_pair *pair)
{
	return usable(pair) ? (int64_t)ring_free(&pair->to_guest) : -1;
}

int64_t vmci_pair_consume_size(const struct vmci_pair *pair)
{
	return (int64_t)pair->to_host.size;
}

int64_t vmci_pair_produce_size(const struct vmci_pair *pair)
{
	return (int64_t)pair->to_guest.size;
}

int64_t vmci_pair_read(struct vmci_pair *pair, void *data, size_t len)
{
	return usable(pair) ? (int64_t)ring_take(&pair->to_host, data, len) : -1;
}

int64_t vmci_pair_write(struct vmci_pair *pair, const void *data, size_t len)
{
	return usable(pair) ? (int64_t)ring_put(&pair->to_guest, data, len) : -1;
}

uint64_t vmci_pair_produce_tail(struct vmci_pair *pair)
{
	return pair->to_guest.tail;
}

uint64_t vmci_pair_consume_head(struct vmci_pair *pair)
{
	return pair->to_host.head;
}

/* --- the guest's driver ------------------------------------------------------ */

static struct sock *find_sock(uint32_t source, uint32_t port)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		if (socks[i] && socks[i]->source == source &&
		    socks[i]->port == port)
			return socks[i];
	return NULL;
}

static void sock_packet(struct sock *sock, const struct vmci_packet *packet)
{
	switch (packet->type) {
	case VMCI_PACKET_NEGOTIATE:
	case VMCI_PACKET_NEGOTIATE2:
		sock->negotiated = *packet;
		break;
	case VMCI_PACKET_ATTACH:
		sock->attached = true;
		break;
	case VMCI_PACKET_WROTE:
		sock->wrote = true;
		break;
	case VMCI_PACKET_READ:
		sock->read = true;
		break;
	case VMCI_PACKET_WAITING_READ:
		sock->host_waits_to_read = true;
		break;
	case VMCI_PACKET_WAITING_WRITE:
		sock->host_waits_to_write = true;
		break;
	case VMCI_PACKET_RST:
		sock->reset = true;
		break;
	default:
		break;
	}
}

bool vmci_datagram_to_guest(struct vmci_device *device, struct vmci_handle from,
			    struct vmci_handle to, const void *payload,
			    size_t len)
{
	struct sock *sock;

	(void)device;
	if (machine.no_room) {
		machine.no_room--;
		return false;
	}
	CHECK_EQ(from.context, 0);
	CHECK_EQ(from.resource, 15);
	CHECK_EQ(to.context, GUEST_CONTEXT);
	CHECK_EQ(to.resource, 1);
	CHECK_EQ(len, 32);
	memcpy(&machine.packet, payload, sizeof(machine.packet));
	CHECK_EQ(machine.packet.version, 1);
	machine.packets++;
	sock = find_sock(machine.packet.port, machine.packet.source_port);
	if (sock)
		sock_packet(sock, &machine.packet);
	return true;
}

void guest_packet(uint32_t source, uint32_t port, const struct vmci_packet *what,
		  size_t len)
{
	const struct vmci_handle from = { GUEST_CONTEXT, 1 }, to = { 0, 15 };
	struct vmci_packet packet = *what;
	/* The copy has the exact length, so that the sanitizer notices reads beyond it. */
	uint8_t *data = malloc(len ? len : 1);

	packet.version = 1;
	packet.source_port = source;
	packet.port = port;
	memcpy(data, &packet, len);
	CHECK(machine.client->datagram(machine.client_opaque, from, to, data, len));
	free(data);
}

void guest_packet_type(const struct sock *sock, enum vmci_packet_type type)
{
	const struct vmci_packet packet = { .type = type };

	guest_packet(sock->source, sock->port, &packet, sizeof(packet));
}

void guest_request(struct sock *sock, uint32_t source, uint32_t port,
		   enum vmci_packet_type type, uint64_t size)
{
	const struct vmci_packet packet = {
		.type = type, .u.size = size,
		.proto = type == VMCI_PACKET_REQUEST2 ? VMCI_PROTO_QSTATE : 0,
	};
	int i = 0;

	memset(sock, 0, sizeof(*sock));
	sock->source = source;
	sock->port = port;
	sock->waits = type == VMCI_PACKET_REQUEST;
	while (socks[i] && socks[i] != sock)
		i++;
	socks[i] = sock;
	guest_packet(source, port, &packet, sizeof(packet));
}

static void ring_make(struct ring *ring, uint64_t size)
{
	memset(ring, 0, sizeof(*ring));
	ring->size = size;
	ring->data = calloc(1, size);
}

struct vmci_handle guest_make_pair(struct sock *sock, uint64_t size)
{
	sock->pair = &machine.pairs[machine.pairs_made++];
	sock->pair->resource = machine.pairs_made;
	ring_make(&sock->pair->to_host, size);
	ring_make(&sock->pair->to_guest, size);
	return (struct vmci_handle){ GUEST_CONTEXT, sock->pair->resource };
}

void guest_offer(struct sock *sock, struct vmci_handle handle)
{
	const struct vmci_packet packet = {
		.type = VMCI_PACKET_OFFER, .u.handle = handle
	};

	guest_packet(sock->source, sock->port, &packet, sizeof(packet));
}

void guest_forget(struct sock *sock)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		if (socks[i] == sock)
			socks[i] = NULL;
}

enum outcome guest_connect(struct sock *sock, uint32_t source, uint32_t port,
			   uint64_t size)
{
	unsigned int before = machine.packets;

	guest_request(sock, source, port, VMCI_PACKET_REQUEST2, size);
	if (machine.packets > before &&
	    machine.packet.type == VMCI_PACKET_INVALID)
		guest_request(sock, source, port, VMCI_PACKET_REQUEST, size);
	if (sock->negotiated.type)
		guest_offer(sock, guest_make_pair(sock,
						  sock->negotiated.u.size));
	sock->connected = sock->attached;
	if (sock->connected)
		return CONNECTED;
	guest_forget(sock);
	return sock->reset ? REFUSED : SILENT;
}

void guest_detach(struct sock *sock)
{
	struct vmci_pair *pair = sock->pair;

	pair->gone = true;
	if (pair->attached)
		machine.client->pair_gone(machine.client_opaque, pair);
	CHECK(!pair->attached);
}

void guest_close(struct sock *sock)
{
	guest_forget(sock);
	guest_detach(sock);
}

void guest_shutdown(struct sock *sock, uint64_t mode)
{
	const struct vmci_packet packet = {
		.type = VMCI_PACKET_SHUTDOWN, .u.mode = mode
	};

	guest_packet(sock->source, sock->port, &packet, sizeof(packet));
}

/* Answers a host that waits, with the old notify protocol. */
static void answer_waits(struct sock *sock)
{
	if (sock->host_waits_to_read && ring_used(&sock->pair->to_host)) {
		sock->host_waits_to_read = false;
		guest_packet_type(sock, VMCI_PACKET_WROTE);
	}
	if (sock->host_waits_to_write && ring_free(&sock->pair->to_guest)) {
		sock->host_waits_to_write = false;
		guest_packet_type(sock, VMCI_PACKET_READ);
	}
}

size_t guest_send(struct sock *sock, const void *data, size_t len)
{
	struct ring *ring = &sock->pair->to_host;
	size_t done;

	if (sock->asleep_writing && !sock->read)
		return 0;
	sock->asleep_writing = false;
	done = ring_put(ring, data, len);
	if (done && !sock->waits && ring_used(ring) == done)
		guest_packet_type(sock, VMCI_PACKET_WROTE);
	answer_waits(sock);
	if (!ring_free(ring)) {
		sock->asleep_writing = true;
		sock->read = false;
		if (sock->waits)
			guest_packet_type(sock, VMCI_PACKET_WAITING_WRITE);
	}
	return done;
}

size_t guest_recv(struct sock *sock, void *data, size_t len)
{
	struct ring *ring = &sock->pair->to_guest;
	size_t done;

	if (sock->asleep_reading && !sock->wrote && sock->pair->attached)
		return 0;
	sock->asleep_reading = false;
	done = ring_take(ring, data, len);
	if (done && !sock->waits && ring_free(ring) == done)
		guest_packet_type(sock, VMCI_PACKET_READ);
	answer_waits(sock);
	if (!ring_used(ring)) {
		sock->asleep_reading = true;
		sock->wrote = false;
		if (sock->waits && sock->pair->attached)
			guest_packet_type(sock, VMCI_PACKET_WAITING_READ);
	}
	return done;
}

bool guest_at_end(const struct sock *sock)
{
	return !sock->pair->attached && !ring_used(&sock->pair->to_guest);
}

void machine_start(const char *const *settings)
{
	memset(&machine, 0, sizeof(machine));
	memset(socks, 0, sizeof(socks));
	machine.timer_ns = UINT64_MAX;
	fixture_start(&machine.fixture, settings);
	machine.sockets = vmci_sockets_new(machine.fixture.host,
					   &machine.fixture.ops, NULL);
}

void machine_stop(void)
{
	uint32_t i;

	vmci_sockets_free(machine.sockets);
	for (i = 0; i < machine.pairs_made; i++) {
		CHECK(!machine.pairs[i].attached);
		free(machine.pairs[i].to_host.data);
		free(machine.pairs[i].to_guest.data);
	}
	fixture_stop(&machine.fixture);
}

void machine_order(const char *fault)
{
	char err[256];

	if (!faults_parse(host_faults(machine.fixture.host), fault, err,
			  sizeof(err))) {
		printf("Bail out! %s\n", err);
		exit(1);
	}
}

void machine_wait_ms(unsigned int ms)
{
	uint64_t end = machine.fixture.now_ns + ms * 1000000ull;

	while (machine.timer_ns <= end) {
		if (machine.fixture.now_ns < machine.timer_ns)
			machine.fixture.now_ns = machine.timer_ns;
		machine.timer_ns = UINT64_MAX;
		machine.client->timer(machine.client_opaque);
	}
	machine.fixture.now_ns = end;
}
