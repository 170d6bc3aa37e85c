// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A thousand threads of an unprivileged user make requests as fast as they can, by ioctl()
 * and in sysfs.  Other callers must be served after a few of these requests, not after a
 * thousand.  The other callers are a change of the transport, a reader, root, another user,
 * another user to whose program a timer sends signals, and heartbeats.
 *
 * The tests count the requests that are served before that of the other caller.  This number
 * does not depend on the speed of the machine, because the thread of this caller is a
 * real-time thread, and the guest has one processor.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "heartbeat.h"
#include "ktap.h"

#define THREADS		1000
#define NOBODY		65534
#define ANOTHER		1234

/*
 * Largest number of requests that may be served before the caller's: the one in flight, one of
 * each user, and some that began before the call
 */
#define FEW		50

/* Counts of the flood, shared with its process */
static struct {
	atomic_uint asking;	/* threads that have begun */
	atomic_uint errors;	/* requests that have failed */
} *shared;
static pid_t flooder;

static bool read_status(void)
{
	char text[64];
	int file = open(SYSFS "heartbeat/status", O_RDONLY | O_CLOEXEC);
	bool is_read = file >= 0 && read(file, text, sizeof(text)) > 0;

	close(file);
	return is_read;
}

/* Makes requests in a loop. Every tenth thread makes them by reading a file in sysfs. */
static void *keep_asking(void *arg)
{
	int fd = *(int *)arg;
	bool reads = atomic_fetch_add(&shared->asking, 1) % 10 == 0;

	for (;;)
		if (reads ? !read_status() : ask_session(fd))
			atomic_fetch_add(&shared->errors, 1);
	return NULL;
}

/* Makes the flood. Runs in a process of an unprivileged user. */
static void flood(void)
{
	int fd = open_device(O_RDONLY), i;
	pthread_attr_t attributes;
	pthread_t thread;

	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 32768);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread, &attributes, keep_asking, &fd))
			_exit(1);
	for (;;)
		pause();
}

/*
 * Makes this thread a real-time thread, which does not wait while the flood's threads run. With
 * priority 0 it becomes an ordinary thread.
 */
static bool become_urgent(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return !sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &param);
}

KTAP_TEST(a_thousand_threads)
{
	unsigned long long served;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	flooder = fork();
	if (!flooder)
		flood();
	while (atomic_load(&shared->asking) < THREADS &&
	       !waitpid(flooder, NULL, WNOHANG))
		usleep(10000);
	CHECK_EQ(shared->asking, THREADS);
	/* Wait for two requests of each thread. After that, all of them wait for a turn. */
	served = sysfs_number("rpc/requests");
	while (sysfs_number("rpc/requests") - served < 2 * THREADS)
		usleep(10000);
	CHECK(become_urgent(50));
}

/* SERVED() - check that @call succeeds, and return how many requests were served meanwhile */
#define SERVED(call)							\
({									\
	unsigned long long before = sysfs_number("rpc/requests");	\
									\
	CHECK(call);							\
	sysfs_number("rpc/requests") - before;				\
})

static bool is_few(unsigned long long served)
{
	printf("# %llu requests\n", served);
	return served <= FEW;
}

KTAP_TEST(change_of_the_transport)
{
	CHECK(is_few(SERVED(choose_transport("backdoor"))));
	CHECK(is_few(SERVED(choose_transport("auto"))));
}

KTAP_TEST(reader_of_sysfs)
{
	CHECK(is_few(SERVED(sysfs_number("generation") == 0)));
}

KTAP_TEST(root)
{
	int fd = open_device(O_RDONLY);

	CHECK(is_few(SERVED(ask_session(fd) == 0)));
	close(fd);
}

KTAP_TEST(heartbeat)
{
	int fd = open_device(O_RDWR);

	CHECK(is_few(SERVED(arm(fd, "app", 60000, STOP) == 0)));
	CHECK(is_few(SERVED(disarm(fd) == 0)));
	close(fd);
}

static bool ask_as_another(int fd)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(setgid(ANOTHER) || setuid(ANOTHER) || ask_session(fd));
	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

KTAP_TEST(another_user)
{
	int fd = open_device(O_RDONLY);

	CHECK(is_few(SERVED(ask_as_another(fd))));
	close(fd);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/*
 * Makes a request as another user while a timer sends a signal each millisecond, which is less
 * than the 5 ms of one request.  Returns whether the request was served and a signal has arrived.
 */
static bool ask_beside_timer(int fd)
{
	static const struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };

	return !setgid(ANOTHER) && !setuid(ANOTHER) &&
	       !sigaction(SIGALRM, &action, NULL) &&
	       !setitimer(ITIMER_REAL, &timer, NULL) && !ask_session(fd) && signals;
}

/* A signal does not cost the caller its place in the rotation. */
KTAP_TEST(another_user_with_a_timer)
{
	unsigned long long before = sysfs_number("rpc/requests"), served;
	int fd = open_device(O_RDONLY), status;
	pid_t child = fork(), ended;

	if (!child)
		_exit(!ask_beside_timer(fd));
	do {
		usleep(1000);
		ended = waitpid(child, &status, WNOHANG);
		served = sysfs_number("rpc/requests") - before;
	} while (!ended && served <= FEW);
	CHECK(is_few(served));
	if (!ended) {
		CHECK(!kill(child, SIGKILL));
		CHECK_EQ(waitpid(child, &status, 0), child);
	}
	CHECK_EQ(status, 0);
	close(fd);
}

/* The driver of the VMCI device is unbound. Callers that wait are served over the backdoor. */
KTAP_TEST(unbinding_the_device)
{
	unsigned long long served;

	CHECK_EQ(system("cd /sys/bus/pci/drivers/vmw_vmci && echo 0000:* >unbind"),
		 0);
	CHECK(become_urgent(0));
	served = sysfs_number("rpc/requests");
	while (sysfs_number("rpc/requests") - served < 2 * THREADS)
		usleep(10000);
	CHECK_EQ(shared->errors, 0);
}

KTAP_TEST(end_of_the_flood)
{
	CHECK_EQ(waitpid(flooder, NULL, WNOHANG), 0);
	CHECK(!kill(flooder, SIGKILL));
	CHECK_EQ(waitpid(flooder, NULL, 0), flooder);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(a_thousand_threads),
	KTAP_ENTRY(change_of_the_transport),
	KTAP_ENTRY(reader_of_sysfs),
	KTAP_ENTRY(root),
	KTAP_ENTRY(heartbeat),
	KTAP_ENTRY(another_user),
	KTAP_ENTRY(another_user_with_a_timer),
	KTAP_ENTRY(unbinding_the_device),
	KTAP_ENTRY(end_of_the_flood),
};

int main(void)
{
	sysfs_write("max_age_ms", "0");
	return KTAP_MAIN(tests);
}
