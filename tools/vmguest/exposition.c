// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "exposition.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"
#include "text.h"

/*
 * Words of windows_exporter's collector of the same statistics, in base units
 * where Prometheus has one. Counters get their "_total" when they are written.
 */
static const struct {
	const char *name, *help;
} families[VMGUESTLIB_STAT_END] = {
	[VMGUESTLIB_STAT_CPU_RESERVATION_MHZ] = { "vmware_cpu_reservation_mhz",
		"Guaranteed minimum processor rate." },
	[VMGUESTLIB_STAT_CPU_LIMIT_MHZ] = { "vmware_cpu_limit_mhz",
		"Maximum processor rate, +Inf without a limit." },
	[VMGUESTLIB_STAT_CPU_SHARES] = { "vmware_cpu_shares",
		"Processor shares of the virtual machine." },
	[VMGUESTLIB_STAT_CPU_USED_MS] = { "vmware_cpu_time_seconds",
		"Processor time used in this session." },
	[VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ] = {
		"vmware_host_processor_speed_mhz",
		"Nominal speed of the host's processors." },
	[VMGUESTLIB_STAT_MEM_RESERVATION_MB] = { "vmware_mem_reservation_bytes",
		"Guaranteed minimum of memory." },
	[VMGUESTLIB_STAT_MEM_LIMIT_MB] = { "vmware_mem_limit_bytes",
		"Maximum of memory, +Inf without a limit." },
	[VMGUESTLIB_STAT_MEM_MAPPED_MB] = { "vmware_mem_mapped_bytes",
		"Guest memory backed by host memory." },
	[VMGUESTLIB_STAT_MEM_ACTIVE_MB] = { "vmware_mem_active_bytes",
		"Estimate of guest memory in active use." },
	[VMGUESTLIB_STAT_MEM_OVERHEAD_MB] = { "vmware_mem_overhead_bytes",
		"Host memory used for the virtualization itself." },
	[VMGUESTLIB_STAT_MEM_BALLOONED_MB] = { "vmware_mem_ballooned_bytes",
		"Guest memory reclaimed by the balloon." },
	[VMGUESTLIB_STAT_MEM_SWAPPED_MB] = { "vmware_mem_swapped_bytes",
		"Guest memory swapped out by the host." },
	[VMGUESTLIB_STAT_MEM_SHARED_MB] = { "vmware_mem_shared_bytes",
		"Guest memory shared copy-on-write." },
	[VMGUESTLIB_STAT_MEM_SHARED_SAVED_MB] = {
		"vmware_mem_shared_saved_bytes",
		"Host memory saved by sharing." },
	[VMGUESTLIB_STAT_MEM_USED_MB] = { "vmware_mem_used_bytes",
		"Host memory consumed for guest memory." },
	[VMGUESTLIB_STAT_ELAPSED_MS] = { "vmware_elapsed_seconds",
		"Time since the session began." },
	[VMGUESTLIB_STAT_RESOURCE_POOL_PATH] = { "vmware_resource_pool",
		"Resource pool of the virtual machine." },
	[VMGUESTLIB_STAT_CPU_STOLEN_MS] = { "vmware_cpu_stolen_seconds",
		"Time in this session that processors were ready to run but did not." },
	[VMGUESTLIB_STAT_MEM_TARGET_SIZE_MB] = { "vmware_mem_target_size_bytes",
		"Memory allocation that the host aims at." },
	[VMGUESTLIB_STAT_HOST_NUM_CPU_CORES] = { "vmware_host_cpu_cores",
		"Physical cores of the host." },
	[VMGUESTLIB_STAT_HOST_CPU_USED_MS] = { "vmware_host_cpu_time_seconds",
		"Processor time used on the whole host." },
	[VMGUESTLIB_STAT_HOST_MEM_SWAPPED_MB] = { "vmware_host_mem_swapped_bytes",
		"Swapped memory on the host." },
	[VMGUESTLIB_STAT_HOST_MEM_SHARED_MB] = { "vmware_host_mem_shared_bytes",
		"Memory shared copy-on-write on the host." },
	[VMGUESTLIB_STAT_HOST_MEM_USED_MB] = { "vmware_host_mem_used_bytes",
		"Memory in use on the host." },
	[VMGUESTLIB_STAT_HOST_MEM_PHYS_MB] = { "vmware_host_mem_phys_bytes",
		"Memory available to the host's kernel." },
	[VMGUESTLIB_STAT_HOST_MEM_PHYS_FREE_MB] = {
		"vmware_host_mem_phys_free_bytes",
		"Free physical memory of the host." },
	[VMGUESTLIB_STAT_HOST_MEM_KERN_OVHD_MB] = {
		"vmware_host_mem_kern_ovhd_bytes",
		"Overhead of the host's kernel." },
	[VMGUESTLIB_STAT_HOST_MEM_MAPPED_MB] = { "vmware_host_mem_mapped_bytes",
		"Mapped memory on the host." },
	[VMGUESTLIB_STAT_HOST_MEM_UNMAPPED_MB] = {
		"vmware_host_mem_unmapped_bytes",
		"Unmapped memory on the host." },
	[VMGUESTLIB_STAT_MEM_ZIPPED_MB] = { "vmware_mem_zipped_bytes",
		"Guest memory compressed by the host." },
	[VMGUESTLIB_STAT_MEM_ZIP_SAVED_MB] = { "vmware_mem_zip_saved_bytes",
		"Host memory saved by compression." },
	[VMGUESTLIB_STAT_MEM_LL_SWAPPED_MB] = { "vmware_mem_ll_swapped_bytes",
		"Guest memory in the host's low-latency swap." },
	[VMGUESTLIB_STAT_MEM_SWAP_TARGET_MB] = { "vmware_mem_swap_target_bytes",
		"Guest memory that the host aims to swap out." },
	[VMGUESTLIB_STAT_MEM_BALLOON_TARGET_MB] = {
		"vmware_mem_balloon_target_bytes",
		"Size of the balloon that the host aims at." },
	[VMGUESTLIB_STAT_MEM_BALLOON_MAX_MB] = { "vmware_mem_balloon_max_bytes",
		"Greatest size of the balloon." },
	[VMGUESTLIB_STAT_MEM_SHARES64] = { "vmware_mem_shares",
		"Memory shares of the virtual machine." },
};

enum family_type { GAUGE, COUNTER, INFO };

/* The part of a name that OpenMetrics calls the unit. */
static const char *unit_of(const char *name)
{
	static const char *const units[] = { "bytes", "seconds", "mhz" };
	size_t len = strlen(name), i, unit_len;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		unit_len = strlen(units[i]);
		if (len > unit_len && name[len - unit_len - 1] == '_' &&
		    !strcmp(name + len - unit_len, units[i]))
			return units[i];
	}
	return NULL;
}

/* In the older format a family has the name of its samples, and no unit. */
static void begin(FILE *out, const struct exposition *exposition,
		  const char *name, enum family_type type, const char *help)
{
	static const char *const suffixes[] = { "", "_total", "_info" };
	static const char *const types[] = { "gauge", "counter", "info" };

	if (exposition->format == EXPOSITION_PROMETHEUS) {
		fprintf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name,
			suffixes[type], help, name, suffixes[type],
			types[type == INFO ? GAUGE : type]);
		return;
	}
	fprintf(out, "# TYPE %s %s\n", name, types[type]);
	if (type != INFO && unit_of(name))
		fprintf(out, "# UNIT %s %s\n", name, unit_of(name));
	fprintf(out, "# HELP %s %s\n", name, help);
}

/* Since when the counter counts. The older format knows it as one more gauge. */
static void write_created(FILE *out, const struct exposition *exposition,
			  const char *name)
{
	if (!exposition->created)
		return;
	if (exposition->format == EXPOSITION_PROMETHEUS)
		fprintf(out, "# HELP %s_created When the session began.\n"
			"# TYPE %s_created gauge\n", name, name);
	fprintf(out, "%s_created %" PRId64 "\n", name, exposition->created);
}

/* Any bytes of the host as a label's value, between quotes. */
static void write_label(FILE *out, const char *text)
{
	char *clean = clean_text(text, "\n"), *c;

	for (c = clean; c && *c; c++) {
		if (*c == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*c == '"' || *c == '\\')
			putc('\\', out);
		putc(*c, out);
	}
	free(clean);
}

static void write_info(FILE *out, const struct exposition *exposition,
		       const char *name, const char *help, const char *label,
		       const char *value)
{
	begin(out, exposition, name, INFO, help);
	fprintf(out, "%s_info{%s=\"", name, label);
	write_label(out, value);
	fputs("\"} 1\n", out);
}

static void write_ms(FILE *out, uint64_t ms)
{
	fprintf(out, "%" PRIu64 ".%03u", ms / 1000, (unsigned int)(ms % 1000));
}

/* Exact up to 64 bits, beyond as a number with a point always is. */
static void write_number(FILE *out, const struct stats_value *value,
			 const char *unit)
{
	if (value->unlimited)
		fputs("+Inf", out);
	else if (!strcmp(unit, "ms"))
		write_ms(out, value->number);
	else if (strcmp(unit, "MB"))
		fprintf(out, "%" PRIu64, value->number);
	else if (value->number < UINT64_MAX >> 20)
		fprintf(out, "%" PRIu64, value->number << 20);
	else
		fprintf(out, "%.17g", (double)value->number * (1 << 20));
	putc('\n', out);
}

static void write_stat(FILE *out, const struct exposition *exposition, int id)
{
	struct stats_value value = stats_value(exposition->snapshot, id);
	const char *name = families[id].name, *help = families[id].help;
	bool counts = stats_is_counter(id);

	if (value.state != VMGUESTLIB_VALUE_GIVEN)
		return;
	if (stats_is_text(id)) {
		write_info(out, exposition, name, help, "path", value.text);
		return;
	}
	begin(out, exposition, name, counts ? COUNTER : GAUGE, help);
	fprintf(out, "%s%s ", name, counts ? "_total" : "");
	write_number(out, &value, stats_unit(id));
	if (counts)
		write_created(out, exposition, name);
}

static void write_session(FILE *out, const struct exposition *exposition)
{
	const struct host_snapshot *snapshot = exposition->snapshot;
	char id[24];

	snprintf(id, sizeof(id), "0x%016" PRIx64, snapshot->session_id);
	write_info(out, exposition, "vmware_session",
		   "Session at the host; counters begin anew with another one.",
		   "session_id", id);
	begin(out, exposition, "vmguestlib_session_changes", COUNTER,
	      "Session changes seen since the kernel module was loaded.");
	fprintf(out, "vmguestlib_session_changes_total %" PRIu64 "\n",
		snapshot->generation);
	write_info(out, exposition, "vmguestlib_build",
		   "Version of the program that wrote this.", "version",
		   exposition->version);
}

static void write_counter(FILE *out, const struct exposition *exposition,
			  const char *name, enum family_type type,
			  const char *help, const struct metric *metric)
{
	if (metric->state != METRIC_GIVEN)
		return;
	begin(out, exposition, name, type, help);
	fprintf(out, "%s%s %" PRIu64 "\n", name, type == COUNTER ? "_total" : "",
		metric->value);
}

static void write_module(FILE *out, const struct exposition *exposition)
{
	const struct module_counters *counters = exposition->counters;

	write_counter(out, exposition, "vmguestlib_rpc_requests", COUNTER,
		      "Requests that the host answered.", &counters->requests);
	write_counter(out, exposition, "vmguestlib_rpc_refused", COUNTER,
		      "Requests that the host refused.", &counters->refused);
	write_counter(out, exposition, "vmguestlib_rpc_failed", COUNTER,
		      "Requests without a well-formed answer.",
		      &counters->failed);
	write_counter(out, exposition, "vmguestlib_rpc_failovers", COUNTER,
		      "Requests sent over the backdoor for want of VMCI sockets.",
		      &counters->failovers);
	write_counter(out, exposition, "vmguestlib_heartbeat_clients", GAUGE,
		      "Heartbeat clients, armed or expired.",
		      &counters->heartbeat_clients);
	write_counter(out, exposition, "vmguestlib_heartbeat_missed", COUNTER,
		      "Deadlines that heartbeat clients missed.",
		      &counters->heartbeat_missed);
	if (counters->heartbeat_last_beat_age_ms.state != METRIC_GIVEN)
		return;
	begin(out, exposition, "vmguestlib_heartbeat_last_beat_age_seconds",
	      GAUGE, "Time since the host accepted a heartbeat.");
	fputs("vmguestlib_heartbeat_last_beat_age_seconds ", out);
	write_ms(out, counters->heartbeat_last_beat_age_ms.value);
	putc('\n', out);
}

void exposition_write(FILE *out, const struct exposition *exposition)
{
	int id;

	write_session(out, exposition);
	for (id = 1; id < VMGUESTLIB_STAT_END; id++)
		if (stats_has_name(id) && families[id].name)
			write_stat(out, exposition, id);
	write_module(out, exposition);
	if (exposition->format == EXPOSITION_OPENMETRICS)
		fputs("# EOF\n", out);
}
