// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "qemu/tsc.h"

#include <errno.h>
#include <time.h>

#define NS_PER_SEC		1000000000ull
#define MEASURE_NS		50000000ull
#define TRIES			16

/* A reading of CLOCK_MONOTONIC and of the TSC */
struct instant {
	uint64_t ns, ticks;
};

static struct instant begin;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

/* Returns the fastest of several readings, because an interruption makes a reading wrong. */
static struct instant read_clocks(void)
{
	struct instant best = { 0 };
	uint64_t before, ticks, took, least = UINT64_MAX;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = now_ns();
		ticks = __builtin_ia32_rdtsc();
		took = now_ns() - before;
		if (took >= least)
			continue;
		least = took;
		best = (struct instant) { before + took / 2, ticks };
	}
	return best;
}

void tsc_measure_begin(void)
{
	begin = read_clocks();
}

uint64_t tsc_measure_end(void)
{
	uint64_t passed = now_ns() - begin.ns;
	struct timespec left = { 0 };
	struct instant end;

	if (passed < MEASURE_NS)
		left.tv_nsec = (long)(MEASURE_NS - passed);
	while (nanosleep(&left, &left) && errno == EINTR)
		;
	end = read_clocks();
	return (uint64_t)((unsigned __int128)(end.ticks - begin.ticks) *
			  NS_PER_SEC / (end.ns - begin.ns));
}
