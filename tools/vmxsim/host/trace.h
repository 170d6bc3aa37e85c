/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The trace of the launcher's --trace: one JSON object per line and host event.
 *
 *	{"t_us":1234,"event":"request","door":"lb","request":"guestlib.info.get 3",
 *	 "reply":"1 \u0003...","request_len":19,"reply_len":574,"transport":"lb",
 *	 "exits":154}
 *	{"t_us":1300,"event":"session","detail":"vmotion id=0x...","reason":"vmotion",
 *	 "id":"0x..."}
 *
 * t_us is virtual time since power on.  "door" is the former name of "transport".  Bytes
 * that are not printable ASCII are \u00XX.  Texts are cut at TRACE_TEXT_MAX bytes, and
 * request_len and reply_len are the lengths before the cut.
 *
 * There is one VM per process and one trace per VM, so the trace is global and no
 * function takes it as an argument.  Without trace_open() all functions do nothing.
 */
#ifndef VMXSIM_TRACE_H
#define VMXSIM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/request.h"

struct cJSON;

#define TRACE_TEXT_MAX	200

/* Returns false with errno set.  @ops must live until trace_close(). */
bool trace_open(const char *path, const struct host_ops *ops);
/* Returns false if an event could not be written. */
bool trace_close(void);

/*
 * Writes a request, which was served at @now_ns, with its reply.  The backdoor calls this
 * when the exchange has ended.  @exits is its number of exits without OPEN and CLOSE.
 */
void trace_request(uint64_t now_ns, const struct request *request,
		   const struct reply *reply, unsigned int exits);

/*
 * Writes a request over VMCI with its reply.  In place of "exits" the line has the port of the
 * guest, and whether this port makes the sender privileged:
 *
 *	"source_port":1023,"privileged":true,"packets":4
 *
 * @packets is the number of control packets that the guest sent for the request.  For the
 * first request of a connection, the packets that opened the connection are included.
 */
void trace_socket_request(uint64_t now_ns, const struct request *request,
			  const struct reply *reply, uint32_t source_port,
			  unsigned int packets);

/*
 * Writes a request to the program @app of the guest, and its answer.  @answer is NULL if the
 * program has disconnected.
 */
void trace_tclo(const char *app, const char *request, const char *answer, size_t len);

/*
 * Begins the line of any other event.  @event is its kind in one word ("session", "fault",
 * "ha"), and @format makes a description for people.  The caller adds the facts of the
 * description as members of their own, and calls trace_end().  Returns NULL if there is no
 * trace; json.h and cJSON accept this NULL.
 */
struct cJSON *trace_begin(const char *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void trace_end(struct cJSON *event);

#endif
