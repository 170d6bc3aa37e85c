/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What vmguest report collects: a JSON document with a list of probes. Each probe has a
 * name, the outcome, how long it took, and the bytes that came. Nothing here prints.
 */
#ifndef VMGUEST_REPORT_H
#define VMGUEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct report {
	cJSON *document;
	cJSON *probes;
	bool active;
	unsigned long move_s;	/* how long to wait for a move; 0: not at all */
	int status;		/* the exit status: whether the host is left as it was */
};

/* A new probe of this name; never NULL, for memory that is missing ends the program. */
cJSON *report_probe(struct report *report, const char *name);

/* The probe of this name that has a member KEY, or NULL. */
const cJSON *report_find(const struct report *report, const char *name, const char *key);

/* The name of an errno, or of an error of the functions of host.h. Never NULL. */
const char *report_error(int err);

/* "ok", or the name of the error; and how long it took, in us. */
void report_outcome(cJSON *probe, int err, int64_t begin_us);

/* What came: "hex", and "text" where it is text. Secrets are masked in both. */
void report_bytes(cJSON *probe, const char *bytes, size_t len);

/* TEXT may be any bytes of the host: it becomes UTF-8 without control characters. */
void report_text(cJSON *object, const char *key, const char *text);
void report_number(cJSON *object, const char *key, double number);

int64_t report_now_us(void);

/*
 * Whatever equals TEXT is masked from now on, in what is added later. Addresses of
 * networks and UUIDs are masked without being named.
 */
void report_mask(const char *text);
void report_forget_masks(void);

#endif
