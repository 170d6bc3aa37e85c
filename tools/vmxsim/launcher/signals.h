/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Signals, and the alarm of --timeout, stop the launcher.  They end each wait, because the
 * launcher waits only in wait_events() and in system calls that a signal interrupts.
 */
#ifndef VMXSIM_SIGNALS_H
#define VMXSIM_SIGNALS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* After this call, the signals that stop the launcher only set stop_signal(). */
void catch_signals(void);

/* Returns the signal that stops the launcher, or 0. */
int stop_signal(void);

/* Sets the alarm to this number of seconds, or cancels the alarm with 0. */
void set_alarm(unsigned int seconds);
bool time_is_up(void);

/* Returns whether a signal or the alarm must stop the launcher. */
bool must_stop(void);

/*
 * Returns the number of ready @fds, 0 after the timeout, or -1 if must_stop().  If @timeout_ms
 * is negative, there is no timeout.
 */
int wait_events(struct pollfd *fds, nfds_t count, int timeout_ms);

/* Returns false after an error of write(), which is in errno, or if must_stop(). */
bool write_all(int fd, const char *data, size_t len);

#endif
