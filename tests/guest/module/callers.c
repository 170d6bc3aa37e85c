// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Any number of callers that call at the same time need two requests to the host: the one that
 * is in flight when they call, and one that they share.
 */
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"

/* Returns the number of running threads of the machine, the calling thread included. */
static unsigned int running_threads(void)
{
	FILE *file = fopen("/proc/loadavg", "r");
	unsigned int running = 0;

	if (!file || fscanf(file, "%*s %*s %*s %u", &running) != 1)
		running = 0;
	if (file)
		fclose(file);
	return running;
}

struct caller {
	pthread_t thread;
	int error;
};

/* The callers wait for this lock, and begin when it is released. */
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
static atomic_bool first_has_returned;

static void *take_one(void *arg)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct caller *caller = arg;

	pthread_rwlock_rdlock(&gate);
	pthread_rwlock_unlock(&gate);
	caller->error = ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info) ? errno : 0;
	close(fd);
	return NULL;
}

static void *take_first(void *arg)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	struct caller *caller = arg;

	caller->error = ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info) ? errno : 0;
	close(fd);
	atomic_store(&first_has_returned, true);
	return NULL;
}

/* Waits until the calling thread is the only one of the machine that runs. */
static void all_sleep(void)
{
	while (running_threads() != 1)
		usleep(1000);
}

/*
 * Waits until the calling thread is the only one of the machine that runs. Returns false if the
 * first request ends before.
 */
static bool all_wait(void)
{
	while (running_threads() != 1 && !atomic_load(&first_has_returned))
		usleep(1000);
	return !atomic_load(&first_has_returned);
}

/*
 * Lets @count callers call during a first request, which the host delays by 900 ms. Returns the
 * number of requests. All threads are created before the first request, because on a debug
 * kernel creating them takes more than 900 ms.
 */
static unsigned long long requests_of(unsigned int count)
{
	struct caller *callers = calloc(count + 1, sizeof(*callers));
	unsigned long long before;
	pthread_attr_t attr;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_rwlock_wrlock(&gate);
	for (i = 0; i < count; i++)
		pthread_create(&callers[i].thread, &attr, take_one, &callers[i]);
	all_sleep();
	before = sysfs_number("rpc/requests");
	atomic_store(&first_has_returned, false);
	CHECK(steer("fault match=guestlib.info.get delay 900"));
	pthread_create(&callers[count].thread, &attr, take_first,
		       &callers[count]);
	/* Wait until the first caller sleeps, so that the others call while its request is made. */
	CHECK(all_wait());
	pthread_rwlock_unlock(&gate);
	CHECK(all_wait());
	for (i = 0; i <= count; i++) {
		pthread_join(callers[i].thread, NULL);
		CHECK_EQ(callers[i].error, 0);
	}
	free(callers);
	return sysfs_number("rpc/requests") - before;
}

KTAP_TEST(callers_in_flight_cost_two_requests)
{
	static const unsigned int counts[] = { 2, 64, 1000 };
	unsigned long long requests;
	size_t i;
	struct caller warm = { 0 };

	CHECK(choose_transport("vsock"));
	/* Connect first: the first reply over a connection has a timeout of only 500 ms. */
	take_one(&warm);
	CHECK_EQ(warm.error, 0);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		requests = requests_of(counts[i]);
		printf("# %u callers beside one, %llu requests\n", counts[i],
		       requests);
		CHECK_EQ(requests, 2);
	}
	CHECK(choose_transport("auto"));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(callers_in_flight_cost_two_requests),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
