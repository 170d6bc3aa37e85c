// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NS_PER_US	1000

static FILE *trace_file;
static const struct host_ops *trace_ops;

bool trace_open(const char *path, const struct host_ops *ops)
{
	trace_close();
	trace_file = fopen(path, "we");
	trace_ops = ops;
	return trace_file;
}

void trace_close(void)
{
	if (trace_file)
		fclose(trace_file);
	trace_file = NULL;
}

static void put_text(const char *name, const uint8_t *data, size_t len)
{
	size_t i;

	fprintf(trace_file, ",\"%s\":\"", name);
	for (i = 0; i < len && i < TRACE_TEXT_MAX; i++) {
		if (data[i] < ' ' || data[i] > '~')
			fprintf(trace_file, "\\u%04x", data[i]);
		else if (data[i] == '"' || data[i] == '\\')
			fprintf(trace_file, "\\%c", data[i]);
		else
			fputc(data[i], trace_file);
	}
	fputc('"', trace_file);
}

static void start_line(uint64_t now_ns, const char *event)
{
	fprintf(trace_file, "{\"t_us\":%" PRIu64 ",\"event\":\"%s\"",
		now_ns / NS_PER_US, event);
}

/* A guest may be gone at any moment, and with it the process. */
static void end_line(void)
{
	fputs("}\n", trace_file);
	fflush(trace_file);
}

static void start_request(uint64_t now_ns, const struct request *request,
			  const struct reply *reply)
{
	start_line(now_ns, "request");
	fprintf(trace_file, ",\"door\":\"%s\"", transport_name(request->transport));
	put_text("request", request->data, request->len);
	put_text("reply", reply->data, reply->len);
	fprintf(trace_file, ",\"request_len\":%zu,\"reply_len\":%zu",
		request->len, reply->len);
}

void trace_request(uint64_t now_ns, const struct request *request,
		   const struct reply *reply, unsigned int exits)
{
	if (!trace_file)
		return;
	start_request(now_ns, request, reply);
	fprintf(trace_file, ",\"exits\":%u", exits);
	end_line();
}

void trace_socket_request(uint64_t now_ns, const struct request *request,
			  const struct reply *reply, uint32_t source_port,
			  unsigned int packets)
{
	if (!trace_file)
		return;
	start_request(now_ns, request, reply);
	fprintf(trace_file,
		",\"source_port\":%" PRIu32 ",\"privileged\":%s,\"packets\":%u",
		source_port, request->privileged ? "true" : "false", packets);
	end_line();
}

void trace_event(const char *event, const char *format, ...)
{
	char detail[TRACE_TEXT_MAX + 1];
	va_list args;
	int len;

	if (!trace_file)
		return;
	va_start(args, format);
	len = vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	start_line(trace_ops->now_ns(trace_ops->opaque), event);
	put_text("detail", (const uint8_t *)detail, len < 0 ? 0 :
		 (size_t)len < sizeof(detail) ? (size_t)len : TRACE_TEXT_MAX);
	end_line();
}
