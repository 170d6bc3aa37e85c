// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A library for LD_PRELOAD that replaces /dev/vmguestlib. The library writes a log of the calls
 * to the file HEARTBEAT_LOG: "A" for ARM, "B" for a beat, and the bytes of write() themselves.
 * ARM returns HEARTBEAT_ARM_US microseconds after it is logged. Like the kernel, the library
 * refuses a client without a name.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vmguestlib.h>

static int device = -1;

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (strcmp(path, "/dev/vmguestlib"))
		return next(path, flags, mode);
	device = next(getenv("HEARTBEAT_LOG"), O_WRONLY | O_APPEND | O_CLOEXEC, 0);
	return device;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	bool is_arm = request == VMGUESTLIB_IOC_HEARTBEAT_ARM;
	const char *delay = getenv("HEARTBEAT_ARM_US");
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (fd != device)
		return next(fd, request, argument);
	if (is_arm && !*((const struct vmguestlib_heartbeat_arm *)argument)->name) {
		errno = EINVAL;
		return -1;
	}
	/* The only call is IS_ENABLED, whose result stays 0 (not enabled). */
	if (request == VMGUESTLIB_IOC_APPMON)
		return 0;
	if (write(device, is_arm ? "A" : "B", 1) < 0)
		return -1;
	if (is_arm && delay)
		usleep((useconds_t)atoi(delay));
	return 0;
}
