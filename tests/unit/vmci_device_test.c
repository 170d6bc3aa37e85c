// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The VMCI device: registers, datagrams in both directions, the calls of a driver, and a
 * driver that sends wrong values.
 *
 * Links: tests/unit/vmci_guest.c
 * Links: tools/vmxsim/vmci
 */
#include <stdlib.h>

#include "ktap.h"
#include "vmci_guest.h"

#define CAPS		(VMCI_CAPS_DATAGRAM | VMCI_CAPS_NOTIFICATIONS | VMCI_CAPS_PPN64)
#define BITMAP_PAGE	3u
#define BUFFER_PAGES	17u

static const struct vmci_handle sockets = { VMCI_CONTEXT_HYPERVISOR, 15 };
static const struct vmci_handle packets = { GUEST_CONTEXT, 1 };

static bool to_guest(const void *payload, size_t len)
{
	return vmci_datagram_to_guest(machine.device, sockets, packets, payload, len);
}

/* --- registers ------------------------------------------------------------ */

KTAP_TEST(registers)
{
	machine_start(0);
	CHECK_EQ(guest_read(VMCI_REG_CAPS), CAPS);
	CHECK_EQ(guest_read(VMCI_REG_STATUS), VMCI_STATUS_INT_ON);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_INT_DISABLE);
	CHECK_EQ(guest_read(VMCI_REG_STATUS), 0);
	guest_write(VMCI_REG_IMR, 2);
	CHECK_EQ(guest_read(VMCI_REG_IMR), 2);
	CHECK_EQ(guest_read(VMCI_REG_ICR), 0);
	CHECK_EQ(guest_read(VMCI_REG_RESULT_HIGH), 0);
	CHECK_EQ(guest_read(60), 0);
	guest_write(60, 1);
	/* An access to a part of a register has no effect. */
	vmci_device_write(machine.device, VMCI_REG_IMR, 1, 2);
	CHECK_EQ(guest_read(VMCI_REG_IMR), 2);
	CHECK_EQ(vmci_device_read(machine.device, VMCI_REG_IMR, 1), UINT32_MAX);
	machine_stop();
}

KTAP_TEST(interrupts)
{
	machine_start(CAPS);
	guest_write(VMCI_REG_IMR, VMCI_CAUSE_NOTIFICATION);
	CHECK(to_guest("x", 1));
	CHECK(!machine.line);
	guest_write(VMCI_REG_IMR, VMCI_CAUSE_DATAGRAM);
	CHECK(machine.line);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_INT_DISABLE);
	CHECK(!machine.line);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_INT_ENABLE);
	CHECK(machine.line);
	CHECK_EQ(machine.raised, 2);
	CHECK_EQ(guest_read(VMCI_REG_ICR), VMCI_CAUSE_DATAGRAM);
	CHECK(!machine.line);
	CHECK_EQ(guest_read(VMCI_REG_ICR), 0);
	CHECK(to_guest("y", 1));
	CHECK(to_guest("z", 1));
	CHECK_EQ(machine.raised, 3);
	machine_stop();
}

KTAP_TEST(timer)
{
	machine_start(CAPS);
	machine.now_ns = 77;
	CHECK_EQ(vmci_now_ns(machine.device), 77);
	CHECK_EQ(vmci_device_context(machine.device), GUEST_CONTEXT);
	vmci_timer_at(machine.device, 99);
	CHECK_EQ(machine.timer_ns, 99);
	CHECK_EQ(machine.timers, 0);
	vmci_device_timer(machine.device);
	CHECK_EQ(machine.timers, 1);
	machine_stop();
}

/* --- from the guest ------------------------------------------------------- */

KTAP_TEST(query)
{
	struct {
		uint32_t count, padding, resources[40];
	} ask = { 4, 0, { VMCI_GET_CONTEXT_ID, VMCI_DATAGRAM_REQUEST_MAP,
			  VMCI_QUEUEPAIR_DETACH, 12 } };
	uint32_t i;

	machine_start(CAPS);
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, 24), 5);
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, 23), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, 7), VMCI_ERROR_INVALID_ARGS);
	ask.count = 0;
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, 8), 0);
	for (i = 0; i < 40; i++)
		ask.resources[i] = VMCI_QUEUEPAIR_ALLOC;
	ask.count = 31;
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, sizeof(ask)), INT32_MAX);
	ask.count = 32;
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, sizeof(ask)),
		 VMCI_ERROR_INVALID_ARGS);
	ask.count = UINT32_MAX;
	CHECK_EQ(guest_call(VMCI_RESOURCES_QUERY, &ask, sizeof(ask)),
		 VMCI_ERROR_INVALID_ARGS);
	machine_stop();
}

KTAP_TEST(context_id)
{
	machine_start(CAPS);
	CHECK_EQ(guest_call(VMCI_GET_CONTEXT_ID, "", 0), GUEST_CONTEXT);
	/* Newer drivers read the result twice. */
	CHECK_EQ(guest_read(VMCI_REG_RESULT_LOW), GUEST_CONTEXT);
	machine_stop();
}

KTAP_TEST(every_call_but_one_needs_a_payload)
{
	uint32_t resource;

	machine_start(CAPS);
	for (resource = 0; resource < VMCI_RESOURCES_OF_DEVICE; resource++)
		if (resource == VMCI_DATAGRAM_REQUEST_MAP ||
		    resource == VMCI_DATAGRAM_REMOVE_MAP)
			CHECK_EQ(guest_call(resource, "", 0), VMCI_ERROR_OBSOLETE);
		else if (resource != VMCI_GET_CONTEXT_ID)
			CHECK_EQ(guest_call(resource, "", 0),
				 VMCI_ERROR_INVALID_ARGS);
	machine_stop();
}

KTAP_TEST(routes)
{
	const struct vmci_handle anonymous = { VMCI_INVALID_ID, 7 };
	const struct vmci_handle hypervisor = { VMCI_CONTEXT_HYPERVISOR, 7 };
	const struct vmci_handle other = { 2, 15 }, unserved = { 0, 16 };

	machine_start(CAPS);
	CHECK_EQ(guest_send(packets, sockets, "hello", 5), 24 + 5);
	CHECK_EQ(machine.datagrams, 1);
	CHECK_EQ(machine.len, 5);
	CHECK(!memcmp(machine.payload, "hello", 5));
	CHECK_EQ(machine.from.context, GUEST_CONTEXT);
	CHECK_EQ(machine.from.resource, 1);
	CHECK_EQ(machine.to.resource, 15);
	CHECK_EQ(guest_send(anonymous, sockets, "", 0), 24);
	CHECK_EQ(machine.from.context, GUEST_CONTEXT);
	CHECK_EQ(machine.from.resource, 7);
	CHECK_EQ(guest_send(hypervisor, sockets, "", 0), VMCI_ERROR_NO_ACCESS);
	CHECK_EQ(guest_send(packets, other, "", 0), VMCI_ERROR_DST_UNREACHABLE);
	CHECK_EQ(guest_send(packets, unserved, "", 0), VMCI_ERROR_INVALID_RESOURCE);
	CHECK_EQ(machine.datagrams, 2);
	machine_stop();
}

KTAP_TEST(lengths)
{
	static uint8_t payload[VMCI_DATAGRAM_PAYLOAD_MAX + 1];
	const uint64_t sizes[] = { UINT64_MAX, UINT64_MAX - 23, 1ull << 32, 300000 };
	struct vmci_datagram datagram = { sockets, packets, 0 };
	unsigned int i, j;

	machine_start(CAPS);
	CHECK_EQ(guest_send(packets, sockets, payload, sizeof(payload)),
		 VMCI_ERROR_PAYLOAD_TOO_LARGE);
	CHECK_EQ(machine.datagrams, 0);
	CHECK_EQ(guest_send(packets, sockets, payload, sizeof(payload) - 1),
		 24 + sizeof(payload) - 1);
	CHECK_EQ(machine.len, sizeof(payload) - 1);
	for (i = 0; i < 4; i++) {
		const uint32_t *words = (const uint32_t *)&datagram;

		datagram.payload_size = sizes[i];
		for (j = 0; j < sizeof(datagram) / 4; j++)
			guest_write(VMCI_REG_DATA_OUT, words[j]);
		/* The bytes that follow are the payload, regardless of their value. */
		datagram.payload_size = 0;
		for (j = 0; j < sizeof(datagram) / 4; j++)
			guest_write(VMCI_REG_DATA_OUT, words[j]);
		CHECK_EQ((int32_t)guest_read(VMCI_REG_RESULT_LOW),
			 VMCI_ERROR_PAYLOAD_TOO_LARGE);
		CHECK_EQ(machine.datagrams, 1 + i);
		CHECK_EQ(guest_send(packets, sockets, "", 0), 24);
	}
	machine_stop();
}

KTAP_TEST(half_a_datagram)
{
	machine_start(CAPS);
	guest_write(VMCI_REG_DATA_OUT, 0);
	CHECK_EQ((int32_t)guest_read(VMCI_REG_RESULT_LOW),
		 VMCI_ERROR_DATAGRAM_INCOMPLETE);
	CHECK_EQ(guest_call(VMCI_GET_CONTEXT_ID, "", 0), GUEST_CONTEXT);
	machine_stop();
}

/* --- for the guest -------------------------------------------------------- */

KTAP_TEST(delivery)
{
	struct vmci_datagram datagram;

	machine_start(CAPS);
	CHECK_EQ(guest_read_page(), 0);
	CHECK(to_guest("one", 3));
	CHECK(to_guest("", 0));
	CHECK_EQ(guest_read_page(), 2);
	datagram = guest_datagram(0);
	CHECK_EQ(datagram.to.context, GUEST_CONTEXT);
	CHECK_EQ(datagram.to.resource, 1);
	CHECK_EQ(datagram.from.context, 0);
	CHECK_EQ(datagram.from.resource, 15);
	CHECK_EQ(datagram.payload_size, 3);
	CHECK(!memcmp(guest_payload(0), "one\0\0\0\0\0", 8));
	CHECK_EQ(guest_datagram(1).payload_size, 0);
	CHECK_EQ(guest_read_page(), 0);
	machine_stop();
}

KTAP_TEST(no_delivery)
{
	static uint8_t payload[VMCI_DATAGRAM_PAYLOAD_MAX + 1];
	const struct vmci_handle other = { GUEST_CONTEXT + 1, 1 };

	machine_start(0);
	CHECK(!to_guest("x", 1));
	guest_write(VMCI_REG_CAPS, CAPS);
	CHECK(!vmci_datagram_to_guest(machine.device, sockets, other, "x", 1));
	CHECK(!to_guest(payload, sizeof(payload)));
	CHECK(!machine.line);
	CHECK(to_guest(payload, sizeof(payload) - 1));
	CHECK(to_guest(payload, sizeof(payload) - 1));
	CHECK(!to_guest("", 0));
	machine_stop();
}

/* The driver would never find a datagram that follows filler. */
KTAP_TEST(nothing_follows_filler)
{
	unsigned int i;

	machine_start(CAPS);
	vmci_device_read(machine.device, VMCI_REG_DATA_IN, 1);
	CHECK(to_guest("late", 4));
	guest_read(VMCI_REG_ICR);
	for (i = 1; i < VMCI_PAGE_SIZE; i++) {
		CHECK(!machine.line);
		CHECK_EQ(vmci_device_read(machine.device, VMCI_REG_DATA_IN, 1), 0xff);
	}
	CHECK(machine.line);
	CHECK_EQ(guest_read_page(), 1);
	CHECK(!machine.line);
	machine_stop();
}

/*
 * The test reads as the driver does: a page or, if a datagram is longer than a page, a large
 * buffer.  Datagrams arrive at any time, also during a read.
 */
static uint32_t sent, received;
static unsigned int seed;

static void send_some(void)
{
	static uint32_t payload[VMCI_DATAGRAM_PAYLOAD_MAX / 4];
	size_t len = rand_r(&seed) % (rand_r(&seed) % 8 ? 120 : 9000) + 4;

	payload[0] = sent;
	if (sent < 20000 && to_guest(payload, len))
		sent++;
}

static void driver_read(uint8_t *buffer, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		buffer[i] = (uint8_t)vmci_device_read(machine.device,
						      VMCI_REG_DATA_IN, 1);
		if (rand_r(&seed) % 300 == 0)
			send_some();
	}
}

static void driver_take(const uint8_t *datagram)
{
	uint32_t number;

	memcpy(&number, datagram + sizeof(struct vmci_datagram), sizeof(number));
	CHECK_EQ(number, received);
	received = number + 1;
}

static void driver_interrupt(void)
{
	static uint8_t buffer[BUFFER_PAGES * VMCI_PAGE_SIZE];
	size_t size = VMCI_PAGE_SIZE, at = 0;
	struct vmci_datagram header;

	guest_read(VMCI_REG_ICR);
	driver_read(buffer, size);
	for (;;) {
		size_t left = size - at, len;

		memcpy(&header, buffer + at, sizeof(header));
		if (header.to.resource == VMCI_INVALID_ID) {
			if (left <= VMCI_PAGE_SIZE)
				return;
			at = at / VMCI_PAGE_SIZE * VMCI_PAGE_SIZE + VMCI_PAGE_SIZE;
			continue;
		}
		len = (sizeof(header) + header.payload_size + 7) & ~(size_t)7;
		if (len > left) {
			memmove(buffer, buffer + at, left);
			at = 0;
			size = sizeof(buffer);
			driver_read(buffer + left, size - left);
		}
		driver_take(buffer + at);
		at += len;
		if (size - at < sizeof(header)) {
			driver_read(buffer, size);
			at = 0;
		}
	}
}

KTAP_TEST(the_driver_finds_every_datagram)
{
	machine_start(CAPS);
	sent = 0;
	received = 0;
	seed = 1;
	while (received < 20000 && !ktap_failures) {
		send_some();
		while (machine.line && !ktap_failures)
			driver_interrupt();
		CHECK_EQ(received, sent);
	}
	machine_stop();
}

/* --- doorbells ------------------------------------------------------------ */

static int32_t link_doorbell(uint32_t context, uint32_t resource, uint64_t index)
{
	struct vmci_doorbell_link link = { { context, resource }, index };

	return guest_call(VMCI_DOORBELL_LINK, &link, sizeof(link));
}

static int32_t ring_doorbell(uint32_t resource)
{
	struct vmci_handle handle = { GUEST_CONTEXT, resource };

	return guest_call(VMCI_DOORBELL_NOTIFY, &handle, sizeof(handle));
}

static int32_t set_bitmap(uint64_t ppn)
{
	return guest_call(VMCI_SET_NOTIFY_BITMAP, &ppn, sizeof(ppn));
}

KTAP_TEST(doorbells)
{
	struct vmci_handle handle = { GUEST_CONTEXT, 5 };
	uint8_t *bitmap = machine.memory + BITMAP_PAGE * VMCI_PAGE_SIZE;

	machine_start(CAPS);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, 9), VMCI_ERROR_UNAVAILABLE);
	CHECK_EQ(set_bitmap(BITMAP_PAGE), VMCI_SUCCESS);
	CHECK_EQ(link_doorbell(0, 5, 9), VMCI_ERROR_NO_ACCESS);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, 4096), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, UINT64_MAX), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, 4095), VMCI_SUCCESS);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, 9), VMCI_ERROR_DUPLICATE_ENTRY);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 6, 9), VMCI_SUCCESS);
	CHECK_EQ(ring_doorbell(4), VMCI_ERROR_NOT_FOUND);
	CHECK(!machine.line);
	CHECK_EQ(ring_doorbell(5), VMCI_SUCCESS);
	CHECK(machine.line);
	CHECK_EQ(guest_read(VMCI_REG_ICR), VMCI_CAUSE_NOTIFICATION);
	CHECK_EQ(bitmap[4095], 1);
	CHECK_EQ(bitmap[9], 0);
	CHECK_EQ(guest_call(VMCI_DOORBELL_UNLINK, &handle, sizeof(handle)),
		 VMCI_SUCCESS);
	CHECK_EQ(guest_call(VMCI_DOORBELL_UNLINK, &handle, sizeof(handle)),
		 VMCI_ERROR_NOT_FOUND);
	CHECK_EQ(ring_doorbell(5), VMCI_ERROR_NOT_FOUND);
	CHECK_EQ(ring_doorbell(6), VMCI_SUCCESS);
	CHECK_EQ(bitmap[9], 1);
	machine_stop();
}

KTAP_TEST(bitmap_pages)
{
	machine_start(CAPS);
	CHECK_EQ(set_bitmap(0), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(set_bitmap(GUEST_PAGES), VMCI_ERROR_INVALID_ARGS);
	/* The address does not fit into 64 bits. The device must not use a lower page instead. */
	CHECK_EQ(set_bitmap(1ull << 52 | BITMAP_PAGE), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(set_bitmap(7ull << 32 | BITMAP_PAGE), VMCI_ERROR_INVALID_ARGS);
	guest_write(VMCI_REG_CAPS, CAPS & ~VMCI_CAPS_PPN64);
	CHECK_EQ(set_bitmap(7ull << 32 | BITMAP_PAGE), VMCI_SUCCESS);
	machine_stop();
}

KTAP_TEST(too_many_doorbells)
{
	uint32_t i;

	machine_start(CAPS);
	set_bitmap(BITMAP_PAGE);
	for (i = 0; i < 4096; i++)
		if (link_doorbell(GUEST_CONTEXT, i, 0) != VMCI_SUCCESS)
			break;
	CHECK_EQ(i, 4096);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, i, 0), VMCI_ERROR_NO_RESOURCES);
	machine_stop();
}

KTAP_TEST(subscriptions)
{
	struct vmci_subscription ask = { VMCI_EVENT_QP_PEER_DETACH, 0 };

	machine_start(CAPS);
	CHECK_EQ(guest_call(VMCI_EVENT_SUBSCRIBE, &ask, sizeof(ask)), VMCI_SUCCESS);
	CHECK_EQ(guest_call(VMCI_EVENT_UNSUBSCRIBE, &ask, sizeof(ask)), VMCI_SUCCESS);
	ask.event = VMCI_EVENTS;
	CHECK_EQ(guest_call(VMCI_EVENT_SUBSCRIBE, &ask, sizeof(ask)),
		 VMCI_ERROR_EVENT_UNKNOWN);
	ask.event = UINT32_MAX;
	CHECK_EQ(guest_call(VMCI_EVENT_UNSUBSCRIBE, &ask, sizeof(ask)),
		 VMCI_ERROR_EVENT_UNKNOWN);
	machine_stop();
}

KTAP_TEST(reset)
{
	machine_start(CAPS);
	set_bitmap(BITMAP_PAGE);
	link_doorbell(GUEST_CONTEXT, 5, 9);
	CHECK(to_guest("lost", 4));
	vmci_device_read(machine.device, VMCI_REG_DATA_IN, 1);
	guest_write(VMCI_REG_DATA_OUT, 0);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_RESET);
	CHECK_EQ(machine.resets, 1);
	CHECK(!machine.line);
	CHECK_EQ(guest_read(VMCI_REG_STATUS), 0);
	CHECK_EQ(guest_read(VMCI_REG_IMR), 0);
	CHECK_EQ(guest_read(VMCI_REG_ICR), 0);
	CHECK_EQ(guest_read(VMCI_REG_RESULT_LOW), 0);
	CHECK(!to_guest("x", 1));
	guest_write(VMCI_REG_CAPS, CAPS);
	CHECK_EQ(guest_read_page(), 0);
	CHECK_EQ(ring_doorbell(5), VMCI_ERROR_NOT_FOUND);
	CHECK_EQ(link_doorbell(GUEST_CONTEXT, 5, 9), VMCI_ERROR_UNAVAILABLE);
	CHECK(to_guest("new", 3));
	CHECK_EQ(guest_read_page(), 1);
	machine_stop();
}

KTAP_TEST(switched_off)
{
	machine_start(CAPS);
	CHECK(to_guest("before", 6));
	CHECK_EQ(machine.raised, 1);
	machine.absent = true;
	CHECK_EQ(guest_read(VMCI_REG_ICR), UINT32_MAX);
	CHECK_EQ(machine.resets, 1);
	CHECK_EQ(guest_call(VMCI_GET_CONTEXT_ID, "", 0), -1);
	CHECK_EQ(vmci_device_read(machine.device, VMCI_REG_DATA_IN, 1), UINT32_MAX);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_INT_DISABLE);
	vmci_device_timer(machine.device);
	CHECK_EQ(machine.timers, 0);
	CHECK_EQ(machine.resets, 1);

	/* The interrupt came while the device was absent. */
	machine.absent = false;
	CHECK_EQ(guest_call(VMCI_GET_CONTEXT_ID, "", 0), GUEST_CONTEXT);
	CHECK_EQ(machine.raised, 2);
	CHECK_EQ(guest_read_page(), 1);
	machine_stop();
}

/* The sockets learn that the device is off although the guest sends nothing. */
KTAP_TEST(switched_off_before_the_timer)
{
	machine_start(CAPS);
	machine.absent = true;
	vmci_device_timer(machine.device);
	CHECK_EQ(machine.timers, 0);
	CHECK_EQ(machine.resets, 1);
	machine_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(registers),
	KTAP_ENTRY(interrupts),
	KTAP_ENTRY(timer),
	KTAP_ENTRY(query),
	KTAP_ENTRY(context_id),
	KTAP_ENTRY(every_call_but_one_needs_a_payload),
	KTAP_ENTRY(routes),
	KTAP_ENTRY(lengths),
	KTAP_ENTRY(half_a_datagram),
	KTAP_ENTRY(delivery),
	KTAP_ENTRY(no_delivery),
	KTAP_ENTRY(nothing_follows_filler),
	KTAP_ENTRY(the_driver_finds_every_datagram),
	KTAP_ENTRY(doorbells),
	KTAP_ENTRY(bitmap_pages),
	KTAP_ENTRY(too_many_doorbells),
	KTAP_ENTRY(subscriptions),
	KTAP_ENTRY(reset),
	KTAP_ENTRY(switched_off),
	KTAP_ENTRY(switched_off_before_the_timer),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
