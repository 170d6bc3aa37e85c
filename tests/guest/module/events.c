// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Programs are notified of a change of the session by poll() on /dev/vmguestlib, by poll() on
 * a file in sysfs, and by uevents. While there is a watch, the module makes requests in the
 * background to notice a change.
 */
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vmguestlib.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"

/* Time after which a test fails; much longer than an event takes on a busy machine */
#define TIMEOUT_MS	20000

static int open_device(void)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		printf("Bail out! " DEVICE ": %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static bool watch(int fd, uint32_t interval_ms)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = interval_ms,
	};

	return !ioctl(fd, VMGUESTLIB_IOC_WATCH, &arg);
}

static bool refresh(int fd)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };

	return !ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info);
}

static bool is_pending(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	return poll(&pollfd, 1, timeout_ms) == 1 && pollfd.revents == POLLPRI;
}

static struct vmguestlib_events fetch(int fd)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	CHECK(!ioctl(fd, VMGUESTLIB_IOC_EVENTS, &events));
	return events;
}

KTAP_TEST(watch_sees_every_kind_of_change)
{
	static const char *const changes[] = {
		"vmotion", "suspend", "revert", "hotplug",
	};
	struct vmguestlib_events events;
	int fd = open_device();
	uint64_t generation;
	size_t i;

	CHECK(refresh(fd));
	CHECK(watch(fd, 100));
	generation = fetch(fd).out_generation;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		CHECK(!is_pending(fd, 0));
		CHECK(steer(changes[i]));
		CHECK(is_pending(fd, TIMEOUT_MS));
		events = fetch(fd);
		CHECK_EQ(events.out_events, VMGUESTLIB_EVENT_SESSION);
		CHECK_EQ(events.out_generation, ++generation);
	}
	CHECK(!is_pending(fd, 0));
	CHECK_EQ(fetch(fd).out_events, 0);
	CHECK_EQ(sysfs_number("generation"), generation);
	close(fd);
}

KTAP_TEST(every_open_file_is_notified)
{
	int first = open_device(), second = open_device();

	CHECK(refresh(first));
	CHECK(steer("vmotion"));
	CHECK(!is_pending(second, 0));
	CHECK(refresh(first));
	CHECK(is_pending(first, 0));
	CHECK(is_pending(second, 0));
	CHECK_EQ(fetch(first).out_events, VMGUESTLIB_EVENT_SESSION);
	CHECK(!is_pending(first, 0));
	CHECK(is_pending(second, 0));
	close(first);
	close(second);
}

/* A watch requests the session when it begins, so the file reports each later change. */
KTAP_TEST(watch_begins_with_the_session_of_its_begin)
{
	int fd = open_device();

	CHECK(watch(fd, 3600000));
	usleep(300000);
	CHECK(steer("vmotion"));
	CHECK(refresh(fd));
	CHECK(is_pending(fd, 0));
	close(fd);
}

static unsigned long long requests_during(unsigned int ms)
{
	unsigned long long before = sysfs_number("rpc/requests");

	usleep(ms * 1000);
	return sysfs_number("rpc/requests") - before;
}

/* Without a watch the module makes no requests. One may be in flight when the watch ends. */
KTAP_TEST(no_watch_no_requests)
{
	int fd = open_device();

	CHECK_EQ(requests_during(500), 0);
	CHECK(watch(fd, 20));
	CHECK(requests_during(1000) > 1);
	CHECK(watch(fd, 0));
	usleep(100000);
	CHECK_EQ(requests_during(500), 0);

	CHECK(watch(fd, 20));
	CHECK(requests_during(1000) > 1);
	close(fd);
	usleep(100000);
	CHECK_EQ(requests_during(500), 0);
}

KTAP_TEST(the_shortest_interval_decides)
{
	int slow = open_device(), fast = open_device();

	CHECK(watch(slow, 3600000));
	usleep(100000);
	CHECK_EQ(requests_during(300), 0);
	CHECK(watch(fast, 20));
	CHECK(requests_during(1000) > 1);
	close(fast);
	usleep(100000);
	CHECK_EQ(requests_during(500), 0);
	close(slow);
}

KTAP_TEST(sysfs_generation_can_be_polled)
{
	int fd = open(SYSFS "generation", O_RDONLY | O_CLOEXEC);
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
	unsigned long long generation;
	char text[32];

	CHECK(sysfs_write("watch_interval_ms", "50"));
	CHECK_EQ(sysfs_number("watch_interval_ms"), 50);
	generation = sysfs_number("generation");
	CHECK(read(fd, text, sizeof(text)) > 0);
	CHECK_EQ(poll(&pollfd, 1, 0), 0);
	CHECK(steer("vmotion"));
	CHECK_EQ(poll(&pollfd, 1, TIMEOUT_MS), 1);
	CHECK(pollfd.revents & POLLPRI);
	CHECK_EQ(sysfs_number("generation"), generation + 1);
	CHECK(sysfs_write("watch_interval_ms", "0"));
	usleep(100000);
	CHECK_EQ(requests_during(300), 0);
	close(fd);
}

KTAP_TEST(bad_intervals_are_refused)
{
	static const char *const bad[] = { "", "x", "-1", "3600001", "1 2" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* The kernel does not pass an empty write to the module. */
		if (*bad[i]) {
			CHECK(!sysfs_write("watch_interval_ms", bad[i]));
			CHECK(!sysfs_write("max_age_ms", bad[i]));
		}
	}
	CHECK_EQ(sysfs_number("watch_interval_ms"), 0);
	CHECK_EQ(sysfs_number("max_age_ms"), 1000);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Returns the generation in the next uevent, or 0 if the module sends none in @timeout_ms. */
static unsigned long long receive_uevent(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	char message[4096], *at;
	ssize_t len;

	if (poll(&pollfd, 1, timeout_ms) != 1)
		return 0;
	len = recv(fd, message, sizeof(message) - 1, 0);
	if (len <= 0)
		return 0;
	message[len] = '\0';
	if (strncmp(message, "change@", 7) || !strstr(message, "vmguestlib"))
		return 0;
	for (at = message; at < message + len; at += strlen(at) + 1)
		if (!strncmp(at, "GENERATION=", 11))
			return strtoull(at + 11, NULL, 10);
	return 0;
}

/*
 * The module sends at most one uevent per second, and announces the last change.  The test
 * compares the number of uevents with the seconds that have passed, so it also passes on a
 * slow machine.
 */
KTAP_TEST(uevents_at_most_one_a_second)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int uevents = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			     NETLINK_KOBJECT_UEVENT);
	unsigned long long generation, announced = 0, wanted;
	unsigned int count = 0, i;
	int fd = open_device();
	double start;

	CHECK(!bind(uevents, (struct sockaddr *)&address, sizeof(address)));
	CHECK(refresh(fd));
	wanted = sysfs_number("generation") + 12;
	start = now();
	for (i = 0; i < 12; i++) {
		CHECK(steer("vmotion"));
		CHECK(refresh(fd));
	}
	while (announced < wanted && now() < start + TIMEOUT_MS / 1000) {
		generation = receive_uevent(uevents, 3000);
		if (generation) {
			announced = generation;
			count++;
		}
	}
	CHECK_EQ(announced, wanted);
	CHECK(count >= 1 && count <= 1 + (now() - start));
	CHECK(count < 12);
	close(uevents);
	close(fd);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(watch_sees_every_kind_of_change),
	KTAP_ENTRY(every_open_file_is_notified),
	KTAP_ENTRY(watch_begins_with_the_session_of_its_begin),
	KTAP_ENTRY(no_watch_no_requests),
	KTAP_ENTRY(the_shortest_interval_decides),
	KTAP_ENTRY(sysfs_generation_can_be_polled),
	KTAP_ENTRY(bad_intervals_are_refused),
	KTAP_ENTRY(uevents_at_most_one_a_second),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
