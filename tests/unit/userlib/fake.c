// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fake.h"

#define DEVICE_FD	1000

struct fake fake;
struct fake_seen seen;
_Thread_local struct vmguestlib_appmon seen_appmon;

int __real_close(int fd);
int __real_open(const char *path, int flags, ...);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

unsigned long long fake_number(unsigned int id)
{
	return 0x1000000100000000ULL * id + 1000 + id;
}

void fake_set_path(const char *path, size_t len)
{
	fake.path = path;
	fake.path_len = len;
	fake.values[VMGUESTLIB_STAT_RESOURCE_POOL_PATH].state =
		len ? VMGUESTLIB_VALUE_GIVEN : VMGUESTLIB_VALUE_UNAVAILABLE;
}

void fake_reset(void)
{
	unsigned int id;

	fake = (struct fake) {
		.access = O_RDONLY,
		.vendor = "VMware, Inc.\n",
		.values_len = VMGUESTLIB_STAT_END,
		.session_id = 0x1122334455667788ULL,
		.reply = VMGUESTLIB_REPLY_OK,
		.status = "Green",
	};
	for (id = 1; id < VMGUESTLIB_STAT_END; id++) {
		fake.values[id].value = fake_number(id);
		fake.values[id].state = VMGUESTLIB_VALUE_GIVEN;
	}
	fake_set_path("/ha-root-pool", sizeof("/ha-root-pool"));
	memset(&seen, 0, sizeof(seen));
	memset(&seen_appmon, 0, sizeof(seen_appmon));
}

static int open_vendor_file(void)
{
	int fd;

	if (!fake.vendor) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("vendor", 0);
	if (write(fd, fake.vendor, strlen(fake.vendor)) < 0 ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	seen.open_files++;
	return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
	bool vendor = !strcmp(path, "/sys/class/dmi/id/sys_vendor");

	/* appmonitor-sample opens its output again by this path. */
	if (!strncmp(path, "/proc/self/fd/", 14))
		return __real_open(path, flags);
	if (flags != ((vendor ? O_RDONLY : fake.access) | O_CLOEXEC))
		seen.bad_calls++;
	if (vendor)
		return open_vendor_file();
	if (strcmp(path, "/dev/vmguestlib"))
		seen.bad_calls++;
	if (fake.device_errno) {
		errno = fake.device_errno;
		return -1;
	}
	seen.open_files++;
	return DEVICE_FD;
}

int __wrap_close(int fd)
{
	seen.open_files--;
	/* A library that read errno only after close() would report this error. */
	errno = EBADF;
	return fd == DEVICE_FD ? 0 : __real_close(fd);
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void serve_get_info(struct vmguestlib_get_info *info)
{
	void *values = (void *)(uintptr_t)info->values;
	void *path = (void *)(uintptr_t)info->path;

	if (info->size != sizeof(*info) || info->flags || info->long_path_len)
		seen.bad_calls++;
	memcpy(values, fake.values, sizeof(fake.values[0]) *
	       min_size(info->values_len, min_size(fake.values_len,
						   VMGUESTLIB_STAT_END)));
	if (fake.path_len)
		memcpy(path, fake.path,
		       min_size(info->path_len, fake.path_len));
	info->values_len = fake.values_len;
	info->path_len = fake.path_len;
	info->out_session_id = fake.session_id;
}

static int serve_stat_get(struct vmguestlib_stat_get *request)
{
	if (request->size != sizeof(*request) || request->flags)
		seen.bad_calls++;
	seen.stat_get = *request;
	memcpy(seen.encoding, (void *)(uintptr_t)request->encoding,
	       min_size(request->encoding_len, sizeof(seen.encoding) - 1));
	memcpy(seen.stat, (void *)(uintptr_t)request->stat,
	       min_size(request->stat_len, sizeof(seen.stat) - 1));
	request->out_reply = fake.reply;
	if (fake.text_len > request->reply_len)
		return ENOSPC;
	if (fake.text_len)
		memcpy((void *)(uintptr_t)request->reply, fake.text,
		       fake.text_len);
	request->reply_len = fake.text_len;
	return 0;
}

static int serve_appmon(struct vmguestlib_appmon *request)
{
	if (request->size != sizeof(*request) || request->flags ||
	    request->out_enabled ||
	    !memchr(request->text, 0, sizeof(request->text)))
		seen.bad_calls++;
	seen_appmon = *request;
	if (fake.on_appmon)
		fake.on_appmon(request);
	if (request->op == VMGUESTLIB_APPMON_IS_ENABLED)
		request->out_enabled = fake.enabled;
	if (request->op == VMGUESTLIB_APPMON_GET_STATUS)
		memcpy(request->text, fake.status, sizeof(request->text));
	return 0;
}

static volatile sig_atomic_t alarms;

static void note_alarm(int number)
{
	(void)number;
	alarms++;
}

void fake_timer(unsigned int ms)
{
	const struct sigaction action = { .sa_handler = note_alarm };
	const struct timeval period = { .tv_usec = ms * 1000 };
	const struct itimerval timer = { period, period };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static bool interrupted(void)
{
	const struct timespec host = { .tv_nsec = fake.host_ms * 1000000L };

	return fake.host_ms && nanosleep(&host, NULL);
}

static int serve(unsigned long request, void *argument)
{
	seen.requests++;
	if (interrupted()) {
		/* The argument of an interrupted request has undefined contents. */
		memset(argument, 0xa5, 16);
		return EINTR;
	}
	if (fake.request_errno)
		return fake.request_errno;
	if (request == VMGUESTLIB_IOC_STAT_GET)
		return serve_stat_get(argument);
	if (request == VMGUESTLIB_IOC_APPMON)
		return serve_appmon(argument);
	if (request != VMGUESTLIB_IOC_GET_INFO)
		return ENOTTY;
	serve_get_info(argument);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;
	int err;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (fd != DEVICE_FD)
		seen.bad_calls++;
	err = serve(request, argument);
	if (!err)
		return 0;
	errno = err;
	return -1;
}

void *__wrap_malloc(size_t size)
{
	return fake.malloc_fails ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fake.calloc_fails ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fake.realloc_fails ? NULL : __real_realloc(old, size);
}

bool processor_is_vmware(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx >> 31))
		return false;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	return ebx == 0x61774d56 && ecx == 0x4d566572 && edx == 0x65726177;
}
