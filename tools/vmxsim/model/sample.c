// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The statistics of one instant, from the model's counters and its memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "model/memory.h"
#include "model/model.h"

#define SALT_DEVICE	0x646576696365ull
#define SWAP_US_PER_KB	100	/* time that a processor waits for one KB */

static uint64_t shares(const struct config *config, const char *key,
		       uint64_t low, uint64_t units)
{
	int level = word_index("low|normal|high", config_str(config, key));
	uint64_t number = 0;

	if (level >= 0)
		return (low << level) * units;
	parse_u64(config_str(config, key), UINT64_MAX, &number);
	return number;
}

static void give(struct sample *sample, unsigned int id, uint64_t value)
{
	sample->wire[id].value = value;
	sample->wire[id].state = STATE_GIVEN;
}

static void give_limit(struct sample *sample, unsigned int id, int64_t limit)
{
	give(sample, id, limit == SAMPLE_UNLIMITED ? UINT32_MAX :
						     (uint64_t)limit);
	if (limit == SAMPLE_UNLIMITED)
		sample->wire[id].state = STATE_UNLIMITED;
}

static void sample_settings(const struct config *config, struct sample *sample)
{
	uint64_t mem_shares = shares(config, "sched.mem.shares", 5,
				     config_u64(config, "memsize"));

	sample->host_mhz = config_u64(config, "vmxsim.host.processorMHz");
	sample->cpu_reserved_mhz = config_u64(config, "sched.cpu.min");
	sample->cpu_limit_mhz = config_limit(config, "sched.cpu.max");
	sample->mem_limit_kb = config_limit(config, "sched.mem.max");
	give(sample, WIRE_HOST_MHZ, sample->host_mhz);
	give(sample, WIRE_CPU_RESERVATION_MHZ, sample->cpu_reserved_mhz);
	give_limit(sample, WIRE_CPU_LIMIT_MHZ, sample->cpu_limit_mhz);
	give_limit(sample, WIRE_MEM_LIMIT_MB, sample->mem_limit_kb);
	if (sample->mem_limit_kb != SAMPLE_UNLIMITED)
		sample->mem_limit_kb *= 1024;
	give(sample, WIRE_CPU_SHARES,
	     shares(config, "sched.cpu.shares", 500,
		    config_u64(config, "numvcpus")));
	give(sample, WIRE_MEM_SHARES64, mem_shares);
	give(sample, WIRE_MEM_SHARES, mem_shares);
	if (mem_shares > UINT32_MAX)
		sample->wire[WIRE_MEM_SHARES].state = STATE_UNAVAILABLE;
	give(sample, WIRE_HOST_CPU_NUM_CORES,
	     config_u64(config, "vmxsim.host.cores"));
}

static void sample_cpu(const struct model *model, const struct usage *per_cpu,
		       struct sample *sample)
{
	uint64_t cpus = config_u64(model->config, "numvcpus");
	uint64_t used_us = cpus * per_cpu->used;

	sample->uptime_us = model->now_us - model->session_start_us;
	sample->used_us = used_us;
	sample->swap_wait_us = cpus * per_cpu->swap_wait;
	sample->contention_us = cpus * per_cpu->stolen;
	if (model_preset(model->config)->limits_are_contention) {
		sample->limited_us = cpus * per_cpu->limited;
		sample->contention_us += sample->limited_us;
	}
	sample->idle_us = cpus * sample->uptime_us - sample->used_us -
			  sample->contention_us - sample->swap_wait_us;

	if (config_is(model->config, "vmxsim.quirk.cpuUsed", "capped") &&
	    used_us > sample->uptime_us)
		used_us = sample->uptime_us;
	give(sample, WIRE_CPU_USED_MS, used_us / 1000);
	give(sample, WIRE_CPU_STOLEN_MS,
	     (sample->contention_us - sample->limited_us) / 1000);
	give(sample, WIRE_ELAPSED_MS, sample->uptime_us / 1000);
	give(sample, WIRE_HOST_CPU_USED_MS,
	     (sample->used_us + per_cpu->host_other) / 1000);
}

static void sample_host_memory(const struct memory *memory,
			       struct sample *sample)
{
	give(sample, WIRE_HOST_MEM_SWAPPED_MB, memory->host_swapped_mb);
	give(sample, WIRE_HOST_MEM_SHARED_MB, memory->host_shared_mb);
	give(sample, WIRE_HOST_MEM_USED_MB, memory->host_used_mb);
	give(sample, WIRE_HOST_MEM_PHYS_MB, memory->host_phys_mb);
	give(sample, WIRE_HOST_MEM_PHYS_FREE_MB, memory->host_free_mb);
	give(sample, WIRE_HOST_MEM_KERN_OVHD_MB, memory->host_kernel_mb);
	give(sample, WIRE_HOST_MEM_MAPPED_MB, memory->host_mapped_mb);
	give(sample, WIRE_HOST_MEM_UNMAPPED_MB, memory->host_unmapped_mb);
}

static void sample_memory(const struct memory *memory, struct sample *sample)
{
	uint64_t used_mb = memory->mapped_mb - memory->shared_saved_mb;

	give(sample, WIRE_MEM_RESERVATION_MB, memory->reserved_mb);
	give(sample, WIRE_MEM_MAPPED_MB, memory->mapped_mb);
	give(sample, WIRE_MEM_ACTIVE_MB, memory->active_mb);
	give(sample, WIRE_MEM_OVERHEAD_MB, memory->overhead_mb);
	give(sample, WIRE_MEM_BALLOONED_MB, memory->ballooned_mb);
	give(sample, WIRE_MEM_SWAPPED_MB, memory->swapped_kb / 1024);
	give(sample, WIRE_MEM_SHARED_MB, memory->shared_mb);
	give(sample, WIRE_MEM_SHARED_SAVED_MB, memory->shared_saved_mb);
	give(sample, WIRE_MEM_USED_MB, used_mb);
	give(sample, WIRE_MEM_TARGET_SIZE_MB, memory->target_mb);
	give(sample, WIRE_MEM_ZIPPED_MB, memory->zipped_mb);
	give(sample, WIRE_MEM_ZIP_SAVED_MB, memory->zip_saved_mb);
	give(sample, WIRE_MEM_LL_SWAPPED_MB, memory->ll_swapped_mb);
	give(sample, WIRE_MEM_SWAP_TARGET_MB, memory->swap_target_mb);
	give(sample, WIRE_MEM_BALLOON_TARGET_MB, memory->balloon_target_mb);
	give(sample, WIRE_MEM_BALLOON_MAX_MB, memory->balloon_max_mb);

	sample->reserved_kb = memory->reserved_mb * 1024;
	sample->mapped_kb = (memory->mapped_mb + memory->ballooned_mb) * 1024;
	sample->consumed_kb = used_mb * 1024;
	sample->swapped_kb = memory->swapped_kb;
	sample->ballooned_kb = memory->ballooned_mb * 1024;
	sample->untouched_kb = memory->untouched_kb;
	sample->overhead_swapped_kb = memory->overhead_swapped_kb;
}

static void sample_swap(const struct model *model, struct sample *sample)
{
	const struct swap_account *guest = &model->guest_swap;
	const struct swap_account *overhead = &model->overhead_swap;
	uint64_t churn_kb = sample->swap_wait_us / SWAP_US_PER_KB;

	sample->swap_in_kb = guest->in_kb + churn_kb;
	sample->swap_out_kb = guest->out_kb + churn_kb + sample->swapped_kb -
			      guest->segment_kb;
	sample->overhead_in_kb = overhead->in_kb;
	sample->overhead_out_kb = overhead->out_kb +
				  sample->overhead_swapped_kb -
				  overhead->segment_kb;
}

static uint64_t times(uint64_t value, uint64_t factor)
{
	return value > UINT64_MAX / factor ? UINT64_MAX : value * factor;
}

static int64_t limit_times(uint64_t value, int64_t factor)
{
	return value == UINT32_MAX ? SAMPLE_UNLIMITED : (int64_t)value * factor;
}

/* Sets the values of the extended statistics that have to agree with an override. */
static void follow_override(struct sample *sample, unsigned int id,
			    uint64_t value)
{
	switch (id) {
	case WIRE_CPU_RESERVATION_MHZ:
		sample->cpu_reserved_mhz = value;
		break;
	case WIRE_CPU_LIMIT_MHZ:
		sample->cpu_limit_mhz = limit_times(value, 1);
		break;
	case WIRE_CPU_USED_MS:
		sample->used_us = times(value, 1000);
		break;
	case WIRE_HOST_MHZ:
		sample->host_mhz = value;
		break;
	case WIRE_MEM_RESERVATION_MB:
		sample->reserved_kb = value * 1024;
		break;
	case WIRE_MEM_LIMIT_MB:
		sample->mem_limit_kb = limit_times(value, 1024);
		break;
	case WIRE_MEM_MAPPED_MB:
	case WIRE_MEM_BALLOONED_MB:
		sample->mapped_kb =
			(sample->wire[WIRE_MEM_MAPPED_MB].value +
			 sample->wire[WIRE_MEM_BALLOONED_MB].value) * 1024;
		sample->ballooned_kb =
			sample->wire[WIRE_MEM_BALLOONED_MB].value * 1024;
		break;
	case WIRE_MEM_SWAPPED_MB:
		sample->swapped_kb = value * 1024;
		break;
	case WIRE_MEM_USED_MB:
		sample->consumed_kb = value * 1024;
		break;
	case WIRE_ELAPSED_MS:
		sample->uptime_us = times(value, 1000);
		break;
	case WIRE_CPU_STOLEN_MS:
		sample->contention_us = times(value, 1000) + sample->limited_us;
		break;
	default:
		break;
	}
}

static void override(const struct config *config, struct sample *sample)
{
	const char *value;
	uint64_t number;
	unsigned int id;
	char key[64];

	for (id = 1; id < WIRE_END; id++) {
		snprintf(key, sizeof(key), "vmxsim.stat.%s",
			 wire_stats[id].name);
		value = config_str(config, key);
		if (!strcasecmp(value, "absent")) {
			sample->wire[id].state = STATE_ABSENT;
		} else if (!strcasecmp(value, "unavailable")) {
			sample->wire[id].state = STATE_UNAVAILABLE;
		} else if (parse_u64(value, UINT64_MAX, &number)) {
			give(sample, id, number);
			follow_override(sample, id, number);
		}
	}
}

/* Only memory that the host has mapped is on a node. */
static void sample_numa(const struct config *config, struct sample *sample)
{
	uint64_t percent = config_u64(config, "vmxsim.mem.remote");
	uint64_t placed_kb = sample->mapped_kb;

	if (config_is(config, "vmxsim.quirk.numa", "configured"))
		placed_kb = config_u64(config, "memsize") * 1024;
	sample->numa_remote_kb = placed_kb / 100 * percent +
				 placed_kb % 100 * percent / 100;
	sample->numa_local_kb = placed_kb - sample->numa_remote_kb;
}

void model_sample(const struct model *model, struct sample *sample)
{
	struct memory memory;
	struct usage usage;

	memset(sample, 0, sizeof(*sample));
	sample->session = model->session;
	model_usage(model, &usage);
	model_memory(model, &memory);
	sample_settings(model->config, sample);
	sample_cpu(model, &usage, sample);
	sample_memory(&memory, sample);
	sample_host_memory(&memory, sample);
	sample_swap(model, sample);
	override(model->config, sample);
	sample_numa(model->config, sample);
}

static void seed_device(const struct model *model, const char *name,
			struct prng *prng)
{
	prng_seed(prng, config_u64(model->config, "vmxsim.seed"), SALT_DEVICE);
	for (; *name; name++) {
		prng->state ^= (unsigned char)*name;
		prng_next(prng);
	}
}

static uint64_t between(struct prng *prng, uint64_t min, uint64_t max)
{
	return min + prng_next(prng) % (max - min + 1);
}

/* Returns the operations of a device that makes 50 to 150 percent of the average. */
static uint64_t weigh(struct prng *prng, uint64_t milli)
{
	return milli / 100 * between(prng, 50, 150) / 1000;
}

void model_disk(const struct model *model, const char *name,
		struct disk_sample *sample)
{
	struct usage usage;
	struct prng prng;
	uint64_t commands;

	model_usage(model, &usage);
	seed_device(model, name, &prng);
	commands = weigh(&prng, usage.disk_milli);
	sample->reads = commands * between(&prng, 50, 95) / 100;
	sample->writes = commands - sample->reads;
	sample->read_bytes = sample->reads * between(&prng, 8, 128) * 512;
	sample->written_bytes = sample->writes * between(&prng, 8, 128) * 512;
	sample->read_us = sample->reads * between(&prng, 200, 4000);
	sample->write_us = sample->writes * between(&prng, 200, 4000);
}

void model_net(const struct model *model, const char *name,
	       struct net_sample *sample)
{
	struct usage usage;
	struct prng prng;

	model_usage(model, &usage);
	seed_device(model, name, &prng);
	sample->sent = weigh(&prng, usage.net_milli);
	sample->received = weigh(&prng, usage.net_milli);
	sample->sent_bytes = sample->sent * between(&prng, 60, 1514);
	sample->received_bytes = sample->received * between(&prng, 60, 1514);
}
