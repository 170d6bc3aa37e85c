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

/* Each byte is the character of its number: one that is not printable ASCII is \u00XX. */
void json_bytes(struct cJSON *object, const char *name, const void *data, size_t len);

/* As text if it is UTF-8 without NUL, else as json_bytes(). */
void json_text(struct cJSON *object, const char *name, const void *data, size_t len);

/* Writes @json without blanks or newline and frees it. False if it is NULL or no memory. */
bool json_write(struct cJSON *json, FILE *out);

#endif
