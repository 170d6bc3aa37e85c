// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * beats SECONDS WINDOW: measures the beats of an armed client while 64 threads of root
 * compute, all memory is in use, and 64 threads of another user send requests. A beat is
 * due every WINDOW/3 seconds. The host records the longest gap between two beats.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "bench.h"

#define THREADS		64
#define ANOTHER_USER	65534

static void *compute(void *arg)
{
	volatile unsigned long count = 0;

	(void)arg;
	for (;;)
		count++;
	return NULL;
}

static void *ask(void *arg)
{
	int fd = open_device(O_RDONLY);

	(void)arg;
	for (;;)
		ask_session(fd);
	return NULL;
}

/* Touches more memory than is free, so that the kernel has to reclaim some. */
static void *press(void *arg)
{
	size_t size = 2 << 20;

	(void)arg;
	for (;;) {
		char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (at != MAP_FAILED)
			memset(at, 1, size);
		usleep(1000);
	}
	return NULL;
}

static void run_threads(void *(*run)(void *arg), unsigned int count)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	while (count--)
		if (pthread_create(&thread, &attr, run, NULL))
			_exit(1);
	for (;;)
		pause();
}

/* The kernel kills the child when memory is short, and the parent starts another child. */
static void keep_pressing(void)
{
	for (;;) {
		pid_t child = fork();

		if (!child) {
			FILE *file = fopen("/proc/self/oom_score_adj", "w");

			if (file) {
				fputs("1000", file);
				fclose(file);
			}
			press(NULL);
		}
		waitpid(child, NULL, 0);
	}
}

static pid_t run_load(int kind)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child)
		return child;
	setpgid(0, 0);
	if (kind == 0)
		run_threads(compute, THREADS);
	if (kind == 1)
		keep_pressing();
	if (setgid(ANOTHER_USER) || setuid(ANOTHER_USER))
		_exit(1);
	run_threads(ask, THREADS);
	_exit(1);
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc == 3 ? atoi(argv[1]) : 0;
	double window_ns = argc == 3 ? atoi(argv[2]) * NS_PER_S : 0;
	uint64_t before, gap;
	pid_t loads[3];
	int fd, i;

	require(seconds && window_ns, "beats SECONDS WINDOW");
	fd = open_device(O_RDWR);
	require(!arm(fd, "bench", 3600000, STOP), "arm");
	for (i = 0; i < 3; i++)
		loads[i] = run_load(i);
	before = ha("beats");
	sleep_ms(seconds * 1000);
	report("beats", "ours", "beats", ha("beats") - before);
	gap = said("longest_gap_ns");
	report("beats", "ours", "longest_ns", gap);
	/* A beat is missed if it comes when the next one is due or later. */
	report("beats", "ours", "missed", (unsigned int)(gap / (window_ns * 2 / 3)));
	report("beats", "limit", "missed", 0);
	report("beats", "ours", "requests_beside", sysfs_number("rpc/requests"));
	for (i = 0; i < 3; i++)
		kill(-loads[i], SIGKILL);
	require(!disarm(fd), "disarm");
	return 0;
}
