/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The model: one VM on an ESXi host.
 *
 * Every value only depends on the model's time, the seed and the configuration, not on the
 * number of requests.  Counters are exact integers, so the equations hold to the microsecond
 * and to the kilobyte:
 *
 *   processors x uptime = used + contention.cpu + contention.mem + idle
 *   mapped (KB)         = 1024 x (memMappedMB + memBalloonedMB)
 *   memUsedMB           = memMappedMB - memSharedSavedMB
 *   cpuStolenMs         = contention.cpu without the time lost to limits
 *   configured          = mapped + swapped + untouched
 *   numa.local + numa.remote = mapped
 *   swapped             = swapped at the session's start + swapOut - swapIn
 */
#ifndef VMXSIM_MODEL_H
#define VMXSIM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/wire_stats.h"
#include "model/prng.h"

struct config;

/* The features of a generation of hosts. */
struct preset {
	const char *name;
	const char *version;		/* version in the form of the session statistics */
	unsigned int info_count;	/* number of statistics in a record of version 3 */
	bool stat_get;			/* the host serves guestlib.stat.get */
	bool limits_are_contention;	/* contention.cpu contains the time lost to limits */
	bool auth;			/* the host knows guest_rpc.rpci.auth.app.* */
	bool appmon;			/* the host serves GuestAppMonitor.Cmd.* */
	bool app_state;			/* PostAppState is one of these commands */
	bool sockets;			/* the host serves port 976 */
};

const struct preset *model_preset(const struct config *config);

/* Returns whether the VM and the host both allow statistics of the whole host. */
bool model_host_info(const struct config *config);

/* The usage repeats after this number of slots.  A slot takes one second. */
#define WAVE_SLOTS	256

/* Parts of each processor's time in thousandths; the rest is idle. */
struct share {
	uint16_t used;
	uint16_t stolen;
	uint16_t limited;
	uint16_t swap_wait;
	uint16_t io;		/* load of the devices; 1000 stands for the configured rates */
};

/* Usage.  A member without a comment is a time of one processor in microseconds. */
struct usage {
	uint64_t used;
	uint64_t stolen;
	uint64_t limited;
	uint64_t swap_wait;
	uint64_t host_other;	/* time of all processors of the host together */
	uint64_t io;		/* time of the devices in thousandths of a microsecond */
	uint64_t disk_milli;	/* commands of an average disk in thousandths */
	uint64_t net_milli;	/* packets of an average adapter in thousandths */
};

struct swap_account {
	uint64_t segment_kb;	/* memory that was swapped when the segment began */
	uint64_t in_kb, out_kb;	/* memory swapped in and out before the segment */
};

struct model {
	const struct config *config;
	struct prng session_ids;

	uint64_t now_us;	/* the model's time since power on */
	uint64_t skipped_us;	/* virtual time for which the model was frozen */
	bool frozen;

	uint64_t session;
	uint64_t session_start_us;

	/* Each change of the configuration begins a segment.  @before is the usage before it. */
	uint64_t segment_start_us;
	struct usage before;
	struct swap_account guest_swap, overhead_swap;

	int16_t wave[WAVE_SLOTS];	/* the curve, from -1000 to 1000 */
	struct share shares[WAVE_SLOTS];
	struct usage prefix[WAVE_SLOTS + 1];
};

enum wire_state {
	STATE_GIVEN,
	STATE_UNLIMITED,
	STATE_UNAVAILABLE,
	STATE_ABSENT,
};

struct wire_value {
	uint64_t value;
	enum wire_state state;
};

#define SAMPLE_UNLIMITED	(-1)

/* All statistics at one time. */
struct sample {
	uint64_t session;
	struct wire_value wire[WIRE_END];	/* a text has only its state here */

	/* The extended statistics, in their units. */
	int64_t cpu_limit_mhz, mem_limit_kb;	/* a limit, or SAMPLE_UNLIMITED */
	uint64_t cpu_reserved_mhz, host_mhz;
	uint64_t uptime_us, used_us, contention_us, swap_wait_us, idle_us;
	uint64_t limited_us;			/* contained in contention_us */
	uint64_t numa_local_kb, numa_remote_kb;
	uint64_t reserved_kb, mapped_kb, consumed_kb, swapped_kb, ballooned_kb;
	uint64_t swap_in_kb, swap_out_kb;
	uint64_t overhead_swapped_kb, overhead_in_kb, overhead_out_kb;
	uint64_t untouched_kb;
};

struct disk_sample {
	uint64_t reads, writes;
	uint64_t read_bytes, written_bytes;
	uint64_t read_us, write_us;
};

struct net_sample {
	uint64_t sent, received;
	uint64_t sent_bytes, received_bytes;
};

/* Called at power on, at time 0.  @config must outlive the model. */
void model_start(struct model *model, const struct config *config);

/* Moves the model to a later virtual time. */
void model_advance(struct model *model, uint64_t now_ns);

void model_freeze(struct model *model);
void model_thaw(struct model *model, uint64_t now_ns);

/* Sets another session id.  The cumulative counters start again. */
void model_new_session(struct model *model);

/* Called before and after each change of the configuration */
void model_settle(struct model *model);
void model_load(struct model *model);

void model_sample(const struct model *model, struct sample *sample);

/* Return two parts of the sample: the usage of the session, and the current memory. */
struct memory;
void model_usage(const struct model *model, struct usage *usage);
void model_memory(const struct model *model, struct memory *memory);

/* Take the sample of the device @name.  Devices with different names have other values. */
void model_disk(const struct model *model, const char *name,
		struct disk_sample *sample);
void model_net(const struct model *model, const char *name,
	       struct net_sample *sample);

#endif
