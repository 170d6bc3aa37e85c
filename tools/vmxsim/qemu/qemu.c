// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The QEMU plugin: connects the ports and devices of a virtual machine to the model.
 *
 *	-plugin vmxsim-N.so,config=FILE[,trace=FILE][,resets=FILE][,icount=on]
 *		[,vmci=ID][,control=PATH][,guestinfo=FILE]
 *
 * The events of the host are written to the file of trace=.  Before each reset by the HA agent,
 * the time in ns since power on is added to the file of resets= as a line.  icount=on means that
 * QEMU runs with -icount.  ID is the id of the VMCI device in the machine.  The host listens
 * for requests at PATH (control.h).  When QEMU ends, the variables of guestinfo are written to
 * the file of guestinfo=.
 *
 * N is the version of the plugin interface that the plugin claims.  The plugin uses that
 * interface only to be loaded, so each version that this QEMU accepts is suitable.
 */
#include "qemu/qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backdoor/bdoor.h"
#include "backdoor/channel.h"
#include "backdoor/channel_table.h"
#include "config/config.h"
#include "host/host.h"
#include "host/trace.h"
#include "qemu/control.h"
#include "qemu/cpu.h"
#include "qemu/regs.h"
#include "qemu/symbols.h"
#include "qemu/tsc.h"
#include "qemu/vmci.h"

#define PORT_HB			0x5659
#define NS_PER_MS		1000000ull

/* QEMU's local APIC counts nanoseconds; under -icount, so does the TSC. */
#define NS_HZ			1000000000u
#define HZ_PER_KHZ		1000u

static struct {
	struct config *config;
	struct bdoor bdoor;
	struct qemu_cpu_ops cpu;
	bool machine_ready;
	bool spoken_to;		/* the guest made a request since the last reset */
	bool icount;		/* virtual time advances with executed instructions */
	struct qemu_timer *agent_timer;
	struct qemu_timer *stun_timer;
	struct qemu_cpu *stunned;
	FILE *resets;		/* or NULL */
	FILE *guestinfo;	/* written at the end, or NULL */
} vm;

static uint64_t now_ns(void *opaque)
{
	(void)opaque;
	return vm.machine_ready ?
	       (uint64_t)qemu.qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) : 0;
}

/*
 * Under -icount virtual time advances with executed instructions.  The vCPU is therefore
 * stopped after this access to the port, and time skips to the next timer, at the latest to
 * the timer that resumes the vCPU.  Timers of devices cannot be stopped, and still fire.
 */
static void stop_processor_ms(unsigned int ms)
{
	qemu.timer_mod_ns(vm.stun_timer, (int64_t)(now_ns(NULL) + ms * NS_PER_MS));
	vm.stunned = qemu_current_cpu();
	qemu.cpu_stop_current();
}

static void stun_timer_fired(void *opaque)
{
	(void)opaque;
	qemu.cpu_resume(vm.stunned);
}

/*
 * Stops the machine for @ms milliseconds of virtual time.  Without -icount, the thread sleeps
 * under the big lock.  Until the thread wakes up, no timer, device or other port access is
 * served, and another vCPU runs only until it needs one of these.
 */
static void stun_ms(void *opaque, unsigned int ms)
{
	struct timespec left = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS
	};

	(void)opaque;
	/* If a timer of the host calls this function, there is no vCPU to stop. */
	if (vm.icount && qemu_current_cpu()) {
		stop_processor_ms(ms);
		return;
	}
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void timer_at(void *opaque, uint64_t ns)
{
	(void)opaque;
	if (ns > INT64_MAX)
		qemu.timer_del(vm.agent_timer);
	else
		qemu.timer_mod_ns(vm.agent_timer, (int64_t)ns);
}

static void reset(void *opaque)
{
	(void)opaque;
	if (vm.resets) {
		fprintf(vm.resets, "%" PRIu64 "\n", now_ns(NULL));
		fflush(vm.resets);
	}
	/* Otherwise machine_reset() would ignore a reset before the first request. */
	vm.spoken_to = true;
	qemu.qemu_system_reset_request(QEMU_CAUSE_SYSTEM_RESET);
}

static void power_off(void *opaque)
{
	(void)opaque;
	qemu.qemu_system_shutdown_request(QEMU_CAUSE_QUIT);
}

static bool unplug(void *opaque)
{
	(void)opaque;
	return qemu_vmci_unplug();
}

static const struct host_ops host_ops = {
	.now_ns = now_ns,
	.stun_ms = stun_ms,
	.timer_at = timer_at,
	.reset = reset,
	.power_off = power_off,
	.unplug = unplug,
};

static uint32_t lb_in(void *opaque, uint32_t port)
{
	struct cpu_regs regs;

	(void)opaque;
	(void)port;
	cpu_regs_read(qemu_current_cpu(), &regs);
	vm.spoken_to = true;
	bdoor_in(&vm.bdoor, &regs.guest);
	/* The instruction itself sets EAX. */
	cpu_regs_write(qemu_current_cpu(), &regs, REG_RBX);
	return regs.guest.eax;
}

static uint64_t hb_in(void *opaque, uint64_t addr, unsigned int size)
{
	struct cpu_regs regs;
	uint8_t byte;

	(void)opaque;
	(void)addr;
	(void)size;
	cpu_regs_read(qemu_current_cpu(), &regs);
	if (regs.guest.eax != BDOOR_MAGIC)
		return UINT8_MAX;
	byte = channels_hb_in(vm.bdoor.channels, &regs.guest);
	cpu_regs_write(qemu_current_cpu(), &regs, REG_RBX);
	return byte;
}

static void hb_out(void *opaque, uint64_t addr, uint64_t data,
		   unsigned int size)
{
	struct cpu_regs regs;

	(void)opaque;
	(void)addr;
	(void)size;
	cpu_regs_read(qemu_current_cpu(), &regs);
	if (regs.guest.eax != BDOOR_MAGIC)
		return;
	channels_hb_out(vm.bdoor.channels, &regs.guest, (uint8_t)data);
	cpu_regs_write(qemu_current_cpu(), &regs, REG_RBX);
}

static const struct qemu_io_ops hb_ops = {
	.read = hb_in,
	.write = hb_out,
	.endianness = QEMU_LITTLE_ENDIAN,
	.valid = { .min_access_size = 1, .max_access_size = 1 },
	.impl = { .min_access_size = 1, .max_access_size = 1 },
};

static void machine_reset(void *opaque)
{
	(void)opaque;
	/*
	 * A boot overwrites the code of the boot before.  Each write to translated code
	 * is slow, so that the boot would take twice the time.
	 */
	qemu.tb_flush(qemu.qemu_get_cpu(0));
	qemu_vmci_reset();
	/*
	 * Power on is a reset, too, and a kernel that reboots makes several resets in a
	 * row.  Resets without a request between them count as one.
	 */
	if (!vm.spoken_to)
		return;
	vm.spoken_to = false;
	channels_forget(vm.bdoor.channels);
	host_reset(vm.bdoor.host);
	trace_end(trace_begin("reset", "the machine was reset"));
}

/* Returns zeroed memory for an object of QEMU. */
static void *allocate(size_t size)
{
	void *object = calloc(1, size);

	if (object)
		return object;
	fprintf(stderr, "vmxsim: out of memory\n");
	exit(1);
}

static void agent_timer_fired(void *opaque)
{
	(void)opaque;
	host_timer(vm.bdoor.host);
}

static struct qemu_timer *make_timer(void (*fired)(void *opaque))
{
	struct qemu_timer *timer = allocate(QEMU_TIMER_SIZE);

	qemu.timer_init_full(timer, NULL, QEMU_CLOCK_VIRTUAL, QEMU_SCALE_NS, 0,
			     fired, NULL);
	return timer;
}

static void register_ports(void)
{
	struct qemu_memory_region *region = allocate(QEMU_MEMORY_REGION_SIZE);
	unsigned int i;

	for (i = 0; i < bdoor_command_count; i++)
		qemu.vmport_register(bdoor_commands[i], lb_in, NULL);
	qemu.memory_region_init_io(region, NULL, &hb_ops, NULL, "vmxsim-hb", 1);
	qemu.memory_region_add_subregion(qemu.get_system_io(), PORT_HB, region);
}

static void set_clock_rates(void)
{
	uint64_t tsc_hz = tsc_measure_end();

	vm.bdoor.tsc_hz = vm.icount ? NS_HZ : tsc_hz;
	vm.bdoor.apic_hz = NS_HZ;
	vm.cpu.cpuid.tsc_khz = (uint32_t)(vm.bdoor.tsc_hz / HZ_PER_KHZ);
	vm.cpu.cpuid.bus_khz = NS_HZ / HZ_PER_KHZ;
}

static void machine_done(struct qemu_notifier *notifier, void *data)
{
	(void)notifier;
	(void)data;
	if (!qemu.object_resolve_path_type("", "vmport", NULL)) {
		fprintf(stderr,
			"vmxsim: the machine has no vmport: use -M q35,vmport=on\n");
		exit(1);
	}
	vm.agent_timer = make_timer(agent_timer_fired);
	vm.stun_timer = make_timer(stun_timer_fired);
	set_clock_rates();
	register_ports();
	qemu.qemu_register_reset(machine_reset, NULL);
	qemu_control_start();
	vm.machine_ready = true;
}

static struct qemu_notifier machine_done_notifier = { .notify = machine_done };

static bool load_config(const char *path)
{
	char err[CONFIG_ERR_SIZE] = "out of memory";

	vm.config = config_new();
	if (vm.config && !config_read_file(vm.config, path, err, sizeof(err)) &&
	    !config_check(vm.config, err, sizeof(err)))
		vm.bdoor.host = host_new(vm.config, &host_ops, err,
					 sizeof(err));
	if (vm.bdoor.host)
		return true;
	fprintf(stderr, "vmxsim: %s\n", err);
	return false;
}

struct options {
	const char *config, *trace, *resets, *icount, *vmci, *control, *guestinfo;
};

static bool cannot_write(const char *path)
{
	fprintf(stderr, "vmxsim: %s: %s\n", path, strerror(errno));
	return false;
}

static bool install_cpu(void)
{
	vm.cpu = (struct qemu_cpu_ops) {
		.cpuid = {
			.named = config_bool(vm.config, "hypervisor.cpuid.v0"),
			.hypercall = (enum hypercall)config_hypercall(vm.config),
		},
		.ring3 = !config_bool(vm.config, "monitor_control.restrict_backdoor"),
		.bdoor = &vm.bdoor,
		.spoken_to = &vm.spoken_to,
	};
	return qemu_cpu_install(&vm.cpu);
}

static bool write_guestinfo(void)
{
	bool complete;

	if (!vm.guestinfo)
		return true;
	host_write_guestinfo(vm.bdoor.host, vm.guestinfo);
	complete = !ferror(vm.guestinfo);
	return !fclose(vm.guestinfo) && complete;
}

/* A full disk does not disturb the guest, but it has to be reported to the launcher. */
static void end_files(void)
{
	bool traced = trace_close(), written = write_guestinfo();

	if (!traced)
		fprintf(stderr, "vmxsim: the trace could not be written completely\n");
	if (!written)
		fprintf(stderr, "vmxsim: the variables of guestinfo could not be written\n");
	if (!traced || !written)
		_exit(1);
}

static bool start(const struct options *options)
{
	/* The first function that is registered is called last. */
	atexit(end_files);
	if (options->trace && !trace_open(options->trace, &host_ops))
		return cannot_write(options->trace);
	if (options->resets) {
		vm.resets = fopen(options->resets, "we");
		if (!vm.resets)
			return cannot_write(options->resets);
	}
	if (!load_config(options->config))
		return false;

	if (options->vmci && config_bool(vm.config, "vmxsim.transport.vmci"))
		qemu_vmci_register(vm.bdoor.host, &host_ops, options->vmci);
	vm.icount = options->icount && !strcmp(options->icount, "on");
	vm.bdoor.channels = channels_new(vm.bdoor.host, &host_ops);
	if (!vm.bdoor.channels) {
		fprintf(stderr, "vmxsim: out of memory\n");
		return false;
	}
	if (options->control &&
	    !qemu_control_listen(options->control, vm.bdoor.host, &host_ops))
		return false;
	if (options->guestinfo) {
		vm.guestinfo = fopen(options->guestinfo, "we");
		if (!vm.guestinfo)
			return cannot_write(options->guestinfo);
	}
	return install_cpu();
}

/* If @arg is "NAME=VALUE", sets @value.  @name includes the '='. */
static bool take(const char *arg, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(arg, name, len))
		return false;
	*value = arg + len;
	return true;
}

bool qemu_start(int argc, char **argv)
{
	struct options options = { 0 };
	int i;

	for (i = 0; i < argc; i++) {
		if (take(argv[i], "config=", &options.config) ||
		    take(argv[i], "trace=", &options.trace) ||
		    take(argv[i], "resets=", &options.resets) ||
		    take(argv[i], "icount=", &options.icount) ||
		    take(argv[i], "vmci=", &options.vmci) ||
		    take(argv[i], "control=", &options.control) ||
		    take(argv[i], "guestinfo=", &options.guestinfo))
			continue;
		fprintf(stderr, "vmxsim: unknown argument %s\n", argv[i]);
		return false;
	}
	if (!options.config) {
		fprintf(stderr, "vmxsim: config=FILE is missing\n");
		return false;
	}
	tsc_measure_begin();
	if (!qemu_symbols_resolve() || !start(&options))
		return false;
	qemu.qemu_add_machine_init_done_notifier(&machine_done_notifier);
	return true;
}
