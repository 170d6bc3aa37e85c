// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "metrics.h"

#include <string.h>

#include "stat_table.h"

/* --- what the host sends --------------------------------------------------- */

void metrics_info(struct sample *sample, const struct vmguestlib_value *values,
		  size_t count)
{
	struct metric *metric;
	size_t id;

	memset(sample->info, 0, sizeof(sample->info));
	for (id = 1; id < count && id < VMGUESTLIB_STAT_END; id++) {
		metric = &sample->info[id];
		if (values[id].state != VMGUESTLIB_VALUE_GIVEN)
			continue;
		metric->value = values[id].value;
		metric->state = vmgl_stats[id].is_limit && metric->value == UINT32_MAX ?
				METRIC_UNLIMITED : METRIC_GIVEN;
	}
}

/* Guide, section "CPU and Memory Statistics": -1 means unlimited. */
static void read_number(struct metric *metric, const char *text, size_t len)
{
	uint64_t value = 0, digit;
	size_t i;

	if (len == 2 && !memcmp(text, "-1", 2)) {
		metric->state = METRIC_UNLIMITED;
		return;
	}
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return;
		digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return;
		value = value * 10 + digit;
	}
	if (!len)
		return;
	metric->state = METRIC_GIVEN;
	metric->value = value;
}

/* Moves @text behind its next line. Returns false at the end. */
static bool next_line(const char **text, size_t *len, const char **line,
		      size_t *line_len)
{
	const char *newline;

	if (!*len)
		return false;
	newline = memchr(*text, '\n', *len);
	*line = *text;
	*line_len = newline ? (size_t)(newline - *text) : *len;
	*len -= newline ? *line_len + 1 : *line_len;
	*text += newline ? *line_len + 1 : *line_len;
	return true;
}

/* Guide, Example 3-4: "name = value". */
static const char *value_of(const char *line, size_t len, const char *name,
			    size_t *value_len)
{
	size_t name_len = strlen(name);

	if (len < name_len + 3 || memcmp(line, name, name_len) ||
	    memcmp(line + name_len, " = ", 3))
		return NULL;
	*value_len = len - name_len - 3;
	return line + name_len + 3;
}

struct field {
	const char *name;
	size_t offset;
};

static void parse_fields(const char *text, size_t len, const struct field *fields,
			 size_t count, void *into)
{
	const char *line, *value;
	size_t line_len, value_len, i;
	struct metric *metric;

	while (next_line(&text, &len, &line, &line_len)) {
		for (i = 0; i < count; i++) {
			value = value_of(line, line_len, fields[i].name,
					 &value_len);
			metric = (struct metric *)((char *)into +
						   fields[i].offset);
			if (value && metric->state == METRIC_MISSING)
				read_number(metric, value, value_len);
		}
	}
}

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Copies a text of the host, cut to fit. '?' replaces bytes that could steer a terminal. */
static void copy_text(char into[DEVICE_NAME_MAX], const char *text, size_t len)
{
	size_t i;

	if (len >= DEVICE_NAME_MAX)
		len = DEVICE_NAME_MAX - 1;
	for (i = 0; i < len; i++)
		into[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	into[len] = '\0';
}

/* Guide, Session Information. */
void metrics_session(struct sample *sample, const char *text, size_t len)
{
	const char *line, *value;
	size_t line_len, value_len;

	sample->version[0] = '\0';
	while (next_line(&text, &len, &line, &line_len)) {
		value = value_of(line, line_len, "version", &value_len);
		if (value) {
			copy_text(sample->version, value, value_len);
			return;
		}
	}
}

/* Guide, CPU and Memory Statistics. */
void metrics_resources(struct sample *sample, uint64_t time_us, const char *text,
		       size_t len)
{
	static const struct field fields[] = {
		{ "vm.cpu.used", offsetof(struct cpu, used_us) },
		{ "vm.cpu.contention.cpu", offsetof(struct cpu, contention_us) },
		{ "vm.cpu.contention.mem", offsetof(struct cpu, swap_wait_us) },
		{ "guest.mem.swapIn", offsetof(struct cpu, swap_in_kb) },
		{ "guest.mem.swapOut", offsetof(struct cpu, swap_out_kb) },
	};

	memset(&sample->cpu, 0, sizeof(sample->cpu));
	sample->cpu.time_us = time_us;
	parse_fields(text, len, fields, COUNT(fields), &sample->cpu);
}

/* Guide, Storage Statistics. */
void metrics_disk(struct disk *disk, uint64_t time_us, const char *text,
		  size_t len)
{
	static const struct field fields[] = {
		{ "num.reads", offsetof(struct disk, reads) },
		{ "num.writes", offsetof(struct disk, writes) },
		{ "size.reads", offsetof(struct disk, read_bytes) },
		{ "size.writes", offsetof(struct disk, written_bytes) },
		{ "latency.reads", offsetof(struct disk, read_us) },
		{ "latency.writes", offsetof(struct disk, write_us) },
	};

	memset(&disk->time_us, 0,
	       sizeof(*disk) - offsetof(struct disk, time_us));
	disk->time_us = time_us;
	parse_fields(text, len, fields, COUNT(fields), disk);
}

/* Guide, Network Statistics. */
void metrics_nic(struct nic *nic, uint64_t time_us, const char *text, size_t len)
{
	static const struct field fields[] = {
		{ "num.tx", offsetof(struct nic, sent) },
		{ "num.rx", offsetof(struct nic, received) },
		{ "size.tx", offsetof(struct nic, sent_bytes) },
		{ "size.rx", offsetof(struct nic, received_bytes) },
		{ "reservation", offsetof(struct nic, reservation_mbps) },
		{ "limit", offsetof(struct nic, limit_mbps) },
	};

	memset(&nic->time_us, 0, sizeof(*nic) - offsetof(struct nic, time_us));
	nic->time_us = time_us;
	parse_fields(text, len, fields, COUNT(fields), nic);
}

/* Returns the name after @kind. A name that is too long for a request does not count. */
static const char *device_name(const char *line, size_t *len, const char *kind)
{
	size_t kind_len = strlen(kind);

	if (*len <= kind_len || memcmp(line, kind, kind_len))
		return NULL;
	*len -= kind_len;
	return *len < DEVICE_NAME_MAX ? line + kind_len : NULL;
}

static const struct disk *find_disk(const struct sample *sample, const char *name)
{
	size_t i;

	for (i = 0; i < sample->disk_count; i++)
		if (!strcmp(sample->disks[i].name, name))
			return &sample->disks[i];
	return NULL;
}

/* Adds a name only once, because the exporter uses it as a label. */
static void add_disk(struct sample *sample, const char *name, size_t len)
{
	char *into;

	if (sample->disk_count == DISKS_MAX)
		return;
	into = sample->disks[sample->disk_count].name;
	copy_text(into, name, len);
	if (!find_disk(sample, into))
		sample->disk_count++;
}

static const struct nic *find_nic(const struct sample *sample, const char *name)
{
	size_t i;

	for (i = 0; i < sample->nic_count; i++)
		if (!strcmp(sample->nics[i].name, name))
			return &sample->nics[i];
	return NULL;
}

static void add_nic(struct sample *sample, const char *name, size_t len)
{
	char *into;

	if (sample->nic_count == NICS_MAX)
		return;
	into = sample->nics[sample->nic_count].name;
	copy_text(into, name, len);
	if (!find_nic(sample, into))
		sample->nic_count++;
}

/* Guide, Example 3-2. */
void metrics_list(struct sample *sample, const char *text, size_t len)
{
	const char *line, *name;
	size_t line_len, name_len;

	sample->disk_count = 0;
	sample->nic_count = 0;
	memset(sample->disks, 0, sizeof(sample->disks));
	memset(sample->nics, 0, sizeof(sample->nics));
	while (next_line(&text, &len, &line, &line_len)) {
		name_len = line_len;
		name = device_name(line, &name_len, "vscsi ");
		if (name)
			add_disk(sample, name, name_len);
		name_len = line_len;
		name = device_name(line, &name_len, "vnet ");
		if (name)
			add_nic(sample, name, name_len);
	}
}

/* --- rates between two samples ----------------------------------------------- */

/*
 * Returns the growth of a counter times @scale, divided by @divisor. If the counter has gone
 * down, or lacks one of its values, there is no rate.
 */
static struct rate growth(const struct metric *before, const struct metric *now,
			  double scale, double divisor)
{
	struct rate rate = { 0 };

	if (before->state != METRIC_GIVEN || now->state != METRIC_GIVEN ||
	    now->value < before->value || !(divisor > 0))
		return rate;
	rate.given = true;
	rate.value = (double)(now->value - before->value) * scale / divisor;
	return rate;
}

/* Returns 0 if the clock stood still or went back. */
static double seconds_between(uint64_t before_us, uint64_t now_us)
{
	return now_us > before_us ? (double)(now_us - before_us) / 1e6 : 0;
}

/*
 * The two clocks of a percentage are not read at the same moment, so the percentage may be
 * slightly above @max. A value that is much greater is no percentage of the time.
 */
static struct rate percentage(struct rate rate, double max)
{
	if (rate.given && rate.value > 1.1 * max)
		rate.given = false;
	if (rate.value > max)
		rate.value = max;
	return rate;
}

/*
 * Guide, Note on nominal CPU speed: "vm.cpu.used exceed[s] wall clock time due to
 * Turbo Boost". No processor is so much faster than its nominal speed.
 */
#define MAX_USED	1000

/* Guide, Note on vm.cpu.contention.cpu: below 5 %, above 50 %. */
enum zone metrics_zone(const struct rate *contention)
{
	if (!contention->given)
		return ZONE_UNKNOWN;
	if (contention->value < 5)
		return ZONE_UNDERCOMMIT;
	return contention->value > 50 ? ZONE_STARVED : ZONE_NORMAL;
}

const char *zone_name(enum zone zone)
{
	static const char *const names[] = {
		[ZONE_UNKNOWN] = "not known",
		[ZONE_UNDERCOMMIT] = "under-commit",
		[ZONE_NORMAL] = "normal",
		[ZONE_STARVED] = "starved",
	};

	return names[zone];
}

/*
 * Sets @cpu from the basic statistics, in the units of the extended ones. There is no basic
 * statistic for the wait for memory.
 */
static void basic_cpu(const struct sample *sample, struct cpu *cpu)
{
	const struct metric *elapsed = &sample->info[VMGUESTLIB_STAT_ELAPSED_MS];

	memset(cpu, 0, sizeof(*cpu));
	if (elapsed->state == METRIC_GIVEN)
		cpu->time_us = elapsed->value * 1000;
	cpu->used_us = sample->info[VMGUESTLIB_STAT_CPU_USED_MS];
	cpu->used_us.value *= 1000;
	cpu->contention_us = sample->info[VMGUESTLIB_STAT_CPU_STOLEN_MS];
	cpu->contention_us.value *= 1000;
}

static bool has_extended(const struct sample *sample)
{
	return sample->cpu.used_us.state == METRIC_GIVEN &&
	       sample->cpu.contention_us.state == METRIC_GIVEN;
}

/*
 * Guide, Note on vm.cpu.contention.cpu:
 *   Contention% = 100 * (contention_T2 - contention_T1) /
 *                 (VCPUs * (time_T2 - time_T1))
 * The same formula gives the percentages of the time used and of the wait for memory.
 * Hosts before 6.0 have no extended statistics. Their stolen time "is analogous" to
 * the contention, but lacks the time lost to limits. Their cpuUsedMs "is a subset of
 * elapsedMs" (chapter 2, table 3), so on a machine with several processors it may be
 * less than the time that all of them used.
 */
static void cpu_rates(const struct sample *before, const struct sample *now,
		      struct rates *rates)
{
	bool extended = has_extended(before) && has_extended(now);
	const struct metric *mhz = &now->info[VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ];
	struct cpu from = before->cpu, to = now->cpu;
	double seconds, divisor;

	if (!extended) {
		basic_cpu(before, &from);
		basic_cpu(now, &to);
	}
	seconds = seconds_between(from.time_us, to.time_us);
	divisor = seconds * 1e6 * now->vcpus;
	rates->used = percentage(growth(&from.used_us, &to.used_us, 100,
					divisor), MAX_USED);
	rates->contention = percentage(growth(&from.contention_us,
					      &to.contention_us, 100, divisor), 100);
	rates->swap_wait = percentage(growth(&from.swap_wait_us,
					     &to.swap_wait_us, 100, divisor), 100);
	rates->zone = metrics_zone(&rates->contention);
	rates->swap_in_bytes = growth(&from.swap_in_kb, &to.swap_in_kb, 1024,
				      seconds);
	rates->swap_out_bytes = growth(&from.swap_out_kb, &to.swap_out_kb, 1024,
				       seconds);
	/* Chapter 2, VMGuestLib_GetElapsedMs: "combine this value with the CPU
	 * time used ... to estimate the effective virtual machine CPU speed". */
	if (rates->used.given && mhz->state == METRIC_GIVEN)
		rates->effective_mhz = growth(&from.used_us, &to.used_us,
					      (double)mhz->value, seconds * 1e6);
}

/* Guide, Storage Statistics: the equations of IOPs and of average latency. */
static void disk_rates(const struct disk *from, const struct disk *to,
		       struct disk_rates *rates)
{
	double seconds = seconds_between(from->time_us, to->time_us);
	struct rate reads = growth(&from->reads, &to->reads, 1, 1);
	struct rate writes = growth(&from->writes, &to->writes, 1, 1);

	rates->reads = growth(&from->reads, &to->reads, 1, seconds);
	rates->writes = growth(&from->writes, &to->writes, 1, seconds);
	rates->read_bytes = growth(&from->read_bytes, &to->read_bytes, 1,
				   seconds);
	rates->written_bytes = growth(&from->written_bytes, &to->written_bytes,
				      1, seconds);
	rates->read_latency_us = growth(&from->read_us, &to->read_us, 1,
					reads.given ? reads.value : 0);
	rates->write_latency_us = growth(&from->write_us, &to->write_us, 1,
					 writes.given ? writes.value : 0);
}

/* Guide, Metadata Fields: differences of accumulated values become rates. */
static void nic_rates(const struct nic *from, const struct nic *to,
		      struct nic_rates *rates)
{
	double seconds = seconds_between(from->time_us, to->time_us);

	rates->sent = growth(&from->sent, &to->sent, 1, seconds);
	rates->received = growth(&from->received, &to->received, 1, seconds);
	rates->sent_bytes = growth(&from->sent_bytes, &to->sent_bytes, 1,
				   seconds);
	rates->received_bytes = growth(&from->received_bytes,
				       &to->received_bytes, 1, seconds);
}

void metrics_rates(const struct sample *before, const struct sample *now,
		   struct rates *rates)
{
	const struct disk *disk;
	const struct nic *nic;
	size_t i;

	memset(rates, 0, sizeof(*rates));
	/* Guide, Introduction to Statistics Fetch: counters "may decrease". */
	rates->session_changed = !now->session || before->session != now->session;
	if (rates->session_changed)
		return;
	cpu_rates(before, now, rates);
	for (i = 0; i < now->disk_count; i++) {
		disk = find_disk(before, now->disks[i].name);
		if (disk)
			disk_rates(disk, &now->disks[i], &rates->disks[i]);
	}
	for (i = 0; i < now->nic_count; i++) {
		nic = find_nic(before, now->nics[i].name);
		if (nic)
			nic_rates(nic, &now->nics[i], &rates->nics[i]);
	}
}
