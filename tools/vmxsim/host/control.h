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
 * A member "id" comes back in the answer.  Answers come in the order of the requests, except
 * that "tclo" is answered when the guest has answered.
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

/* @line has no newline; it may have any bytes. */
void control_request(struct control *control, const char *line, size_t len);

/* The program has disconnected: requests that wait are dropped. */
void control_end(struct control *control);

#endif
