/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * A transport whose host does what a table says.
 */
#ifndef VMGL_KUNIT_FAKE_TRANSPORT_H
#define VMGL_KUNIT_FAKE_TRANSPORT_H

#include "transport.h"

#define FAKE_ANSWERS_MAX	16
#define FAKE_REQUEST_MAX	64
#define FAKE_TALK_MAX		4096

/**
 * struct fake_answer - what a request gets
 * @request: its first bytes, terminated
 * @reply: raw bytes of the reply
 * @len: their number
 * @error: instead of a reply
 * @left: so many times; 0: for good
 */
struct fake_answer {
	char request[FAKE_REQUEST_MAX];
	const void *reply;
	size_t len;
	int error;
	unsigned int left;
};

/**
 * struct fake_transport - an instance
 * @transport: what is above sees this
 * @answers: the table; the latest entry for a request counts
 * @used: entries in use
 * @open_error: of the next open
 * @gives_privilege: what open_privileged says
 * @is_open: opened and not closed
 * @opens: how often it was opened
 * @closes: how often it was closed
 * @exchanges: number of requests
 * @talk: requests so far, a blank between two
 * @during: called within each exchange, may be NULL
 */
struct fake_transport {
	struct vmgl_transport transport;
	struct fake_answer answers[FAKE_ANSWERS_MAX];
	unsigned int used;
	int open_error;
	bool gives_privilege;
	bool is_open;
	unsigned int opens;
	unsigned int closes;
	unsigned int exchanges;
	char talk[FAKE_TALK_MAX];
	void (*during)(struct fake_transport *fake);
};

void fake_transport_init(struct fake_transport *fake);
void fake_answer(struct fake_transport *fake, const char *request,
		 const char *reply);
void fake_answer_bytes(struct fake_transport *fake, const char *request,
		       const void *reply, size_t len);
void fake_fail(struct fake_transport *fake, const char *request, int error);
void fake_fail_once(struct fake_transport *fake, const char *request, int error);
const char *fake_talk(struct fake_transport *fake, const char *prefix);

#endif
