/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Names of signals and errors. The C library's own functions for them are in glibc only.
 */
#ifndef VMGUEST_NAMES_H
#define VMGUEST_NAMES_H

#define SIGNAL_NAME_SIZE	16

/* "TERM", "RTMIN+3", or the number of a signal that has no name */
const char *signal_name(int number, char text[SIGNAL_NAME_SIZE]);

/*
 * "TERM", "SIGTERM", "RTMIN+3" and "RTMAX-1" in upper or lower case, or a number; 0 for what
 * is no signal.
 */
int signal_number(const char *text);

/* "EACCES"; NULL for an error that has none here. */
const char *error_name(int number);

#endif
