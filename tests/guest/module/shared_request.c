// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Callers that wait at the same time share requests to the host. The host answers slowly, so
 * that many threads wait at the same time. The guest needs two vCPUs: while one waits in the
 * hypervisor for the answer, the other one runs threads.
 */
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"

#define THREADS	16
#define ROUNDS	8

static pthread_barrier_t barrier;
static uint32_t max_age_ms;
static unsigned int rounds = 1;

struct result {
	int error;
	uint64_t time_ns;
	uint64_t session_id;
	uint64_t generation;
};

static void *reader(void *arg)
{
	struct result *result = arg;
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.max_age_ms = max_age_ms,
	};
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	unsigned int i;

	pthread_barrier_wait(&barrier);
	for (i = 0; i < rounds; i++) {
		result->error = ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info) ?
				errno : 0;
		if (result->error)
			break;
	}
	result->time_ns = info.out_time_ns;
	result->session_id = info.out_session_id;
	result->generation = info.out_generation;
	close(fd);
	return NULL;
}

static void read_at_once(struct result *results)
{
	pthread_t threads[THREADS];
	size_t i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, reader, &results[i]);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
}

/*
 * Callers that come while a request is in flight share the next request. The scheduler
 * determines how many callers share a request. Without sharing, each call would make a request.
 */
KTAP_TEST(callers_share_requests)
{
	struct result results[THREADS];
	unsigned long long requests;
	size_t i;

	max_age_ms = 0;
	rounds = ROUNDS;
	CHECK(steer("fault times=128 delay 10"));
	requests = sysfs_number("rpc/requests");
	read_at_once(results);
	requests = sysfs_number("rpc/requests") - requests;
	rounds = 1;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(results[i].error, 0);
	printf("# %u calls, %llu requests\n", THREADS * ROUNDS, requests);
	CHECK(requests >= ROUNDS && requests <= THREADS * ROUNDS / 2);
	CHECK(steer("fault clear"));
}

KTAP_TEST(readers_of_old_values_share_a_request)
{
	struct result results[THREADS];
	unsigned long long before;
	size_t i;

	max_age_ms = 3600000;
	before = sysfs_number("rpc/requests");
	read_at_once(results);
	for (i = 0; i < THREADS; i++) {
		CHECK_EQ(results[i].error, 0);
		CHECK_EQ(results[i].time_ns, results[0].time_ns);
	}
	CHECK_EQ(sysfs_number("rpc/requests"), before);
}

/* In the answers to all callers, each session has only one generation. */
KTAP_TEST(generation_and_session_go_together)
{
	struct result results[THREADS], seen = { 0 };
	unsigned int round;
	size_t i;

	max_age_ms = 0;
	for (round = 0; round < 5; round++) {
		CHECK(steer("vmotion"));
		read_at_once(results);
		for (i = 0; i < THREADS; i++) {
			CHECK_EQ(results[i].error, 0);
			CHECK_EQ(results[i].session_id, results[0].session_id);
			CHECK_EQ(results[i].generation, results[0].generation);
		}
		if (round) {
			CHECK(results[0].session_id != seen.session_id);
			CHECK_EQ(results[0].generation, seen.generation + 1);
		}
		seen = results[0];
	}
}

static atomic_uint signals_handled;

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&signals_handled, 1);
}

static bool all_joined(pthread_t *threads, bool *joined)
{
	size_t i, left = 0;

	for (i = 0; i < THREADS; i++) {
		if (!joined[i])
			joined[i] = !pthread_tryjoin_np(threads[i], NULL);
		left += !joined[i];
	}
	return !left;
}

/* A signal that is not fatal does not end the wait for a snapshot. */
KTAP_TEST(signals_end_no_call)
{
	struct sigaction action = { .sa_handler = count_signal };
	struct result results[THREADS] = { { 0 } };
	bool joined[THREADS] = { 0 };
	pthread_t threads[THREADS];
	size_t i;

	max_age_ms = 0;
	rounds = 4 * ROUNDS;
	sigaction(SIGUSR1, &action, NULL);
	pthread_barrier_init(&barrier, NULL, THREADS);
	CHECK(steer("fault times=1000 delay 5"));
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, reader, &results[i]);
	while (!all_joined(threads, joined)) {
		for (i = 0; i < THREADS; i += 2)
			if (!joined[i])
				pthread_kill(threads[i], SIGUSR1);
		sched_yield();
	}
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(results[i].error, 0);
	printf("# %u signals\n", signals_handled);
	CHECK(signals_handled > 0);
	rounds = 1;
	pthread_barrier_destroy(&barrier);
	CHECK(steer("fault clear"));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(callers_share_requests),
	KTAP_ENTRY(readers_of_old_values_share_a_request),
	KTAP_ENTRY(generation_and_session_go_together),
	KTAP_ENTRY(signals_end_no_call),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
