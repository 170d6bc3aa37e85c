/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Requests from the host to the guest ("TCLO").  Programs of the guest, such as vmtoolsd,
 * answer them.  They poll a backdoor channel of this protocol, or receive the requests over
 * a connection to port 975.
 *
 * Each program begins with the answer to "reset", "OK ATR NAME".  From then on it has
 * that name, and gets "Capabilities_Register".  Only one request is in flight at a time; the
 * next one waits for the answer "OK ..." or "ERROR ...".
 */
#ifndef VMXSIM_TCLO_H
#define VMXSIM_TCLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/request.h"

struct cJSON;
struct tclo_message;

#define TCLO_APPS_MAX	8
#define TCLO_NAME_MAX	32
#define TCLO_QUEUE_MAX	64	/* requests that wait for one program */
#define TCLO_TEXT_MAX	65536u
#define TCLO_LOG_MAX	32	/* answers that are kept */

/* Receives the answer to a request.  @answer is NULL if the program disconnected before. */
typedef void (*tclo_done)(void *opaque, const char *answer, size_t len);

/* A program of the guest. */
struct tclo_app {
	bool open;
	enum transport transport;
	char name[TCLO_NAME_MAX];	/* "" until the program has answered "reset" */
	struct tclo_message *newest;	/* newest of the requests that have no answer yet */
	unsigned int waiting;		/* number of requests that have no answer yet */
	bool asked;			/* the oldest of these requests is in flight */
	void (*wake)(void *opaque);	/* called if a request waits; NULL: the program polls */
	void *opaque;
};

struct tclo {
	struct tclo_app apps[TCLO_APPS_MAX];
	struct tclo_message *log[TCLO_LOG_MAX];	/* ring of the last answered requests */
	uint64_t answered;	/* number of requests that were ever put into the ring */
	bool synchronizes;	/* the value of "Set_Option synctime" */
};

void tclo_free(struct tclo *tclo);

/* Called when a program opens a channel or connection.  Returns NULL without room. */
struct tclo_app *tclo_open(struct tclo *tclo, enum transport transport,
			   void (*wake)(void *opaque), void *opaque);
void tclo_close(struct tclo *tclo, struct tclo_app *app);

/*
 * Returns the text of the next request, which is then in flight.  Returns false if no request
 * waits or another request is in flight.
 */
bool tclo_next(struct tclo_app *app, const uint8_t **text, size_t *len);

/* Takes a text from the program: the answer to the request in flight. */
void tclo_answer(struct tclo *tclo, struct tclo_app *app, const uint8_t *text,
		 size_t len);

/*
 * Sends a request to the program @name, or if @name is NULL to the only program that has
 * registered.  @done may be NULL.  Returns NULL, or the reason why the request was not sent.
 */
const char *tclo_send(struct tclo *tclo, const char *name, const char *text,
		      tclo_done done, void *opaque);

/* After this call, the answers to requests with this @opaque are not reported. */
void tclo_forget(struct tclo *tclo, void *opaque);

/*
 * Returns the programs and the ring of answers, for example
 *
 *	{"apps":[{"name":"toolbox","transport":"vmci","waiting":0}],
 *	 "answers":[{"app":"toolbox","request":"ping","answer":"OK "}]}
 *
 * or NULL without memory.
 */
struct cJSON *tclo_json(const struct tclo *tclo);

#endif
