/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The generator of all random numbers: session ids, cookies, channel ids, random replies.
 * The algorithm is splitmix64.  It has no bad seed, and the streams of different seeds are
 * independent enough for a model.
 *
 * Each consumer of random numbers has a stream of its own (same seed, other salt), so that
 * one consumer does not change the numbers of another.
 */
#ifndef VMXSIM_PRNG_H
#define VMXSIM_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state;
};

uint64_t prng_next(struct prng *prng);

/* Begins the stream of a consumer, whose @salt may be any constant of its own. */
void prng_seed(struct prng *prng, uint64_t seed, uint64_t salt);

#endif
