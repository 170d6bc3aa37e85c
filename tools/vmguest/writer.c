// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A piece has whole lines if they fit into one atomic write to a pipe. */
static size_t next_piece(struct writer *writer, char piece[PIPE_BUF])
{
	size_t len = writer->len < PIPE_BUF ? writer->len : PIPE_BUF;
	const char *end = memrchr(writer->text, '\n', len);

	if (end)
		len = (size_t)(end - writer->text) + 1;
	memcpy(piece, writer->text, len);
	return len;
}

/* Another process may have made the descriptor nonblocking. */
static ssize_t write_some(int fd, const char *piece, size_t len)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	ssize_t written = write(fd, piece, len);

	while (written < 0 && errno == EAGAIN) {
		poll(&writable, 1, -1);
		written = write(fd, piece, len);
	}
	return written;
}

/* Uses the kernel's mask, because the C library unblocks two signals in a new thread. */
static void get_mask(uint64_t *mask)
{
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, mask, sizeof(*mask));
}

static void set_mask(const uint64_t *mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, sizeof(*mask));
}

static void *write_all(void *argument)
{
	struct writer *writer = argument;
	const uint64_t one = 1;
	char piece[PIPE_BUF];
	ssize_t written;
	size_t len;

	set_mask(&writer->mask);
	pthread_mutex_lock(&writer->lock);
	while (!writer->err) {
		if (!writer->len) {
			pthread_cond_wait(&writer->more, &writer->lock);
			continue;
		}
		len = next_piece(writer, piece);
		pthread_mutex_unlock(&writer->lock);
		written = write_some(writer->fd, piece, len);
		pthread_mutex_lock(&writer->lock);
		if (written < 0) {
			writer->err = -errno;
			written = 0;
		}
		writer->len -= (size_t)written;
		memmove(writer->text, writer->text + written, writer->len);
		if (write(writer->event, &one, sizeof(one)) < 0)
			break;
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

int writer_open(struct writer *writer, int fd)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int err;

	writer->fd = fd;
	writer->err = 0;
	writer->len = 0;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->more, NULL);
	writer->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->event < 0)
		return -errno;
	get_mask(&writer->mask);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attributes, write_all, writer);
	set_mask(&writer->mask);
	pthread_attr_destroy(&attributes);
	return -err;
}

int writer_put(struct writer *writer, const char *text, size_t len)
{
	int err;

	pthread_mutex_lock(&writer->lock);
	err = writer->err;
	if (!err && len > sizeof(writer->text) - writer->len)
		err = -EAGAIN;
	if (!err) {
		memcpy(writer->text + writer->len, text, len);
		writer->len += len;
		pthread_cond_signal(&writer->more);
	}
	pthread_mutex_unlock(&writer->lock);
	return err;
}

bool writer_is_done(struct writer *writer)
{
	uint64_t count;
	bool done;

	if (read(writer->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return true;
	pthread_mutex_lock(&writer->lock);
	done = !writer->len || writer->err;
	pthread_mutex_unlock(&writer->lock);
	return done;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void writer_finish(struct writer *writer, int ms)
{
	struct pollfd event = { .fd = writer->event, .events = POLLIN };
	int64_t end = now_ms() + ms, left = ms;

	if (!writer->event)
		return;
	while (!writer_is_done(writer) && left > 0) {
		poll(&event, 1, (int)left);
		left = end - now_ms();
	}
}
