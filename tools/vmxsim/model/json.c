// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "model/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/utf8.h"

#define ESCAPE_LEN	6	/* \u00XX */

/* The number is added as raw text, because cJSON keeps numbers as double. */
void json_u64(struct cJSON *object, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	cJSON_AddRawToObject(object, name, digits);
}

/* The string is added as raw text, because strings of cJSON end at a NUL and are UTF-8. */
void json_bytes(struct cJSON *object, const char *name, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	char *text = malloc(ESCAPE_LEN * len + sizeof("\"\"")), *out = text;
	size_t i;

	if (!text)
		return;
	*out++ = '"';
	for (i = 0; i < len; i++) {
		if (bytes[i] < ' ' || bytes[i] > '~') {
			out += sprintf(out, "\\u%04x", bytes[i]);
			continue;
		}
		if (bytes[i] == '"' || bytes[i] == '\\')
			*out++ = '\\';
		*out++ = (char)bytes[i];
	}
	strcpy(out, "\"");
	cJSON_AddRawToObject(object, name, text);
	free(text);
}

/* A NUL is no text, because strings of cJSON end at a NUL. */
static bool is_text(const uint8_t *bytes, size_t len)
{
	uint32_t character;
	size_t n;

	for (; len; bytes += n, len -= n) {
		n = utf8_first(bytes, len, &character);
		if (!n || !character)
			return false;
	}
	return true;
}

void json_text(struct cJSON *object, const char *name, const void *data, size_t len)
{
	char *text;

	if (!is_text(data, len)) {
		json_bytes(object, name, data, len);
		return;
	}
	text = strndup(data, len);
	if (text)
		cJSON_AddStringToObject(object, name, text);
	free(text);
}

bool json_write(struct cJSON *json, FILE *out)
{
	char *text = cJSON_PrintUnformatted(json);

	cJSON_Delete(json);
	if (!text)
		return false;
	fputs(text, out);
	free(text);
	return true;
}
