/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Signals, and the alarm of --timeout, stop the launcher. All waiting is in
 * wait_events() or in a write that a signal interrupts, so both reach it everywhere.
 */
#ifndef VMXSIM_SIGNALS_H
#define VMXSIM_SIGNALS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* From here on the signals that stop the launcher only set stop_signal(). */
void catch_signals(void);

/* The signal that asked the launcher to stop, or 0. */
int stop_signal(void);

/* Sets the alarm to this number of seconds; 0: none. */
void set_alarm(unsigned int seconds);
bool time_is_up(void);

/* Returns whether a signal or the alarm must stop the launcher. */
bool must_stop(void);

/* Returns the number of ready @fds, 0 after the timeout, or -1 if must_stop(). */
int wait_events(struct pollfd *fds, nfds_t count, int timeout_ms);

/* Returns false if the other end is closed, or if must_stop(). */
bool write_all(int fd, const char *data, size_t len);

#endif
