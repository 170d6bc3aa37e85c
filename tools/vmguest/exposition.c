// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "exposition.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"
#include "text.h"

/*
 * The names are those of windows_exporter's collector of the same statistics. Units are the
 * base units of Prometheus where it has one. "_total" is added when a counter is written.
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

/* Writes the head of a family. In the Prometheus format it has the samples' name, and no unit. */
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

/* Writes the time at which the counter began, which is a gauge in the Prometheus format. */
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

/* Writes any bytes of the host as the value of a label, in quotes. */
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

/* Numbers up to 64 bits are exact. Greater ones, in bytes, have the precision of a double. */
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
		      "Changes to the backdoor because VMCI sockets failed.",
		      &counters->failovers);
	write_counter(out, exposition, "vmguestlib_heartbeat_clients", GAUGE,
		      "Heartbeat clients, armed or expired.",
		      &counters->heartbeat_clients);
	write_counter(out, exposition, "vmguestlib_heartbeat_missed", COUNTER,
		      "Deadlines that heartbeat clients missed.",
		      &counters->heartbeat_missed);
	write_counter(out, exposition, "vmguestlib_heartbeat_expired", GAUGE,
		      "Heartbeat clients that have missed their deadline.",
		      &counters->heartbeat_expired);
	write_counter(out, exposition, "vmguestlib_vcpus", GAUGE,
		      "Processors of the virtual machine, by which its times are divided.",
		      &(struct metric){ METRIC_GIVEN, exposition->vcpus });
	if (counters->heartbeat_last_beat_age_ms.state != METRIC_GIVEN)
		return;
	begin(out, exposition, "vmguestlib_heartbeat_last_beat_age_seconds",
	      GAUGE, "Time since the host accepted a heartbeat.");
	fputs("vmguestlib_heartbeat_last_beat_age_seconds ", out);
	write_ms(out, counters->heartbeat_last_beat_age_ms.value);
	putc('\n', out);
}

/* --- extended statistics ------------------------------------------------------- */

static void write_scaled(FILE *out, uint64_t value, unsigned int factor,
			 unsigned int divisor)
{
	if (value > UINT64_MAX / factor)
		fprintf(out, "%.17g", (double)value * factor);
	else if (divisor == 1000000)
		fprintf(out, "%" PRIu64 ".%06u", value / divisor,
			(unsigned int)(value % divisor));
	else
		fprintf(out, "%" PRIu64, value * factor);
	putc('\n', out);
}

/* Microseconds become seconds, and KB become bytes. */
static const struct extended {
	const char *name, *help;
	size_t offset;
	unsigned int factor, divisor;
} cpu_families[] = {
	{ "vmware_cpu_contention_seconds",
	  "Time in which vCPUs could have run but did not, limits included.",
	  offsetof(struct cpu, contention_us), 1, 1000000 },
	{ "vmware_cpu_swap_wait_seconds",
	  "Time in which vCPUs waited for memory swapped out by the host.",
	  offsetof(struct cpu, swap_wait_us), 1, 1000000 },
	{ "vmware_mem_swap_in_bytes", "Guest memory swapped in by the host.",
	  offsetof(struct cpu, swap_in_kb), 1024, 1 },
	{ "vmware_mem_swap_out_bytes", "Guest memory swapped out by the host.",
	  offsetof(struct cpu, swap_out_kb), 1024, 1 },
}, disk_families[] = {
	{ "vmware_disk_reads_completed", "Reads of a virtual disk.",
	  offsetof(struct disk, reads), 1, 1 },
	{ "vmware_disk_writes_completed", "Writes of a virtual disk.",
	  offsetof(struct disk, writes), 1, 1 },
	{ "vmware_disk_read_bytes", "Bytes read from a virtual disk.",
	  offsetof(struct disk, read_bytes), 1, 1 },
	{ "vmware_disk_written_bytes", "Bytes written to a virtual disk.",
	  offsetof(struct disk, written_bytes), 1, 1 },
	{ "vmware_disk_read_time_seconds", "Sum of the latencies of all reads.",
	  offsetof(struct disk, read_us), 1, 1000000 },
	{ "vmware_disk_write_time_seconds", "Sum of the latencies of all writes.",
	  offsetof(struct disk, write_us), 1, 1000000 },
}, nic_families[] = {
	{ "vmware_network_receive_packets", "Packets that a virtual adapter received.",
	  offsetof(struct nic, received), 1, 1 },
	{ "vmware_network_transmit_packets", "Packets that a virtual adapter sent.",
	  offsetof(struct nic, sent), 1, 1 },
	{ "vmware_network_receive_bytes", "Bytes that a virtual adapter received.",
	  offsetof(struct nic, received_bytes), 1, 1 },
	{ "vmware_network_transmit_bytes", "Bytes that a virtual adapter sent.",
	  offsetof(struct nic, sent_bytes), 1, 1 },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Writes a sample of the device NAME, or of the machine if NAME is NULL. */
static void write_extended(FILE *out, const struct extended *family, const char *label,
			   const char *name, const void *object)
{
	const struct metric *metric = (const struct metric *)((const char *)object +
							      family->offset);

	if (metric->state != METRIC_GIVEN)
		return;
	fprintf(out, "%s_total", family->name);
	if (label) {
		fprintf(out, "{%s=\"", label);
		write_label(out, name);
		fputs("\"}", out);
	}
	putc(' ', out);
	write_scaled(out, metric->value, family->factor, family->divisor);
}

/* Writes a family for COUNT objects of SIZE bytes. With a LABEL they begin with their name. */
static void write_family(FILE *out, const struct exposition *exposition,
			 const struct extended *family, const char *label,
			 const void *objects, size_t count, size_t size)
{
	const char *object = objects;
	const struct metric *metric;
	bool begun = false;
	size_t i;

	for (i = 0; i < count; i++, object += size) {
		metric = (const struct metric *)(object + family->offset);
		if (metric->state == METRIC_GIVEN && !begun)
			begin(out, exposition, family->name, COUNTER, family->help);
		begun |= metric->state == METRIC_GIVEN;
		write_extended(out, family, label, object, object);
	}
}

static void write_all_extended(FILE *out, const struct exposition *exposition)
{
	const struct sample *sample = exposition->extended;
	size_t i;

	for (i = 0; i < COUNT(cpu_families); i++)
		write_family(out, exposition, &cpu_families[i], NULL, &sample->cpu, 1,
			     sizeof(sample->cpu));
	for (i = 0; i < COUNT(disk_families); i++)
		write_family(out, exposition, &disk_families[i], "device",
			     sample->disks, sample->disk_count,
			     sizeof(sample->disks[0]));
	for (i = 0; i < COUNT(nic_families); i++)
		write_family(out, exposition, &nic_families[i], "address", sample->nics,
			     sample->nic_count, sizeof(sample->nics[0]));
}

void exposition_write(FILE *out, const struct exposition *exposition)
{
	int id;

	write_session(out, exposition);
	for (id = 1; id < VMGUESTLIB_STAT_END; id++)
		if (stats_has_name(id) && families[id].name)
			write_stat(out, exposition, id);
	if (exposition->extended)
		write_all_extended(out, exposition);
	write_module(out, exposition);
	if (exposition->format == EXPOSITION_OPENMETRICS)
		fputs("# EOF\n", out);
}
