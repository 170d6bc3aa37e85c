// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "names.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

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

const char *signal_name(int number)
{
#define SIGNAL(name) { SIG##name, #name }
	static const struct name names[] = {
		SIGNAL(HUP), SIGNAL(INT), SIGNAL(QUIT), SIGNAL(ILL), SIGNAL(TRAP),
		SIGNAL(ABRT), SIGNAL(BUS), SIGNAL(FPE), SIGNAL(KILL), SIGNAL(USR1),
		SIGNAL(SEGV), SIGNAL(USR2), SIGNAL(PIPE), SIGNAL(ALRM), SIGNAL(TERM),
		SIGNAL(STKFLT), SIGNAL(CHLD), SIGNAL(CONT), SIGNAL(STOP), SIGNAL(TSTP),
		SIGNAL(TTIN), SIGNAL(TTOU), SIGNAL(URG), SIGNAL(XCPU), SIGNAL(XFSZ),
		SIGNAL(VTALRM), SIGNAL(PROF), SIGNAL(WINCH), SIGNAL(POLL), SIGNAL(PWR),
		SIGNAL(SYS),
	};

	return find(names, sizeof(names) / sizeof(names[0]), number);
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
