// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A library for LD_PRELOAD that replaces /dev/vmguestlib. The library answers after LEAN_US
 * microseconds. The default is to answer at once, so that only the program's own instructions
 * are counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vmguestlib.h>

#define DEVICE_FD	1000

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");

	if (!strcmp(path, "/dev/vmguestlib"))
		return DEVICE_FD;
	return next(path, flags);
}

int close(int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, "close");

	return fd == DEVICE_FD ? 0 : next(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	const char *delay = getenv("LEAN_US");
	struct vmguestlib_get_info *info;
	struct vmguestlib_value *values;
	va_list arguments;
	unsigned int i;

	va_start(arguments, request);
	info = va_arg(arguments, struct vmguestlib_get_info *);
	va_end(arguments);
	if (fd != DEVICE_FD || request != VMGUESTLIB_IOC_GET_INFO) {
		errno = ENOTTY;
		return -1;
	}
	if (delay)
		usleep((useconds_t)atoi(delay));
	values = (struct vmguestlib_value *)(uintptr_t)info->values;
	for (i = 1; i < info->values_len; i++) {
		values[i].state = VMGUESTLIB_VALUE_GIVEN;
		values[i].value = 1000 + i;
	}
	info->path_len = 0;
	info->long_path_len = 0;
	info->out_session_id = 1;
	return 0;
}
