// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The VMCI device's own resources: the driver sends datagrams to them. */
#include "vmci/hypercall.h"

#include <string.h>

#include "vmci/notify.h"
#include "vmci/pair.h"

/* Copies the fixed first part of the payload.  Returns false if the payload is shorter. */
static bool take(void *fixed, size_t size, const void *payload, size_t len)
{
	if (len < size)
		return false;
	memcpy(fixed, payload, size);
	return true;
}

static int32_t get_context_id(struct vmci_device *device, const void *payload,
			      size_t len)
{
	(void)payload;
	(void)len;
	return (int32_t)device->context;
}

/* --- doorbells ------------------------------------------------------------ */

static int32_t set_notify_bitmap(struct vmci_device *device, const void *payload,
				 size_t len)
{
	uint64_t ppn;
	uint8_t byte;

	if (!take(&ppn, sizeof(ppn), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	/* A driver with page numbers of 32 bits does not write the upper half. */
	if (!(device->caps & VMCI_CAPS_PPN64))
		ppn = (uint32_t)ppn;
	if (!ppn || ppn > UINT64_MAX >> VMCI_PAGE_SHIFT ||
	    !device->bus.read(device->bus.opaque, ppn << VMCI_PAGE_SHIFT, &byte, 1))
		return VMCI_ERROR_INVALID_ARGS;
	device->bitmap = ppn << VMCI_PAGE_SHIFT;
	return VMCI_SUCCESS;
}

static struct vmci_doorbell *find_doorbell(struct vmci_device *device,
					   struct vmci_handle handle)
{
	unsigned int i;

	for (i = 0; i < device->doorbell_count; i++)
		if (vmci_same_handle(device->doorbells[i].handle, handle))
			return &device->doorbells[i];
	return NULL;
}

static int32_t doorbell_link(struct vmci_device *device, const void *payload,
			     size_t len)
{
	struct vmci_doorbell_link link;

	if (!take(&link, sizeof(link), payload, len) ||
	    link.index >= VMCI_PAGE_SIZE)
		return VMCI_ERROR_INVALID_ARGS;
	if (link.handle.context != device->context)
		return VMCI_ERROR_NO_ACCESS;
	if (!device->bitmap)
		return VMCI_ERROR_UNAVAILABLE;
	if (find_doorbell(device, link.handle))
		return VMCI_ERROR_DUPLICATE_ENTRY;
	if (device->doorbell_count == VMCI_DOORBELLS_MAX)
		return VMCI_ERROR_NO_RESOURCES;
	device->doorbells[device->doorbell_count++] = (struct vmci_doorbell) {
		link.handle, (unsigned int)link.index
	};
	return VMCI_SUCCESS;
}

static int32_t doorbell_unlink(struct vmci_device *device, const void *payload,
			       size_t len)
{
	struct vmci_doorbell *doorbell;
	struct vmci_handle handle;

	if (!take(&handle, sizeof(handle), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	doorbell = find_doorbell(device, handle);
	if (!doorbell)
		return VMCI_ERROR_NOT_FOUND;
	*doorbell = device->doorbells[--device->doorbell_count];
	return VMCI_SUCCESS;
}

static int32_t doorbell_notify(struct vmci_device *device, const void *payload,
			       size_t len)
{
	const struct vmci_doorbell *doorbell;
	struct vmci_handle handle;
	uint8_t rung = 1;

	if (!take(&handle, sizeof(handle), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	doorbell = find_doorbell(device, handle);
	if (!doorbell)
		return VMCI_ERROR_NOT_FOUND;
	if (!device->bus.write(device->bus.opaque,
			       device->bitmap + doorbell->index, &rung, 1))
		return VMCI_ERROR_UNAVAILABLE;
	vmci_raise(device, VMCI_CAUSE_NOTIFICATION);
	return VMCI_SUCCESS;
}

/* --- events --------------------------------------------------------------- */

static int32_t event_subscription(struct vmci_device *device, const void *payload,
				  size_t len, bool subscribe)
{
	struct vmci_subscription subscription;

	if (!take(&subscription, sizeof(subscription), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	if (subscription.event >= VMCI_EVENTS)
		return VMCI_ERROR_EVENT_UNKNOWN;
	if (subscribe)
		device->subscriptions |= 1u << subscription.event;
	else
		device->subscriptions &= ~(1u << subscription.event);
	return VMCI_SUCCESS;
}

static int32_t event_subscribe(struct vmci_device *device, const void *payload,
			       size_t len)
{
	return event_subscription(device, payload, len, true);
}

static int32_t event_unsubscribe(struct vmci_device *device, const void *payload,
				 size_t len)
{
	return event_subscription(device, payload, len, false);
}

/* --- queue pairs ---------------------------------------------------------- */

static int32_t queuepair_alloc(struct vmci_device *device, const void *payload,
			       size_t len)
{
	struct vmci_queue_pair_alloc alloc;

	if (!take(&alloc, sizeof(alloc), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	return vmci_pair_alloc(device, &alloc,
			       (const uint8_t *)payload + sizeof(alloc),
			       len - sizeof(alloc));
}

static int32_t queuepair_detach(struct vmci_device *device, const void *payload,
				size_t len)
{
	struct vmci_handle handle;

	if (!take(&handle, sizeof(handle), payload, len))
		return VMCI_ERROR_INVALID_ARGS;
	return vmci_pair_guest_detach(device, handle);
}

/* --- the table ------------------------------------------------------------ */

typedef int32_t (*hypercall)(struct vmci_device *device, const void *payload,
			     size_t len);

static int32_t resources_query(struct vmci_device *device, const void *payload,
			       size_t len);

static const hypercall hypercalls[VMCI_RESOURCES_OF_DEVICE] = {
	[VMCI_RESOURCES_QUERY] = resources_query,
	[VMCI_GET_CONTEXT_ID] = get_context_id,
	[VMCI_SET_NOTIFY_BITMAP] = set_notify_bitmap,
	[VMCI_DOORBELL_LINK] = doorbell_link,
	[VMCI_DOORBELL_UNLINK] = doorbell_unlink,
	[VMCI_DOORBELL_NOTIFY] = doorbell_notify,
	/* Datagram maps do not exist, because hosts no longer connect machines to each other. */
	[VMCI_EVENT_SUBSCRIBE] = event_subscribe,
	[VMCI_EVENT_UNSUBSCRIBE] = event_unsubscribe,
	[VMCI_QUEUEPAIR_ALLOC] = queuepair_alloc,
	[VMCI_QUEUEPAIR_DETACH] = queuepair_detach,
};

/* Returns a bit for each resource that exists, in the order of the request. */
static int32_t resources_query(struct vmci_device *device, const void *payload,
			       size_t len)
{
	const size_t fixed = sizeof(struct vmci_resources_query);
	struct vmci_resources_query query;
	uint32_t resource, i;
	int32_t found = 0;

	(void)device;
	if (!take(&query, fixed, payload, len) || query.count > VMCI_QUERY_MAX ||
	    len - fixed < query.count * sizeof(resource))
		return VMCI_ERROR_INVALID_ARGS;
	for (i = 0; i < query.count; i++) {
		memcpy(&resource,
		       (const uint8_t *)payload + fixed + i * sizeof(resource),
		       sizeof(resource));
		if (resource < VMCI_RESOURCES_OF_DEVICE && hypercalls[resource])
			found |= 1 << i;
	}
	return found;
}

int32_t vmci_hypercall(struct vmci_device *device, uint32_t resource,
		       const void *payload, size_t len)
{
	if (!hypercalls[resource])
		return VMCI_ERROR_OBSOLETE;
	return hypercalls[resource](device, payload, len);
}
