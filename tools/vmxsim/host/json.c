// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_LEN	6	/* \u00XX */

/* cJSON keeps numbers as double. */
void json_u64(struct cJSON *object, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	cJSON_AddRawToObject(object, name, digits);
}

/* cJSON's strings end at a NUL and have to be UTF-8. */
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
