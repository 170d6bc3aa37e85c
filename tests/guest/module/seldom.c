// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Callers that the scheduler runs only rarely must not delay other callers.
 *
 * Some tasks of the test have the policy SCHED_IDLE and make requests.  The scheduler runs
 * such a task only if no other task wants the processor, and other tasks of the test keep
 * the processors busy.  A task with SCHED_IDLE may therefore not run for seconds after its
 * request has begun.
 *
 * The test compares two times of the same guest: the time of some reads beside these tasks,
 * and the time of the same reads without these tasks.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "guest.h"
#include "heartbeat.h"
#include "ktap.h"

#define NOBODY	65534
#define HOGS	4
#define SELDOM	20
#define READS	20

/* Greatest ratio of the two times */
#define SLOWDOWN	10

/* Starts a task that makes requests with SCHED_IDLE, or keeps a processor busy if not @asks. */
static pid_t start_as_nobody(bool asks)
{
	struct sched_param param = {};
	pid_t child = fork();
	int fd;

	if (child)
		return child;
	fd = open_device(O_RDONLY);
	if (setgid(NOBODY) || setuid(NOBODY) ||
	    (asks && sched_setscheduler(0, SCHED_IDLE, &param)))
		_exit(1);
	for (;;)
		if (asks)
			ask_session(fd);
}

/*
 * Returns the time that READS reads take, without the pauses between them.  The pauses let the
 * other callers begin requests.
 */
static double seconds_of_reads(int fd)
{
	struct timespec from, to;
	double seconds = 0;
	int i;

	for (i = 0; i < READS; i++) {
		usleep(20000);
		clock_gettime(CLOCK_MONOTONIC, &from);
		CHECK(!ask_session(fd));
		clock_gettime(CLOCK_MONOTONIC, &to);
		seconds += (double)(to.tv_sec - from.tv_sec) +
			   (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	}
	return seconds;
}

static void signal_all(const pid_t *children, int count, int number)
{
	int i;

	for (i = 0; i < count; i++)
		CHECK(children[i] > 0 && !kill(children[i], number));
}

static void kill_all(const pid_t *children, int count)
{
	int i;

	signal_all(children, count, SIGKILL);
	for (i = 0; i < count; i++)
		CHECK_EQ(waitpid(children[i], NULL, 0), children[i]);
}

KTAP_TEST(callers_that_seldom_run)
{
	int fd = open_device(O_RDONLY), i;
	pid_t seldom[SELDOM], hogs[HOGS];
	unsigned long long served;
	double without, with;

	CHECK(choose_transport("vsock"));
	for (i = 0; i < HOGS; i++)
		hogs[i] = start_as_nobody(false);
	without = seconds_of_reads(fd);

	/* Let the callers begin while the processors are idle. */
	signal_all(hogs, HOGS, SIGSTOP);
	served = sysfs_number("rpc/requests");
	for (i = 0; i < SELDOM; i++)
		seldom[i] = start_as_nobody(true);
	while (sysfs_number("rpc/requests") - served < 2 * SELDOM)
		usleep(10000);
	signal_all(hogs, HOGS, SIGCONT);
	with = seconds_of_reads(fd);

	kill_all(hogs, HOGS);
	kill_all(seldom, SELDOM);
	printf("# %d reads: %.3f s, without these callers %.3f s\n", READS, with,
	       without);
	CHECK(with < SLOWDOWN * without);
	close(fd);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(callers_that_seldom_run),
};

int main(void)
{
	sysfs_write("max_age_ms", "0");
	return KTAP_MAIN(tests);
}
