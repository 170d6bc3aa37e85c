/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Functions that cJSON lacks: for whole numbers of 64 bits, and for bytes that are no text. */
#ifndef VMXSIM_JSON_H
#define VMXSIM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct cJSON;

void json_u64(struct cJSON *object, const char *name, uint64_t value);

/*
 * Adds each byte as the character with this number.  Bytes that are not printable ASCII become
 * \u00XX.
 */
void json_bytes(struct cJSON *object, const char *name, const void *data, size_t len);

/* Adds @data as text if it is UTF-8 without NUL, otherwise like json_bytes(). */
void json_text(struct cJSON *object, const char *name, const void *data, size_t len);

/*
 * Writes @json without blanks and newlines, and frees it.  Returns false if @json is NULL or
 * memory is short.
 */
bool json_write(struct cJSON *json, FILE *out);

#endif
