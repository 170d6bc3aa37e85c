// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <string.h>

#include "config/config.h"
#include "model/memory.h"

#define BOOT_US			30000000ull	/* time at which half of the ramp has passed */
#define TOUCHED_AT_BOOT		300000ull	/* in millionths of the final value */
#define BALLOON_MAX_PERCENT	65		/* Mem.CtlMaxPercent of ESXi */
#define SWAPPED_PERCENT		30		/* of the reclaimed memory */

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t percent(const struct config *config, const char *key,
			uint64_t of)
{
	return of * config_u64(config, key) / 100;
}

/* The guest touches its memory fast at first, and more and more slowly later. */
static uint64_t touched_mb(const struct config *config, uint64_t now_us)
{
	uint64_t final = percent(config, "vmxsim.mem.touched",
				 config_u64(config, "memsize"));
	uint64_t ramp = (uint64_t)((unsigned __int128)now_us * 1000000 /
				   (now_us + BOOT_US));

	return final * (TOUCHED_AT_BOOT +
			ramp * (1000000 - TOUCHED_AT_BOOT) / 1000000) / 1000000;
}

/* Returns the memory that the host reclaims because of the limit and of other machines. */
static uint64_t reclaimed_mb(const struct config *config, uint64_t touched,
			     uint64_t reserved)
{
	int64_t limit = config_limit(config, "sched.mem.max");
	uint64_t reclaimable = config_u64(config, "memsize") - reserved;
	uint64_t wanted = percent(config, "vmxsim.mem.pressure", touched);
	uint64_t forced = 0;

	wanted = min_u64(min_u64(wanted, touched * 9 / 10), reclaimable);
	if (limit != CONFIG_UNLIMITED && touched > (uint64_t)limit)
		forced = touched - (uint64_t)limit;
	return max_u64(wanted, forced);
}

/*
 * Divides the reclaimed memory into swapped and ballooned memory.  More is ballooned as the
 * wave rises.  Returns the memory that is still mapped.
 */
static uint64_t reclaim(const struct config *config, uint64_t touched,
			int wave, struct memory *memory)
{
	uint64_t wanted = reclaimed_mb(config, touched, memory->reserved_mb);
	uint64_t max = memory->balloon_max_mb, spare;

	memory->swapped_kb = wanted * 1024 * SWAPPED_PERCENT / 100;
	if (wanted > max)
		memory->swapped_kb = max_u64(memory->swapped_kb,
					     (wanted - max) * 1024);
	memory->swap_target_mb = (memory->swapped_kb + 1023) / 1024;
	memory->ballooned_mb = wanted - memory->swap_target_mb;

	spare = min_u64(max - memory->ballooned_mb, (touched - wanted) / 8);
	spare = min_u64(spare, memory->configured_mb - memory->reserved_mb -
			       wanted);
	spare = percent(config, "vmxsim.mem.pressure", spare);
	memory->balloon_target_mb = memory->ballooned_mb + spare;
	memory->ballooned_mb += spare * (uint64_t)(wave + 1000) / 2000;
	memory->target_mb = memory->configured_mb - wanted - spare;
	return touched - memory->swap_target_mb - memory->ballooned_mb;
}

static void share(const struct config *config, int wave, struct memory *memory)
{
	uint64_t swapped_mb = memory->swapped_kb / 1024;
	uint64_t mean = percent(config, "vmxsim.mem.active", memory->mapped_mb);

	memory->shared_mb = percent(config, "vmxsim.mem.shared",
				    memory->mapped_mb);
	memory->shared_saved_mb = memory->shared_mb * 3 / 4;
	memory->active_mb = min_u64(memory->mapped_mb,
				    mean * (uint64_t)(5000 + wave) / 5000);
	memory->zipped_mb = swapped_mb / 4;
	memory->zip_saved_mb = memory->zipped_mb / 2;
	memory->ll_swapped_mb = swapped_mb / 8;
}

static void overhead(const struct config *config, struct memory *memory)
{
	uint64_t pressure = config_u64(config, "vmxsim.mem.pressure");

	memory->overhead_mb = config_overhead_mb(config);
	if (pressure > 50)
		memory->overhead_swapped_kb = memory->overhead_mb * 1024 *
					      (pressure - 50) / 100;
}

static void host(const struct config *config, struct memory *memory)
{
	uint64_t phys = config_u64(config, "vmxsim.host.memMB");
	uint64_t kernel = config_kernel_mb(config);
	uint64_t own = memory->mapped_mb - memory->shared_saved_mb +
		       memory->overhead_mb - memory->overhead_swapped_kb / 1024;
	uint64_t others = percent(config, "vmxsim.host.load",
				  phys - kernel - memory->configured_mb -
				  memory->overhead_mb);

	memory->host_phys_mb = phys;
	memory->host_kernel_mb = kernel;
	memory->host_mapped_mb = own + others;
	memory->host_used_mb = kernel + memory->host_mapped_mb;
	memory->host_free_mb = phys - memory->host_used_mb;
	memory->host_unmapped_mb = memory->host_free_mb;
	memory->host_shared_mb = memory->shared_mb + others / 10;
	memory->host_swapped_mb = memory->swapped_kb / 1024 +
		percent(config, "vmxsim.mem.pressure", others / 10);
}

void memory_at(const struct config *config, uint64_t now_us, int wave,
	       struct memory *memory)
{
	uint64_t touched = touched_mb(config, now_us);

	memset(memory, 0, sizeof(*memory));
	memory->configured_mb = config_u64(config, "memsize");
	memory->reserved_mb = config_u64(config, "sched.mem.min");
	memory->balloon_max_mb = memory->configured_mb * BALLOON_MAX_PERCENT /
				 100;
	memory->mapped_mb = reclaim(config, touched, wave, memory);
	memory->untouched_kb = 1024 * (memory->configured_mb -
				       memory->mapped_mb -
				       memory->ballooned_mb) -
			       memory->swapped_kb;
	share(config, wave, memory);
	overhead(config, memory);
	host(config, memory);
}
