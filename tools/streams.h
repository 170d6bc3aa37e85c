/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The standard streams of every program here.
 */
#ifndef TOOLS_STREAMS_H
#define TOOLS_STREAMS_H

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * A descriptor from 0 to 2 that is closed would be given to the next file that is
 * opened: a message would be a heartbeat when that is the device. Reading and writing
 * fail as on a closed one.
 */
static inline void open_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

/* Text of the host for standard output: nothing in it may steer a terminal. */
static inline char *for_terminal(char *text)
{
	char *byte;

	if (isatty(STDOUT_FILENO))
		for (byte = text; *byte; byte++)
			if ((*byte < ' ' && *byte != '\n' && *byte != '\t') || *byte > '~')
				*byte = '?';
	return text;
}

#endif
