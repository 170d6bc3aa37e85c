/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Text of the host may be any bytes: nothing of it may steer a terminal or spoil a
 * document.
 */
#ifndef VMGUEST_TEXT_H
#define VMGUEST_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * UTF-8 for sure, to be freed: wrong bytes and control characters become U+FFFD, but
 * for those of KEPT, such as "\n".
 */
char *clean_text(const char *text, const char *kept);

/*
 * What the host sent, to be freed: as it is for a file, cleaned for a terminal. NULL without
 * memory.
 */
char *text_for(FILE *stream, const char *text);

/* Prints it, with the newline that is missing at its end. Returns 0 or -ENOMEM. */
int print_reply(FILE *stream, const char *text);

/* Whether the host's word for the heartbeats means COLOUR: green, Green, appStatusGreen. */
bool status_is(const char *word, const char *colour);

#endif
