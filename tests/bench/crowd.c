// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * crowd threads	64 threads read for 10 s, and accept only a snapshot that was requested
 *			after the call began
 * crowd processes	1,000 processes read once a second for 60 s, and accept a snapshot that
 *			is up to 1 s old
 */
#include <pthread.h>
#include <stdatomic.h>

#include "bench.h"
#include "snapshot.h"

#define THREADS		64
#define THREADS_S	10
#define PROCESSES	1000
#define PROCESSES_S	60

static atomic_ulong calls, stale;
static atomic_bool over;

static uint64_t boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void ask(int fd)
{
	uint64_t before = boottime_ns();
	struct snapshot snapshot;

	require(!snapshot_take(fd, &snapshot), "GET_INFO");
	atomic_fetch_add(&calls, 1);
	if (snapshot.info.out_time_ns < before)
		atomic_fetch_add(&stale, 1);
}

static void *keep_asking(void *arg)
{
	int fd = *(int *)arg;

	while (!atomic_load(&over))
		ask(fd);
	return NULL;
}

/* The shortest time of a request, which gives the highest possible number of requests. */
static double round_trip_ns(int fd)
{
	double shortest = 0, took;
	uint64_t start;
	int i;

	for (i = 0; i < 100; i++) {
		start = now_ns();
		ask(fd);
		took = now_ns() - start;
		if (!i || took < shortest)
			shortest = took;
	}
	return shortest;
}

static void run_threads(void)
{
	int fd = open_device(O_RDONLY);
	double round_trip = round_trip_ns(fd), elapsed;
	pthread_t threads[THREADS];
	struct account before;
	uint64_t start;
	int i;

	atomic_store(&calls, 0);
	before = account_now();
	start = now_ns();
	for (i = 0; i < THREADS; i++)
		require(!pthread_create(&threads[i], NULL, keep_asking, &fd),
			"thread");
	sleep_ms(THREADS_S * 1000);
	atomic_store(&over, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	elapsed = now_ns() - start;
	report("threads", "ours", "calls", atomic_load(&calls));
	report("threads", "ours", "stale", atomic_load(&stale));
	report("threads", "ours", "requests",
	       account_now().requests - before.requests);
	report("threads", "limit", "requests", elapsed / round_trip + 2);
	report("threads", "limit", "stale", 0);
	close(fd);
}

static void ask_each_second(void)
{
	int fd = open_device(O_RDONLY), second;
	struct vmguestlib_get_info info;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (second = 0; second < PROCESSES_S; second++, next.tv_sec++) {
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL))
			;
		info = (struct vmguestlib_get_info) {
			.size = sizeof(info),
			.max_age_ms = 1000,
		};
		require(!ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info), "GET_INFO");
	}
}

static void run_processes(void)
{
	struct account before = account_now();

	run_together(PROCESSES, ask_each_second);
	report("processes", "ours", "calls", PROCESSES * PROCESSES_S);
	report("processes", "ours", "requests",
	       account_now().requests - before.requests);
	report("processes", "limit", "requests", PROCESSES_S + 1);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "threads"))
		run_threads();
	else if (argc == 2 && !strcmp(argv[1], "processes"))
		run_processes();
	else
		return 2;
	return 0;
}
