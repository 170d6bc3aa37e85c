/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for measuring in a guest. A measurement is one line, which tests/bench/run reads:
 *
 *	bench <tab> row <tab> side <tab> metric <tab> value
 *
 * Samples of the sides alternate, so that other load of the machine slows all sides.
 * In a guest with --fast-time the clock advances by INSTRUCTION_NS with each instruction.
 */
#ifndef BENCH_H
#define BENCH_H

#include <sys/wait.h>

#include "heartbeat.h"

#define NS_PER_S	1000000000.0
#define COUNTED		20	/* number of calls whose hypercalls are counted */

/* One side of a comparison. @run returns false if it fails. */
struct side {
	const char *name;
	bool (*run)(void);
};

static inline void report(const char *row, const char *side, const char *metric,
			  double value)
{
	printf("bench\t%s\t%s\t%s\t%.10g\n", row, side, metric, value);
	fflush(stdout);
}

static inline void require(bool worked, const char *what)
{
	if (worked)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* --- what the host counts ------------------------------------------------------- */

struct account {
	uint64_t hypercalls;	/* over the backdoor */
	uint64_t packets;	/* over VMCI sockets, each a hypercall */
	uint64_t requests;
};

/* Returns the number @name after @group in the reply of vmxsim.counters. */
static inline uint64_t counter_of(const char *group, const char *name)
{
	char key[64], *at;

	snprintf(key, sizeof(key), "\"%s\":{", group);
	at = strstr(host_reply, key);
	snprintf(key, sizeof(key), "\"%s\":", name);
	at = at ? strstr(at, key) : NULL;
	require(at, name);
	return strtoull(at + strlen(key), NULL, 10);
}

/* The request for the counters itself is not counted. */
static inline struct account account_now(void)
{
	struct account account;

	require(host("counters"), "vmxsim.counters");
	account.hypercalls = counter_of("lb", "total") + counter_of("hb", "total");
	account.packets = counter_of("sockets", "packets");
	account.requests = counter_of("requests", "lb") +
			   counter_of("requests", "hb") +
			   counter_of("requests", "vmci");
	return account;
}

static inline void report_account(const char *row, const char *side,
				  struct account before, double calls)
{
	struct account after = account_now();

	report(row, side, "hypercalls",
	       (after.hypercalls - before.hypercalls) / calls);
	report(row, side, "packets", (after.packets - before.packets) / calls);
	report(row, side, "requests", (after.requests - before.requests) / calls);
}

/* --- time ----------------------------------------------------------------------- */

static inline int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline void report_times(const char *row, const char *side,
				double *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), compare_numbers);
	report(row, side, "median_ns", samples[count / 2]);
	report(row, side, "p99_ns", samples[(count * 99 - 1) / 100]);
}

static inline double time_of(const struct side *side, unsigned int calls)
{
	uint64_t start = now_ns();
	unsigned int i;

	for (i = 0; i < calls; i++)
		require(side->run(), side->name);
	return (double)(now_ns() - start) / calls;
}

/* Takes @samples samples of each side; a sample is the time of @calls calls. */
static inline void compare(const char *row, const struct side *sides, size_t count,
			   size_t samples, unsigned int calls)
{
	double *times = calloc(count * samples, sizeof(*times));
	struct account before;
	size_t i, at;

	for (i = 0; i < count; i++)
		time_of(&sides[i], calls);
	for (at = 0; at < samples; at++)
		for (i = 0; i < count; i++)
			times[i * samples + at] = time_of(&sides[i], calls);
	for (i = 0; i < count; i++) {
		report_times(row, sides[i].name, times + i * samples, samples);
		before = account_now();
		time_of(&sides[i], COUNTED);
		report_account(row, sides[i].name, before, COUNTED);
	}
	free(times);
}

#define COMPARE(row, sides, samples, calls)				\
	compare(row, sides, sizeof(sides) / sizeof((sides)[0]), samples, calls)

/* --- processes ------------------------------------------------------------------ */

static inline void run_when_closed(int start, void (*run)(void))
{
	char byte;

	if (read(start, &byte, 1))
		_exit(1);
	run();
	_exit(0);
}

/* Runs @run in @count processes at the same time. Returns the time in ns until all have ended. */
static inline uint64_t run_together(unsigned int count, void (*run)(void))
{
	int start[2], status;
	uint64_t begin;
	unsigned int i;

	require(!pipe(start), "pipe");
	for (i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child)
			continue;
		close(start[1]);
		run_when_closed(start[0], run);
	}
	close(start[0]);
	begin = now_ns();
	close(start[1]);
	for (i = 0; i < count; i++)
		require(wait(&status) > 0 && !status, "process");
	return now_ns() - begin;
}

#endif
