// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The work of the module when it has nothing or little to do. The kernel's tracers count calls
 * of the module's functions, wake-ups of its threads, and allocations. The host counts
 * hypercalls.
 */
#include <dirent.h>

#include "heartbeat.h"
#include "ktap.h"
#include "snapshot.h"

#define TRACING		"/sys/kernel/tracing/"
#define HOUR_S		3600
#define BEATS		60	/* heartbeats of the test, one each third of a window */
#define CHECKS		(BEATS / 3)	/* checks of the host's status, one each window */
#define TICKS		(BEATS * 20)	/* ticks of the arbiter's clock, two each second */
#define SNAPSHOTS	100

static bool put(const char *name, const char *text)
{
	char path[256];
	bool written;
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	written = fd >= 0 &&
		  write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return written;
}

/* Enables an event of the tracer, with a filter in the kernel's syntax. */
static bool watch_event(const char *event, const char *filter)
{
	char path[128];

	snprintf(path, sizeof(path), "events/%s/filter", event);
	if (!put(path, filter))
		return false;
	snprintf(path, sizeof(path), "events/%s/enable", event);
	return put(path, "1");
}

static bool trace_on(const char *tracer)
{
	return put("trace", "\n") && put("current_tracer", tracer) &&
	       put("tracing_on", "1");
}

static void trace_off(void)
{
	CHECK(put("tracing_on", "0"));
	CHECK(put("current_tracer", "nop"));
	CHECK(put("events/enable", "0"));
}

static bool is_comment(const char *line)
{
	return line[0] == '#' || line[0] == '\n';
}

/* Returns the number of lines with @text in the trace. Prints the first ones if @is_shown. */
static unsigned int count_lines(const char *text, bool is_shown)
{
	FILE *file = fopen(TRACING "trace", "r");
	unsigned int count = 0;
	char line[512];

	CHECK(file);
	while (file && fgets(line, sizeof(line), file)) {
		if (is_comment(line) || !strstr(line, text))
			continue;
		if (is_shown && count < 20)
			printf("# %s", line);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

/* Begins to trace the functions of the module and the wake-ups of its threads. */
static bool trace_module(void)
{
	return put("set_ftrace_filter", ":mod:vmguestlib\n") &&
	       watch_event("sched/sched_waking", "comm ~ \"vmguestlib*\"") &&
	       trace_on("function");
}

static uint64_t counted(const char *group, const char *name)
{
	char key[64], *at;

	snprintf(key, sizeof(key), "\"%s\":{", group);
	at = host("counters") ? strstr(host_reply, key) : NULL;
	snprintf(key, sizeof(key), "\"%s\":", name);
	at = at ? strstr(at, key) : NULL;
	return CHECK(at) ? strtoull(at + strlen(key), NULL, 10) : 0;
}

/* Returns the number of hypercalls and of packets over VMCI sockets at the host. */
static uint64_t hypercalls(void)
{
	return counted("lb", "total") + counted("hb", "total") +
	       counted("sockets", "packets");
}

KTAP_TEST(idle_module_does_nothing_for_an_hour)
{
	int fd = open_device(O_RDWR);
	struct snapshot snapshot;
	uint64_t before;

	/* The module has an open file and a snapshot. It must be idle although it was used. */
	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	sleep_ms(5000);
	before = hypercalls();
	CHECK(trace_module());
	sleep_ms(HOUR_S * 1000);
	CHECK_EQ(count_lines("", true), 0);
	/* This request shows that the tracer works. */
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK(count_lines("vmgl_ioctl", false) > 0);
	trace_off();
	CHECK_EQ(hypercalls(), before);
	close(fd);
}

/*
 * Returns how often the kernel has called functions of the module. The calls in @expected do not
 * count.
 */
static unsigned int other_calls(const char *const *expected, size_t count)
{
	FILE *file = fopen(TRACING "trace", "r");
	unsigned int others = 0;
	char line[512];
	size_t i;

	CHECK(file);
	while (file && fgets(line, sizeof(line), file)) {
		if (is_comment(line) || !strstr(line, " <-") ||
		    strstr(line, " <-vmgl_"))
			continue;
		for (i = 0; i < count && !strstr(line, expected[i]); i++)
			;
		if (i == count && others++ < 20)
			printf("# %s", line);
	}
	if (file)
		fclose(file);
	return others;
}

KTAP_TEST(client_costs_its_beats_and_ticks)
{
	static const char *const expected[] = {
		" vmgl_hb_work <-kthread_worker_fn",
		" vmgl_hb_tick <-kthread_worker_fn",
	};
	unsigned int beaten, ticks;
	int fd = open_device(O_RDWR);
	uint64_t beats, before;

	CHECK_EQ(arm(fd, "frugal", 3600000, STOP), 0);
	/* Wait until the status has turned green, because this event would be counted. */
	sleep_ms(65000);
	beats = ha("beats");
	before = hypercalls();
	CHECK(put("buffer_size_kb", "16384"));
	CHECK(trace_module());
	sleep_ms(BEATS * 10000);
	put("tracing_on", "0");
	CHECK_EQ(ha("beats") - beats, BEATS);
	/* A request over an open channel has five hypercalls. */
	CHECK_EQ(hypercalls() - before, 5 * (BEATS + CHECKS));
	CHECK_EQ(other_calls(expected, 2), 0);
	beaten = count_lines(expected[0], false);
	ticks = count_lines(expected[1], false);
	printf("# %u work items, %u ticks in %u s\n", beaten, ticks, BEATS * 10);
	/* The worker runs only for beats and checks, and may make a beat and a check in one run. */
	CHECK(beaten >= BEATS && beaten <= BEATS + CHECKS);
	/* Each timer may expire up to two jiffies late, so there may be fewer ticks. */
	CHECK(ticks <= TICKS && ticks > TICKS * 9 / 10);
	trace_off();
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

/* --- memory --------------------------------------------------------------------- */

/* Traces each allocation that matches @filter, which has the syntax of trace events. */
static bool watch_allocations(const char *filter)
{
	static const char *const events[] = { "kmalloc", "kmem_cache_alloc",
		"mm_page_alloc" };
	char event[64];
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(event, sizeof(event), "kmem/%s", events[i]);
		if (!watch_event(event, filter))
			return false;
	}
	return trace_on("nop");
}

/* Returns the process ID of the kernel thread @name. */
static pid_t find_thread(const char *name)
{
	char path[300], comm[32] = "";
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	pid_t pid = 0;
	FILE *file;

	while (!pid && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%31s", comm) == 1 && !strcmp(comm, name))
			pid = atoi(entry->d_name);
		fclose(file);
	}
	closedir(proc);
	return pid;
}

KTAP_TEST(beat_allocates_nothing)
{
	static const char *const threads[] = { "vmguestlib_hb", "vmguestlib_clk" };
	int fd = open_device(O_RDWR);
	char filter[64];
	size_t i;
	pid_t pid;

	CHECK_EQ(arm(fd, "frugal", 3600000, STOP), 0);
	sleep_ms(15000);
	for (i = 0; i < 2; i++) {
		uint64_t beats = ha("beats");

		pid = find_thread(threads[i]);
		CHECK(pid > 0);
		snprintf(filter, sizeof(filter), "common_pid == %d", (int)pid);
		CHECK(watch_allocations(filter));
		sleep_ms(BEATS * 10000);
		trace_off();
		CHECK_EQ(ha("beats") - beats, BEATS);
		CHECK_EQ(count_lines("", true), 0);
	}
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

KTAP_TEST(snapshot_allocates_one_buffer)
{
	int fd = open_device(O_RDONLY), i;
	struct snapshot snapshot;

	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	CHECK(watch_allocations("comm ~ \"kworker/u*\""));
	for (i = 0; i < SNAPSHOTS; i++)
		CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	put("tracing_on", "0");
	CHECK_EQ(count_lines(": kmalloc", false), SNAPSHOTS);
	CHECK_EQ(count_lines(": kmem_cache_alloc: call_site=vmgl", true), 0);
	/* The allocator gets pages for several buffers at a time. */
	CHECK(count_lines(": mm_page_alloc", false) <= SNAPSHOTS / 4);
	trace_off();
	close(fd);
}

KTAP_TEST(reader_of_a_snapshot_allocates_nothing)
{
	int fd = open_device(O_RDONLY), i;
	struct snapshot snapshot;
	char filter[64];

	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	snprintf(filter, sizeof(filter), "common_pid == %d", (int)getpid());
	CHECK(watch_allocations(filter));
	for (i = 0; i < SNAPSHOTS; i++)
		CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	trace_off();
	CHECK_EQ(count_lines("call_site=vmgl", true), 0);
	CHECK_EQ(count_lines(": kmalloc", true), 0);
	close(fd);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(idle_module_does_nothing_for_an_hour),
	KTAP_ENTRY(client_costs_its_beats_and_ticks),
	KTAP_ENTRY(beat_allocates_nothing),
	KTAP_ENTRY(snapshot_allocates_one_buffer),
	KTAP_ENTRY(reader_of_a_snapshot_allocates_nothing),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
