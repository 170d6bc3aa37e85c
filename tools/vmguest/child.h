/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Child processes, and a descriptor for signals.
 */
#ifndef VMGUEST_CHILD_H
#define VMGUEST_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* An argument of signals_open(): all signals that can be caught. */
extern const int every_signal[];

/*
 * Blocks SIGNALS, a list that ends with 0, except those that were ignored at the start, as
 * by nohup(1). Returns a descriptor to read them as struct signalfd_siginfo, or a negative
 * errno.
 */
int signals_open(const int *signals);

/* In a child: restores the state before signals_open(). */
void signals_restore(void);

/*
 * Starts sh -c -- COMMAND in a session of its own, without input and without a terminal.
 * The shell is killed when this process ends. PREPARE, which may be NULL, runs in the child.
 * Returns the process id or a negative errno.
 */
pid_t helper_start(const char *command, void (*prepare)(const void *argument),
		   const void *argument);

/* Sends a signal to a helper and its children. */
void helper_kill(pid_t helper, int number);

#define EXIT_TEXT_SIZE	64

/* "ended with status 3" or "was killed by SIGSEGV" */
const char *exit_text(int wait_status, char text[EXIT_TEXT_SIZE]);

#endif
