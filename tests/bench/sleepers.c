// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Measures 10,000 descriptors that wait for an event: their cost while there is no event, and
 * the time for which the module holds its lock when an event wakes them.
 */
#include <sys/epoll.h>
#include <sys/resource.h>

#include "bench.h"
#include "snapshot.h"

#define TRACING		"/sys/kernel/tracing/"
#define FILES		10000
#define IDLE_S		60
#define LONGEST_NS	100000

static void put(const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		path);
	close(fd);
}

static double cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * NS_PER_S + used.tv_nsec;
}

static int open_files(int count)
{
	struct rlimit limit = { FILES + 64, FILES + 64 };
	struct epoll_event event = { .events = EPOLLPRI };
	int epoll = epoll_create1(EPOLL_CLOEXEC), i;

	require(!setrlimit(RLIMIT_NOFILE, &limit), "descriptors");
	for (i = 0; i < count; i++)
		require(!epoll_ctl(epoll, EPOLL_CTL_ADD, open_device(O_RDONLY),
				   &event), "epoll");
	return epoll;
}

static void report_idle(const char *side, int epoll)
{
	struct account before = account_now();
	struct epoll_event event;
	double used = cpu_ns();

	require(!epoll_wait(epoll, &event, 1, IDLE_S * 1000), "nothing happens");
	report("sleepers", side, "cpu_ns", cpu_ns() - used);
	report_account("sleepers", side, before, 1);
}

/*
 * Between two calls of __wake_up(), vmgl_events_notify() takes the lock of the events and
 * releases it. The time between the calls is therefore longer than the lock is held. A time in
 * which another task has run is not counted, because that task runs when the lock is not held.
 */
static void trace(bool on)
{
	if (on) {
		put("set_ftrace_filter", "__wake_up\n");
		put("set_ftrace_filter", "vmgl_events_notify\n");
		put("buffer_size_kb", "8192");
		put("events/sched/sched_switch/enable", "1");
		put("current_tracer", "function");
	}
	put("tracing_on", on ? "1" : "0");
}

/* Parses lines such as "kworker/u2:1-25 [000] d..1. 12.345678: __wake_up <-vmgl_events_notify". */
static void report_trace(void)
{
	double now, last = 0, longest = 0, passes = 0, woken = 0;
	FILE *file = fopen(TRACING "trace", "r");
	char line[512], *at;

	require(file, TRACING "trace");
	while (fgets(line, sizeof(line), file)) {
		passes += strstr(line, ": vmgl_events_notify <-") != NULL;
		at = strstr(line, ": __wake_up <-vmgl_events_notify");
		if (strstr(line, ": sched_switch: "))
			last = 0;
		if (!at)
			continue;
		while (at > line && strchr("0123456789.", at[-1]))
			at--;
		now = strtod(at, NULL) * NS_PER_S;
		if (last && now - last > longest)
			longest = now - last;
		last = now;
		woken++;
	}
	fclose(file);
	report("sleepers", "event", "passes", passes);
	report("sleepers", "event", "woken", woken);
	report("sleepers", "event", "longest_ns", longest);
}

static void report_event(int epoll)
{
	static struct epoll_event events[FILES];
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	int fd = open_device(O_RDONLY), ready = 0;

	trace(true);
	require(host("vmotion"), "vmxsim.vmotion");
	require(!ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info), "GET_INFO");
	while (ready < FILES) {
		sleep_ms(10);
		ready = epoll_wait(epoll, events, FILES, -1);
	}
	sleep_ms(100);
	trace(false);
	report("sleepers", "event", "ready", ready);
	report("sleepers", "limit", "passes", 1);
	report("sleepers", "limit", "longest_ns", LONGEST_NS);
	report_trace();
}

int main(void)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	int epoll = open_files(1);

	require(!ioctl(open_device(O_RDONLY), VMGUESTLIB_IOC_GET_INFO, &info),
		"GET_INFO");
	report_idle("one", epoll);
	epoll = open_files(FILES);
	report_idle("idle", epoll);
	report("sleepers", "limit", "requests", 0);
	report_event(epoll);
	return 0;
}
