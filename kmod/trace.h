/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Tracepoints for requests to the host, replies, snapshots and changes of the session.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vmguestlib

#if !defined(VMGL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VMGL_TRACE_H

#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/vmguestlib.h>

/* Sizes of texts in bytes, including the NUL.  Longer texts are truncated. */
#define VMGL_TRACE_TRANSPORT_LEN	16
#define VMGL_TRACE_TEXT_LEN	64

TRACE_EVENT(vmguestlib_request,
	TP_PROTO(const char *transport, const void *request, size_t len),
	TP_ARGS(transport, request, len),
	TP_STRUCT__entry(
		__array(char, transport, VMGL_TRACE_TRANSPORT_LEN)
		__field(size_t, len)
		__array(char, text, VMGL_TRACE_TEXT_LEN)
	),
	TP_fast_assign(
		strscpy(__entry->transport, transport, VMGL_TRACE_TRANSPORT_LEN);
		__entry->len = len;
		memset(__entry->text, 0, VMGL_TRACE_TEXT_LEN);
		memcpy(__entry->text, request,
		       min_t(size_t, len, VMGL_TRACE_TEXT_LEN - 1));
	),
	TP_printk("transport=%s bytes=%zu request=\"%s\"",
		  __entry->transport, __entry->len, __entry->text)
);

TRACE_DEFINE_ENUM(VMGUESTLIB_REPLY_NONE);
TRACE_DEFINE_ENUM(VMGUESTLIB_REPLY_OK);
TRACE_DEFINE_ENUM(VMGUESTLIB_REPLY_REFUSED);
TRACE_DEFINE_ENUM(VMGUESTLIB_REPLY_UNKNOWN_COMMAND);

TRACE_EVENT(vmguestlib_reply,
	TP_PROTO(const char *transport, int error, enum vmguestlib_reply verdict,
		 size_t len, u64 hypercalls, s64 us),
	TP_ARGS(transport, error, verdict, len, hypercalls, us),
	TP_STRUCT__entry(
		__array(char, transport, VMGL_TRACE_TRANSPORT_LEN)
		__field(int, error)
		__field(int, verdict)
		__field(size_t, len)
		__field(u64, hypercalls)
		__field(s64, us)
	),
	TP_fast_assign(
		strscpy(__entry->transport, transport, VMGL_TRACE_TRANSPORT_LEN);
		__entry->error = error;
		__entry->verdict = verdict;
		__entry->len = len;
		__entry->hypercalls = hypercalls;
		__entry->us = us;
	),
	TP_printk("transport=%s error=%d verdict=%s bytes=%zu hypercalls=%llu us=%lld",
		  __entry->transport, __entry->error,
		  __print_symbolic(__entry->verdict,
			{ VMGUESTLIB_REPLY_NONE,		"none" },
			{ VMGUESTLIB_REPLY_OK,			"ok" },
			{ VMGUESTLIB_REPLY_REFUSED,		"refused" },
			{ VMGUESTLIB_REPLY_UNKNOWN_COMMAND,	"unknown" }),
		  __entry->len, __entry->hypercalls, __entry->us)
);

TRACE_EVENT(vmguestlib_snapshot,
	TP_PROTO(int error, u32 version, u32 count, u64 session_id),
	TP_ARGS(error, version, count, session_id),
	TP_STRUCT__entry(
		__field(int, error)
		__field(u32, version)
		__field(u32, count)
		__field(u64, session_id)
	),
	TP_fast_assign(
		__entry->error = error;
		__entry->version = version;
		__entry->count = count;
		__entry->session_id = session_id;
	),
	TP_printk("error=%d version=%u count=%u session=%#018llx",
		  __entry->error, __entry->version, __entry->count,
		  __entry->session_id)
);

TRACE_EVENT(vmguestlib_session,
	TP_PROTO(u64 old_id, u64 new_id, u64 generation),
	TP_ARGS(old_id, new_id, generation),
	TP_STRUCT__entry(
		__field(u64, old_id)
		__field(u64, new_id)
		__field(u64, generation)
	),
	TP_fast_assign(
		__entry->old_id = old_id;
		__entry->new_id = new_id;
		__entry->generation = generation;
	),
	TP_printk("old=%#018llx new=%#018llx generation=%llu",
		  __entry->old_id, __entry->new_id, __entry->generation)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
