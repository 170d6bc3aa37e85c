// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/hostile.h"

#include <stdlib.h>
#include <string.h>

#include "host/fault.h"
#include "host/request.h"
#include "model/prng.h"

#define PRNG_SALT_HOSTILE	0x686f7374696c65ull
#define REPLY_PREFIX_LEN	2	/* "1 " or "0 " */
#define LONGEST			70000u

/* Lengths at which counters turn over and buffers end */
static const uint32_t odd_lengths[] = {
	0, 1, 2, 3, 4, 255, 256, 257, 4096, 65535, 65536, 65537, 0x7fffffff,
	0x80000000, 0xfffffffe, 0xffffffff,
};

static uint32_t below(struct prng *prng, uint32_t limit)
{
	return (uint32_t)(prng_next(prng) % limit);
}

static uint32_t odd_length(struct prng *prng)
{
	if (below(prng, 2))
		return below(prng, 2048);
	return odd_lengths[below(prng, sizeof(odd_lengths) / sizeof(odd_lengths[0]))];
}

static void randomize(struct prng *prng, uint8_t *data, size_t from, size_t len)
{
	for (; from < len; from++)
		data[from] = (uint8_t)prng_next(prng);
}

static void flip_bits(struct prng *prng, uint8_t *data, size_t len)
{
	uint32_t flips = 1 + below(prng, 8);

	while (len && flips--)
		data[below(prng, (uint32_t)len)] ^= 1u << below(prng, 8);
}

/* Makes a reply with a valid prefix and random bytes of any length. */
static void replace(struct prng *prng, struct served *served)
{
	size_t len = REPLY_PREFIX_LEN + below(prng, LONGEST);
	uint8_t *data = realloc(served->reply.data, len);

	if (!data)
		return;
	data[0] = below(prng, 4) ? '1' : '0';
	data[1] = ' ';
	randomize(prng, data, REPLY_PREFIX_LEN, len);
	served->reply.data = data;
	served->reply.len = len;
}

static void harm_reply(struct prng *prng, struct served *served)
{
	size_t len = served->reply.len;

	switch (below(prng, 8)) {
	case 0:
		randomize(prng, served->reply.data, 0, len);
		break;
	case 1:
		randomize(prng, served->reply.data, REPLY_PREFIX_LEN, len);
		break;
	case 2:
	case 3:
		flip_bits(prng, served->reply.data, len);
		break;
	case 4:
		served->reply.len = below(prng, (uint32_t)len + 1);
		break;
	case 5:
		replace(prng, served);
		break;
	default:
		break;
	}
}

void hostile_reply(struct faults *faults, struct served *served)
{
	struct prng prng;
	uint64_t seed;

	if (!faults_take(faults, FAULT_HOSTILE, &seed))
		return;
	prng_seed(&prng, seed + faults->injected, PRNG_SALT_HOSTILE);
	harm_reply(&prng, served);
	served->announced = below(&prng, 4) ? (uint32_t)served->reply.len :
					      odd_length(&prng);
	served->waiting = below(&prng, 16);
}

void hostile_packet(struct faults *faults, uint8_t *data, size_t *len)
{
	struct prng prng;
	uint64_t seed;

	if (!faults_take(faults, FAULT_HOSTILE, &seed))
		return;
	prng_seed(&prng, seed + faults->injected, PRNG_SALT_HOSTILE);
	if (below(&prng, 2))
		flip_bits(&prng, data, *len);
	if (!below(&prng, 8))
		*len = below(&prng, (uint32_t)*len + 1);
}
