// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "names.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <strings.h>

#include "cli.h"

struct name {
	int number;
	const char *name;
};

static const char *find(const struct name *names, size_t count, int number)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

#define SIGNAL(name) { SIG##name, #name }
static const struct name signals[] = {
	SIGNAL(HUP), SIGNAL(INT), SIGNAL(QUIT), SIGNAL(ILL), SIGNAL(TRAP), SIGNAL(ABRT),
	SIGNAL(BUS), SIGNAL(FPE), SIGNAL(KILL), SIGNAL(USR1), SIGNAL(SEGV), SIGNAL(USR2),
	SIGNAL(PIPE), SIGNAL(ALRM), SIGNAL(TERM), SIGNAL(STKFLT), SIGNAL(CHLD),
	SIGNAL(CONT), SIGNAL(STOP), SIGNAL(TSTP), SIGNAL(TTIN), SIGNAL(TTOU), SIGNAL(URG),
	SIGNAL(XCPU), SIGNAL(XFSZ), SIGNAL(VTALRM), SIGNAL(PROF), SIGNAL(WINCH),
	SIGNAL(POLL), SIGNAL(PWR), SIGNAL(SYS),
	/* Other names of the same signals */
	SIGNAL(IOT), { SIGCHLD, "CLD" }, { SIGPOLL, "IO" },
};

#define SIGNALS		(sizeof(signals) / sizeof(signals[0]))

const char *signal_name(int number, char text[SIGNAL_NAME_SIZE])
{
	const char *name = find(signals, SIGNALS, number);

	if (name)
		return name;
	if (number >= SIGRTMIN && number <= SIGRTMAX)
		snprintf(text, SIGNAL_NAME_SIZE, "RTMIN+%d", number - SIGRTMIN);
	else
		snprintf(text, SIGNAL_NAME_SIZE, "%d", number);
	return text;
}

/* Parses "" or a number with SIGN before it, such as "+3". Returns -1 for another text. */
static int parse_distance(const char *text, char sign)
{
	unsigned long number;

	if (!*text)
		return 0;
	if (*text != sign ||
	    !parse_number(text + 1, 0, (unsigned long)(SIGRTMAX - SIGRTMIN), &number))
		return -1;
	return (int)number;
}

int signal_number(const char *text)
{
	unsigned long number;
	int distance;
	size_t i;

	if (parse_number(text, 1, (unsigned long)SIGRTMAX, &number))
		return (int)number;
	if (!strncasecmp(text, "SIG", 3))
		text += 3;
	for (i = 0; i < SIGNALS; i++)
		if (!strcasecmp(text, signals[i].name))
			return signals[i].number;
	if (!strncasecmp(text, "RTMIN", 5)) {
		distance = parse_distance(text + 5, '+');
		return distance < 0 ? 0 : SIGRTMIN + distance;
	}
	if (!strncasecmp(text, "RTMAX", 5)) {
		distance = parse_distance(text + 5, '-');
		return distance < 0 ? 0 : SIGRTMAX - distance;
	}
	return 0;
}

const char *error_name(int number)
{
#define ERROR(name) { name, #name }
	static const struct name names[] = {
		ERROR(EPERM), ERROR(ENOENT), ERROR(EINTR), ERROR(EIO), ERROR(ENXIO),
		ERROR(E2BIG), ERROR(EBADF), ERROR(EAGAIN), ERROR(ENOMEM), ERROR(EACCES),
		ERROR(EFAULT), ERROR(EBUSY), ERROR(EEXIST), ERROR(ENODEV), ERROR(EISDIR),
		ERROR(EINVAL), ERROR(ENFILE), ERROR(EMFILE), ERROR(ENOTTY), ERROR(ENOSPC),
		ERROR(EPIPE), ERROR(ENAMETOOLONG), ERROR(ENODATA), ERROR(ETIME),
		ERROR(EREMOTEIO), ERROR(EPROTO), ERROR(EMSGSIZE), ERROR(EOPNOTSUPP),
		ERROR(EAFNOSUPPORT), ERROR(EADDRINUSE), ERROR(EADDRNOTAVAIL),
		ERROR(ENETUNREACH), ERROR(ECONNABORTED), ERROR(ECONNRESET), ERROR(ENOBUFS),
		ERROR(ENOTCONN), ERROR(ESHUTDOWN), ERROR(ETIMEDOUT), ERROR(ECONNREFUSED),
		ERROR(EHOSTUNREACH), ERROR(EALREADY),
	};

	return find(names, sizeof(names) / sizeof(names[0]), number);
}
