// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The document of vmguest report: the probes, and the masking of secrets in them.
 */
#include "report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "host.h"
#include "names.h"
#include "text.h"

#define SECRETS_MAX	16
#define BYTES_MAX	4096

static char *secrets[SECRETS_MAX];
static size_t secret_count;

static void *needed(void *memory)
{
	if (memory)
		return memory;
	complain("out of memory");
	exit(EX_OSERR);
}

int64_t report_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void report_text(cJSON *object, const char *key, const char *text)
{
	char *clean = needed(clean_text(text, "\n\t"));

	needed(cJSON_AddStringToObject(object, key, clean));
	free(clean);
}

void report_number(cJSON *object, const char *key, double number)
{
	needed(cJSON_AddNumberToObject(object, key, number));
}

cJSON *report_probe(struct report *report, const char *name)
{
	cJSON *probe = needed(cJSON_CreateObject());

	report_text(probe, "name", name);
	cJSON_AddItemToArray(report->probes, probe);
	return probe;
}

const cJSON *report_find(const struct report *report, const char *name, const char *key)
{
	const cJSON *probe;

	for (probe = report->probes->child; probe; probe = probe->next)
		if (!strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(probe, "name")),
			    name))
			return cJSON_GetObjectItem(probe, key);
	return NULL;
}

const char *report_error(int err)
{
	const char *name = error_name(-host_errno(err));

	return name ? name : "unknown";
}

void report_outcome(cJSON *probe, int err, int64_t begin_us)
{
	report_text(probe, "outcome", err < 0 ? report_error(err) : "ok");
	report_number(probe, "us", (double)(report_now_us() - begin_us));
}

void report_mask(const char *text)
{
	if (text && strlen(text) > 2 && secret_count < SECRETS_MAX)
		secrets[secret_count++] = needed(strdup(text));
}

void report_forget_masks(void)
{
	while (secret_count)
		free(secrets[--secret_count]);
}

/* --- masking ----------------------------------------------------------------- */

/*
 * Returns the number of bytes at TEXT that match the pattern. In it, h is a hexadecimal
 * digit and d is a decimal number.
 */
static size_t matches(const char *text, size_t len, const char *pattern)
{
	size_t at = 0, digits;

	for (; *pattern; pattern++) {
		if (*pattern == 'd') {
			for (digits = 0; at < len && digits < 3 &&
			     isdigit((unsigned char)text[at]); digits++)
				at++;
			if (!digits)
				return 0;
		} else if (at >= len || (*pattern == 'h' ?
				!isxdigit((unsigned char)text[at]) :
				text[at] != *pattern)) {
			return 0;
		} else {
			at++;
		}
	}
	return at;
}

static void mask_pattern(char *text, size_t len, const char *pattern)
{
	size_t i, j, found;

	for (i = 0; i < len; i++) {
		found = matches(text + i, len - i, pattern);
		for (j = 0; j < found; j++)
			if (isxdigit((unsigned char)text[i + j]))
				text[i + j] = 'x';
	}
}

static void mask_secrets(char *text, size_t len)
{
	char *found;
	size_t i, size;

	for (i = 0; i < secret_count; i++) {
		size = strlen(secrets[i]);
		while ((found = memmem(text, len, secrets[i], size)))
			memset(found, 'x', size);
	}
	mask_pattern(text, len, "hh:hh:hh:hh:hh:hh");
	mask_pattern(text, len, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh");
	mask_pattern(text, len, "hh hh hh hh hh hh hh hh-hh hh hh hh hh hh hh hh");
	mask_pattern(text, len, "d.d.d.d");
}

static bool is_text(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isprint((unsigned char)bytes[i]) && bytes[i] != '\n' &&
		    bytes[i] != '\t')
			return false;
	return len;
}

void report_bytes(cJSON *probe, const char *bytes, size_t len)
{
	size_t kept = len < BYTES_MAX ? len : BYTES_MAX, i;
	/* The buffer has room for the bytes and for twice as many digits. */
	char *copy = needed(calloc(3, kept + 1));
	char *hex = copy + kept + 1;

	memcpy(copy, bytes, kept);
	mask_secrets(copy, kept);
	for (i = 0; i < kept; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)copy[i]);
	report_number(probe, "length", (double)len);
	report_text(probe, "hex", hex);
	if (is_text(copy, kept))
		report_text(probe, "text", copy);
	free(copy);
}
