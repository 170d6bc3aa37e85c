/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seeded generator behind everything random: session ids, cookies, channel
 * ids, random replies.  It is splitmix64: every seed is a good one, and streams
 * started from different seeds are independent enough for a model.
 *
 * Whoever needs numbers keeps a stream of its own (same seed, other salt), so
 * that one consumer's appetite does not change what another one sees.
 */
#ifndef VMXSIM_PRNG_H
#define VMXSIM_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state;
};

static inline uint64_t prng_next(struct prng *prng)
{
	uint64_t z = prng->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* @salt: any constant that names the consumer. */
static inline void prng_seed(struct prng *prng, uint64_t seed, uint64_t salt)
{
	prng->state = seed;
	prng->state = prng_next(prng) ^ salt;
}

#endif
