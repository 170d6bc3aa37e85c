// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A QEMU type for the VMCI device: a PCI function with a region of I/O ports and one
 * message-signalled interrupt.  QEMU has no headers for external code, so the type is a
 * child of a simple type, "edu".  find_identity() searches for the known ids of "edu" in its
 * class, because their offset shows the layout of a class in this QEMU.
 */
#include "qemu/vmci.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "host/host.h"
#include "qemu/symbols.h"
#include "vmci/device.h"
#include "vmci/sockets.h"

#define TYPE_NAME	"vmxsim-vmci"
#define PARENT_NAME	"edu"

#define PCI_CLASS_SYSTEM_OTHER	0x0880
#define PCI_ID_VMWARE		0x15ad
#define PCI_ID_VMCI		0x0740
#define PCI_REVISION		0x10

/* The ids of edu */
#define PCI_ID_QEMU		0x1234
#define PCI_ID_EDU		0x11e8

/* The identity follows DeviceClass, which has 208 bytes in QEMU 7.2 and 216 in QEMU 10.0. */
#define CLASS_SEARCHED		512

/* The identity in PCIDeviceClass. */
struct pci_identity {
	void (*realize)(struct qemu_object *function, void **err);
	void (*exit)(struct qemu_object *function);
	void *config_read, *config_write;
	uint16_t vendor_id, device_id;
	uint8_t revision;
	uint16_t class_id;
	uint16_t subsystem_vendor_id, subsystem_id;
};

static struct {
	struct host *host;
	const struct host_ops *ops;
	char *id;		/* id of the device in the machine */

	struct qemu_object *function;	/* NULL: not plugged in */
	struct vmci_device *device;
	struct qemu_timer *timer;
	bool in_memory;		/* the device accesses the guest's memory */
} vmci;

/* --- the bus -------------------------------------------------------------- */

/*
 * The address may belong to a device, even to this device.  read_io() and write_io() check
 * vmci.in_memory, so that the device is not entered again.
 */
static bool access_memory(uint64_t address, void *data, size_t len, bool write)
{
	bool done;

	vmci.in_memory = true;
	done = !qemu.address_space_rw(qemu.address_space_memory, address, 0, data,
				      len, write);
	vmci.in_memory = false;
	return done;
}

static bool read_memory(void *opaque, uint64_t address, void *data, size_t len)
{
	(void)opaque;
	return access_memory(address, data, len, false);
}

static bool write_memory(void *opaque, uint64_t address, const void *data,
			 size_t len)
{
	(void)opaque;
	return access_memory(address, (void *)data, len, true);
}

static void interrupt(void *opaque, bool raised)
{
	(void)opaque;
	if (raised && qemu.msi_enabled(vmci.function))
		qemu.msi_notify(vmci.function, 0);
}

static bool present(void *opaque)
{
	(void)opaque;
	return config_bool(host_config(vmci.host), "vmxsim.transport.vmci");
}

static uint64_t now_ns(void *opaque)
{
	(void)opaque;
	return (uint64_t)qemu.qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void timer_at(void *opaque, uint64_t ns)
{
	(void)opaque;
	if (ns > INT64_MAX)
		qemu.timer_del(vmci.timer);
	else
		qemu.timer_mod_ns(vmci.timer, (int64_t)ns);
}

static void timer_fired(void *opaque)
{
	(void)opaque;
	vmci_device_timer(vmci.device);
}

/* --- the function --------------------------------------------------------- */

static uint64_t read_io(void *opaque, uint64_t addr, unsigned int size)
{
	(void)opaque;
	return vmci.in_memory ? UINT64_MAX :
				vmci_device_read(vmci.device, (unsigned int)addr, size);
}

static void write_io(void *opaque, uint64_t addr, uint64_t data, unsigned int size)
{
	(void)opaque;
	if (!vmci.in_memory)
		vmci_device_write(vmci.device, (unsigned int)addr, (uint32_t)data,
				  size);
}

static const struct qemu_io_ops io_ops = {
	.read = read_io,
	.write = write_io,
	.endianness = QEMU_LITTLE_ENDIAN,
	.valid = { .min_access_size = 1, .max_access_size = 4 },
	.impl = { .min_access_size = 1, .max_access_size = 4 },
};

/* Derives the context id from the machine's UUID, so that each machine has its own. */
static uint32_t context_id(void)
{
	const char *uuid = config_str(host_config(vmci.host), "uuid.bios");
	uint32_t id = 0;
	char digit[2] = "";

	for (; *uuid; uuid++) {
		if (!isxdigit((unsigned char)*uuid))
			continue;
		*digit = *uuid;
		id = id << 4 | (uint32_t)strtoul(digit, NULL, 16);
	}
	/* The context ids from 0 to 15 are reserved, and negative ids are errors. */
	return (id & INT32_MAX) | 16;
}

static void make_device(void)
{
	static const struct vmci_bus bus = {
		.read = read_memory,
		.write = write_memory,
		.interrupt = interrupt,
		.present = present,
		.now_ns = now_ns,
		.timer_at = timer_at,
	};

	vmci.timer = calloc(1, QEMU_TIMER_SIZE);
	vmci.device = vmci_device_new(&bus, context_id());
	if (!vmci.timer || !vmci.device ||
	    !vmci_sockets_new(vmci.host, vmci.ops, vmci.device)) {
		fprintf(stderr, "vmxsim: out of memory\n");
		exit(1);
	}
	qemu.timer_init_full(vmci.timer, NULL, QEMU_CLOCK_VIRTUAL, QEMU_SCALE_NS, 0,
			     timer_fired, NULL);
}

static void realize(struct qemu_object *function, void **err)
{
	/* The region is not freed, because QEMU uses it as long as the PCI function exists. */
	struct qemu_memory_region *region = calloc(1, QEMU_MEMORY_REGION_SIZE);

	if (!region || vmci.function) {
		qemu.error_setg_internal(err, __FILE__, __LINE__, __func__,
					 "only one " TYPE_NAME " is possible");
		free(region);
		return;
	}
	if (qemu.msi_init(function, 0, 1, true, false, err)) {
		free(region);
		return;
	}
	qemu.memory_region_init_io(region, function, &io_ops, NULL, TYPE_NAME,
				   VMCI_REGS_SIZE);
	qemu.pci_register_bar(function, 0, QEMU_PCI_BAR_IO, region);
	vmci.function = function;
	if (!vmci.device)
		make_device();
}

static void unrealize(struct qemu_object *function)
{
	vmci_device_reset(vmci.device);
	vmci.function = NULL;
	qemu.msi_uninit(function);
}

void qemu_vmci_reset(void)
{
	if (vmci.function)
		vmci_device_reset(vmci.device);
}

bool qemu_vmci_unplug(void)
{
	void *err = NULL;

	if (!vmci.function)
		return false;
	qemu.qmp_device_del(vmci.id, &err);
	if (err)
		qemu.error_free(err);
	return !err;
}

/* --- the type ------------------------------------------------------------- */

/* Checks the layout too: edu has the first two handlers, and not the next two. */
static bool is_parent(const struct pci_identity *identity)
{
	return identity->vendor_id == PCI_ID_QEMU &&
	       identity->device_id == PCI_ID_EDU && identity->realize &&
	       identity->exit && !identity->config_read && !identity->config_write;
}

static struct pci_identity *find_identity(void *class)
{
	struct pci_identity *identity;
	size_t at;

	for (at = 0; at < CLASS_SEARCHED; at += sizeof(void *)) {
		identity = (struct pci_identity *)((char *)class + at);
		if (is_parent(identity))
			return identity;
	}
	fprintf(stderr, "vmxsim: this QEMU's device " PARENT_NAME
		" is unknown: use vmxsim.transport.vmci=FALSE\n");
	exit(1);
}

static void init_class(void *class, void *data)
{
	struct pci_identity *identity = find_identity(class);

	(void)data;
	identity->realize = realize;
	identity->exit = unrealize;
	identity->vendor_id = PCI_ID_VMWARE;
	identity->device_id = PCI_ID_VMCI;
	identity->revision = PCI_REVISION;
	identity->class_id = PCI_CLASS_SYSTEM_OTHER;
	identity->subsystem_vendor_id = PCI_ID_VMWARE;
	identity->subsystem_id = PCI_ID_VMCI;
}

void qemu_vmci_register(struct host *host, const struct host_ops *ops, const char *id)
{
	static const struct qemu_type_info type = {
		.name = TYPE_NAME, .parent = PARENT_NAME, .class_init = init_class,
	};

	vmci.host = host;
	vmci.ops = ops;
	vmci.id = strdup(id);
	qemu.type_register_static(&type);
}
