// SPDX-License-Identifier: LGPL-2.1-or-later
/* The VMCI device: registers and datagrams. */
#include "vmci/device_private.h"

#include <stdlib.h>
#include <string.h>

#define CAPS_OFFERED \
	(VMCI_CAPS_DATAGRAM | VMCI_CAPS_NOTIFICATIONS | VMCI_CAPS_PPN64)

/* What the driver reads where no datagram is. */
#define FILLER	UINT8_MAX

/*
 * Looked at whenever the guest or a timer wants something.  One that comes back is
 * as it was, but for the connections.
 */
static bool present(struct vmci_device *device)
{
	bool absent = !device->bus.present(device->bus.opaque);

	if (absent == device->absent)
		return !absent;
	device->absent = absent;
	if (absent)
		vmci_sockets_reset(device->sockets);
	else if (device->line)
		device->bus.interrupt(device->bus.opaque, true);
	return !absent;
}

static bool interrupts(const struct vmci_device *device)
{
	return device->enabled && (device->icr & device->imr);
}

static void update_line(struct vmci_device *device)
{
	bool raised = interrupts(device);

	if (raised == device->line)
		return;
	device->line = raised;
	device->bus.interrupt(device->bus.opaque, raised);
}

void vmci_device_raise(struct vmci_device *device, uint32_t cause)
{
	device->icr |= cause;
	update_line(device);
}

static uint32_t take_causes(struct vmci_device *device)
{
	uint32_t causes = device->icr;

	device->icr = 0;
	update_line(device);
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

void vmci_sockets_timer_at(struct vmci_device *device, uint64_t ns)
{
	device->bus.timer_at(device->bus.opaque, ns);
}

void vmci_device_timer(struct vmci_device *device)
{
	if (present(device))
		vmci_sockets_timer(device->sockets);
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
	if (!vmci_sockets_datagram(device->sockets, datagram.from, datagram.to,
				   payload, datagram.payload_size))
		return VMCI_ERROR_INVALID_RESOURCE;
	/* Linux expects the bytes sent: its older notify protocol takes 0 for a failure. */
	return (int32_t)(sizeof(datagram) + datagram.payload_size);
}

/* How long the datagram is that has begun; SIZE_MAX if it never fits. */
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

/* The driver looks when it has sent a datagram, perhaps more than once. */
static uint32_t read_result(struct vmci_device *device)
{
	if (device->out.len)
		device->result = (uint32_t)VMCI_ERROR_DATAGRAM_INCOMPLETE;
	device->out.len = 0;
	device->out.swallow = false;
	return device->result;
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
	vmci_device_raise(device, VMCI_CAUSE_DATAGRAM);
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

bool vmci_device_pair_event(struct vmci_device *device, enum vmci_event event,
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
	/* Who never subscribes gets all: Linux keeps its subscriptions to itself. */
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
 * The driver reads whole pages and stops at the first filler in one, so nothing
 * comes after that; what does not fit into the rest of the page begins the next.
 */
static void begin_datagram(struct vmci_in *in)
{
	size_t size = next_size(in);

	if (!size || (in->position && size > VMCI_PAGE_SIZE - in->position))
		in->filling = true;
	else
		in->datagram_left = size;
}

static uint8_t take_byte(struct vmci_device *device)
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
		vmci_device_raise(device, VMCI_CAUSE_DATAGRAM);
	return byte;
}

/* --- registers ------------------------------------------------------------ */

/* The inside of a stream is not worth a look. */
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
		return take_causes(device);
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
		value |= (uint32_t)take_byte(device) << i * 8;
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
	update_line(device);
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
		update_line(device);
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

/* --- life ----------------------------------------------------------------- */

struct vmci_device *vmci_device_new(struct host *host, const struct host_ops *ops,
				    const struct vmci_bus *bus, uint32_t context)
{
	struct vmci_device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->bus = *bus;
	device->context = context;
	device->sockets = vmci_sockets_new(host, ops, device);
	if (device->sockets)
		return device;
	free(device);
	return NULL;
}

void vmci_device_free(struct vmci_device *device)
{
	if (!device)
		return;
	vmci_device_reset(device);
	vmci_sockets_free(device->sockets);
	free(device);
}

void vmci_device_reset(struct vmci_device *device)
{
	/* First of all, so that nothing is queued for the guest meanwhile. */
	device->caps = 0;
	device->enabled = false;
	update_line(device);
	vmci_pairs_forget(device);
	vmci_sockets_reset(device->sockets);

	device->icr = 0;
	device->imr = 0;
	device->result = 0;
	device->bitmap = 0;
	device->doorbell_count = 0;
	device->subscriptions = 0;
	device->out.len = 0;
	device->out.swallow = false;
	device->in.head = 0;
	device->in.tail = 0;
	device->in.datagram_left = 0;
	device->in.position = 0;
	device->in.filling = false;
}
