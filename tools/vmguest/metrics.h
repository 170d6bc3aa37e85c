/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Interprets the host's counters: parses extended statistics, and computes rates from two
 * samples. No I/O and no clock.
 *
 * "Guide" is the Guest and HA Application Monitoring Developer's Guide, vSphere
 * 6.0, chapter 3 unless another is named.
 */
#ifndef VMGUEST_METRICS_H
#define VMGUEST_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vmguestlib.h>

enum metric_state {
	METRIC_MISSING,
	METRIC_UNLIMITED,
	METRIC_GIVEN,
};

/* A number that the host may give. */
struct metric {
	enum metric_state state;
	uint64_t value;
};

#define DEVICE_NAME_MAX	64
#define DISKS_MAX	256
#define NICS_MAX	32

/* One virtual disk, counted since the session began. */
struct disk {
	char name[DEVICE_NAME_MAX];
	uint64_t time_us;
	struct metric reads, writes;
	struct metric read_bytes, written_bytes;
	struct metric read_us, write_us;
};

/* One virtual network adapter; the name is its MAC address. */
struct nic {
	char name[DEVICE_NAME_MAX];
	uint64_t time_us;
	struct metric sent, received;
	struct metric sent_bytes, received_bytes;
	struct metric reservation_mbps, limit_mbps;	/* MB a second */
};

/* Processor time of all vCPUs together. */
struct cpu {
	uint64_t time_us;
	struct metric used_us, contention_us, swap_wait_us;
	struct metric swap_in_kb, swap_out_kb;
};

/* The statistics of one moment. */
struct sample {
	uint64_t session;	/* 0 if the session changed while the sample was taken */
	unsigned int vcpus;
	struct metric info[VMGUESTLIB_STAT_END];
	struct cpu cpu;
	char version[DEVICE_NAME_MAX];	/* of the hypervisor, "" if not known */
	struct disk disks[DISKS_MAX];
	size_t disk_count;
	struct nic nics[NICS_MAX];
	size_t nic_count;
};

/* Takes the reply of GET_INFO: @count elements of @values. */
void metrics_info(struct sample *sample, const struct vmguestlib_value *values,
		  size_t count);

/*
 * Each function parses a reply of STAT_GET in the encoding "text" with @len bytes. The reply
 * was requested at @time_us of the guest's clock. Unknown lines are skipped. If a name comes
 * twice, the first line counts.
 */
void metrics_session(struct sample *sample, const char *text, size_t len);
void metrics_resources(struct sample *sample, uint64_t time_us, const char *text,
		       size_t len);
void metrics_disk(struct disk *disk, uint64_t time_us, const char *text,
		  size_t len);
void metrics_nic(struct nic *nic, uint64_t time_us, const char *text, size_t len);

/* Parses the list of statistics and sets the disks and adapters of @sample. */
void metrics_list(struct sample *sample, const char *text, size_t len);

enum zone {
	ZONE_UNKNOWN,
	ZONE_UNDERCOMMIT,
	ZONE_NORMAL,
	ZONE_STARVED,
};

struct rate {
	bool given;
	double value;
};

struct disk_rates {
	struct rate reads, writes;			/* commands a second */
	struct rate read_bytes, written_bytes;		/* bytes a second */
	struct rate read_latency_us, write_latency_us;	/* mean of one command */
};

struct nic_rates {
	struct rate sent, received;			/* packets a second */
	struct rate sent_bytes, received_bytes;		/* bytes a second */
};

/* Rates between two samples. The disks and adapters are those of the later sample. */
struct rates {
	bool session_changed;
	struct rate used, contention, swap_wait;	/* percent, 0 to 100 */
	struct rate effective_mhz;
	enum zone zone;
	struct rate swap_in_bytes, swap_out_bytes;	/* bytes a second */
	struct disk_rates disks[DISKS_MAX];
	struct nic_rates nics[NICS_MAX];
};

/* Gives no rates between samples of different sessions. */
void metrics_rates(const struct sample *before, const struct sample *now,
		   struct rates *rates);

enum zone metrics_zone(const struct rate *contention);
const char *zone_name(enum zone zone);

#endif
