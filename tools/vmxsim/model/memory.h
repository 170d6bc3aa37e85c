/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The model's memory at one instant; see model.h for the equations. */
#ifndef VMXSIM_MEMORY_H
#define VMXSIM_MEMORY_H

#include <stdint.h>

struct config;

struct memory {
	uint64_t configured_mb, reserved_mb;
	uint64_t mapped_mb, active_mb, overhead_mb, ballooned_mb;
	uint64_t shared_mb, shared_saved_mb;
	uint64_t zipped_mb, zip_saved_mb, ll_swapped_mb;	/* parts of the swapped memory */
	uint64_t target_mb, swap_target_mb, balloon_target_mb, balloon_max_mb;
	uint64_t swapped_kb, overhead_swapped_kb, untouched_kb;

	uint64_t host_phys_mb, host_free_mb, host_used_mb, host_kernel_mb;
	uint64_t host_mapped_mb, host_unmapped_mb;
	uint64_t host_shared_mb, host_swapped_mb;
};

/*
 * Sets @memory to the model's memory at @now_us.  @wave, from -1000 to 1000, changes the amounts
 * that the host may change freely.  Swapped memory does not depend on @wave, and never shrinks
 * with time.
 */
void memory_at(const struct config *config, uint64_t now_us, int wave,
	       struct memory *memory);

#endif
