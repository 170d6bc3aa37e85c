// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The module is loaded and unloaded while programs use it. If the module is in use, for example
 * by an open file of its device, it must not be unloaded. Unloading must end soon, and must
 * leave nothing behind.
 */
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"
#include "rpc.h"

#define MODULE		"vmguestlib"
#define ROUNDS		100
#define READERS		3
#define OPENERS		2
#define FLOOD		300
#define NOBODY		65534
/*
 * Upper bound for the requests that are served until unloading stops the readers.  There are
 * usually about ten, and 130 on a debug kernel.  If unloading did not stop the readers, all
 * FLOOD requests would be served.
 */
#define FEW		(FLOOD * 3 / 4)
/* Largest number of attempts to remove a module that is in use */
#define ATTEMPTS	100000

static char module_file[256];

/* Loads the module by the system call, because modprobe takes longer than all other steps. */
static bool insert(void)
{
	int fd = open(module_file, O_RDONLY | O_CLOEXEC);
	bool inserted = !syscall(SYS_finit_module, fd, "", 0);

	close(fd);
	return inserted;
}

static int remove_module(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? errno : 0;
}

/* Removes the module, with retries. Returns 0 or the last error number. */
static int remove_patiently(void)
{
	int err = 0, i;

	for (i = 0; i < ATTEMPTS; i++) {
		err = remove_module();
		if (err != EBUSY && err != EAGAIN && err != EWOULDBLOCK)
			break;
		usleep(100);
	}
	return err;
}

/* Returns the number of open channels at the host, without that of vmware-rpctool. */
static long channels(void)
{
	char text[4096] = "", *at;
	FILE *reply = popen("vmware-rpctool vmxsim.counters", "r");

	if (!reply)
		return -1;
	if (!fgets(text, sizeof(text), reply))
		text[0] = '\0';
	pclose(reply);
	at = strstr(text, "\"channels\":");
	return at ? strtol(at + strlen("\"channels\":"), NULL, 10) - 1 : -1;
}

static bool is_there(const char *path)
{
	return !access(path, F_OK);
}

static bool get_info(int fd)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };

	return !ioctl(fd, VMGUESTLIB_IOC_GET_INFO, &info);
}

KTAP_TEST(an_open_file_keeps_the_module)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct vmguestlib_watch watch = {
		.size = sizeof(watch),
		.interval_ms = 100,
	};

	CHECK(fd >= 0);
	CHECK_EQ(remove_module(), EWOULDBLOCK);
	CHECK(get_info(fd));
	CHECK(!ioctl(fd, VMGUESTLIB_IOC_WATCH, &watch));
	CHECK_EQ(remove_module(), EWOULDBLOCK);
	CHECK(get_info(fd));
	close(fd);
	CHECK_EQ(remove_patiently(), 0);
	CHECK(!is_there(DEVICE));
	CHECK_EQ(channels(), 0);
	CHECK(insert());
}

/* An open file in sysfs belongs to the driver core, and does not keep the module in use. */
KTAP_TEST(an_open_file_of_sysfs_does_not_keep_the_module)
{
	int fd = open(SYSFS "elapsed_ms", O_RDONLY | O_CLOEXEC);
	char text[64];

	CHECK(read(fd, text, sizeof(text)) > 0);
	CHECK_EQ(remove_patiently(), 0);
	CHECK_EQ(pread(fd, text, sizeof(text), 0), -1);
	CHECK_EQ(errno, ENODEV);
	close(fd);
	CHECK(insert());
}

KTAP_TEST(a_watch_of_sysfs_does_not_keep_the_module)
{
	CHECK(sysfs_write("max_age_ms", "0"));
	CHECK(sysfs_write("watch_interval_ms", "1"));
	CHECK(sysfs_number("elapsed_ms") > 0);
	CHECK_EQ(remove_patiently(), 0);
	CHECK_EQ(channels(), 0);
	CHECK(insert());
}

static atomic_uint *asking;

/* Reads the status until the file no longer exists. */
static void *ask_status(void *arg)
{
	char text[64];
	int fd;

	atomic_fetch_add(asking, 1);
	while ((fd = open(SYSFS "heartbeat/status", O_RDONLY | O_CLOEXEC)) >= 0) {
		if (read(fd, text, sizeof(text)) < 0)
			usleep(10000);
		close(fd);
	}
	return arg;
}

static pid_t flood(void)
{
	pthread_attr_t attributes;
	pid_t child = fork();
	pthread_t thread;
	int i;

	if (child)
		return child;
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 32768);
	for (i = 0; i < FLOOD; i++)
		if (pthread_create(&thread, &attributes, ask_status, NULL))
			_exit(1);
	for (;;)
		pause();
}

/* Returns the number of requests over the backdoor that the host has served. */
static unsigned long served(void)
{
	char text[4096] = "", *at;
	unsigned long lb = 0, hb = 0;

	if (rpc_ask("vmxsim.counters", text, sizeof(text)) &&
	    (at = strstr(text, "\"requests\":")))
		sscanf(at, "\"requests\":{\"lb\":%lu,\"hb\":%lu", &lb, &hb);
	return lb + hb;
}

/*
 * Many readers of sysfs wait for a turn while the module is unloaded. Unloading holds the mutex
 * of all misc devices while it waits for these readers, so the readers must end soon.
 */
KTAP_TEST(readers_in_line_do_not_delay_unloading)
{
	struct sched_param urgent = { .sched_priority = 50 }, usual = {};
	unsigned long before;
	pid_t flooder;

	asking = mmap(NULL, sizeof(*asking), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	flooder = flood();
	while (atomic_load(asking) < FLOOD && !waitpid(flooder, NULL, WNOHANG))
		usleep(10000);
	CHECK_EQ(*asking, FLOOD);
	/* After two requests for each reader, all readers wait for a turn. */
	before = served();
	while (served() - before < 2 * FLOOD)
		usleep(10000);

	CHECK(!sched_setscheduler(0, SCHED_FIFO, &urgent));
	before = served();
	CHECK_EQ(remove_module(), 0);
	before = served() - before;
	CHECK(!sched_setscheduler(0, SCHED_OTHER, &usual));
	printf("# %lu requests\n", before);
	CHECK(before <= FEW);

	CHECK(!kill(flooder, SIGKILL));
	CHECK_EQ(waitpid(flooder, NULL, 0), flooder);
	CHECK(insert());
}

static atomic_bool stop;
static atomic_ulong answers, absences;

static void count(bool answered)
{
	if (answered)
		atomic_fetch_add(&answers, 1);
	else
		atomic_fetch_add(&absences, 1);
}

/* Returns whether @err is an error that only shows that the module is not loaded. */
static bool is_absence(int err)
{
	return err == ENOENT || err == ENODEV || err == ENXIO ||
	       err == ESHUTDOWN;
}

static bool read_number(const char *path)
{
	char text[64];
	ssize_t len;
	int err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		count(false);
		return is_absence(errno);
	}
	len = read(fd, text, sizeof(text));
	err = errno;
	close(fd);
	count(len > 0);
	/* A read gets no bytes if the file was removed between open() and read(). */
	return len > 0 ? text[len - 1] == '\n' : len == 0 || is_absence(err);
}

static bool use_device(void)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	bool answered;

	if (fd < 0) {
		count(false);
		return is_absence(errno);
	}
	answered = get_info(fd);
	count(answered);
	close(fd);
	return answered;
}

static void *read_on(void *failures)
{
	static const char *const paths[] = {
		SYSFS "session_id", SYSFS "mem/mapped_mb", SYSFS "generation",
		SYSFS "rpc/requests", SYSFS "cpu/used_ms",
	};
	size_t i = 0;

	while (!atomic_load(&stop)) {
		if (!read_number(paths[i++ % (sizeof(paths) / sizeof(paths[0]))]))
			atomic_fetch_add((atomic_ulong *)failures, 1);
		usleep(200);
	}
	return NULL;
}

static void *open_on(void *failures)
{
	while (!atomic_load(&stop)) {
		if (!use_device())
			atomic_fetch_add((atomic_ulong *)failures, 1);
		usleep(500);
	}
	return NULL;
}

/* Loads and unloads the module in a loop, while other threads read. */
static unsigned int cycle(void)
{
	unsigned int failures = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		failures += !insert();
		/* In every second round, make a request before unloading. */
		if (i & 1)
			while (!read_number(SYSFS "elapsed_ms"))
				;
		failures += remove_patiently() != 0;
		failures += is_there(DEVICE) || is_there(SYSFS);
	}
	return failures;
}

KTAP_TEST(load_and_unload_under_readers)
{
	atomic_ulong failures = 0;
	pthread_t threads[READERS + OPENERS];
	size_t i;

	CHECK_EQ(remove_patiently(), 0);
	for (i = 0; i < READERS + OPENERS; i++)
		CHECK(!pthread_create(&threads[i], NULL,
				      i < READERS ? read_on : open_on, &failures));
	CHECK_EQ(cycle(), 0);
	atomic_store(&stop, true);
	for (i = 0; i < READERS + OPENERS; i++)
		pthread_join(threads[i], NULL);

	CHECK_EQ(failures, 0);
	CHECK(answers > 0);
	CHECK(absences > 0);
	CHECK_EQ(channels(), 0);
	CHECK(!is_there(DEVICE));
	CHECK(!is_there(SYSFS));
	CHECK(insert());
	CHECK(sysfs_number("elapsed_ms") > 0);
	CHECK_EQ(channels(), 1);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(an_open_file_keeps_the_module),
	KTAP_ENTRY(an_open_file_of_sysfs_does_not_keep_the_module),
	KTAP_ENTRY(a_watch_of_sysfs_does_not_keep_the_module),
	KTAP_ENTRY(readers_in_line_do_not_delay_unloading),
	KTAP_ENTRY(load_and_unload_under_readers),
};

int main(void)
{
	struct utsname system;

	uname(&system);
	snprintf(module_file, sizeof(module_file),
		 "/lib/modules/%s/updates/" MODULE ".ko", system.release);
	return KTAP_MAIN(tests);
}
