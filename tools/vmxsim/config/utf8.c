// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "config/utf8.h"

#define SURROGATES	0xd800u
#define SURROGATES_END	0xe000u
#define CHARACTERS_END	0x110000u

/* Returns the length of a character by its first byte, or 0 if no character begins with it. */
static size_t character_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

size_t utf8_first(const void *text, size_t len, uint32_t *character)
{
	/* The least character of each length.  A smaller character must have fewer bytes. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *bytes = text;
	size_t wanted = len ? character_len(*bytes) : 0, i;

	if (!wanted || wanted > len)
		return 0;
	*character = wanted == 1 ? *bytes : *bytes & (0xffu >> (wanted + 1));
	for (i = 1; i < wanted; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (bytes[i] & 0x3f);
	}
	if (*character < least[wanted] || *character >= CHARACTERS_END ||
	    (*character >= SURROGATES && *character < SURROGATES_END))
		return 0;
	return wanted;
}
