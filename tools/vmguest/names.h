/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Names of signals and errors. The C library's own functions for them are in glibc only.
 */
#ifndef VMGUEST_NAMES_H
#define VMGUEST_NAMES_H

#define SIGNAL_NAME_SIZE	16

/* Returns a name such as "TERM" or "RTMIN+3", or the number of a signal without a name. */
const char *signal_name(int number, char text[SIGNAL_NAME_SIZE]);

/*
 * Parses a name such as "TERM", "SIGTERM", "RTMIN+3" or "RTMAX-1", in upper or lower case, or
 * a number. Returns 0 if TEXT is no signal.
 */
int signal_number(const char *text);

/* Returns a name such as "EACCES", or NULL if the error has no name here. */
const char *error_name(int number);

#endif
