/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Children, and signals by a descriptor.
 */
#ifndef VMGUEST_CHILD_H
#define VMGUEST_CHILD_H

#include <signal.h>

/*
 * Blocks SIGNALS, which ends with 0. Returns a descriptor that gives them as struct
 * signalfd_siginfo, or a negative errno.
 */
int signals_open(const int *signals);

/* In a child: back to what was before signals_open(). */
void signals_restore(void);

/* In a child: becomes sh -c COMMAND. */
void exec_shell(const char *command) __attribute__((noreturn));

#define EXIT_TEXT_SIZE	64

/* "ended with status 3" or "was killed by SIGSEGV" */
const char *exit_text(int wait_status, char text[EXIT_TEXT_SIZE]);

#endif
