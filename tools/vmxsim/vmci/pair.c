// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Queue pairs: two rings of bytes in the guest's pages.  The first page of each ring is
 * the header that its producer writes.  The hypervisor keeps its own positions here and
 * only writes them to the header.  It reads the guest's positions again each time,
 * because the guest may change them at any moment.
 */
#include "vmci/pair.h"

#include <stdlib.h>
#include <string.h>

#include "vmci/notify.h"

#define PRODUCER_TAIL	offsetof(struct vmci_queue_header, producer_tail)
#define CONSUMER_HEAD	offsetof(struct vmci_queue_header, consumer_head)

struct ring {
	const uint64_t *pages;	/* page numbers; the header comes first */
	uint64_t size;
	uint64_t at;		/* position of the hypervisor's next byte */
};

struct vmci_pair {
	struct vmci_device *device;
	struct vmci_pair *next;
	struct vmci_handle handle;
	bool guest, hypervisor;	/* ends that are attached */
	bool broken;
	struct ring from_guest, to_guest;
	uint64_t page_numbers[];
};

/* --- the guest's memory --------------------------------------------------- */

/* Copies @len bytes between @data and one page.  @offset + @len is within the page. */
static bool copy_page(struct vmci_pair *pair, uint64_t ppn, uint64_t offset,
		      void *data, size_t len, bool to_guest)
{
	const struct vmci_bus *bus = &pair->device->bus;
	uint64_t address = (ppn << VMCI_PAGE_SHIFT) + offset;

	return to_guest ? bus->write(bus->opaque, address, data, len) :
			  bus->read(bus->opaque, address, data, len);
}

/* Copies @len bytes, at most the size of the ring, at the hypervisor's position. */
static bool copy_ring(struct vmci_pair *pair, const struct ring *ring,
		      uint8_t *data, size_t len, bool to_guest)
{
	uint64_t at = ring->at;

	while (len) {
		uint64_t offset = at % VMCI_PAGE_SIZE;
		uint64_t chunk = VMCI_PAGE_SIZE - offset;

		if (chunk > ring->size - at)
			chunk = ring->size - at;
		if (chunk > len)
			chunk = len;
		if (!copy_page(pair, ring->pages[1 + at / VMCI_PAGE_SIZE], offset,
			       data, chunk, to_guest))
			return false;
		at = (at + chunk) % ring->size;
		data += chunk;
		len -= chunk;
	}
	return true;
}

/* Advances the hypervisor's position and writes it to the hypervisor's header. */
static bool advance(struct vmci_pair *pair, struct ring *ring, size_t len,
		    size_t field)
{
	ring->at = (ring->at + len) % ring->size;
	return copy_page(pair, pair->to_guest.pages[0], field, &ring->at,
			 sizeof(ring->at), true);
}

/* Reads the guest's position in a ring.  After an invalid position the pair stays broken. */
static bool guest_at(struct vmci_pair *pair, const struct ring *ring, size_t field,
		     uint64_t *at)
{
	if (!pair->guest || pair->broken)
		return false;
	if (copy_page(pair, pair->from_guest.pages[0], field, at, sizeof(*at),
		      false) && *at < ring->size)
		return true;
	pair->broken = true;
	return false;
}

/* --- for the sockets -------------------------------------------------- */

int64_t vmci_pair_readable(struct vmci_pair *pair)
{
	const struct ring *ring = &pair->from_guest;
	uint64_t tail;

	if (!guest_at(pair, ring, PRODUCER_TAIL, &tail))
		return -1;
	return (int64_t)((tail + ring->size - ring->at) % ring->size);
}

/* One byte stays free, because a full ring would look like an empty one. */
int64_t vmci_pair_writable(struct vmci_pair *pair)
{
	const struct ring *ring = &pair->to_guest;
	uint64_t head;

	if (!guest_at(pair, ring, CONSUMER_HEAD, &head))
		return -1;
	return (int64_t)((head + ring->size - ring->at - 1) % ring->size);
}

static int64_t move(struct vmci_pair *pair, struct ring *ring, int64_t possible,
		    void *data, size_t len, size_t field, bool to_guest)
{
	if (possible < 0)
		return -1;
	if (len > (uint64_t)possible)
		len = (size_t)possible;
	if (copy_ring(pair, ring, data, len, to_guest) &&
	    advance(pair, ring, len, field))
		return (int64_t)len;
	pair->broken = true;
	return -1;
}

int64_t vmci_pair_read(struct vmci_pair *pair, void *data, size_t len)
{
	return move(pair, &pair->from_guest, vmci_pair_readable(pair), data, len,
		    CONSUMER_HEAD, false);
}

int64_t vmci_pair_write(struct vmci_pair *pair, const void *data, size_t len)
{
	return move(pair, &pair->to_guest, vmci_pair_writable(pair), (void *)data,
		    len, PRODUCER_TAIL, true);
}

int64_t vmci_pair_consume_size(const struct vmci_pair *pair)
{
	return (int64_t)pair->from_guest.size;
}

int64_t vmci_pair_produce_size(const struct vmci_pair *pair)
{
	return (int64_t)pair->to_guest.size;
}

uint64_t vmci_pair_produce_tail(struct vmci_pair *pair)
{
	return pair->to_guest.at;
}

uint64_t vmci_pair_consume_head(struct vmci_pair *pair)
{
	return pair->from_guest.at;
}

/* --- the two ends --------------------------------------------------------- */

static struct vmci_pair *find(const struct vmci_device *device,
			      struct vmci_handle handle)
{
	struct vmci_pair *pair;

	for (pair = device->pairs; pair; pair = pair->next)
		if (vmci_same_handle(pair->handle, handle))
			return pair;
	return NULL;
}

/* Frees the pair if neither end is attached. */
static void put(struct vmci_pair *pair)
{
	struct vmci_pair **link = &pair->device->pairs;

	if (pair->guest || pair->hypervisor)
		return;
	while (*link != pair)
		link = &(*link)->next;
	*link = pair->next;
	free(pair);
}

struct vmci_pair *vmci_pair_attach(struct vmci_device *device,
				   struct vmci_handle handle)
{
	struct vmci_pair *pair = find(device, handle);

	if (!pair || pair->hypervisor)
		return NULL;
	if (!vmci_pair_event(device, VMCI_EVENT_QP_PEER_ATTACH, handle))
		return NULL;
	pair->hypervisor = true;
	return pair;
}

void vmci_pair_detach(struct vmci_pair *pair)
{
	if (pair->guest)
		vmci_pair_event(pair->device, VMCI_EVENT_QP_PEER_DETACH,
				       pair->handle);
	pair->hypervisor = false;
	put(pair);
}

static void drop_guest(struct vmci_pair *pair)
{
	pair->guest = false;
	pair->device->pair_count--;
	pair->device->pair_memory -= pair->from_guest.size + pair->to_guest.size;
}

int32_t vmci_pair_guest_detach(struct vmci_device *device,
			       struct vmci_handle handle)
{
	struct vmci_pair *pair = find(device, handle);

	if (!pair || !pair->guest)
		return VMCI_ERROR_NOT_FOUND;
	drop_guest(pair);
	if (pair->hypervisor) {
		device->client->pair_gone(device->client_opaque, pair);
		return VMCI_SUCCESS;
	}
	put(pair);
	return VMCI_SUCCESS_LAST_DETACH;
}

void vmci_pairs_forget(struct vmci_device *device)
{
	struct vmci_pair *pair, *next;

	for (pair = device->pairs; pair; pair = next) {
		next = pair->next;
		if (pair->guest)
			drop_guest(pair);
		put(pair);
	}
}

/* --- a new pair ----------------------------------------------------------- */

static uint64_t ring_pages(uint64_t size)
{
	return 1 + (size + VMCI_PAGE_SIZE - 1) / VMCI_PAGE_SIZE;
}

static int32_t check_alloc(const struct vmci_device *device,
			   const struct vmci_queue_pair_alloc *alloc)
{
	/* A ring of one byte has no room: see vmci_pair_writable(). */
	if (alloc->produce_size < 2 || alloc->consume_size < 2 ||
	    (alloc->flags & ~VMCI_PAIR_FLAGS) || (alloc->flags & VMCI_PAIR_LOCAL))
		return VMCI_ERROR_INVALID_ARGS;
	if (alloc->produce_size > VMCI_PAIRS_MEMORY_MAX ||
	    alloc->consume_size > VMCI_PAIRS_MEMORY_MAX - alloc->produce_size)
		return VMCI_ERROR_NO_RESOURCES;
	if (alloc->handle.context != device->context)
		return VMCI_ERROR_NO_ACCESS;
	if (alloc->peer != VMCI_INVALID_ID && alloc->peer != VMCI_CONTEXT_HYPERVISOR)
		return VMCI_ERROR_DST_UNREACHABLE;
	if (find(device, alloc->handle))
		return VMCI_ERROR_ALREADY_EXISTS;
	/* The hypervisor never creates a queue pair. */
	if (alloc->flags & VMCI_PAIR_ATTACH_ONLY)
		return VMCI_ERROR_NOT_FOUND;
	if (device->pair_count == VMCI_PAIRS_MAX ||
	    alloc->produce_size + alloc->consume_size >
	    VMCI_PAIRS_MEMORY_MAX - device->pair_memory)
		return VMCI_ERROR_NO_RESOURCES;
	return VMCI_SUCCESS;
}

static bool take_pages(struct vmci_pair *pair, uint64_t count, const uint8_t *list,
		       size_t number_size)
{
	uint64_t i;

	for (i = 0; i < count; i++) {
		memcpy(&pair->page_numbers[i], list + i * number_size, number_size);
		if (pair->page_numbers[i] > UINT64_MAX >> VMCI_PAGE_SHIFT)
			return false;
	}
	return true;
}

/* The guest, which creates the pair, leaves the headers to the hypervisor. */
static bool write_headers(struct vmci_pair *pair)
{
	struct vmci_queue_header header = { .handle = pair->handle };

	return copy_page(pair, pair->from_guest.pages[0], 0, &header,
			 sizeof(header), true) &&
	       copy_page(pair, pair->to_guest.pages[0], 0, &header,
			 sizeof(header), true);
}

static void set_rings(struct vmci_pair *pair,
		      const struct vmci_queue_pair_alloc *alloc)
{
	pair->from_guest.pages = pair->page_numbers;
	pair->from_guest.size = alloc->produce_size;
	pair->to_guest.pages = pair->page_numbers + ring_pages(alloc->produce_size);
	pair->to_guest.size = alloc->consume_size;
}

static void link_pair(struct vmci_pair *pair)
{
	struct vmci_device *device = pair->device;

	pair->guest = true;
	pair->next = device->pairs;
	device->pairs = pair;
	device->pair_count++;
	device->pair_memory += pair->from_guest.size + pair->to_guest.size;
}

int32_t vmci_pair_alloc(struct vmci_device *device,
			const struct vmci_queue_pair_alloc *alloc,
			const void *pages, size_t pages_len)
{
	size_t number_size = device->caps & VMCI_CAPS_PPN64 ? sizeof(uint64_t) :
							      sizeof(uint32_t);
	int32_t result = check_alloc(device, alloc);
	struct vmci_pair *pair;
	uint64_t count;

	if (result < 0)
		return result;
	count = ring_pages(alloc->produce_size) + ring_pages(alloc->consume_size);
	if (alloc->pages != count || pages_len < count * number_size)
		return VMCI_ERROR_INVALID_ARGS;
	pair = calloc(1, sizeof(*pair) + count * sizeof(pair->page_numbers[0]));
	if (!pair)
		return VMCI_ERROR_NO_MEM;
	pair->device = device;
	pair->handle = alloc->handle;
	set_rings(pair, alloc);
	if (!take_pages(pair, count, pages, number_size) || !write_headers(pair)) {
		free(pair);
		return VMCI_ERROR_INVALID_ARGS;
	}
	link_pair(pair);
	return VMCI_SUCCESS_QUEUEPAIR_CREATE;
}
