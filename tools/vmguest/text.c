// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "text.h"

static const char replacement[] = "\xef\xbf\xbd";

/* Returns the length of the valid UTF-8 sequence (RFC 3629) at BYTES, or 0. */
static size_t sequence(const unsigned char *bytes)
{
	size_t len, i;
	unsigned char low = 0x80, high = 0xbf;

	if (*bytes < 0x80)
		return *bytes >= 0x20 && *bytes != 0x7f;
	if (*bytes < 0xc2 || *bytes > 0xf4)
		return 0;
	len = *bytes < 0xe0 ? 2 : *bytes < 0xf0 ? 3 : 4;
	switch (*bytes) {
	case 0xc2:
		/* U+0080 to U+009F are control characters, too. */
	case 0xe0:
		low = 0xa0;
		break;
	case 0xed:
		high = 0x9f;
		break;
	case 0xf0:
		low = 0x90;
		break;
	case 0xf4:
		high = 0x8f;
		break;
	}
	if (bytes[1] < low || bytes[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

char *clean_text(const char *text, const char *kept)
{
	char *clean = malloc(strlen(text) * strlen(replacement) + 1);
	char *end = clean;

	if (!clean)
		return NULL;
	while (*text) {
		size_t len = strchr(kept, *text) ?
			1 : sequence((const unsigned char *)text);

		end = len ? mempcpy(end, text, len) : stpcpy(end, replacement);
		text += len ? len : 1;
	}
	*end = '\0';
	return clean;
}

bool status_is(const char *word, const char *colour)
{
	size_t len = strlen(word), colour_len = strlen(colour);

	return len >= colour_len && !strcasecmp(word + len - colour_len, colour);
}

char *text_for(FILE *stream, const char *text)
{
	return isatty(fileno(stream)) ? clean_text(text, "\n\t") : strdup(text);
}

int print_reply(FILE *stream, const char *text)
{
	char *shown = text_for(stream, text);
	size_t len;

	if (!shown)
		return -ENOMEM;
	len = strlen(shown);
	fputs(shown, stream);
	if (!len || shown[len - 1] != '\n')
		fputc('\n', stream);
	free(shown);
	return 0;
}
