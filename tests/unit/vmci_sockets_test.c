// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The hypervisor's end of VMCI stream sockets, with a guest that sleeps until it is
 * notified. The tests of port 976 are in vmci_rpci_test.c.
 *
 * Links: tests/unit/sockets_guest.c
 * Links: tools/vmxsim/vmci
 */
#include "host/counters.h"
#include "model/prng.h"
#include "sockets_guest.h"

#define ECHO	VMCI_PORT_ECHO
#define BIG	(256u << 10)

#define MACHINE(...)	\
	machine_start((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static const struct vmci_counters *counters(void)
{
	return &host_counters(machine.fixture.host)->vmci;
}

KTAP_TEST(handshake)
{
	struct vmci_handle handle;
	struct sock sock;

	MACHINE();
	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 65536);
	CHECK_EQ(sock.negotiated.type, VMCI_PACKET_NEGOTIATE2);
	CHECK_EQ(sock.negotiated.proto, 1);
	CHECK_EQ(sock.negotiated.u.size, 65536);
	handle = guest_make_pair(&sock, 65536);
	guest_offer(&sock, handle);
	CHECK_EQ(machine.packet.type, VMCI_PACKET_ATTACH);
	CHECK_EQ(machine.packet.u.handle.context, handle.context);
	CHECK_EQ(machine.packet.u.handle.resource, handle.resource);
	CHECK_EQ(machine.packets, 2);
	CHECK(sock.pair->attached);
	CHECK_EQ(counters()->connections, 1);
	CHECK_EQ(counters()->packets, 2);
	CHECK_EQ(counters()->open, 1);
	guest_close(&sock);
	CHECK_EQ(counters()->open, 0);
	machine_stop();
}

KTAP_TEST(handshake_of_old_guests)
{
	struct sock sock;

	MACHINE();
	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST, 4096);
	CHECK_EQ(sock.negotiated.type, VMCI_PACKET_NEGOTIATE);
	CHECK_EQ(sock.negotiated.proto, 0);
	CHECK_EQ(sock.negotiated.u.size, 4096);
	guest_offer(&sock, guest_make_pair(&sock, 4096));
	CHECK(sock.attached);
	CHECK_EQ(machine.packet.type, VMCI_PACKET_ATTACH);
	machine_wait_ms(10);
	CHECK_EQ(machine.packet.type, VMCI_PACKET_WAITING_READ);
	CHECK_EQ(machine.packet.u.wait.offset, 1);
	CHECK_EQ(machine.packet.u.wait.generation, 0);
	machine_stop();
}

KTAP_TEST(handshake_of_old_hosts)
{
	struct sock sock;

	MACHINE("vmxsim.quirk.socketNotify=waits");
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	CHECK_EQ(sock.negotiated.type, VMCI_PACKET_NEGOTIATE);
	machine_stop();
}

KTAP_TEST(queue_sizes)
{
	static const struct { uint64_t asked, given; } sizes[] = {
		{ 1, BIG }, { 127, BIG }, { 128, 128 }, { 1u << 20, 1u << 20 },
		{ (1u << 20) + 1, BIG }, { UINT64_MAX, BIG },
	};
	struct sock sock;
	size_t i;

	MACHINE();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2,
			      sizes[i].asked);
		CHECK_EQ(sock.negotiated.u.size, sizes[i].given);
	}
	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 0);
	CHECK(sock.reset);
	machine_stop();
}

KTAP_TEST(refusals)
{
	static const uint32_t ports[] = { 0, 1, 974, 977, UINT32_MAX };
	struct vmci_packet packet = {
		.type = VMCI_PACKET_REQUEST2, .proto = 0x8006, .u.size = 4096,
	};
	struct sock sock;
	size_t i;

	MACHINE();
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		CHECK_EQ(guest_connect(&sock, 5000, ports[i], 4096), REFUSED);
	guest_packet(5000, ECHO, &packet, sizeof(packet));
	CHECK_EQ(machine.packet.type, VMCI_PACKET_RST);
	CHECK_EQ(counters()->refused, 6);
	CHECK_EQ(counters()->connections, 0);
	packet.proto = 0xffff;
	guest_packet(5000, ECHO, &packet, sizeof(packet));
	CHECK_EQ(machine.packet.type, VMCI_PACKET_NEGOTIATE2);
	CHECK_EQ(machine.packet.proto, 1);
	machine_stop();
}

/* Returns the outcome of a connection that begins @ms after another one from @port has ended. */
static enum outcome connect_again(uint32_t port, unsigned int ms)
{
	struct sock sock;
	enum outcome outcome;

	CHECK_EQ(guest_connect(&sock, port, ECHO, 4096), CONNECTED);
	guest_close(&sock);
	machine_wait_ms(ms);
	outcome = guest_connect(&sock, port, ECHO, 4096);
	if (outcome == CONNECTED)
		guest_close(&sock);
	return outcome;
}

KTAP_TEST(ports_used_again)
{
	static const struct {
		const char *setting;
		enum outcome outcome;
	} cases[] = {
		{ "vmxsim.quirk.portReuse=served", CONNECTED },
		{ "vmxsim.quirk.portReuse=silent", SILENT },
		{ "vmxsim.quirk.portReuse=reset", REFUSED },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		MACHINE(cases[i].setting);
		CHECK_EQ(connect_again(1023, 0), cases[i].outcome);
		CHECK_EQ(connect_again(1022, 49), cases[i].outcome);
		CHECK_EQ(connect_again(1021, 50), CONNECTED);
		CHECK_EQ(connect_again(1024, 0), CONNECTED);
		machine_stop();
	}
}

KTAP_TEST(packets_of_unknown_senders)
{
	const struct sock sock = { .source = 5000, .port = ECHO };
	const struct vmci_handle from = { GUEST_CONTEXT, 1 }, to = { 0, 15 };
	const struct vmci_handle other = { 0, 16 }, odd = { GUEST_CONTEXT, 2 };
	struct vmci_packet packet = { .type = VMCI_PACKET_REQUEST2 };
	unsigned int type;
	size_t len;

	MACHINE();
	for (len = 0; len < sizeof(packet); len++)
		guest_packet(5000, ECHO, &packet, len);
	CHECK(!machine.client->datagram(machine.sockets, from, other, &packet,
					 sizeof(packet)));
	CHECK(machine.client->datagram(machine.sockets, odd, to, &packet,
					sizeof(packet)));
	guest_packet_type(&sock, VMCI_PACKET_RST);
	CHECK_EQ(machine.packets, 0);
	for (type = 0; type < 256; type++) {
		machine.packets = 0;
		guest_packet_type(&sock, type);
		CHECK_EQ(machine.packets, type != VMCI_PACKET_RST);
		CHECK_EQ(machine.packet.type, type < VMCI_PACKET_TYPES ?
			 VMCI_PACKET_RST : VMCI_PACKET_INVALID);
		CHECK_EQ(machine.packet.port, 5000);
		CHECK_EQ(machine.packet.source_port, ECHO);
	}
	machine_stop();
}

KTAP_TEST(offers_that_do_not_fit)
{
	struct vmci_packet packet = { .type = VMCI_PACKET_ATTACH };
	struct vmci_handle handle;
	struct sock sock, other;

	MACHINE();
	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	guest_offer(&sock, (struct vmci_handle){ GUEST_CONTEXT, 77 });
	CHECK(sock.reset);
	guest_offer(&sock, (struct vmci_handle){ UINT32_MAX, UINT32_MAX });
	CHECK_EQ(machine.packet.type, VMCI_PACKET_RST);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	guest_offer(&sock, guest_make_pair(&sock, 8192));
	CHECK(sock.reset);
	CHECK(!sock.pair->attached);
	CHECK_EQ(counters()->open, 0);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	handle = guest_make_pair(&sock, 4096);
	sock.pair->to_host.size = 2048;
	guest_offer(&sock, handle);
	CHECK(sock.reset);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	handle = guest_make_pair(&sock, 4096);
	sock.pair->to_guest.size = 2048;
	guest_offer(&sock, handle);
	CHECK(sock.reset);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	packet.u.handle = guest_make_pair(&sock, 4096);
	guest_packet(5000, ECHO, &packet, sizeof(packet));
	CHECK(sock.reset);
	CHECK(!sock.attached);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	guest_packet_type(&sock, VMCI_PACKET_WROTE);
	CHECK(sock.reset);

	guest_request(&sock, 5000, ECHO, VMCI_PACKET_REQUEST2, 4096);
	handle = guest_make_pair(&sock, 4096);
	guest_offer(&sock, handle);
	CHECK(sock.attached);
	guest_request(&other, 5001, ECHO, VMCI_PACKET_REQUEST2, 4096);
	guest_offer(&other, handle);
	CHECK(other.reset);
	CHECK(!sock.reset);
	CHECK_EQ(counters()->open, 1);
	machine_stop();
}

KTAP_TEST(packets_in_the_wrong_state)
{
	static const enum vmci_packet_type types[] = {
		VMCI_PACKET_INVALID, VMCI_PACKET_NEGOTIATE, VMCI_PACKET_OFFER,
		VMCI_PACKET_ATTACH, VMCI_PACKET_NEGOTIATE2, VMCI_PACKET_WROTE,
		VMCI_PACKET_READ, VMCI_PACKET_WAITING_READ,
		VMCI_PACKET_WAITING_WRITE,
	};
	char text[4] = "";
	struct sock sock;
	size_t i;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		guest_packet_type(&sock, types[i]);
	guest_shutdown(&sock, 0);
	CHECK(!sock.reset);
	CHECK_EQ(guest_send(&sock, "abc", 3), 3);
	CHECK_EQ(guest_recv(&sock, text, 3), 3);
	CHECK_STR(text, "abc");
	guest_packet_type(&sock, VMCI_PACKET_RST);
	CHECK(!sock.pair->attached);
	machine_stop();
}

/* Sends and reads pieces of random size until @total bytes have come back. */
static void exchange(struct sock *sock, struct prng *prng, size_t total,
		     size_t piece_max)
{
	size_t sent = 0, got = 0, idle = 0, i, n;
	uint8_t *data = malloc(piece_max);

	while (got < total && idle < 4) {
		n = 1 + prng_next(prng) % piece_max;
		if (n > total - sent)
			n = total - sent;
		for (i = 0; i < n; i++)
			data[i] = (uint8_t)((sent + i) * 7 + (sent + i) / 251);
		n = guest_send(sock, data, n);
		sent += n;
		idle = n ? 0 : idle + 1;
		n = guest_recv(sock, data, 1 + prng_next(prng) % piece_max);
		for (i = 0; i < n; i++)
			if (data[i] != (uint8_t)((got + i) * 7 + (got + i) / 251))
				break;
		CHECK_EQ(i, n);
		got += n;
		idle = n ? 0 : idle;
		machine_wait_ms(1);
	}
	CHECK_EQ(got, total);
	free(data);
}

static void echo_with(const char *notify)
{
	static const uint64_t sizes[] = { 128, 129, 1000, 4096, 262144 };
	struct prng prng;
	struct sock sock;
	size_t i;

	MACHINE(notify);
	prng_seed(&prng, 1, 2);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_EQ(guest_connect(&sock, 5000, ECHO, sizes[i]), CONNECTED);
		exchange(&sock, &prng, 20 * sizes[i] + 17, sizes[i] / 4);
		exchange(&sock, &prng, 20 * sizes[i] + 17, 3 * sizes[i]);
		guest_close(&sock);
	}
	machine_stop();
}

KTAP_TEST(echo)
{
	echo_with("vmxsim.quirk.socketNotify=qstate");
}

KTAP_TEST(echo_with_the_old_notify_protocol)
{
	echo_with("vmxsim.quirk.socketNotify=waits");
}

/* With socketNotify=waits, the host reports to the guest each time that the host waits. */
KTAP_TEST(old_notify_protocol_by_the_letter)
{
	char data[400] = "";
	struct sock sock;
	int i;

	MACHINE("vmxsim.quirk.socketNotify=waits");
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 128), CONNECTED);
	CHECK(!sock.host_waits_to_read);
	machine_wait_ms(10);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(guest_send(&sock, "abc", 3), 3);
		CHECK_EQ(sock.pair->to_host.head, sock.pair->to_host.tail);
		CHECK(sock.host_waits_to_read);
	}
	/* If the guest reports a wait although it need not wait, the host wakes it at once. */
	sock.wrote = false;
	sock.read = false;
	guest_packet_type(&sock, VMCI_PACKET_WAITING_READ);
	CHECK(sock.wrote && !sock.read);
	guest_packet_type(&sock, VMCI_PACKET_WAITING_WRITE);
	CHECK(sock.read);
	CHECK_EQ(guest_recv(&sock, data, 400), 9);
	CHECK_EQ(guest_send(&sock, data, 127), 127);
	CHECK_EQ(guest_send(&sock, data, 127), 127);
	for (i = 0; i < 3; i++) {
		CHECK(sock.host_waits_to_write);
		CHECK_EQ(guest_recv(&sock, data, 20), 20);
		CHECK_EQ(vmci_pair_writable(sock.pair), 0);
	}
	machine_stop();
}

static void fill_and_drain(const char *notify)
{
	static char data[5000], back[5000];
	size_t sent = 0, got = 0, n;
	struct sock sock;

	MACHINE(notify);
	for (n = 0; n < sizeof(data); n++)
		data[n] = (char)(n * 13 + n / 97);
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 1000), CONNECTED);
	while ((n = guest_send(&sock, data + sent, sizeof(data) - sent)))
		sent += n;
	/* The bytes fill two queues and the buffer of the host. */
	CHECK(sent >= 2 * 999 && sent < 4 * 999);
	CHECK(sock.asleep_writing);
	while ((n = guest_recv(&sock, back + got, 10)))
		got += n;
	CHECK_EQ(got, sent);
	CHECK(!memcmp(data, back, sent));
	CHECK(sock.read);
	n = guest_send(&sock, data, 10);
	CHECK_EQ(n, 10);
	machine_stop();
}

KTAP_TEST(backpressure)
{
	fill_and_drain("vmxsim.quirk.socketNotify=qstate");
	fill_and_drain("vmxsim.quirk.socketNotify=waits");
}

KTAP_TEST(half_close)
{
	static char data[3000], back[3000];
	size_t sent = 0, got = 0, n;
	struct sock sock;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 1000), CONNECTED);
	while ((n = guest_send(&sock, data, 500)))
		sent += n;
	guest_shutdown(&sock, VMCI_SHUTDOWN_WRITE);
	CHECK(sock.pair->attached);
	while ((n = guest_recv(&sock, back + got, 100)))
		got += n;
	CHECK_EQ(got, sent);
	CHECK(guest_at_end(&sock));
	machine_stop();
}

KTAP_TEST(shutdown_of_reading)
{
	struct sock sock;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 128), CONNECTED);
	while (guest_send(&sock, "0123456789", 10))
		;
	guest_shutdown(&sock, VMCI_SHUTDOWN_READ);
	CHECK(sock.pair->attached);
	guest_shutdown(&sock, VMCI_SHUTDOWN_WRITE | VMCI_SHUTDOWN_READ);
	CHECK(!sock.pair->attached);
	CHECK_EQ(counters()->open, 0);
	machine_stop();
}

KTAP_TEST(as_many_connections_as_allowed)
{
	struct sock socks[4];
	uint32_t i;

	MACHINE("vmxsim.sockets=3");
	for (i = 0; i < 3; i++)
		CHECK_EQ(guest_connect(&socks[i], 5000 + i, ECHO, 128),
			 CONNECTED);
	CHECK_EQ(guest_connect(&socks[3], 5003, ECHO, 128), REFUSED);
	guest_close(&socks[1]);
	CHECK_EQ(guest_connect(&socks[3], 5003, ECHO, 128), CONNECTED);
	CHECK_EQ(counters()->open, 3);
	machine_stop();
}

KTAP_TEST(many_connections_at_a_time)
{
	static struct sock socks[256];
	struct prng prng;
	char text[16];
	uint32_t i;

	MACHINE("vmxsim.sockets=256");
	prng_seed(&prng, 3, 4);
	for (i = 0; i < 256; i++)
		CHECK_EQ(guest_connect(&socks[i], 1 + i, ECHO, 128), CONNECTED);
	for (i = 0; i < 256; i++)
		CHECK_EQ(guest_send(&socks[i], &i, sizeof(i)), sizeof(i));
	for (i = 256; i--; ) {
		memset(text, 0, sizeof(text));
		CHECK_EQ(guest_recv(&socks[i], text, sizeof(text)), sizeof(i));
		CHECK(!memcmp(text, &i, sizeof(i)));
	}
	for (i = 0; i < 256; i++)
		exchange(&socks[i], &prng, 300, 200);
	for (i = 0; i < 256; i++)
		guest_close(&socks[i]);
	CHECK_EQ(counters()->open, 0);
	machine_stop();
}

KTAP_TEST(connection_given_up_between_request_and_offer)
{
	struct sock socks[3];

	MACHINE("vmxsim.sockets=2");
	guest_request(&socks[0], 5000, ECHO, VMCI_PACKET_REQUEST2, 128);
	guest_request(&socks[1], 5001, ECHO, VMCI_PACKET_REQUEST2, 128);
	CHECK_EQ(guest_connect(&socks[2], 5002, ECHO, 128), REFUSED);
	machine_wait_ms(11000);
	CHECK_EQ(guest_connect(&socks[2], 5002, ECHO, 128), CONNECTED);
	machine_stop();
}

KTAP_TEST(port_used_again_before_the_old_pair_is_gone)
{
	struct sock old, new;
	char text[4] = "";

	MACHINE();
	CHECK_EQ(guest_connect(&old, 1023, ECHO, 4096), CONNECTED);
	guest_forget(&old);
	CHECK_EQ(guest_connect(&new, 1023, ECHO, 4096), CONNECTED);
	CHECK(!old.pair->attached);
	guest_detach(&old);
	CHECK_EQ(guest_send(&new, "abc", 3), 3);
	CHECK_EQ(guest_recv(&new, text, 3), 3);
	CHECK_EQ(counters()->open, 1);
	machine_stop();
}

KTAP_TEST(device_without_room)
{
	char text[4] = "";
	struct sock sock;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	CHECK_EQ(guest_recv(&sock, text, 3), 0);
	machine.no_room = 3;
	CHECK_EQ(guest_send(&sock, "abc", 3), 3);
	CHECK(!sock.wrote);
	machine_wait_ms(10);
	CHECK(sock.wrote);
	CHECK_EQ(machine.no_room, 0);
	CHECK_EQ(guest_recv(&sock, text, 3), 3);
	CHECK_STR(text, "abc");
	CHECK_EQ(machine.timer_ns, UINT64_MAX);
	machine_stop();
}

KTAP_TEST(impossible_queue)
{
	struct sock sock;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	sock.pair->broken = true;
	guest_packet_type(&sock, VMCI_PACKET_WROTE);
	CHECK(sock.reset);
	CHECK(!sock.pair->attached);
	machine_stop();
}

static void reset_by(const char *request, const char *setting, bool expected)
{
	struct sock sock, asked;

	MACHINE(setting);
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	guest_request(&asked, 5001, ECHO, VMCI_PACKET_REQUEST2, 4096);
	CHECK_STR(ask(&machine.fixture, request), "1 ");
	CHECK_EQ(sock.reset, expected);
	CHECK_EQ(asked.reset, expected);
	CHECK_EQ(sock.pair->attached, !expected);
	machine_stop();
}

KTAP_TEST(all_connections_are_reset)
{
	reset_by("vmxsim.vmotion", "vmxsim.quirk.socketVmotion=reset", true);
	reset_by("vmxsim.vmotion", "vmxsim.quirk.socketVmotion=kept", false);
	reset_by("vmxsim.suspend", "vmxsim.quirk.socketVmotion=kept", true);
	reset_by("vmxsim.revert", NULL, true);
	reset_by("vmxsim.hotplug", NULL, false);
	reset_by("vmxsim.fault dropsockets", NULL, true);
	reset_by("vmxsim.fault dropchannel", NULL, false);
}

KTAP_TEST(reset_of_the_machine)
{
	struct sock sock;
	unsigned int packets;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, ECHO, 4096), CONNECTED);
	packets = machine.packets;
	machine.client->reset(machine.sockets);
	CHECK_EQ(machine.packets, packets);
	CHECK(!sock.pair->attached);
	CHECK_EQ(counters()->open, 0);
	machine_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(handshake),
	KTAP_ENTRY(handshake_of_old_guests),
	KTAP_ENTRY(handshake_of_old_hosts),
	KTAP_ENTRY(queue_sizes),
	KTAP_ENTRY(refusals),
	KTAP_ENTRY(ports_used_again),
	KTAP_ENTRY(packets_of_unknown_senders),
	KTAP_ENTRY(offers_that_do_not_fit),
	KTAP_ENTRY(packets_in_the_wrong_state),
	KTAP_ENTRY(echo),
	KTAP_ENTRY(echo_with_the_old_notify_protocol),
	KTAP_ENTRY(old_notify_protocol_by_the_letter),
	KTAP_ENTRY(backpressure),
	KTAP_ENTRY(half_close),
	KTAP_ENTRY(shutdown_of_reading),
	KTAP_ENTRY(as_many_connections_as_allowed),
	KTAP_ENTRY(many_connections_at_a_time),
	KTAP_ENTRY(connection_given_up_between_request_and_offer),
	KTAP_ENTRY(port_used_again_before_the_old_pair_is_gone),
	KTAP_ENTRY(device_without_room),
	KTAP_ENTRY(impossible_queue),
	KTAP_ENTRY(all_connections_are_reset),
	KTAP_ENTRY(reset_of_the_machine),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
