// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * GuestRPC on port 976: packets, privilege, and the faults of VMCI sockets.
 *
 * Links: tests/unit/sockets_guest.c
 * Links: tools/vmxsim/vmci
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "host/counters.h"
#include "host/tclo.h"
#include "host/trace.h"
#include "sockets_guest.h"
#include "vmci/datamap.h"

#define RPCI	VMCI_PORT_RPCI
#define KIND	"\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
#define FAST	"\0\0\0\1\0\0\0\3\0\0\0\1\0\0\0\0"

#define MACHINE(...)	\
	machine_start((const char *const[]){ "vmxsim.sockets.latency=0", \
			"vmxsim.sockets.linger=0", \
			__VA_ARGS__ __VA_OPT__(,) NULL })

/* The bytes that were received last, and the decoded packet if they are one */
static uint8_t got[65536];
static size_t got_len;
static struct datamap map;

static void receive(struct sock *sock)
{
	size_t n;

	got_len = 0;
	while ((n = guest_recv(sock, got + got_len, sizeof(got) - got_len)))
		got_len += n;
}

static bool whole_packet(void)
{
	return got_len > 4 && datamap_word(got) == got_len - 4 &&
	       datamap_decode(got + 4, got_len - 4, &map) && map.has_payload;
}

static bool answered(const char *text)
{
	return whole_packet() && map.payload_len == strlen(text) &&
	       !memcmp(map.payload, text, map.payload_len);
}

static void send_bytes(struct sock *sock, const void *bytes, size_t len)
{
	uint8_t data[4096] = { 0 };

	data[2] = (uint8_t)(len >> 8);
	data[3] = (uint8_t)len;
	memcpy(data + 4, bytes, len);
	CHECK_EQ(guest_send(sock, data, len + 4), len + 4);
}

#define SEND(sock, text)	send_bytes(sock, text, sizeof(text) - 1)

static void send_request(struct sock *sock, const char *text, bool fast_close)
{
	uint8_t data[2048] = KIND "\0\0\0\2\0\0\0\2";
	size_t len = strlen(text), end = 28 + len;

	data[26] = (uint8_t)(len >> 8);
	data[27] = (uint8_t)len;
	memcpy(data + 28, text, len);
	if (fast_close)
		memcpy(data + end, FAST, 16);
	send_bytes(sock, data, fast_close ? end + 16 : end);
}

static void request(struct sock *sock, const char *text)
{
	send_request(sock, text, false);
	receive(sock);
}

static void connect_rpci(struct sock *sock, uint32_t source)
{
	CHECK_EQ(guest_connect(sock, source, RPCI, 65536), CONNECTED);
}

/* Connects, sends one request, and closes the connection. */
static void ask_once(struct sock *sock, const char *text)
{
	connect_rpci(sock, 5000);
	request(sock, text);
}

KTAP_TEST(worked_example)
{
	static const uint8_t unknown[] =
		"\0\0\0\x2d" KIND "\0\0\0\2\0\0\0\2\0\0\0\x11"
		"0 Unknown command";
	struct sock sock;

	/* This host sends the kind of the reply, too. */
	MACHINE("vmxsim.quirk.replyKind=TRUE");
	connect_rpci(&sock, 5000);
	SEND(&sock, KIND "\0\0\0\2\0\0\0\2\0\0\0\x1e"
	     "guestlib.stat.get json session" FAST);
	receive(&sock);
	CHECK(whole_packet());
	CHECK(map.payload_len > 2 && !memcmp(map.payload, "1 {", 3));
	CHECK_EQ(map.kind, 1);
	CHECK(guest_at_end(&sock));
	CHECK(!sock.reset);

	connect_rpci(&sock, 5000);
	request(&sock, "nonsense");
	CHECK_EQ(got_len, 49);
	CHECK(!memcmp(got, unknown, 49));
	CHECK(!guest_at_end(&sock));
	CHECK_EQ(host_counters(machine.fixture.host)->requests[TRANSPORT_VMCI], 2);
	machine_stop();
}

KTAP_TEST(several_requests)
{
	struct sock sock, other;
	int i;

	MACHINE("vmxsim.quirk.replyKind=TRUE");
	connect_rpci(&sock, 5000);
	connect_rpci(&other, 5001);
	for (i = 0; i < 1000; i++) {
		request(&sock, "info-set guestinfo.a 1");
		CHECK(answered("1 "));
		request(&other, "info-get guestinfo.a");
		CHECK(answered("1 1"));
	}
	/* Both requests are sent before one is answered. */
	send_request(&sock, "info-get guestinfo.a", false);
	send_request(&sock, "nonsense", true);
	receive(&sock);
	CHECK_EQ(got_len, 32 + 3 + 49);
	CHECK(guest_at_end(&sock));
	machine_stop();
}

/* The guest sends more requests than the host serves at a time. */
KTAP_TEST(many_requests_at_once)
{
	static const uint8_t one[] =
		"\0\0\0\x24" KIND "\0\0\0\2\0\0\0\2\0\0\0\x8" "nonsense";
	static uint8_t data[300 * 40];
	struct sock sock;
	size_t i, total = 0;

	MACHINE("vmxsim.quirk.replyKind=TRUE");
	connect_rpci(&sock, 5000);
	for (i = 0; i < 300; i++)
		memcpy(data + 40 * i, one, 40);
	CHECK_EQ(guest_send(&sock, data, sizeof(data)), sizeof(data));
	receive(&sock);
	total += got_len;
	CHECK(total < 300 * 49);
	machine_wait_ms(1);
	receive(&sock);
	total += got_len;
	CHECK_EQ(total, 300 * 49);
	CHECK_EQ(machine.timer_ns, UINT64_MAX);
	machine_stop();
}

KTAP_TEST(one_byte_at_a_time)
{
	static const uint8_t packet[] =
		"\0\0\0\x24" KIND "\0\0\0\2\0\0\0\2\0\0\0\x8" "nonsense";
	struct sock sock;
	size_t i;

	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, RPCI, 128), CONNECTED);
	for (i = 0; i < sizeof(packet) - 1; i++) {
		CHECK_EQ(guest_recv(&sock, got, 1), 0);
		CHECK_EQ(guest_send(&sock, packet + i, 1), 1);
	}
	receive(&sock);
	CHECK(answered("0 Unknown command"));
	machine_stop();
}

KTAP_TEST(larger_than_the_queues)
{
	char text[1500] = "info-set guestinfo.a ";
	struct sock sock;
	size_t sent = 0;
	uint8_t data[2048] = { 0 };

	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	MACHINE();
	CHECK_EQ(guest_connect(&sock, 5000, RPCI, 128), CONNECTED);
	data[2] = (28 + 1499) >> 8;
	data[3] = (28 + 1499) & 0xff;
	memcpy(data + 4, KIND "\0\0\0\2\0\0\0\2\0\0\x5\xdb", 28);
	memcpy(data + 32, text, 1499);
	while (sent < 32 + 1499) {
		size_t n = guest_send(&sock, data + sent, 32 + 1499 - sent);

		if (!CHECK(n))
			break;
		sent += n;
	}
	receive(&sock);
	CHECK(answered("1 "));
	request(&sock, "info-get guestinfo.a");
	CHECK(whole_packet());
	CHECK_EQ(map.payload_len, 2 + 1499 - strlen("info-set guestinfo.a "));
	machine_stop();
}

/* Whether port 976 resets the connection for a packet. */
static bool rejected(const void *bytes, size_t len)
{
	struct sock sock;
	bool is;

	connect_rpci(&sock, 5000);
	send_bytes(&sock, bytes, len);
	receive(&sock);
	is = sock.reset && !got_len;
	CHECK_EQ(is, !sock.pair->attached);
	guest_close(&sock);
	return is;
}

#define REJECTED(text)	rejected(text, sizeof(text) - 1)
#define X		"\0\0\0\2\0\0\0\2\0\0\0\1x"
#define EMPTY		"\0\0\0\2\0\0\0\2\0\0\0\0"
#define PING		"\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0\0"

KTAP_TEST(malformed_requests)
{
	struct sock sock;

	MACHINE("vmxsim.sockets.maxPacket=100");
	CHECK(REJECTED(""));
	CHECK(REJECTED(KIND));
	CHECK(REJECTED(X X));
	CHECK(REJECTED("\0\0\0\1\0\0\0\1\0\0\0\3\0\0\0\0" X));
	CHECK(REJECTED("\0\0\0\2\0\0\0\2\0\0\0\2x"));
	CHECK(!REJECTED(X));
	CHECK(!REJECTED(X KIND));
	CHECK(!REJECTED(KIND EMPTY));
	connect_rpci(&sock, 5000);
	CHECK_EQ(guest_send(&sock, "\xff\xff\xff\xff", 4), 4);
	CHECK(sock.reset);
	connect_rpci(&sock, 5001);
	CHECK_EQ(guest_send(&sock, "\0\0\0\x65", 4), 4);
	CHECK(sock.reset);
	connect_rpci(&sock, 5002);
	CHECK_EQ(guest_send(&sock, "\0\0\0\x64", 4), 4);
	CHECK(!sock.reset);
	connect_rpci(&sock, 5003);
	SEND(&sock, PING);
	receive(&sock);
	CHECK_EQ(got_len, 0);
	request(&sock, "nonsense");
	CHECK(answered("0 Unknown command"));
	machine_stop();
}

KTAP_TEST(quirks)
{
	struct sock sock;

	MACHINE("vmxsim.quirk.requestFields=strict",
		"vmxsim.quirk.emptyRequest=reset");
	CHECK(REJECTED(X));
	CHECK(REJECTED(X KIND));
	CHECK(REJECTED(KIND EMPTY));
	CHECK(!REJECTED(KIND X));
	ask_once(&sock, "nonsense");
	CHECK(answered("0 Unknown command"));
	CHECK(!map.has_kind);
	CHECK_EQ(got_len, 49 - 16);
	machine_stop();
}

/* Some clients, such as VGAuth, send an integer as one big-endian word. */
KTAP_TEST(big_endian_integers)
{
	struct sock sock;

	MACHINE();
	connect_rpci(&sock, 5000);
	SEND(&sock, "\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1" "\0\0\0\2\0\0\0\2\0\0\0\x8"
	     "nonsense" "\0\0\0\1\0\0\0\3\0\0\0\0\0\0\0\1");
	receive(&sock);
	CHECK(answered("0 Unknown command"));
	CHECK(guest_at_end(&sock));
	machine_stop();
	MACHINE("vmxsim.quirk.int64=swapped");
	CHECK(REJECTED("\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1" X));
	machine_stop();
}

/* GuestRPC over VMCI came with ESXi 6.0. */
KTAP_TEST(hosts_without_sockets)
{
	static const char *const hosts[] = {
		"vmxsim.host=4.0", "vmxsim.host=4.1", "vmxsim.host=5.5",
		"vmxsim.host=6.0", "vmxsim.host=7.0", "vmxsim.host=8.0",
	};
	struct sock sock;
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		MACHINE(hosts[i]);
		CHECK_EQ(guest_connect(&sock, 5000, RPCI, 4096),
			 i < 3 ? REFUSED : CONNECTED);
		machine_stop();
	}
}

KTAP_TEST(privilege)
{
	static const struct { uint32_t source; bool granted; } senders[] = {
		{ 0, true }, { 1, true }, { 1023, true }, { 1024, false },
		{ UINT32_MAX - 1, false },
	};
	static const char *const requests[] = {
		"guestlib.info.get 3", "guestlib.stat.get text session",
		"GuestAppMonitor.Cmd.Enable", "GuestAppMonitor.Cmd.MarkActive",
		"GuestAppMonitor.Cmd.GetAppStatus",
	};
	struct sock sock;
	size_t i, j;

	MACHINE("guest_rpc.rpci.auth.app.APP_MONITOR=TRUE");
	for (i = 0; i < 5; i++) {
		connect_rpci(&sock, senders[i].source);
		for (j = 0; j < 5; j++) {
			request(&sock, requests[j]);
			CHECK(whole_packet());
			CHECK_EQ(map.payload[0], senders[i].granted ? '1' : '0');
		}
		request(&sock, "info-get guestinfo.none");
		CHECK(answered("0 No value found"));
		guest_close(&sock);
	}
	machine_stop();
}

KTAP_TEST(no_vsocket)
{
	struct sock sock;

	MACHINE("guest_rpc.rpci.usevsocket=FALSE");
	CHECK_EQ(guest_connect(&sock, 1023, RPCI, 4096), REFUSED);
	CHECK_EQ(guest_connect(&sock, 5000, RPCI, 4096), REFUSED);
	CHECK_EQ(guest_connect(&sock, 5000, VMCI_PORT_ECHO, 4096), CONNECTED);
	ask(&machine.fixture, "vmxsim.set guest_rpc.rpci.usevsocket");
	CHECK_EQ(guest_connect(&sock, 1023, RPCI, 4096), CONNECTED);
	machine_stop();
}

KTAP_TEST(faults_of_connecting)
{
	struct sock sock;
	int i;

	MACHINE();
	machine_order("connreset 3");
	for (i = 0; i < 3; i++)
		CHECK_EQ(guest_connect(&sock, 1023 - i, RPCI, 4096), REFUSED);
	machine_order("connsilent 1");
	CHECK_EQ(guest_connect(&sock, 1020, RPCI, 4096), SILENT);
	CHECK_EQ(guest_connect(&sock, 1020, RPCI, 4096), CONNECTED);
	CHECK_EQ(host_faults(machine.fixture.host)->injected, 4);
	machine_stop();
}

#define REPLY	"1 12345678"

/* Sends a request that the fault hits, and receives the reply. */
static void faulty(struct sock *sock, const char *fault)
{
	machine_order("clear");
	machine_order(fault);
	connect_rpci(sock, 5000);
	request(sock, "info-get guestinfo.a");
}

KTAP_TEST(faults_of_the_packet)
{
	struct sock sock;

	MACHINE("vmxsim.quirk.replyKind=TRUE", "guestinfo.a=12345678");
	faulty(&sock, "extrafield");
	CHECK(answered(REPLY));
	CHECK_EQ(got_len, 32 + 10 + 16);
	guest_close(&sock);

	faulty(&sock, "nokind");
	CHECK(answered(REPLY));
	CHECK(!map.has_kind);
	guest_close(&sock);

	faulty(&sock, "duplicate");
	CHECK_EQ(got_len, 32 + 10 + 22);
	CHECK_EQ(datamap_word(got), got_len - 4);
	CHECK(!datamap_decode(got + 4, got_len - 4, &map));
	guest_close(&sock);

	faulty(&sock, "badtype");
	CHECK_EQ(got_len, 32 + 10 + 8);
	CHECK(!datamap_decode(got + 4, got_len - 4, &map));
	guest_close(&sock);

	faulty(&sock, "nopayload");
	CHECK_EQ(got_len, 20);
	CHECK(datamap_decode(got + 4, got_len - 4, &map));
	CHECK(!map.has_payload);
	guest_close(&sock);

	faulty(&sock, "length 4294967295");
	CHECK_EQ(got_len, 32 + 10);
	CHECK_EQ(datamap_word(got), UINT32_MAX);
	guest_close(&sock);
	machine_stop();
}

KTAP_TEST(faults_of_the_reply)
{
	struct sock sock;
	size_t i;

	MACHINE("guestinfo.a=12345678");
	faulty(&sock, "truncate 3");
	CHECK(answered("1 1"));
	guest_close(&sock);

	faulty(&sock, "truncate 0");
	CHECK(answered(""));
	guest_close(&sock);

	faulty(&sock, "oversize 5");
	CHECK(answered("1 123"));
	guest_close(&sock);

	faulty(&sock, "oversize 50000");
	CHECK(whole_packet());
	CHECK_EQ(map.payload_len, 50000);
	CHECK(!memcmp(map.payload, REPLY, 10));
	for (i = 10; i < 50000 && !map.payload[i]; i++)
		;
	CHECK_EQ(i, 50000);
	guest_close(&sock);

	faulty(&sock, "random 1");
	CHECK(whole_packet());
	CHECK_EQ(map.payload_len, 10);
	CHECK(!memcmp(map.payload, "1 ", 2) && memcmp(map.payload, REPLY, 10));
	guest_close(&sock);

	faulty(&sock, "noreply");
	CHECK_EQ(got_len, 0);
	CHECK(!guest_at_end(&sock));
	request(&sock, "info-get guestinfo.a");
	CHECK(answered(REPLY));
	machine_stop();
}

KTAP_TEST(oversize_without_end)
{
	struct sock sock;
	size_t total = 0;
	int i;

	MACHINE("guestinfo.a=12345678");
	faulty(&sock, "oversize 4294967295");
	CHECK_EQ(datamap_word(got), UINT32_MAX);
	for (i = 0; i < 100; i++) {
		receive(&sock);
		total += got_len;
		machine_wait_ms(1);
	}
	CHECK(total > 1000000);
	guest_close(&sock);
	machine_stop();
}

KTAP_TEST(faults_that_end_it)
{
	struct sock sock;

	MACHINE("vmxsim.quirk.replyKind=TRUE", "guestinfo.a=12345678");
	faulty(&sock, "eof");
	CHECK_EQ(got_len, 0);
	CHECK(guest_at_end(&sock));
	CHECK(!sock.reset);

	faulty(&sock, "halfreset");
	CHECK_EQ(got_len, 21);
	CHECK(sock.reset);
	CHECK(guest_at_end(&sock));

	faulty(&sock, "half");
	CHECK_EQ(got_len, 21);
	CHECK(!sock.reset);
	request(&sock, "info-get guestinfo.a");
	CHECK_EQ(got_len, 0);
	machine_wait_ms(100000);
	receive(&sock);
	CHECK_EQ(got_len, 0);
	CHECK(sock.pair->attached);
	guest_close(&sock);
	machine_stop();
}

KTAP_TEST(a_late_reply)
{
	struct sock sock, other;

	MACHINE("vmxsim.quirk.replyKind=TRUE", "guestinfo.a=12345678");
	faulty(&sock, "match=info-get delay 1500");
	CHECK_EQ(got_len, 0);
	CHECK_EQ(machine.fixture.stunned_ms, 0);
	connect_rpci(&other, 5001);
	request(&other, "info-get guestinfo.a");
	CHECK(answered(REPLY));
	/* The next request waits until the delayed reply was sent. */
	send_request(&sock, "nonsense", true);
	machine_wait_ms(1499);
	receive(&sock);
	CHECK_EQ(got_len, 0);
	machine_wait_ms(1);
	receive(&sock);
	CHECK_EQ(got_len, 32 + 10 + 49);
	CHECK(guest_at_end(&sock));

	/* Two replies are delayed, and the later request is answered first. */
	connect_rpci(&sock, 5002);
	machine_order("delay 1000");
	request(&sock, "info-get guestinfo.a");
	machine_order("delay 100");
	request(&other, "info-get guestinfo.a");
	machine_wait_ms(100);
	receive(&other);
	CHECK(answered(REPLY));
	machine_wait_ms(900);
	receive(&sock);
	CHECK(answered(REPLY));
	guest_close(&sock);

	/* The guest closes the connection before its delayed reply. */
	machine_order("times=3 match=info-get delay 1000");
	connect_rpci(&sock, 5002);
	request(&sock, "info-get guestinfo.a");
	machine_wait_ms(500);
	guest_close(&sock);
	connect_rpci(&sock, 5002);
	request(&sock, "info-get guestinfo.a");
	machine_wait_ms(300);
	send_request(&other, "info-get guestinfo.a", true);
	machine_wait_ms(700);
	receive(&sock);
	CHECK(answered(REPLY));
	receive(&other);
	CHECK_EQ(got_len, 0);
	machine_wait_ms(300);
	receive(&other);
	CHECK(answered(REPLY));
	CHECK_EQ(machine.timer_ns, UINT64_MAX);
	machine_stop();
}

KTAP_TEST(latency)
{
	struct sock sock;

	MACHINE("vmxsim.sockets.latency=1500", "vmxsim.sockets.linger=3000");
	ask_once(&sock, "nonsense");
	CHECK_EQ(got_len, 0);
	CHECK_EQ(machine.timer_ns, 1500000);
	machine_wait_ms(2);
	receive(&sock);
	CHECK(answered("0 Unknown command"));

	connect_rpci(&sock, 5001);
	send_request(&sock, "nonsense", true);
	machine_wait_ms(2);
	receive(&sock);
	CHECK(answered("0 Unknown command"));
	CHECK(!guest_at_end(&sock));
	machine_wait_ms(3);
	CHECK(guest_at_end(&sock));
	CHECK(!sock.reset);
	CHECK_EQ(machine.timer_ns, UINT64_MAX);
	machine_stop();
}

KTAP_TEST(half_closed_guest_gets_its_reply)
{
	struct sock sock;

	MACHINE("guestinfo.a=12345678");
	machine_order("delay 100");
	connect_rpci(&sock, 5000);
	send_request(&sock, "info-get guestinfo.a", false);
	guest_shutdown(&sock, VMCI_SHUTDOWN_WRITE);
	machine_wait_ms(200);
	receive(&sock);
	CHECK(answered(REPLY));
	CHECK(guest_at_end(&sock));
	machine_stop();
}

KTAP_TEST(faults_spare_others)
{
	struct sock sock;

	MACHINE("guestinfo.a=12345678");
	machine_order("match=guestlib. eof");
	connect_rpci(&sock, 5000);
	request(&sock, "info-get guestinfo.a");
	CHECK(answered(REPLY));
	machine_order("clear");
	machine_order("eof");
	request(&sock, "vmxsim.session");
	CHECK(whole_packet());
	machine_stop();
}

KTAP_TEST(order_that_resets_its_own_connection)
{
	static const char *const orders[] = {
		"vmxsim.vmotion", "vmxsim.suspend", "vmxsim.fault dropsockets",
	};
	struct sock sock, other;
	size_t i;

	MACHINE();
	for (i = 0; i < 3; i++) {
		connect_rpci(&other, 5001);
		ask_once(&sock, orders[i]);
		CHECK(answered("1 "));
		CHECK(guest_at_end(&sock));
		CHECK(sock.reset && other.reset);
	}
	machine_stop();
}

KTAP_TEST(steering_is_counted_apart)
{
	const struct vmci_counters *counters;
	struct sock sock;

	MACHINE();
	counters = &host_counters(machine.fixture.host)->vmci;
	ask_once(&sock, "vmxsim.session");
	CHECK_EQ(counters->connections, 0);
	CHECK_EQ(counters->packets, 0);
	CHECK_EQ(counters->steering_packets, 3);
	request(&sock, "nonsense");
	CHECK_EQ(counters->packets, 1);
	request(&sock, "vmxsim.counters");
	CHECK(whole_packet());
	CHECK(memmem(map.payload, map.payload_len,
		     "\"sockets\":{\"connections\":0,\"refused\":0,"
		     "\"packets\":1,\"open\":1}", 58));
	CHECK_EQ(counters->packets, 1);
	guest_close(&sock);
	ask_once(&sock, "nonsense");
	CHECK_EQ(counters->connections, 1);
	CHECK_EQ(counters->packets, 4);
	machine_stop();
}

/* Sends an answer as a program in the guest does. */
static void answer(struct sock *sock, const char *text)
{
	send_request(sock, text, false);
	receive(sock);
}

/* The host sends a first request after the connection, and later requests as they come. */
KTAP_TEST(tclo)
{
	struct tclo *tclo;
	struct sock sock, more[TCLO_APPS_MAX];
	int i;

	MACHINE();
	tclo = host_tclo(machine.fixture.host);
	CHECK_EQ(guest_connect(&sock, 5000, 975, 4096), CONNECTED);
	receive(&sock);
	CHECK(answered("reset"));
	CHECK(map.has_kind && map.kind == DATAMAP_KIND_DATA);
	answer(&sock, "OK ATR toolbox");
	CHECK(answered("Set_Option synctime 0"));
	answer(&sock, "OK ");
	CHECK(answered("Capabilities_Register"));
	answer(&sock, "OK ");
	CHECK_EQ(got_len, 0);
	/* A ping of the guest is no answer. */
	SEND(&sock, "\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0\0");
	receive(&sock);
	CHECK_EQ(got_len, 0);
	CHECK(!tclo_send(tclo, "toolbox", "ping", NULL, NULL));
	CHECK(!tclo_send(tclo, NULL, "OS_Halt", NULL, NULL));
	receive(&sock);
	CHECK(answered("ping"));
	answer(&sock, "OK ");
	CHECK(answered("OS_Halt"));
	CHECK(strstr(ask(&machine.fixture, "vmxsim.tclo"),
		     "{\"app\":\"toolbox\",\"request\":\"ping\",\"answer\":\"OK \"}"));
	/* When the guest has changed an option, the host confirms it. */
	answer(&sock, "OK ");
	CHECK_STR(ask(&machine.fixture, "vmx.set_option synctime 0 1"), "1 ");
	receive(&sock);
	CHECK(answered("Set_Option synctime 1"));
	for (i = 1; i < TCLO_APPS_MAX; i++)
		CHECK_EQ(guest_connect(&more[i], 6000 + i, 975, 4096), CONNECTED);
	guest_connect(&more[0], 6000, 975, 4096);
	CHECK(more[0].reset);
	guest_close(&sock);
	CHECK(tclo_send(tclo, "toolbox", "ping", NULL, NULL));
	CHECK_EQ(guest_connect(&more[0], 6000, 975, 4096), CONNECTED);
	for (i = 0; i < TCLO_APPS_MAX; i++)
		guest_close(&more[i]);
	machine_stop();
	MACHINE("vmxsim.host=5.5");
	CHECK_EQ(guest_connect(&sock, 5000, 975, 4096), REFUSED);
	machine_stop();
}

KTAP_TEST(trace)
{
	char path[] = "/tmp/trace-XXXXXX", line[512] = "";
	struct sock sock;
	FILE *file;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	MACHINE();
	CHECK(trace_open(path, &machine.fixture.ops));
	connect_rpci(&sock, 1023);
	request(&sock, "nonsense");
	CHECK_EQ(guest_connect(&sock, 5000, 974, 4096), REFUSED);
	trace_close();
	file = fdopen(fd, "r");
	CHECK(fgets(line, sizeof(line), file));
	CHECK_STR(line, "{\"t_us\":0,\"event\":\"socket\","
		  "\"detail\":\"connect port=976 source=1023\",\"what\":\"connect\","
		  "\"port\":976,\"source_port\":1023}\n");
	CHECK(fgets(line, sizeof(line), file));
	CHECK_STR(line, "{\"t_us\":0,\"event\":\"request\",\"door\":\"vmci\","
		  "\"request\":\"nonsense\",\"reply\":\"0 Unknown command\","
		  "\"request_len\":8,\"reply_len\":17,\"transport\":\"vmci\","
		  "\"source_port\":1023,\"privileged\":true,\"packets\":3}\n");
	CHECK(fgets(line, sizeof(line), file));
	CHECK_STR(line, "{\"t_us\":0,\"event\":\"socket\","
		  "\"detail\":\"refused port=974 source=5000\",\"what\":\"refused\","
		  "\"port\":974,\"source_port\":5000}\n");
	fclose(file);
	unlink(path);
	machine_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(worked_example),
	KTAP_ENTRY(several_requests),
	KTAP_ENTRY(many_requests_at_once),
	KTAP_ENTRY(one_byte_at_a_time),
	KTAP_ENTRY(larger_than_the_queues),
	KTAP_ENTRY(malformed_requests),
	KTAP_ENTRY(quirks),
	KTAP_ENTRY(big_endian_integers),
	KTAP_ENTRY(hosts_without_sockets),
	KTAP_ENTRY(privilege),
	KTAP_ENTRY(no_vsocket),
	KTAP_ENTRY(faults_of_connecting),
	KTAP_ENTRY(faults_of_the_packet),
	KTAP_ENTRY(faults_of_the_reply),
	KTAP_ENTRY(oversize_without_end),
	KTAP_ENTRY(faults_that_end_it),
	KTAP_ENTRY(a_late_reply),
	KTAP_ENTRY(latency),
	KTAP_ENTRY(half_closed_guest_gets_its_reply),
	KTAP_ENTRY(faults_spare_others),
	KTAP_ENTRY(order_that_resets_its_own_connection),
	KTAP_ENTRY(steering_is_counted_apart),
	KTAP_ENTRY(tclo),
	KTAP_ENTRY(trace),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
