/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Functions for all files that serve requests. */
#ifndef VMXSIM_REPLY_H
#define VMXSIM_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "host/request.h"

struct host;

/* The text after the command and a blank. */
struct arguments {
	const char *text;
	size_t len;
	bool given;		/* there is a blank */
};

/* Removes the blanks at both ends. */
struct arguments arguments_trim(struct arguments arguments);

/* Returns whether the sender may use the Guest SDK on this host. */
bool request_authorized(const struct host *host, const struct request *request);

/* Write the text of a refusal, and return false.  @quirk is the key that has the text. */
bool unknown_command(FILE *out);
bool refuse_by_quirk(struct host *host, const char *quirk, FILE *out);

#endif
