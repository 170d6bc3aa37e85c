/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The four encodings of the extended statistics; see stat.h. */
#ifndef VMXSIM_METRIC_H
#define VMXSIM_METRIC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum encoding {
	ENCODING_TEXT,
	ENCODING_XML,
	ENCODING_JSON,
	ENCODING_YAML,
	ENCODING_UNKNOWN,
};

enum metric_type {
	METRIC_STATIC,
	METRIC_INSTANT,
	METRIC_ACCUMULATE,
};

struct writer {
	FILE *out;
	enum encoding encoding;
	bool list;	/* a list of names is written, not metrics */
	bool lines;	/* JSON and XML are broken into lines */
	bool first;	/* nothing was written yet */
	uint64_t session;
};

enum encoding encoding_find(const char *name);

/*
 * The text before the metrics is written with the first metric, and the text after them by
 * writer_end().
 */
void writer_begin(struct writer *writer, FILE *out, enum encoding encoding,
		  bool list, uint64_t session, bool lines);
void writer_end(struct writer *writer, bool final_newline);

void list_name(struct writer *writer, const char *name);

void metric(struct writer *writer, const char *name, enum metric_type type,
	    const char *units, uint64_t value);

/* Writes @value as a static number. It may be -1, which stands for "no limit". */
void metric_limit(struct writer *writer, const char *name, const char *units,
		  int64_t value);

/* Texts have neither type nor units. */
void metric_text(struct writer *writer, const char *name, const char *value);

#endif
