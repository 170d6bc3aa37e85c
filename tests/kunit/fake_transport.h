/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * A transport with a fake host, which takes its answers from a table.
 */
#ifndef VMGL_KUNIT_FAKE_TRANSPORT_H
#define VMGL_KUNIT_FAKE_TRANSPORT_H

#include "transport.h"

#define FAKE_ANSWERS_MAX	16
#define FAKE_REQUEST_MAX	64
#define FAKE_TALK_MAX		4096

/**
 * struct fake_answer - the answer to a request
 * @request: first bytes of the request, NUL-terminated
 * @reply: raw bytes of the reply
 * @len: number of bytes in @reply
 * @error: error that is returned instead of a reply, or 0
 * @left: number of requests that the entry still answers; 0: it answers all
 */
struct fake_answer {
	char request[FAKE_REQUEST_MAX];
	const void *reply;
	size_t len;
	int error;
	unsigned int left;
};

/**
 * struct fake_transport - a transport and its table of answers
 * @transport: the transport that the layer above uses
 * @answers: the table; the latest entry for a request counts
 * @used: number of used entries of the table
 * @open_error: error that the next open() returns, or 0
 * @gives_privilege: return value of open_privileged()
 * @is_open: whether the transport is open
 * @opens: how often the transport was opened
 * @closes: how often the transport was closed
 * @exchanges: number of requests
 * @talk: requests so far, separated by blanks
 * @during: function that each exchange calls, or NULL
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
