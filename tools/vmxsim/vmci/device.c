// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The VMCI device: registers and datagrams. */
#include "vmci/device.h"

#include <stdlib.h>
#include <string.h>

#include "vmci/hypercall.h"
#include "vmci/notify.h"
#include "vmci/pair.h"

#define CAPS_OFFERED \
	(VMCI_CAPS_DATAGRAM | VMCI_CAPS_NOTIFICATIONS | VMCI_CAPS_PPN64)

/*
 * Called by the timer and before accesses of the guest.  A device that is plugged in
 * again has its earlier state, except that its connections are gone.
 */
static bool present(struct vmci_device *device)
{
	bool absent = !device->bus.present(device->bus.opaque);

	if (absent == device->absent)
		return !absent;
	device->absent = absent;
	if (absent)
		device->client->reset(device->client_opaque);
	else if (device->line)
		device->bus.interrupt(device->bus.opaque, true);
	return !absent;
}

void vmci_device_timer(struct vmci_device *device)
{
	if (present(device))
		device->client->timer(device->client_opaque);
}

/* --- from the guest ------------------------------------------------------- */

static int32_t dispatch(struct vmci_device *device)
{
	const void *payload = device->out.data + sizeof(struct vmci_datagram);
	struct vmci_datagram datagram;

	memcpy(&datagram, device->out.data, sizeof(datagram));
	if (datagram.to.context != VMCI_CONTEXT_HYPERVISOR)
		return VMCI_ERROR_DST_UNREACHABLE;
	if (datagram.from.context == VMCI_INVALID_ID)
		datagram.from.context = device->context;
	if (datagram.from.context != device->context)
		return VMCI_ERROR_NO_ACCESS;
	if (datagram.to.resource < VMCI_RESOURCES_OF_DEVICE)
		return vmci_hypercall(device, datagram.to.resource, payload,
				      datagram.payload_size);
	if (datagram.payload_size > VMCI_DATAGRAM_PAYLOAD_MAX)
		return VMCI_ERROR_PAYLOAD_TOO_LARGE;
	if (!device->client->datagram(device->client_opaque, datagram.from,
				      datagram.to, payload,
				      datagram.payload_size))
		return VMCI_ERROR_INVALID_RESOURCE;
	/* Linux expects the number of sent bytes: its older notify protocol fails on 0. */
	return (int32_t)(sizeof(datagram) + datagram.payload_size);
}

/* Returns the length of the datagram that has begun, or SIZE_MAX if it does not fit. */
static size_t out_size(const struct vmci_out *out)
{
	struct vmci_datagram datagram;

	if (out->len < sizeof(datagram))
		return sizeof(datagram);
	memcpy(&datagram, out->data, sizeof(datagram));
	if (datagram.payload_size > sizeof(out->data) - sizeof(datagram))
		return SIZE_MAX;
	return sizeof(datagram) + datagram.payload_size;
}

static void put_byte(struct vmci_device *device, uint8_t byte)
{
	struct vmci_out *out = &device->out;
	size_t size;

	if (out->swallow)
		return;
	out->data[out->len++] = byte;
	size = out_size(out);
	if (size == SIZE_MAX) {
		out->swallow = true;
		out->len = 0;
		device->result = (uint32_t)VMCI_ERROR_PAYLOAD_TOO_LARGE;
	} else if (out->len == size) {
		device->result = (uint32_t)dispatch(device);
		out->len = 0;
	}
}

/* After a datagram the driver reads the result, perhaps several times. */
static uint32_t read_result(struct vmci_device *device)
{
	if (device->out.len)
		device->result = (uint32_t)VMCI_ERROR_DATAGRAM_INCOMPLETE;
	device->out.len = 0;
	device->out.swallow = false;
	return device->result;
}

/* --- registers ------------------------------------------------------------ */

/* Within a datagram the slot is not checked, because a check for each byte costs time. */
static bool within_stream(const struct vmci_device *device, unsigned int offset)
{
	return (offset == VMCI_REG_DATA_IN && device->in.position) ||
	       (offset == VMCI_REG_DATA_OUT && device->out.len);
}

static uint32_t read_register(struct vmci_device *device, unsigned int offset)
{
	switch (offset) {
	case VMCI_REG_STATUS:
		return device->enabled ? VMCI_STATUS_INT_ON : 0;
	case VMCI_REG_ICR:
		return vmci_take_causes(device);
	case VMCI_REG_IMR:
		return device->imr;
	case VMCI_REG_CAPS:
		return CAPS_OFFERED;
	case VMCI_REG_RESULT_LOW:
		return read_result(device);
	default:
		return 0;
	}
}

uint32_t vmci_device_read(struct vmci_device *device, unsigned int offset,
			  unsigned int size)
{
	uint32_t value = 0;
	unsigned int i;

	if (!within_stream(device, offset) && !present(device))
		return UINT32_MAX;
	if (offset != VMCI_REG_DATA_IN)
		return size == sizeof(value) ? read_register(device, offset) :
					       UINT32_MAX;
	for (i = 0; i < size; i++)
		value |= (uint32_t)vmci_take_byte(device) << i * 8;
	return value;
}

static void control(struct vmci_device *device, uint32_t value)
{
	if (value & VMCI_CONTROL_RESET) {
		vmci_device_reset(device);
		return;
	}
	if (value & VMCI_CONTROL_INT_ENABLE)
		device->enabled = true;
	if (value & VMCI_CONTROL_INT_DISABLE)
		device->enabled = false;
	vmci_update_line(device);
}

static void write_register(struct vmci_device *device, unsigned int offset,
			   uint32_t value)
{
	switch (offset) {
	case VMCI_REG_CONTROL:
		control(device, value);
		break;
	case VMCI_REG_IMR:
		device->imr = value;
		vmci_update_line(device);
		break;
	case VMCI_REG_CAPS:
		device->caps = value;
		break;
	}
}

void vmci_device_write(struct vmci_device *device, unsigned int offset,
		       uint32_t value, unsigned int size)
{
	unsigned int i;

	if (!within_stream(device, offset) && !present(device))
		return;
	if (offset == VMCI_REG_DATA_OUT)
		for (i = 0; i < size; i++)
			put_byte(device, (uint8_t)(value >> i * 8));
	else if (size == sizeof(value))
		write_register(device, offset, value);
}

/* --- creation and reset --------------------------------------------------- */

struct vmci_device *vmci_device_new(const struct vmci_bus *bus, uint32_t context)
{
	struct vmci_device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->bus = *bus;
	device->context = context;
	return device;
}

void vmci_device_set_client(struct vmci_device *device,
			    const struct vmci_client *client, void *opaque)
{
	device->client = client;
	device->client_opaque = opaque;
}

void vmci_device_free(struct vmci_device *device)
{
	if (!device)
		return;
	vmci_device_reset(device);
	free(device);
}

void vmci_device_reset(struct vmci_device *device)
{
	/* The client must not queue datagrams for the guest during the reset. */
	device->caps = 0;
	device->enabled = false;
	vmci_update_line(device);
	vmci_pairs_forget(device);
	device->client->reset(device->client_opaque);

	device->icr = 0;
	device->imr = 0;
	device->result = 0;
	device->bitmap = 0;
	device->doorbell_count = 0;
	device->subscriptions = 0;
	device->out.len = 0;
	device->out.swallow = false;
	vmci_notify_reset(device);
}
