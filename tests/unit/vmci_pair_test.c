// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Queue pairs: bytes in both directions, the order of attaching and detaching, and a guest
 * that writes wrong values into the headers and page lists.
 *
 * Links: tests/unit/vmci_guest.c
 * Links: tools/vmxsim/vmci
 */
#include <stdlib.h>

#include "ktap.h"
#include "vmci_guest.h"

#define CAPS		(VMCI_CAPS_DATAGRAM | VMCI_CAPS_PPN64)
#define NO_PEER		VMCI_INVALID_ID

/* The numbers of the guest's pages, which are not in order: two headers, and the data */
#define PRODUCE_HEADER	10u
#define CONSUME_HEADER	20u
static const uint64_t produce_pages[] = { 33, 31, 32 };
static const uint64_t consume_pages[] = { 42, 41 };
#define PRODUCE_SIZE	(2 * VMCI_PAGE_SIZE + 100)
#define CONSUME_SIZE	(VMCI_PAGE_SIZE + 1)

#define TAIL		8u
#define HEAD		16u

static const struct vmci_handle handle = { GUEST_CONTEXT, 100 };

struct alloc {
	struct vmci_queue_pair_alloc fixed;
	uint64_t pages[VMCI_PAIR_PAGES_MAX + 8];
};

static struct alloc usual(void)
{
	return (struct alloc) {
		{ handle, VMCI_CONTEXT_HYPERVISOR, 0, PRODUCE_SIZE, CONSUME_SIZE, 7 },
		{ PRODUCE_HEADER, 33, 31, 32, CONSUME_HEADER, 42, 41 },
	};
}

static int32_t alloc_pair(const struct alloc *alloc)
{
	return guest_call(VMCI_QUEUEPAIR_ALLOC, alloc,
			  sizeof(alloc->fixed) + alloc->fixed.pages * 8);
}

static int32_t detach(void)
{
	return guest_call(VMCI_QUEUEPAIR_DETACH, &handle, sizeof(handle));
}

static struct vmci_pair *start(void)
{
	struct alloc alloc = usual();

	machine_start(CAPS);
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	return vmci_pair_attach(machine.device, handle);
}

static uint64_t header(unsigned int page, unsigned int field)
{
	return guest_u64(page * VMCI_PAGE_SIZE + field);
}

static void set_header(unsigned int page, unsigned int field, uint64_t value)
{
	guest_set_u64(page * VMCI_PAGE_SIZE + field, value);
}

/* --- the guest's ends of the rings ---------------------------------------- */

static uint8_t *guest_byte(const uint64_t *pages, uint64_t at)
{
	return machine.memory + pages[at / VMCI_PAGE_SIZE] * VMCI_PAGE_SIZE +
	       at % VMCI_PAGE_SIZE;
}

static size_t guest_produce(const uint8_t *data, size_t len)
{
	uint64_t tail = header(PRODUCE_HEADER, TAIL);
	uint64_t head = header(CONSUME_HEADER, HEAD);
	size_t done;

	for (done = 0; done < len && (tail + 1) % PRODUCE_SIZE != head; done++) {
		*guest_byte(produce_pages, tail) = data[done];
		tail = (tail + 1) % PRODUCE_SIZE;
	}
	set_header(PRODUCE_HEADER, TAIL, tail);
	return done;
}

static size_t guest_consume(uint8_t *data, size_t len)
{
	uint64_t tail = header(CONSUME_HEADER, TAIL);
	uint64_t head = header(PRODUCE_HEADER, HEAD);
	size_t done;

	for (done = 0; done < len && head != tail; done++) {
		data[done] = *guest_byte(consume_pages, head);
		head = (head + 1) % CONSUME_SIZE;
	}
	set_header(PRODUCE_HEADER, HEAD, head);
	return done;
}

/* --- new pairs ------------------------------------------------------------ */

KTAP_TEST(creation)
{
	struct alloc alloc = usual();
	unsigned int page;

	machine_start(CAPS);
	memset(machine.memory, 0xee, sizeof(machine.memory));
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	for (page = PRODUCE_HEADER; page <= CONSUME_HEADER; page += 10) {
		CHECK_EQ(header(page, 0), (uint64_t)handle.resource << 32 |
					  handle.context);
		CHECK_EQ(header(page, TAIL), 0);
		CHECK_EQ(header(page, HEAD), 0);
	}
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_ALREADY_EXISTS);
	alloc.fixed.peer = NO_PEER;
	alloc.fixed.handle.resource++;
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine_stop();
}

static int32_t refusal(size_t offset, uint64_t value, size_t size)
{
	struct alloc alloc = usual();

	memcpy((char *)&alloc + offset, &value, size);
	return guest_call(VMCI_QUEUEPAIR_ALLOC, &alloc, sizeof(alloc.fixed) + 7 * 8);
}

#define REFUSAL(member, value)	\
	refusal(offsetof(struct alloc, member), value, \
		sizeof(((struct alloc *)NULL)->member))

KTAP_TEST(refusals)
{
	machine_start(CAPS);
	CHECK_EQ(REFUSAL(fixed.handle.context, 0), VMCI_ERROR_NO_ACCESS);
	CHECK_EQ(REFUSAL(fixed.peer, 2), VMCI_ERROR_DST_UNREACHABLE);
	CHECK_EQ(REFUSAL(fixed.flags, 16), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.flags, VMCI_PAIR_LOCAL), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.flags, VMCI_PAIR_ATTACH_ONLY), VMCI_ERROR_NOT_FOUND);
	CHECK_EQ(REFUSAL(fixed.produce_size, 0), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.consume_size, 1), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.produce_size, UINT64_MAX), VMCI_ERROR_NO_RESOURCES);
	CHECK_EQ(REFUSAL(fixed.consume_size, UINT64_MAX), VMCI_ERROR_NO_RESOURCES);
	CHECK_EQ(REFUSAL(fixed.consume_size, VMCI_PAIRS_MEMORY_MAX),
		 VMCI_ERROR_NO_RESOURCES);
	CHECK_EQ(REFUSAL(fixed.produce_size, 3 * VMCI_PAGE_SIZE + 1),
		 VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.pages, 6), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(fixed.pages, UINT64_MAX), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(pages[0], GUEST_PAGES), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(REFUSAL(pages[4], GUEST_PAGES), VMCI_ERROR_INVALID_ARGS);
	/* The address of such a page does not fit into 64 bits. */
	CHECK_EQ(REFUSAL(pages[1], 1ull << 52 | 33), VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(detach(), VMCI_ERROR_NOT_FOUND);
	machine_stop();
}

/* One byte stays free, so a ring of one byte carries nothing. */
KTAP_TEST(rings_without_room)
{
	struct alloc alloc = usual();

	machine_start(CAPS);
	alloc.fixed.pages = 6;
	alloc.fixed.consume_size = 1;
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_INVALID_ARGS);
	alloc.fixed.consume_size = 2;
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	alloc.fixed.handle.resource++;
	alloc.fixed.produce_size = 1;
	alloc.fixed.pages = 4;
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_INVALID_ARGS);
	machine_stop();
}

KTAP_TEST(short_messages)
{
	struct alloc alloc = usual();
	size_t len;

	machine_start(CAPS);
	for (len = 0; len < sizeof(alloc.fixed) + 7 * 8; len++)
		CHECK_EQ(guest_call(VMCI_QUEUEPAIR_ALLOC, &alloc, len),
			 VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(guest_call(VMCI_QUEUEPAIR_ALLOC, &alloc, len),
		 VMCI_SUCCESS_QUEUEPAIR_CREATE);
	CHECK_EQ(guest_call(VMCI_QUEUEPAIR_DETACH, &handle, 7),
		 VMCI_ERROR_INVALID_ARGS);
	machine_stop();
}

KTAP_TEST(page_numbers_of_32_bits)
{
	struct {
		struct vmci_queue_pair_alloc fixed;
		uint32_t pages[7];
	} alloc = { usual().fixed, { PRODUCE_HEADER, 33, 31, 32,
				     CONSUME_HEADER, 42, 41 } };
	struct vmci_pair *pair;
	char byte = 0;

	machine_start(VMCI_CAPS_DATAGRAM);
	CHECK_EQ(guest_call(VMCI_QUEUEPAIR_ALLOC, &alloc, sizeof(alloc.fixed) + 27),
		 VMCI_ERROR_INVALID_ARGS);
	CHECK_EQ(guest_call(VMCI_QUEUEPAIR_ALLOC, &alloc, sizeof(alloc.fixed) + 28),
		 VMCI_SUCCESS_QUEUEPAIR_CREATE);
	pair = vmci_pair_attach(machine.device, handle);
	guest_produce((const uint8_t *)"b", 1);
	CHECK_EQ(vmci_pair_read(pair, &byte, 1), 1);
	CHECK_EQ(byte, 'b');
	CHECK_EQ(vmci_pair_write(pair, "c", 1), 1);
	CHECK_EQ(machine.memory[42 * VMCI_PAGE_SIZE], 'c');
	vmci_pair_detach(pair);
	machine_stop();
}

/* The list has a number for every page, but the hypervisor accesses only the headers now. */
KTAP_TEST(memory_limit)
{
	static struct alloc alloc;
	const uint32_t half = VMCI_PAIRS_MEMORY_MAX / 2;

	machine_start(CAPS);
	alloc = usual();
	alloc.fixed.produce_size = half;
	alloc.fixed.consume_size = half;
	alloc.fixed.pages = 2 + VMCI_PAIRS_MEMORY_MAX / VMCI_PAGE_SIZE;
	alloc.pages[1 + half / VMCI_PAGE_SIZE] = CONSUME_HEADER;
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	alloc = usual();
	alloc.fixed.handle.resource = 101;
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_NO_RESOURCES);
	CHECK_EQ(detach(), VMCI_SUCCESS_LAST_DETACH);
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine_stop();
}

KTAP_TEST(number_limit)
{
	struct alloc alloc = usual();
	uint32_t i;

	machine_start(CAPS);
	alloc.fixed.produce_size = 2;
	alloc.fixed.consume_size = 2;
	alloc.fixed.pages = 4;
	alloc.pages[2] = CONSUME_HEADER;
	for (i = 0; i < VMCI_PAIRS_MAX; i++) {
		alloc.fixed.handle.resource = i;
		if (alloc_pair(&alloc) < 0)
			break;
	}
	CHECK_EQ(i, VMCI_PAIRS_MAX);
	alloc.fixed.handle.resource = i;
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_NO_RESOURCES);
	CHECK_EQ(detach(), VMCI_SUCCESS_LAST_DETACH);
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine_stop();
}

/* --- data ----------------------------------------------------------------- */

KTAP_TEST(both_directions)
{
	struct vmci_pair *pair = start();
	uint8_t data[16] = "";

	CHECK_EQ(vmci_pair_consume_size(pair), PRODUCE_SIZE);
	CHECK_EQ(vmci_pair_produce_size(pair), CONSUME_SIZE);
	CHECK_EQ(vmci_pair_readable(pair), 0);
	CHECK_EQ(vmci_pair_writable(pair), CONSUME_SIZE - 1);
	CHECK_EQ(vmci_pair_read(pair, data, sizeof(data)), 0);
	guest_produce((const uint8_t *)"to host", 7);
	CHECK_EQ(vmci_pair_readable(pair), 7);
	CHECK_EQ(vmci_pair_read(pair, data, 3), 3);
	CHECK_EQ(header(CONSUME_HEADER, HEAD), 3);
	CHECK_EQ(vmci_pair_consume_head(pair), 3);
	CHECK_EQ(vmci_pair_read(pair, data + 3, 9), 4);
	CHECK(!memcmp(data, "to host", 7));
	CHECK_EQ(vmci_pair_write(pair, "to guest", 8), 8);
	CHECK_EQ(header(CONSUME_HEADER, TAIL), 8);
	CHECK_EQ(vmci_pair_produce_tail(pair), 8);
	CHECK_EQ(vmci_pair_writable(pair), CONSUME_SIZE - 9);
	CHECK_EQ(guest_consume(data, sizeof(data)), 8);
	CHECK(!memcmp(data, "to guest", 8));
	CHECK_EQ(vmci_pair_writable(pair), CONSUME_SIZE - 1);
	vmci_pair_detach(pair);
	machine_stop();
}

KTAP_TEST(full)
{
	static uint8_t data[PRODUCE_SIZE + 1];
	struct vmci_pair *pair = start();

	CHECK_EQ(vmci_pair_write(pair, data, sizeof(data)), CONSUME_SIZE - 1);
	CHECK_EQ(vmci_pair_writable(pair), 0);
	CHECK_EQ(vmci_pair_write(pair, data, 1), 0);
	CHECK_EQ(guest_produce(data, sizeof(data)), PRODUCE_SIZE - 1);
	CHECK_EQ(vmci_pair_readable(pair), PRODUCE_SIZE - 1);
	CHECK_EQ(vmci_pair_read(pair, data, sizeof(data)), PRODUCE_SIZE - 1);
	vmci_pair_detach(pair);
	machine_stop();
}

/* Fills with a sequence whose period divides neither a page nor a ring. */
static void fill(uint8_t *data, size_t len, uint64_t from)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)((from + i) % 251);
}

static bool is_filled(const uint8_t *data, size_t len, uint64_t from)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] != (from + i) % 251)
			return false;
	return true;
}

KTAP_TEST(pointers_wrap_around)
{
	uint64_t produced = 0, consumed = 0, written = 0, taken = 0;
	static uint8_t data[3 * VMCI_PAGE_SIZE];
	struct vmci_pair *pair = start();
	unsigned int seed = 7;
	int64_t n;
	int i;

	for (i = 0; i < 2000; i++) {
		fill(data, sizeof(data), produced);
		produced += guest_produce(data, rand_r(&seed) % sizeof(data));
		n = vmci_pair_read(pair, data, rand_r(&seed) % sizeof(data));
		if (!CHECK(n >= 0) || !CHECK(is_filled(data, n, consumed)))
			break;
		consumed += n;
		fill(data, sizeof(data), written);
		written += vmci_pair_write(pair, data, rand_r(&seed) % sizeof(data));
		n = guest_consume(data, rand_r(&seed) % sizeof(data));
		if (!CHECK(is_filled(data, n, taken)))
			break;
		taken += n;
	}
	CHECK(consumed > 100 * PRODUCE_SIZE);
	CHECK(taken > 100 * CONSUME_SIZE);
	vmci_pair_detach(pair);
	machine_stop();
}

/* --- wrong values of the guest -------------------------------------------- */

static void check_broken(struct vmci_pair *pair)
{
	char byte;

	CHECK_EQ(vmci_pair_readable(pair), -1);
	CHECK_EQ(vmci_pair_writable(pair), -1);
	CHECK_EQ(vmci_pair_read(pair, &byte, 1), -1);
	CHECK_EQ(vmci_pair_write(pair, "x", 1), -1);
}

KTAP_TEST(impossible_headers)
{
	const uint64_t tails[] = { PRODUCE_SIZE, 1ull << 63, UINT64_MAX };
	const uint64_t heads[] = { CONSUME_SIZE, 1ull << 63, UINT64_MAX };
	struct vmci_pair *pair;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		pair = start();
		set_header(PRODUCE_HEADER, TAIL, tails[i]);
		CHECK_EQ(vmci_pair_readable(pair), -1);
		set_header(PRODUCE_HEADER, TAIL, 0);
		check_broken(pair);
		vmci_pair_detach(pair);
		machine_stop();

		pair = start();
		set_header(PRODUCE_HEADER, HEAD, heads[i]);
		CHECK_EQ(vmci_pair_write(pair, "x", 1), -1);
		set_header(PRODUCE_HEADER, HEAD, 0);
		check_broken(pair);
		vmci_pair_detach(pair);
		machine_stop();
	}
}

/* A pointer within the ring may be wrong, but no more than a ring is read or written. */
KTAP_TEST(pointers_beyond_the_ring)
{
	static uint8_t data[2 * PRODUCE_SIZE];
	struct vmci_pair *pair = start();

	set_header(PRODUCE_HEADER, TAIL, PRODUCE_SIZE - 1);
	CHECK_EQ(vmci_pair_read(pair, data, sizeof(data)), PRODUCE_SIZE - 1);
	set_header(PRODUCE_HEADER, TAIL, PRODUCE_SIZE - 2);
	CHECK_EQ(vmci_pair_read(pair, data, sizeof(data)), PRODUCE_SIZE - 1);
	set_header(PRODUCE_HEADER, HEAD, CONSUME_SIZE - 1);
	CHECK_EQ(vmci_pair_write(pair, data, sizeof(data)), CONSUME_SIZE - 2);
	vmci_pair_detach(pair);
	machine_stop();
}

/* The hypervisor does not read its own pointers from memory that the guest can write. */
KTAP_TEST(the_hypervisors_own_header)
{
	struct vmci_pair *pair = start();

	CHECK_EQ(vmci_pair_write(pair, "abc", 3), 3);
	set_header(CONSUME_HEADER, TAIL, UINT64_MAX);
	set_header(CONSUME_HEADER, HEAD, UINT64_MAX);
	CHECK_EQ(vmci_pair_writable(pair), CONSUME_SIZE - 4);
	CHECK_EQ(vmci_pair_readable(pair), 0);
	CHECK_EQ(vmci_pair_write(pair, "d", 1), 1);
	CHECK_EQ(header(CONSUME_HEADER, TAIL), 4);
	vmci_pair_detach(pair);
	machine_stop();
}

KTAP_TEST(pages_that_are_not_there)
{
	static uint8_t data[2 * VMCI_PAGE_SIZE];
	struct alloc alloc = usual();
	struct vmci_pair *pair;

	alloc.pages[2] = GUEST_PAGES;
	alloc.pages[6] = UINT64_MAX >> 12;
	machine_start(CAPS);
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	pair = vmci_pair_attach(machine.device, handle);
	set_header(PRODUCE_HEADER, TAIL, sizeof(data));
	CHECK_EQ(vmci_pair_read(pair, data, VMCI_PAGE_SIZE), VMCI_PAGE_SIZE);
	CHECK_EQ(vmci_pair_read(pair, data, 1), -1);
	check_broken(pair);
	CHECK_EQ(detach(), VMCI_SUCCESS);
	vmci_pair_detach(pair);

	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	pair = vmci_pair_attach(machine.device, handle);
	set_header(PRODUCE_HEADER, HEAD, CONSUME_SIZE - 1);
	CHECK_EQ(vmci_pair_write(pair, data, VMCI_PAGE_SIZE - 1), VMCI_PAGE_SIZE - 1);
	set_header(PRODUCE_HEADER, HEAD, 1);
	CHECK_EQ(vmci_pair_write(pair, data, 2), -1);
	check_broken(pair);
	vmci_pair_detach(pair);
	machine_stop();
}

/* --- attaching and detaching ---------------------------------------------- */

static void check_event(enum vmci_event event)
{
	struct vmci_pair_event payload;
	struct vmci_datagram datagram;

	CHECK_EQ(guest_read_page(), 1);
	datagram = guest_datagram(0);
	CHECK_EQ(datagram.to.context, GUEST_CONTEXT);
	CHECK_EQ(datagram.to.resource, VMCI_EVENT_HANDLER);
	CHECK_EQ(datagram.from.context, VMCI_CONTEXT_HYPERVISOR);
	CHECK_EQ(datagram.payload_size, sizeof(payload));
	memcpy(&payload, guest_payload(0), sizeof(payload));
	CHECK_EQ(payload.event, event);
	CHECK_EQ(payload.handle.context, handle.context);
	CHECK_EQ(payload.handle.resource, handle.resource);
	CHECK_EQ(payload.peer, VMCI_CONTEXT_HYPERVISOR);
}

KTAP_TEST(the_hypervisor_leaves_first)
{
	struct vmci_pair *pair = start();

	check_event(VMCI_EVENT_QP_PEER_ATTACH);
	CHECK(!vmci_pair_attach(machine.device, handle));
	CHECK_EQ(guest_read_page(), 0);
	vmci_pair_detach(pair);
	check_event(VMCI_EVENT_QP_PEER_DETACH);
	CHECK_EQ(detach(), VMCI_SUCCESS_LAST_DETACH);
	CHECK_EQ(machine.gone, 0);
	CHECK_EQ(detach(), VMCI_ERROR_NOT_FOUND);
	CHECK(!vmci_pair_attach(machine.device, handle));
	machine_stop();
}

KTAP_TEST(the_guest_leaves_first)
{
	struct alloc alloc = usual();
	struct vmci_pair *pair = start();

	check_event(VMCI_EVENT_QP_PEER_ATTACH);
	guest_produce((const uint8_t *)"unread", 6);
	CHECK_EQ(detach(), VMCI_SUCCESS);
	CHECK_EQ(machine.gone, 1);
	CHECK(machine.gone_pair == pair);
	/* The pages belong to the guest again, so the pair is unusable. */
	check_broken(pair);
	CHECK_EQ(detach(), VMCI_ERROR_NOT_FOUND);
	CHECK_EQ(alloc_pair(&alloc), VMCI_ERROR_ALREADY_EXISTS);
	vmci_pair_detach(pair);
	CHECK_EQ(guest_read_page(), 0);
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine_stop();
}

KTAP_TEST(detached_while_notified)
{
	struct vmci_pair *pair = start();

	CHECK(pair);
	machine.detach_when_gone = true;
	CHECK_EQ(detach(), VMCI_SUCCESS);
	CHECK_EQ(machine.gone, 1);
	CHECK(!vmci_pair_attach(machine.device, handle));
	machine_stop();
}

KTAP_TEST(unwanted_events)
{
	struct vmci_subscription ask = { VMCI_EVENT_QP_PEER_DETACH, 0 };
	struct alloc alloc = usual();
	struct vmci_pair *pair;

	machine_start(CAPS);
	guest_call(VMCI_EVENT_SUBSCRIBE, &ask, sizeof(ask));
	alloc_pair(&alloc);
	pair = vmci_pair_attach(machine.device, handle);
	CHECK(pair);
	CHECK_EQ(guest_read_page(), 0);
	vmci_pair_detach(pair);
	check_event(VMCI_EVENT_QP_PEER_DETACH);
	machine_stop();
}

/* Events have a buffer of their own, which is limited. */
KTAP_TEST(no_room_for_events)
{
	static uint8_t payload[VMCI_DATAGRAM_PAYLOAD_MAX];
	struct alloc alloc = usual();
	struct vmci_pair *pair;
	unsigned int attached = 0;

	machine_start(CAPS);
	alloc_pair(&alloc);
	while (vmci_datagram_to_guest(machine.device, handle, handle, payload,
				      sizeof(payload)))
		;
	while ((pair = vmci_pair_attach(machine.device, handle)) && attached < 4096) {
		attached++;
		vmci_pair_detach(pair);
	}
	CHECK_EQ(attached, 512);
	CHECK_EQ(detach(), VMCI_SUCCESS_LAST_DETACH);
	machine_stop();
}

KTAP_TEST(reset)
{
	struct alloc alloc = usual();
	struct vmci_pair *pair = start();

	alloc.fixed.handle.resource = 101;
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine.detach_on_reset = pair;
	vmci_device_reset(machine.device);
	CHECK_EQ(machine.resets, 1);
	CHECK_EQ(machine.gone, 0);
	guest_write(VMCI_REG_CAPS, CAPS);
	CHECK_EQ(guest_read_page(), 0);
	CHECK_EQ(detach(), VMCI_ERROR_NOT_FOUND);
	CHECK(!vmci_pair_attach(machine.device, alloc.fixed.handle));
	CHECK_EQ(alloc_pair(&alloc), VMCI_SUCCESS_QUEUEPAIR_CREATE);
	machine_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(creation),
	KTAP_ENTRY(refusals),
	KTAP_ENTRY(rings_without_room),
	KTAP_ENTRY(short_messages),
	KTAP_ENTRY(page_numbers_of_32_bits),
	KTAP_ENTRY(memory_limit),
	KTAP_ENTRY(number_limit),
	KTAP_ENTRY(both_directions),
	KTAP_ENTRY(full),
	KTAP_ENTRY(pointers_wrap_around),
	KTAP_ENTRY(impossible_headers),
	KTAP_ENTRY(pointers_beyond_the_ring),
	KTAP_ENTRY(the_hypervisors_own_header),
	KTAP_ENTRY(pages_that_are_not_there),
	KTAP_ENTRY(the_hypervisor_leaves_first),
	KTAP_ENTRY(the_guest_leaves_first),
	KTAP_ENTRY(detached_while_notified),
	KTAP_ENTRY(unwanted_events),
	KTAP_ENTRY(no_room_for_events),
	KTAP_ENTRY(reset),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
