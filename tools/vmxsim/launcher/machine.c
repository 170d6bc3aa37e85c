// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The command line of QEMU */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "launcher/devices.h"
#include "launcher/disk.h"
#include "launcher/firmware.h"
#include "launcher/identity.h"
#include "launcher/machine.h"
#include "launcher/options.h"

/*
 * The kernel's tests of its own ciphers would take a tenth of the time of a boot.  Zeroing
 * memory on allocation would take a twelfth, and would hide leaks of uninitialised bytes.
 */
#define KERNEL_ARGS \
	"console=ttyS0 panic=-1 oops=panic random.trust_cpu=on nokaslr " \
	"cryptomgr.notests init_on_alloc=0"

/* The id of the VMCI device in QEMU */
#define VMCI_ID	"vmci0"

/* The largest number of vCPUs that hosts allow for a VM with CPU hot-add */
#define HOTADD_CPUS	128

/*
 * A plugin contains the version of the plugin API that it was built for, and each QEMU
 * accepts only a range of versions.
 */
static const struct {
	unsigned int qemu_major;	/* from this version on */
	unsigned int api;
} plugin_versions[] = {
	{ 11, 7 },
	{ 9, 2 },
	{ 4, 1 },
};

static const char *qemu_binary(void)
{
	const char *qemu = getenv("VMXSIM_QEMU");

	return qemu && *qemu ? qemu : "qemu-system-x86_64";
}

static const char *find_plugin(const struct run *run, const char *qemu)
{
	char *argv[] = { (char *)qemu, "--version", NULL };
	unsigned int major;
	const char *path;
	char *output;
	size_t i;

	if (run_program(argv, &output) ||
	    sscanf(output, "QEMU emulator version %u", &major) != 1) {
		fail("%s: cannot be executed, or is not QEMU", qemu);
		return NULL;
	}
	for (i = 0; i < sizeof(plugin_versions) / sizeof(plugin_versions[0]); i++)
		if (major >= plugin_versions[i].qemu_major)
			break;
	if (i == sizeof(plugin_versions) / sizeof(plugin_versions[0])) {
		fail("%s: version %u has no plugins", qemu, major);
		return NULL;
	}
	path = text("%s/vmxsim-%u.so", run->dir, plugin_versions[i].api);
	if (access(path, R_OK) < 0) {
		fail("%s is missing: needed by %s, version %u", path, qemu, major);
		return NULL;
	}
	return path;
}

/* Each port has its own interrupt line: QEMU's ISA bus does not combine shared lines. */
static void add_ports(struct strings *argv, const struct run *run,
		      const int fds[PORT_COUNT])
{
	static const unsigned int irqs[PORT_COUNT] = { 4, 3, 6, 7 };
	int port;

	for (port = 0; port < PORT_COUNT; port++) {
		strings_add(argv, "-chardev");
		if (port == PORT_CONSOLE)
			strings_add(argv, text("file,id=port%d,path=%s", port,
					       util_qemu_escape(run->console)));
		else
			strings_add(argv, text("socket,id=port%d,fd=%d", port, fds[port]));
		strings_add(argv, "-device");
		strings_add(argv, text("isa-serial,chardev=port%d,index=%d,irq=%u",
				       port, port, irqs[port]));
	}
}

/* The topology includes the processors that may be added later. */
static void add_processors(struct strings *argv, const struct run *run)
{
	unsigned int cores = (unsigned int)config_u64(run->config, "cpuid.coresPerSocket");
	unsigned int sockets = run->smp / cores;

	if (config_bool(run->config, "vcpu.hotadd"))
		sockets = HOTADD_CPUS / cores;
	strings_add(argv, "-smp");
	strings_add(argv, text("%u,sockets=%u,cores=%u,threads=1,maxcpus=%u", run->smp, sockets,
			       cores, sockets * cores));
}

static void add_vmci(struct strings *argv, const struct run *run)
{
	const char *device = "vmxsim-vmci,id=" VMCI_ID;

	if (!config_bool(run->config, "vmxsim.transport.vmci"))
		return;
	if (config_bool(run->config, "vmxsim.vmci.removable")) {
		strings_add(argv, "-device");
		strings_add(argv, "pcie-root-port,id=slot0,chassis=1,slot=1");
		device = "vmxsim-vmci,id=" VMCI_ID ",bus=slot0";
	}
	strings_add(argv, "-device");
	strings_add(argv, device);
}

static void add_plugin(struct strings *argv, const struct run *run, const char *plugin)
{
	char *arg = text("%s,config=%s", util_qemu_escape(plugin), util_qemu_escape(run->merged));

	arg = text("%s,resets=%s,vmci=" VMCI_ID, arg, util_qemu_escape(run->resets));
	if (run->fast_time)
		arg = text("%s,icount=on", arg);
	if (run->trace)
		arg = text("%s,trace=%s", arg, util_qemu_escape(run->trace));
	if (run->control)
		arg = text("%s,control=%s", arg, util_qemu_escape(run->control));
	if (run->guestinfo)
		arg = text("%s,guestinfo=%s", arg, util_qemu_escape(run->guestinfo));
	strings_add(argv, "-plugin");
	strings_add(argv, arg);
}

static int add_initramfs(struct strings *argv, const struct run *run)
{
	strings_add(argv, "-kernel");
	strings_add(argv, run->kernel_file);
	strings_add(argv, "-initrd");
	strings_add(argv, run->initrd);
	strings_add(argv, "-append");
	strings_add(argv, text(KERNEL_ARGS "%s%s", run->append ? " " : "",
			       run->append ? run->append : ""));
	return 0;
}

char **machine_argv(const struct run *run, const int fds[PORT_COUNT])
{
	static const char * const fixed[] = {
		"-accel", "tcg",
		"-nodefaults", "-no-user-config", "-display", "none",
	};
	const char *qemu = qemu_binary();
	const char *plugin = find_plugin(run, qemu);
	struct strings argv = { 0 };
	size_t i;

	if (!plugin)
		return NULL;
	strings_add(&argv, qemu);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		strings_add(&argv, fixed[i]);
	strings_add(&argv, "-M");
	/* SMM costs time, and only firmware that protects its variables needs it. */
	strings_add(&argv, run->disk ? "q35,vmport=on,smm=on" : "q35,vmport=on");
	add_processors(&argv, run);
	strings_add(&argv, "-m");
	strings_add(&argv, text("%u", run->mem_mb));
	identity_add(&argv, run->config, run->mem_mb);
	if (run->fast_time) {
		strings_add(&argv, "-icount");
		strings_add(&argv, "shift=3,sleep=off");
	}
	if (!run->survive_reset)
		strings_add(&argv, "-no-reboot");
	if (run->disk ? disk_add(&argv, run) : add_initramfs(&argv, run))
		return NULL;
	firmware_add(&argv, run);
	add_ports(&argv, run, fds);
	devices_add(&argv, run);
	add_vmci(&argv, run);
	add_plugin(&argv, run, plugin);
	if (run->gdb_port) {
		strings_add(&argv, "-gdb");
		strings_add(&argv, text("tcp:127.0.0.1:%u", run->gdb_port));
	}
	for (i = 0; i < run->qemu_args.n; i++)
		strings_add(&argv, run->qemu_args.v[i]);
	return argv.v;
}
