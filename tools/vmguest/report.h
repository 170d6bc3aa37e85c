/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The document of vmguest report: JSON with a list of probes. Each probe has a name, the
 * outcome, its duration, and the bytes that were received. Nothing here prints.
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
	unsigned long move_s;	/* time to wait for a move, or 0 */
	int status;		/* exit status; not 0 if the host may still be enabled */
};

/* Adds a probe of this name. It is never NULL, because a lack of memory ends the program. */
cJSON *report_probe(struct report *report, const char *name);

/* Returns the probe of this name that has a member KEY, or NULL. */
const cJSON *report_find(const struct report *report, const char *name, const char *key);

/* Returns the name of an errno or of an error of host.h, never NULL. */
const char *report_error(int err);

/* Adds the outcome, which is "ok" or the name of the error, and the duration in us. */
void report_outcome(cJSON *probe, int err, int64_t begin_us);

/* Adds the bytes as "hex", and as "text" if they are text. Secrets are masked in both. */
void report_bytes(cJSON *probe, const char *bytes, size_t len);

/* Adds TEXT, which may be any bytes of the host, as UTF-8 without control characters. */
void report_text(cJSON *object, const char *key, const char *text);
void report_number(cJSON *object, const char *key, double number);

int64_t report_now_us(void);

/*
 * After this call, TEXT is masked in everything that is added. Network addresses and UUIDs
 * are always masked.
 */
void report_mask(const char *text);
void report_forget_masks(void);

#endif
