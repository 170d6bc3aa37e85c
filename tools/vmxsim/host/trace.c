// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/trace.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/json.h"

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

bool trace_close(void)
{
	bool complete = !trace_file || !ferror(trace_file);

	if (trace_file && fclose(trace_file))
		complete = false;
	trace_file = NULL;
	return complete;
}

static void add_text(struct cJSON *json, const char *name, const void *data, size_t len)
{
	json_bytes(json, name, data, len < TRACE_TEXT_MAX ? len : TRACE_TEXT_MAX);
}

static struct cJSON *start_line(uint64_t now_ns, const char *event)
{
	struct cJSON *json = trace_file ? cJSON_CreateObject() : NULL;

	if (!json)
		return NULL;
	json_u64(json, "t_us", now_ns / NS_PER_US);
	cJSON_AddStringToObject(json, "event", event);
	return json;
}

/* The line is written at once, because the process may end with the guest at any moment. */
void trace_end(struct cJSON *event)
{
	if (!event || !json_write(event, trace_file))
		return;
	fputc('\n', trace_file);
	fflush(trace_file);
}

static struct cJSON *start_request(uint64_t now_ns, const struct request *request,
				   const struct reply *reply)
{
	struct cJSON *json = start_line(now_ns, "request");

	if (!json)
		return NULL;
	/* The former name of the member "transport", for programs that read it. */
	cJSON_AddStringToObject(json, "door", transport_name(request->transport));
	add_text(json, "request", request->data, request->len);
	add_text(json, "reply", reply->data, reply->len);
	json_u64(json, "request_len", request->len);
	json_u64(json, "reply_len", reply->len);
	cJSON_AddStringToObject(json, "transport", transport_name(request->transport));
	return json;
}

void trace_request(uint64_t now_ns, const struct request *request,
		   const struct reply *reply, unsigned int exits)
{
	struct cJSON *json = start_request(now_ns, request, reply);

	if (!json)
		return;
	json_u64(json, "exits", exits);
	trace_end(json);
}

void trace_socket_request(uint64_t now_ns, const struct request *request,
			  const struct reply *reply, uint32_t source_port,
			  unsigned int packets)
{
	struct cJSON *json = start_request(now_ns, request, reply);

	if (!json)
		return;
	json_u64(json, "source_port", source_port);
	cJSON_AddBoolToObject(json, "privileged", request->privileged);
	json_u64(json, "packets", packets);
	trace_end(json);
}

void trace_tclo(const char *app, const char *request, const char *answer, size_t len)
{
	struct cJSON *json = trace_begin("tclo", "%s %s", app, request);

	if (!json)
		return;
	add_text(json, "app", app, strlen(app));
	add_text(json, "request", request, strlen(request));
	if (answer)
		add_text(json, "answer", answer, len);
	else
		cJSON_AddNullToObject(json, "answer");
	trace_end(json);
}

struct cJSON *trace_begin(const char *event, const char *format, ...)
{
	char detail[TRACE_TEXT_MAX + 1];
	struct cJSON *json;
	va_list args;

	if (!trace_file)
		return NULL;
	json = start_line(trace_ops->now_ns(trace_ops->opaque), event);
	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	if (json)
		add_text(json, "detail", detail, strlen(detail));
	return json;
}
