/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Writing without waiting: a thread waits for the reader. A descriptor that other processes
 * share cannot be made nonblocking, and poll() is not reliable if they write as well.
 */
#ifndef VMGUEST_WRITER_H
#define VMGUEST_WRITER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WRITER_SIZE	65536

struct writer {
	int fd;
	int event;		/* for poll(): something was written, or it failed */
	int err;		/* 0 or a negative errno of write() */
	size_t len;		/* bytes that are left */
	uint64_t mask;		/* blocked signals */
	pthread_mutex_t lock;
	pthread_cond_t more;
	char text[WRITER_SIZE];
};

/* Starts the thread, which inherits the signal mask. Returns 0 or a negative errno. */
int writer_open(struct writer *writer, int fd);

/* Takes all LEN bytes or none. Returns 0, -EAGAIN without room, or write()'s -errno. */
int writer_put(struct writer *writer, const char *text, size_t len);

/*
 * Returns true if everything is written or writing has failed. Otherwise the caller waits for
 * the event and calls this function again. The function also resets the event.
 */
bool writer_is_done(struct writer *writer);

/* Waits at most MS milliseconds for the thread. Does nothing without writer_open(). */
void writer_finish(struct writer *writer, int ms);

#endif
