/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Declarations that the files of the program ovt_agreement share
 */
#ifndef AGREE_H
#define AGREE_H

#include <stdbool.h>

#include "vmGuestLib.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

enum who { OURS, THEIRS, LIBRARIES };
extern const char *const who_names[LIBRARIES];

/* Descriptor of /dev/vmguestlib */
extern int device;

/*
 * Returns whether this library may be called again after it got no answer.  THEIRS makes
 * a connection for each request, all from one port, and Linux may break a connection, as
 * vmci_rpci.c explains.  Over VMCI sockets a few calls may therefore be repeated, and over the
 * backdoor no call.
 */
bool ask_again(enum who who);

/* Returns the function VMGuestLib_@name of a library. */
void *function(enum who who, const char *name);

typedef VMGuestLibError (*stat_get_fn)(const char *, const char *, char **,
				       size_t *);

/* Reports a difference to the current test, which verdict() ends. */
__attribute__((format(printf, 1, 2)))
void differs(const char *format, ...);
void verdict(const char *name);

/* Functions of ovt_agreement_stat_get.c */
size_t stat_get_tests(void);
void compare_all_stat_gets(void);

#endif
