// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "model/metric.h"

#include <inttypes.h>
#include <string.h>

static const char *const encodings[] = {
	[ENCODING_TEXT] = "text",
	[ENCODING_XML] = "xml",
	[ENCODING_JSON] = "json",
	[ENCODING_YAML] = "yaml",
};

static const char *const types[] = {
	[METRIC_STATIC] = "static",
	[METRIC_INSTANT] = "instant",
	[METRIC_ACCUMULATE] = "accumulate",
};

enum encoding encoding_find(const char *name)
{
	unsigned int encoding;

	for (encoding = 0; encoding < ENCODING_UNKNOWN; encoding++)
		if (!strcmp(encodings[encoding], name))
			break;
	return encoding;
}

void writer_begin(struct writer *writer, FILE *out, enum encoding encoding,
		  bool list, uint64_t session, bool lines)
{
	writer->out = out;
	writer->encoding = encoding;
	writer->list = list;
	writer->lines = lines;
	writer->first = true;
	writer->session = session;
}

static void open_document(struct writer *writer)
{
	if (writer->encoding == ENCODING_JSON)
		putc(writer->list ? '[' : '{', writer->out);
	if (writer->encoding == ENCODING_XML)
		fprintf(writer->out, "<%s session=\"%" PRIu64 "\">",
			writer->list ? "stats" : "metrics", writer->session);
}

/* Writes the separator between an item and the one before it. */
static void begin_item(struct writer *writer)
{
	bool first = writer->first;

	writer->first = false;
	if (first)
		open_document(writer);
	switch (writer->encoding) {
	case ENCODING_JSON:
		if (!first)
			fputs(writer->lines ? ",\n " : ",", writer->out);
		break;
	case ENCODING_XML:
		if (writer->lines)
			fputs("\n  ", writer->out);
		break;
	default:
		if (!first)
			putc('\n', writer->out);
	}
}

void writer_end(struct writer *writer, bool final_newline)
{
	switch (writer->encoding) {
	case ENCODING_JSON:
		putc(writer->list ? ']' : '}', writer->out);
		break;
	case ENCODING_XML:
		fprintf(writer->out, "%s</%s>", writer->lines ? "\n" : "",
			writer->list ? "stats" : "metrics");
		break;
	default:
		if (final_newline)
			putc('\n', writer->out);
	}
}

/* JSON's quoting, which YAML shares. */
static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			fprintf(out, "\\u%04x", (unsigned char)*text);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
	}
	putc('"', out);
}

static void put_xml(FILE *out, const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || strchr("&<>\"", *text))
			fprintf(out, "&#%d;", *text);
		else
			putc(*text, out);
	}
}

void list_name(struct writer *writer, const char *name)
{
	begin_item(writer);
	switch (writer->encoding) {
	case ENCODING_XML:
		fputs("<stat name=\"", writer->out);
		put_xml(writer->out, name);
		fputs("\"/>", writer->out);
		break;
	case ENCODING_JSON:
		put_quoted(writer->out, name);
		break;
	case ENCODING_YAML:
		fputs("- ", writer->out);
		put_quoted(writer->out, name);
		break;
	default:
		fputs(name, writer->out);
	}
}

static void put_number(struct writer *writer, const char *name,
		       enum metric_type type, const char *units,
		       const char *value)
{
	const char *format;

	begin_item(writer);
	switch (writer->encoding) {
	case ENCODING_XML:
		format = "<metric name=\"%s\" type=\"%s\" units=\"%s\">%s</metric>";
		break;
	case ENCODING_JSON:
		format = "\"%s\":{\"type\":\"%s\",\"units\":\"%s\",\"value\":%s}";
		break;
	case ENCODING_YAML:
		format = "%s:\n  type: %s\n  units: %s\n  value: %s";
		break;
	default:
		fprintf(writer->out, "%s = %s", name, value);
		return;
	}
	fprintf(writer->out, format, name, types[type], units, value);
}

void metric(struct writer *writer, const char *name, enum metric_type type,
	    const char *units, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	put_number(writer, name, type, units, digits);
}

void metric_limit(struct writer *writer, const char *name, const char *units,
		  int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	put_number(writer, name, METRIC_STATIC, units, digits);
}

void metric_text(struct writer *writer, const char *name, const char *value)
{
	begin_item(writer);
	switch (writer->encoding) {
	case ENCODING_XML:
		fprintf(writer->out, "<metric name=\"%s\">", name);
		put_xml(writer->out, value);
		fputs("</metric>", writer->out);
		break;
	case ENCODING_JSON:
		fprintf(writer->out, "\"%s\":", name);
		put_quoted(writer->out, value);
		break;
	case ENCODING_YAML:
		fprintf(writer->out, "%s: ", name);
		put_quoted(writer->out, value);
		break;
	default:
		fprintf(writer->out, "%s = %s", name, value);
	}
}
