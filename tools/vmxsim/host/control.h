/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Steers the host from outside the guest. A request is one line with a JSON object, and so
 * is its answer.
 *
 *	{"request":"guestinfo.set","name":"guestinfo.x","value":"1"}
 *	{"ok":true}
 *	{"request":"guestinfo.get","name":1}
 *	{"ok":false,"member":"name","error":"expected a string"}
 *
 * If a request has a member "id", its answer has the same member.  Answers come in the order of
 * the requests, except that the request "tclo" is answered when the guest has answered.
 */
#ifndef VMXSIM_CONTROL_H
#define VMXSIM_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "host/request.h"

#define CONTROL_LINE_MAX	(4u << 20)

struct host;
struct control_pending;

/* One program that sends requests. */
struct control {
	struct host *host;
	const struct host_ops *ops;
	/* Takes an answer, which ends with a newline. */
	void (*answer)(void *opaque, const char *line, size_t len);
	void *opaque;
	struct control_pending *pending;	/* requests that wait for the guest */
};

/* Serves the request in @line, which has no newline and may have any other bytes. */
void control_request(struct control *control, const char *line, size_t len);

/* Called when the program has disconnected.  Drops its requests that wait for the guest. */
void control_end(struct control *control);

#endif
