// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * demo statistics: reads all statistics by one ioctl(), and prints them as "ID VALUE".
 * demo wait: waits in poll() until this machine is moved to another host.
 */
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"

#define WATCH_MS	100
#define TIMEOUT_MS	60000

static int fail(const char *what)
{
	fprintf(stderr, "demo: %s: %s\n", what, strerror(errno));
	return 1;
}

static int print_statistics(int fd)
{
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.values = (uintptr_t)values,
		.values_len = VMGUESTLIB_STAT_END,
	};
	unsigned int id;

	if (ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info))
		return fail("GET_INFO");
	for (id = 1; id < VMGUESTLIB_STAT_END; id++)
		if (values[id].state == VMGUESTLIB_VALUE_GIVEN)
			printf("%u %llu\n", id,
			       (unsigned long long)values[id].value);
	return 0;
}

static int print_session(int fd, const char *what)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };

	if (ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info))
		return fail("GET_INFO");
	printf("%s: session 0x%016llx, generation %llu\n", what,
	       (unsigned long long)info.out_session_id,
	       (unsigned long long)info.out_generation);
	return fflush(stdout);
}

static int wait_for_change(int fd)
{
	struct vmguestlib_watch watch = {
		.size = sizeof(watch),
		.interval_ms = WATCH_MS,
	};
	struct vmguestlib_events events = { .size = sizeof(events) };
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	if (ioctl(fd, VMGUESTLIB_IOC_WATCH, &watch))
		return fail("WATCH");
	if (print_session(fd, "waiting in poll()"))
		return 1;
	if (poll(&pollfd, 1, TIMEOUT_MS) != 1)
		return fail("poll");
	if (ioctl(fd, VMGUESTLIB_IOC_EVENTS, &events))
		return fail("EVENTS");
	if (!(events.out_events & VMGUESTLIB_EVENT_SESSION)) {
		fputs("demo: woken for nothing\n", stderr);
		return 1;
	}
	return print_session(fd, "woken            ");
}

int main(int argc, char **argv)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(DEVICE);
	if (argc == 2 && !strcmp(argv[1], "statistics"))
		return print_statistics(fd);
	if (argc == 2 && !strcmp(argv[1], "wait"))
		return wait_for_change(fd);
	fputs("usage: demo statistics|wait\n", stderr);
	return 2;
}
