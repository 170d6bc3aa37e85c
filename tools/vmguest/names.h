/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Names of signals and errors. The C library's own functions for them are in glibc only.
 */
#ifndef VMGUEST_NAMES_H
#define VMGUEST_NAMES_H

/* "TERM"; NULL for a signal that has none, such as a real-time one. */
const char *signal_name(int number);

/* "EACCES"; NULL for an error that has none here. */
const char *error_name(int number);

#endif
