/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * A text of the host may have any bytes. It must not control a terminal or make a document
 * invalid.
 */
#ifndef VMGUEST_TEXT_H
#define VMGUEST_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Returns valid UTF-8, which the caller frees. Invalid bytes and control characters become
 * U+FFFD, except the characters of KEPT, such as "\n".
 */
char *clean_text(const char *text, const char *kept);

/*
 * Returns a copy of TEXT, which the caller frees: unchanged for a file, cleaned for a
 * terminal. Returns NULL without memory.
 */
char *text_for(FILE *stream, const char *text);

/* Prints TEXT, and a newline if it does not end with one. Returns 0 or -ENOMEM. */
int print_reply(FILE *stream, const char *text);

/* Returns whether WORD, a status such as Green or appStatusGreen, means COLOUR. */
bool status_is(const char *word, const char *colour);

#endif
