// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci/notify.h"

#include <string.h>

/* The byte that the driver reads where there is no datagram */
#define FILLER	UINT8_MAX

static bool interrupts(const struct vmci_device *device)
{
	return device->enabled && (device->icr & device->imr);
}

void vmci_update_line(struct vmci_device *device)
{
	bool raised = interrupts(device);

	if (raised == device->line)
		return;
	device->line = raised;
	device->bus.interrupt(device->bus.opaque, raised);
}

void vmci_raise(struct vmci_device *device, uint32_t cause)
{
	device->icr |= cause;
	vmci_update_line(device);
}

uint32_t vmci_take_causes(struct vmci_device *device)
{
	uint32_t causes = device->icr;

	device->icr = 0;
	vmci_update_line(device);
	return causes;
}

uint32_t vmci_device_context(const struct vmci_device *device)
{
	return device->context;
}

uint64_t vmci_now_ns(const struct vmci_device *device)
{
	return device->bus.now_ns(device->bus.opaque);
}

void vmci_timer_at(struct vmci_device *device, uint64_t ns)
{
	device->bus.timer_at(device->bus.opaque, ns);
}

/* --- for the guest -------------------------------------------------------- */

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static bool queue(struct vmci_device *device, size_t limit,
		  const struct vmci_datagram *datagram, const void *payload)
{
	size_t size = padded(sizeof(*datagram) + datagram->payload_size);
	struct vmci_in *in = &device->in;

	if (size > limit || in->tail - in->head > limit - size)
		return false;
	if (size > sizeof(in->data) - in->tail) {
		memmove(in->data, in->data + in->head, in->tail - in->head);
		in->tail -= in->head;
		in->head = 0;
	}
	memset(in->data + in->tail, 0, size);
	memcpy(in->data + in->tail, datagram, sizeof(*datagram));
	memcpy(in->data + in->tail + sizeof(*datagram), payload,
	       datagram->payload_size);
	in->tail += size;
	vmci_raise(device, VMCI_CAUSE_DATAGRAM);
	return true;
}

bool vmci_datagram_to_guest(struct vmci_device *device, struct vmci_handle from,
			    struct vmci_handle to, const void *payload,
			    size_t len)
{
	struct vmci_datagram datagram = { to, from, len };

	if (!(device->caps & VMCI_CAPS_DATAGRAM) || to.context != device->context ||
	    len > VMCI_DATAGRAM_PAYLOAD_MAX)
		return false;
	return queue(device, VMCI_IN_DATAGRAMS, &datagram, payload);
}

bool vmci_pair_event(struct vmci_device *device, enum vmci_event event,
			    struct vmci_handle handle)
{
	struct vmci_pair_event payload = {
		.event = event, .handle = handle, .peer = VMCI_CONTEXT_HYPERVISOR,
	};
	struct vmci_datagram datagram = {
		.to = { device->context, VMCI_EVENT_HANDLER },
		.from = { VMCI_CONTEXT_HYPERVISOR, 0 },
		.payload_size = sizeof(payload),
	};

	if (!(device->caps & VMCI_CAPS_DATAGRAM))
		return false;
	/* Linux never subscribes, so a guest without a subscription gets all events. */
	if (device->subscriptions && !(device->subscriptions & 1u << event))
		return true;
	return queue(device, VMCI_IN_MAX, &datagram, &payload);
}

static size_t next_size(const struct vmci_in *in)
{
	struct vmci_datagram datagram;

	if (in->head == in->tail)
		return 0;
	memcpy(&datagram, in->data + in->head, sizeof(datagram));
	return padded(sizeof(datagram) + datagram.payload_size);
}

/*
 * The driver reads whole pages, and stops at the first filler in a page.  A datagram that
 * does not fit into the rest of a page therefore begins the next page.
 */
static void begin_datagram(struct vmci_in *in)
{
	size_t size = next_size(in);

	if (!size || (in->position && size > VMCI_PAGE_SIZE - in->position))
		in->filling = true;
	else
		in->datagram_left = size;
}

uint8_t vmci_take_byte(struct vmci_device *device)
{
	struct vmci_in *in = &device->in;
	uint8_t byte = FILLER;

	if (!in->filling && !in->datagram_left)
		begin_datagram(in);
	if (!in->filling) {
		byte = in->data[in->head++];
		in->datagram_left--;
	}
	in->position = (in->position + 1) % VMCI_PAGE_SIZE;
	if (in->position || !in->filling)
		return byte;
	in->filling = false;
	if (in->head < in->tail)
		vmci_raise(device, VMCI_CAUSE_DATAGRAM);
	return byte;
}

void vmci_notify_reset(struct vmci_device *device)
{
	struct vmci_in *in = &device->in;

	in->head = 0;
	in->tail = 0;
	in->datagram_left = 0;
	in->position = 0;
	in->filling = false;
}
