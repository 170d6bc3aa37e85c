// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* Checks of conditions between keys, and values that are computed from several keys. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "config/devices.h"
#include "config/vmx.h"

static int fail(const struct config *config, const char *key, char *err,
		size_t size, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static int fail(const struct config *config, const char *key, char *err,
		size_t size, const char *format, ...)
{
	const char *where = config_where(config, key);
	char message[CONFIG_ERR_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	snprintf(err, size, "%s%s%s: %s", where ? where : "",
		 where ? ": " : "", key, message);
	return -1;
}

/* Checks that @key is not above @max; @why explains @max. */
static int at_most(const struct config *config, const char *key, uint64_t max,
		   const char *why, char *err, size_t size)
{
	uint64_t value = config_u64(config, key);

	if (value <= max)
		return 0;
	return fail(config, key, err, size,
		    "expected at most %" PRIu64 " (%s), got %" PRIu64, max, why,
		    value);
}

static int limit_above(const struct config *config, const char *limit,
		       const char *reservation, char *err, size_t size)
{
	int64_t max = config_limit(config, limit);
	uint64_t min = config_u64(config, reservation);

	if (max == CONFIG_UNLIMITED || (uint64_t)max >= min)
		return 0;
	return fail(config, limit, err, size,
		    "expected at least %" PRIu64 " (%s), got %" PRId64, min,
		    reservation, max);
}

static int check_cpu(const struct config *config, char *err, size_t size)
{
	uint64_t cores = config_u64(config, "vmxsim.host.cores");
	uint64_t threads = config_u64(config, "vmxsim.host.threads");
	uint64_t cpus = config_u64(config, "numvcpus");
	uint64_t mhz = config_u64(config, "vmxsim.host.processorMHz");

	if (cores % config_u64(config, "vmxsim.host.packages"))
		return fail(config, "vmxsim.host.cores", err, size,
			    "expected a multiple of vmxsim.host.packages, got %"
			    PRIu64, cores);
	if (cpus % config_u64(config, "cpuid.coresPerSocket"))
		return fail(config, "cpuid.coresPerSocket", err, size,
			    "expected a divisor of numvcpus, which is %" PRIu64, cpus);
	if (threads % cores)
		return fail(config, "vmxsim.host.threads", err, size,
			    "expected a multiple of vmxsim.host.cores, got %"
			    PRIu64, threads);
	if (at_most(config, "numvcpus", threads, "vmxsim.host.threads", err,
		    size) ||
	    at_most(config, "sched.cpu.min", cpus * mhz,
		    "numvcpus x vmxsim.host.processorMHz", err, size))
		return -1;
	if (config_given(config, "vmxsim.vmotion.processorMHz") &&
	    at_most(config, "sched.cpu.min",
		    cpus * config_u64(config, "vmxsim.vmotion.processorMHz"),
		    "numvcpus x vmxsim.vmotion.processorMHz", err, size))
		return -1;
	return limit_above(config, "sched.cpu.max", "sched.cpu.min", err, size);
}

/* Checks the numbers of disks against the limits of virtual machines and of QEMU. */
static int check_disks(const struct config *config, char *err, size_t size)
{
	char name[DEVICE_NAME_SIZE], key[DEVICE_NAME_SIZE + 16];
	unsigned int controller, unit;
	size_t cursor = 0;

	while (next_disk(config, &cursor, name)) {
		if ((sscanf(name, "scsi%u:%u", &controller, &unit) != 2 &&
		     sscanf(name, "nvme%u:%u", &controller, &unit) != 2) ||
		    (controller < DISK_CONTROLLERS && unit < DISK_UNITS))
			continue;
		snprintf(key, sizeof(key), "%s.present", name);
		return fail(config, key, err, size, "expected a disk from %.4s0:0 to %.4s%d:%d",
			    name, name, DISK_CONTROLLERS - 1, DISK_UNITS - 1);
	}
	return 0;
}

static int check_memory(const struct config *config, char *err, size_t size)
{
	uint64_t memsize = config_u64(config, "memsize");
	uint64_t host = config_u64(config, "vmxsim.host.memMB");
	uint64_t needed = memsize + config_overhead_mb(config) +
			  config_kernel_mb(config);

	if (at_most(config, "sched.mem.min", memsize, "memsize", err, size))
		return -1;
	if (limit_above(config, "sched.mem.max", "sched.mem.min", err, size))
		return -1;
	if (host < needed)
		return fail(config, "vmxsim.host.memMB", err, size,
			    "expected at least %" PRIu64 " (memsize, overhead and hypervisor), got %"
			    PRIu64, needed, host);
	return 0;
}

static int check_guestinfo(const struct config *config, char *err, size_t err_size)
{
	const char *key, *value;
	size_t cursor = 0, size = 0;

	while (config_next(config, &cursor, &key, &value)) {
		if (strncmp(key, GUESTINFO_PREFIX, strlen(GUESTINFO_PREFIX)))
			continue;
		size += strlen(key) + strlen(value);
		if (size > GUESTINFO_SIZE_MAX)
			return fail(config, key, err, err_size,
				    "expected at most %d bytes in all variables of guestinfo",
				    GUESTINFO_SIZE_MAX);
	}
	return 0;
}

uint64_t config_overhead_mb(const struct config *config)
{
	return 24 + 8 * config_u64(config, "numvcpus") +
	       config_u64(config, "memsize") / 128;
}

uint64_t config_kernel_mb(const struct config *config)
{
	return config_u64(config, "vmxsim.host.memMB") / 50;
}

unsigned int config_hypercall(const struct config *config)
{
	/* Hosts before 7.0 offer only port I/O. */
	static const char * const without[] = { "4.0", "4.1", "5.5", "6.0" };
	size_t i;

	if (config_given(config, "vmxsim.cpuid.hypercall"))
		return (unsigned int)config_u64(config, "vmxsim.cpuid.hypercall");
	for (i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (config_is(config, "vmxsim.host", without[i]))
			return 0;
	return config_is(config, "vmxsim.cpu", "intel") ? 2 : 1;
}

int config_check(const struct config *config, char *err, size_t err_size)
{
	if (check_cpu(config, err, err_size) ||
	    check_memory(config, err, err_size) || check_disks(config, err, err_size) ||
	    check_guestinfo(config, err, err_size))
		return -1;
	return at_most(config, "vmxsim.contention.mem",
		       100 - config_u64(config, "vmxsim.contention.cpu"),
		       "what vmxsim.contention.cpu leaves of 100", err,
		       err_size);
}

static int refuse(const char *key, const char *why, char *err, size_t size)
{
	snprintf(err, size, "%s: %s", vmx_show(key).text, why);
	return -1;
}

int config_change(struct config *config, const char *key, const char *value,
		  char *err, size_t err_size)
{
	const struct key *row = key_find(key);
	struct config *changed;
	int status;

	if (!row)
		return refuse(key, "there is no such key", err, err_size);
	if (row->fixed)
		return refuse(key, "fixed at power on", err, err_size);
	changed = config_copy(config);
	if (!changed)
		return refuse(key, "out of memory", err, err_size);
	status = config_put(changed, key, value, "vmxsim.set", err, err_size);
	if (!status)
		status = config_check(changed, err, err_size);
	if (!status)
		config_swap(config, changed);
	config_free(changed);
	return status;
}
