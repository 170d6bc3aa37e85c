/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Writing without waiting: a thread waits for the reader in our place. A descriptor
 * that others share cannot be made nonblocking, and poll() promises nothing when they
 * write as well.
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
	uint64_t mask;		/* of signals */
	pthread_mutex_t lock;
	pthread_cond_t more;
	char text[WRITER_SIZE];
};

/* Begins the thread, which inherits the mask of signals. Returns 0 or a negative errno. */
int writer_open(struct writer *writer, int fd);

/* All LEN bytes or none. Returns 0, -EAGAIN without room, or the errno of write(). */
int writer_put(struct writer *writer, const char *text, size_t len);

/*
 * Is all of it written, or will it never be? Until then wait for the event, which this
 * takes back.
 */
bool writer_is_done(struct writer *writer);

/* Gives the thread MS to write what is left, if writer_open() was called at all. */
void writer_finish(struct writer *writer, int ms);

#endif
