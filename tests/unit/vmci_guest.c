// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "vmci_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATAGRAMS_MAX	(VMCI_PAGE_SIZE / sizeof(struct vmci_datagram))

struct machine machine;

static uint8_t page[VMCI_PAGE_SIZE];
static size_t found[DATAGRAMS_MAX];

/* --- the bus -------------------------------------------------------------- */

static bool there(uint64_t address, size_t len)
{
	return address <= sizeof(machine.memory) &&
	       len <= sizeof(machine.memory) - address;
}

static bool bus_read(void *opaque, uint64_t address, void *data, size_t len)
{
	(void)opaque;
	if (!there(address, len))
		return false;
	memcpy(data, machine.memory + address, len);
	return true;
}

static bool bus_write(void *opaque, uint64_t address, const void *data, size_t len)
{
	(void)opaque;
	if (!there(address, len))
		return false;
	memcpy(machine.memory + address, data, len);
	return true;
}

static void bus_interrupt(void *opaque, bool raised)
{
	(void)opaque;
	machine.line = raised;
	machine.raised += raised;
}

static bool bus_present(void *opaque)
{
	(void)opaque;
	return !machine.absent;
}

static uint64_t bus_now_ns(void *opaque)
{
	(void)opaque;
	return machine.now_ns;
}

static void bus_timer_at(void *opaque, uint64_t ns)
{
	(void)opaque;
	machine.timer_ns = ns;
}

static const struct vmci_bus bus = {
	.read = bus_read,
	.write = bus_write,
	.interrupt = bus_interrupt,
	.present = bus_present,
	.now_ns = bus_now_ns,
	.timer_at = bus_timer_at,
};

/* --- the client ----------------------------------------------------------- */

/* The client has only one resource, number 15. */
static bool client_datagram(void *opaque, struct vmci_handle from,
			    struct vmci_handle to, const void *payload, size_t len)
{
	(void)opaque;
	if (to.resource != 15)
		return false;
	machine.datagrams++;
	machine.from = from;
	machine.to = to;
	machine.len = len;
	memcpy(machine.payload, payload, len);
	return true;
}

static void client_pair_gone(void *opaque, struct vmci_pair *pair)
{
	(void)opaque;
	machine.gone++;
	machine.gone_pair = pair;
	if (machine.detach_when_gone)
		vmci_pair_detach(pair);
}

static void client_timer(void *opaque)
{
	(void)opaque;
	machine.timers++;
}

static void client_reset(void *opaque)
{
	(void)opaque;
	machine.resets++;
	if (machine.detach_on_reset)
		vmci_pair_detach(machine.detach_on_reset);
	machine.detach_on_reset = NULL;
}

static const struct vmci_client client = {
	.datagram = client_datagram,
	.pair_gone = client_pair_gone,
	.timer = client_timer,
	.reset = client_reset,
};

/* --- the guest ------------------------------------------------------------ */

void machine_start(uint32_t caps)
{
	memset(&machine, 0, sizeof(machine));
	machine.device = vmci_device_new(&bus, GUEST_CONTEXT);
	if (!machine.device)
		exit(1);
	vmci_device_set_client(machine.device, &client, NULL);
	guest_write(VMCI_REG_CAPS, caps);
	guest_write(VMCI_REG_IMR, VMCI_CAUSE_DATAGRAM | VMCI_CAUSE_NOTIFICATION);
	guest_write(VMCI_REG_CONTROL, VMCI_CONTROL_INT_ENABLE);
}

void machine_stop(void)
{
	vmci_device_free(machine.device);
	machine.device = NULL;
}

uint32_t guest_read(unsigned int offset)
{
	return vmci_device_read(machine.device, offset, 4);
}

void guest_write(unsigned int offset, uint32_t value)
{
	vmci_device_write(machine.device, offset, value, 4);
}

static void send_bytes(const void *data, size_t len)
{
	const uint8_t *bytes = data;

	while (len--)
		vmci_device_write(machine.device, VMCI_REG_DATA_OUT, *bytes++, 1);
}

int32_t guest_send(struct vmci_handle from, struct vmci_handle to,
		   const void *payload, size_t len)
{
	struct vmci_datagram datagram = { to, from, len };

	send_bytes(&datagram, sizeof(datagram));
	send_bytes(payload, len);
	return (int32_t)guest_read(VMCI_REG_RESULT_LOW);
}

int32_t guest_call(uint32_t resource, const void *payload, size_t len)
{
	struct vmci_handle none = { VMCI_INVALID_ID, VMCI_INVALID_ID };
	struct vmci_handle to = { VMCI_CONTEXT_HYPERVISOR, resource };

	return guest_send(none, to, payload, len);
}

unsigned int guest_read_page(void)
{
	unsigned int count = 0;
	size_t at = 0, i;

	guest_read(VMCI_REG_ICR);
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)vmci_device_read(machine.device,
						    VMCI_REG_DATA_IN, 1);
	while (sizeof(page) - at >= sizeof(struct vmci_datagram)) {
		struct vmci_datagram datagram;

		memcpy(&datagram, page + at, sizeof(datagram));
		if (datagram.to.resource == VMCI_INVALID_ID)
			break;
		found[count++] = at;
		at += (sizeof(datagram) + datagram.payload_size + 7) & ~7ull;
		if (at > sizeof(page))
			break;
	}
	return count;
}

struct vmci_datagram guest_datagram(unsigned int n)
{
	struct vmci_datagram datagram;

	memcpy(&datagram, page + found[n], sizeof(datagram));
	return datagram;
}

const void *guest_payload(unsigned int n)
{
	return page + found[n] + sizeof(struct vmci_datagram);
}

uint64_t guest_u64(uint64_t address)
{
	uint64_t value;

	memcpy(&value, machine.memory + address, sizeof(value));
	return value;
}

void guest_set_u64(uint64_t address, uint64_t value)
{
	memcpy(machine.memory + address, &value, sizeof(value));
}
