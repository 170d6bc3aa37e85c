// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The page of statistics that programs map: the rules of mmap(), copies of the page, which must
 * contain values of one reply only, and the functions of vmguest.h that read the page.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <vmguest.h>

#include "guest.h"
#include "ktap.h"
#include "snapshot.h"

static void *map(int fd, size_t len, int prot, off_t offset)
{
	return mmap(NULL, len, prot, MAP_SHARED, fd, offset);
}

static int map_error(int fd, size_t len, int prot, off_t offset)
{
	void *at = map(fd, len, prot, offset);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, len);
	return 0;
}

/* This is the first test, so the module has made no request yet. */
KTAP_TEST(page_is_empty_before_the_first_request)
{
	struct vmguestlib_page copy;
	struct vmguest guest;

	CHECK_EQ(vmguest_open(&guest), 0);
	CHECK_EQ(guest.page->magic, VMGUESTLIB_PAGE_MAGIC);
	CHECK_EQ(guest.page->state, VMGUESTLIB_PAGE_EMPTY);
	CHECK_EQ(vmguest_read(&guest, &copy), -1);
	CHECK_EQ(errno, ENODATA);
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK_EQ(vmguest_read(&guest, &copy), 0);
	vmguest_close(&guest);
}

KTAP_TEST(page_shows_what_get_info_gives)
{
	struct vmguestlib_value value = { 0 };
	struct vmguestlib_page copy;
	struct snapshot snapshot;
	struct vmguest guest;
	int id;

	CHECK_EQ(vmguest_open(&guest), 0);
	CHECK_EQ(snapshot_take(guest.fd, &snapshot), 0);
	CHECK_EQ(vmguest_read(&guest, &copy), 0);
	CHECK_EQ(copy.session_id, snapshot.info.out_session_id);
	CHECK_EQ(copy.generation, snapshot.info.out_generation);
	CHECK_EQ(copy.time_ns, snapshot.info.out_time_ns);
	CHECK_EQ(copy.count, snapshot.info.out_count);
	CHECK_EQ(copy.info_version, snapshot.info.out_info_version);
	CHECK_EQ(copy.values_len, VMGUESTLIB_STAT_END);
	CHECK(!memcmp(copy.values, snapshot.values, sizeof(snapshot.values)));
	CHECK(!strcmp(copy.path, snapshot.path));
	for (id = 1; id < VMGUESTLIB_STAT_END; id++) {
		CHECK_EQ(vmguest_value(&guest, id, &value), 0);
		CHECK_EQ(value.value, copy.values[id].value);
	}
	CHECK_EQ(vmguest_value(&guest, VMGUESTLIB_STAT_END, &value), -1);
	vmguest_close(&guest);
}

KTAP_TEST(only_the_page_is_mapped_and_only_for_reading)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	int writer = open(DEVICE, O_WRONLY | O_CLOEXEC);
	void *page;

	CHECK_EQ(map_error(fd, 4096, PROT_READ, 0), 0);
	CHECK_EQ(map_error(fd, 1, PROT_READ, 0), 0);
	CHECK_EQ(map_error(fd, 8192, PROT_READ, 0), EINVAL);
	CHECK_EQ(map_error(fd, 4096, PROT_READ, 4096), EINVAL);
	CHECK_EQ(map_error(fd, 4096, PROT_READ | PROT_WRITE, 0), EPERM);
	CHECK_EQ(map_error(fd, 4096, PROT_READ | PROT_EXEC, 0), EPERM);
	CHECK_EQ(map_error(writer, 4096, PROT_READ, 0), EACCES);
	page = map(fd, 4096, PROT_READ, 0);
	CHECK(mprotect(page, 4096, PROT_READ | PROT_WRITE) && errno == EACCES);
	CHECK(mprotect(page, 4096, PROT_READ | PROT_EXEC) && errno == EACCES);
	CHECK(mremap(page, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED);
	munmap(page, 4096);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(page != MAP_FAILED);
	CHECK(mprotect(page, 4096, PROT_READ | PROT_WRITE) && errno == EACCES);
	munmap(page, 4096);
	close(writer);
	close(fd);
}

/*
 * The mapping remains when the file is closed, after MADV_DONTNEED has dropped the page, and
 * in a child process.
 */
KTAP_TEST(mapping_outlives_close_and_fork)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct vmguest guest;
	__u32 sequence;
	int status = -1;
	pid_t child;

	CHECK_EQ(vmguest_open(&guest), 0);
	close(guest.fd);
	guest.fd = fd;
	sequence = guest.page->sequence;
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK_EQ(guest.page->sequence, sequence + 2);
	CHECK_EQ(madvise((void *)guest.page, 4096, MADV_DONTNEED), 0);
	CHECK_EQ(guest.page->sequence, sequence + 2);
	child = fork();
	if (!child) {
		vmguest_refresh(&guest, 0);
		_exit(guest.page->sequence != sequence + 4);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK_EQ(guest.page->sequence, sequence + 4);
	CHECK(syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK) == -1);
	CHECK_EQ(errno, EWOULDBLOCK);
	close(fd);
	CHECK(syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK) == -1);
	CHECK_EQ(errno, EWOULDBLOCK);
	munmap((void *)guest.page, 4096);
}

static int arm(int fd)
{
	struct vmguestlib_heartbeat_arm arm = {
		.size = sizeof(arm),
		.name = "page",
		.deadline_ms = 60000,
	};

	return ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, &arm) ? errno : 0;
}

static int disarm(int fd)
{
	struct vmguestlib_heartbeat arg = { .size = sizeof(arg) };

	return ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_DISARM, &arg) ? errno : 0;
}

KTAP_TEST(no_client_is_mapped_and_no_mapping_armed)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), status;
	void *page = map(fd, 4096, PROT_READ, 0);
	pid_t child;

	CHECK(page != MAP_FAILED);
	CHECK_EQ(arm(fd), EBUSY);
	/* The mapping of the child remains after the parent has unmapped its own. */
	child = fork();
	if (!child) {
		munmap(page, 4096);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK_EQ(arm(fd), EBUSY);
	munmap(page, 4096);
	CHECK_EQ(arm(fd), 0);
	CHECK_EQ(map_error(fd, 4096, PROT_READ, 0), EBUSY);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(map_error(fd, 4096, PROT_READ, 0), 0);
	close(fd);
}

static size_t bytes_shown(const struct vmguestlib_page *page)
{
	const unsigned char *bytes = (const unsigned char *)page;
	size_t i, count = 0;

	for (i = offsetof(struct vmguestlib_page, info_version);
	     i < sizeof(*page); i++)
		count += bytes[i] != 0;
	return count;
}

KTAP_TEST(restricted_statistics_leave_no_number)
{
	struct vmguestlib_page copy;
	struct vmguest guest;

	CHECK_EQ(vmguest_open(&guest), 0);
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK(bytes_shown(guest.page) > 0);
	CHECK(steer("set guest_rpc.rpci.auth.app.APP_MONITOR TRUE"));
	CHECK(steer("vmotion"));
	/* GET_INFO gives the statistics to root. The page does not, because all users can map it. */
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK_EQ(guest.page->state, VMGUESTLIB_PAGE_RESTRICTED);
	CHECK_EQ(bytes_shown(guest.page), 0);
	CHECK_EQ(vmguest_read(&guest, &copy), -1);
	CHECK_EQ(errno, EPERM);
	CHECK(steer("set guest_rpc.rpci.auth.app.APP_MONITOR"));
	CHECK(steer("vmotion"));
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK_EQ(vmguest_read(&guest, &copy), 0);
	vmguest_close(&guest);
}

#define WRITES	300

static struct snapshot written[WRITES];
static atomic_uint write_count;

static void *write_page(void *arg)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	unsigned int i;

	(void)arg;
	for (i = 0; i < WRITES; i++) {
		snapshot_take(fd, &written[i]);
		atomic_store(&write_count, i + 1);
	}
	close(fd);
	return NULL;
}

static bool was_written(const struct vmguestlib_page *copy)
{
	unsigned int i;

	for (i = 0; i < WRITES; i++)
		if (written[i].info.out_time_ns == copy->time_ns)
			return !memcmp(written[i].values, copy->values,
				       sizeof(written[i].values));
	return false;
}

/* A copy that is made while the page is written contains values of one reply only. */
KTAP_TEST(copies_are_of_one_answer)
{
	static struct vmguestlib_page copies[64 * WRITES];
	unsigned int i, reads = 0, torn = 0, distinct = 0;
	struct vmguest guest;
	pthread_t writer;

	CHECK_EQ(vmguest_open(&guest), 0);
	pthread_create(&writer, NULL, write_page, NULL);
	while (!atomic_load(&write_count))
		sched_yield();
	while (atomic_load(&write_count) < WRITES && reads < 64 * WRITES) {
		if (!vmguest_read(&guest, &copies[reads]) &&
		    (!reads || copies[reads].time_ns !=
				       copies[reads - 1].time_ns))
			reads++;
	}
	pthread_join(writer, NULL);
	for (i = 0; i < reads; i++) {
		torn += !was_written(&copies[i]);
		distinct += !i || copies[i].time_ns != copies[i - 1].time_ns;
	}
	printf("# %u writes, %u distinct copies\n", WRITES, distinct);
	CHECK(distinct > 1);
	CHECK_EQ(torn, 0);
	vmguest_close(&guest);
}

/* Waits without a timeout, so that only the event ends the wait. */
static void *wait_for_change(void *arg)
{
	return (void *)(long)vmguest_wait(arg, -1);
}

KTAP_TEST(wait_for_a_change)
{
	struct vmguestlib_page before, after;
	struct vmguest guest;
	pthread_t waiter;
	void *events;

	CHECK_EQ(vmguest_open(&guest), 0);
	CHECK_EQ(vmguest_refresh(&guest, 0), 0);
	CHECK_EQ(vmguest_read(&guest, &before), 0);
	CHECK_EQ(vmguest_wait(&guest, 0), 0);
	CHECK_EQ(vmguest_watch(&guest, 100), 0);
	pthread_create(&waiter, NULL, wait_for_change, &guest);
	CHECK(steer("vmotion"));
	pthread_join(waiter, &events);
	CHECK_EQ((long)events, VMGUESTLIB_EVENT_SESSION);
	/* When the event is reported, the page has the new session already. */
	CHECK_EQ(vmguest_read(&guest, &after), 0);
	CHECK_EQ(after.generation, before.generation + 1);
	CHECK(after.session_id != before.session_id);
	vmguest_close(&guest);
}

static unsigned long long boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Runs in a process whose CLOCK_BOOTTIME is a million seconds ahead. */
static int compare_clocks(void)
{
	unsigned long long before, after;
	struct vmguestlib_page copy;
	struct snapshot snapshot;
	struct vmguest guest;

	if (vmguest_open(&guest))
		return 2;
	before = boottime_ns();
	if (snapshot_take(guest.fd, &snapshot) || vmguest_read(&guest, &copy))
		return 3;
	after = boottime_ns();
	if (before < 1000000ULL * 1000000000)
		return 4;
	if (snapshot.info.out_time_ns < before ||
	    snapshot.info.out_time_ns > after)
		return 5;
	return copy.time_ns == snapshot.info.out_time_ns ? 0 : 6;
}

KTAP_TEST(time_is_that_of_the_callers_namespace)
{
	int status = -1, offsets;
	pid_t child;

	if (access("/proc/self/ns/time", F_OK)) {
		ktap_skipped = "this kernel was built without CONFIG_TIME_NS";
		return;
	}
	child = fork();
	if (!child) {
		if (unshare(CLONE_NEWTIME))
			_exit(10);
		offsets = open("/proc/self/timens_offsets", O_WRONLY);
		if (offsets < 0 || write(offsets, "boottime 1000000 0\n", 19) != 19)
			_exit(11);
		child = fork();
		if (!child)
			_exit(compare_clocks());
		waitpid(child, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK_EQ(WEXITSTATUS(status), 0);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(page_is_empty_before_the_first_request),
	KTAP_ENTRY(page_shows_what_get_info_gives),
	KTAP_ENTRY(only_the_page_is_mapped_and_only_for_reading),
	KTAP_ENTRY(mapping_outlives_close_and_fork),
	KTAP_ENTRY(no_client_is_mapped_and_no_mapping_armed),
	KTAP_ENTRY(restricted_statistics_leave_no_number),
	KTAP_ENTRY(copies_are_of_one_answer),
	KTAP_ENTRY(wait_for_a_change),
	KTAP_ENTRY(time_is_that_of_the_callers_namespace),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
