// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Many readers of statistics at the same time: the work for a change of the session while very
 * many files are open, the work queues that the module uses, and the permissions that settings
 * need. The tests count events of the kernel and measure no times.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/vmguestlib.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "ktap.h"
#include "snapshot.h"

#define TRACING	"/sys/kernel/tracing/"
#define FILES	400000

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	bool written = fd >= 0 && write(fd, text, strlen(text)) ==
				  (ssize_t)strlen(text);

	close(fd);
	return written;
}

static struct vmguestlib_events fetch(int fd)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	CHECK(!ioctl(fd, VMGUESTLIB_IOC_EVENTS, &events));
	return events;
}

/* --- polling --- */

static void *sleep_in_poll(void *arg)
{
	struct pollfd pollfd = { .fd = *(int *)arg, .events = POLLPRI };

	return (void *)(long)(poll(&pollfd, 1, -1) == 1 ? pollfd.revents : 0);
}

/* Returns the state of a thread as in proc(5), for example S if the thread sleeps. */
static char thread_state(pid_t tid)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file)
		return '?';
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	fclose(file);
	return state;
}

static atomic_int sleeper_tid;

static void *sleep_in_poll_known(void *arg)
{
	atomic_store(&sleeper_tid, (int)gettid());
	return sleep_in_poll(arg);
}

/* The thread calls poll() without a timeout, so that only the event ends its sleep. */
KTAP_TEST(event_wakes_a_sleeper)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct snapshot snapshot;
	void *revents = NULL;
	pthread_t sleeper;
	unsigned int i;

	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	for (i = 0; i < 3; i++) {
		atomic_store(&sleeper_tid, 0);
		pthread_create(&sleeper, NULL, sleep_in_poll_known, &fd);
		while (!atomic_load(&sleeper_tid) ||
		       thread_state(atomic_load(&sleeper_tid)) != 'S')
			sched_yield();
		CHECK(steer("vmotion"));
		CHECK_EQ(snapshot_take(fd, &snapshot), 0);
		pthread_join(sleeper, &revents);
		CHECK_EQ((long)revents, POLLPRI);
		CHECK_EQ(fetch(fd).out_events, VMGUESTLIB_EVENT_SESSION);
	}
	close(fd);
}

KTAP_TEST(file_for_writing_is_ready_for_a_beat)
{
	struct pollfd files[2] = {
		{ .fd = open(DEVICE, O_RDWR | O_CLOEXEC), .events = POLLOUT },
		{ .fd = open(DEVICE, O_RDONLY | O_CLOEXEC), .events = POLLOUT },
	};

	CHECK_EQ(poll(files, 2, 0), 1);
	CHECK_EQ(files[0].revents, POLLOUT);
	close(files[0].fd);
	close(files[1].fd);
}

/* --- very many open files --- */

static bool probe(bool begin)
{
	if (!begin)
		return put(TRACING "events/kprobes/woken/enable", "0") &&
		       put(TRACING "kprobe_events", "-:woken");
	return put(TRACING "kprobe_events", "p:woken __wake_up") &&
	       put(TRACING "events/kprobes/woken/enable", "1");
}

/* Returns the number of wake-ups of wait queues since the probe began. */
static unsigned long woken(void)
{
	FILE *file = fopen(TRACING "kprobe_profile", "r");
	unsigned long hits = 0, missed = 0;
	char name[64];

	while (file && fscanf(file, "%63s %lu %lu", name, &hits, &missed) == 3)
		if (!strcmp(name, "woken"))
			break;
	if (file)
		fclose(file);
	return hits + missed;
}

static bool open_all(int *files)
{
	struct rlimit limit = { FILES + 64, FILES + 64 };
	unsigned int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return false;
	for (i = 0; i < FILES; i++) {
		files[i] = open(DEVICE, O_RDONLY | O_CLOEXEC);
		if (files[i] < 0) {
			printf("# file %u: %s\n", i, strerror(errno));
			return false;
		}
	}
	return true;
}

KTAP_TEST(open_files_cost_a_change_nothing)
{
	static int files[FILES];
	struct snapshot snapshot;
	unsigned long count;
	unsigned int i;

	if (access(TRACING "kprobe_events", W_OK)) {
		ktap_skipped = "this kernel was built without CONFIG_KPROBE_EVENTS";
		return;
	}
	if (!CHECK(open_all(files)))
		return;
	CHECK_EQ(snapshot_take(files[0], &snapshot), 0);
	CHECK(steer("vmotion"));
	CHECK(probe(true));
	CHECK_EQ(snapshot_take(files[0], &snapshot), 0);
	CHECK_EQ(fetch(files[0]).out_events, VMGUESTLIB_EVENT_SESSION);
	count = woken();
	CHECK(probe(false));
	printf("# %u files, %lu queues woken\n", FILES, count);
	CHECK(count < FILES / 10);
	CHECK_EQ(fetch(files[FILES - 1]).out_events, VMGUESTLIB_EVENT_SESSION);
	for (i = 0; i < FILES; i++)
		close(files[i]);
}

/* --- queues --- */

/*
 * Counts the runs of the work item @function in the trace, and how many of them were by a
 * worker that is not bound to a CPU.
 */
static void count_runs(const char *function, unsigned int *all,
		       unsigned int *unbound)
{
	FILE *file = fopen(TRACING "trace", "r");
	char line[512];

	*all = 0;
	*unbound = 0;
	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, function))
			continue;
		++*all;
		*unbound += strstr(line, "kworker/u") != NULL;
	}
	if (file)
		fclose(file);
}

KTAP_TEST(work_is_unbound)
{
	static const char *const functions[] = {
		"vmgl_events_watch", "vmgl_events_announce",
		"vmgl_events_notify",
	};
	struct vmguestlib_watch watch = {
		.size = sizeof(watch),
		.interval_ms = 100,
	};
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	unsigned int i, all, unbound;
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	CHECK(put(TRACING "events/workqueue/workqueue_execute_start/enable", "1"));
	CHECK(!ioctl(fd, VMGUESTLIB_IOC_WATCH, &watch));
	for (i = 0; i < 2; i++) {
		CHECK(steer("vmotion"));
		CHECK_EQ(poll(&pollfd, 1, -1), 1);
		fetch(fd);
	}
	close(fd);
	/* Wait for the last uevent, which comes at least one second after the uevent before. */
	sleep(2);
	CHECK(put(TRACING "events/workqueue/workqueue_execute_start/enable", "0"));
	for (i = 0; i < 3; i++) {
		count_runs(functions[i], &all, &unbound);
		printf("# %s: %u times\n", functions[i], all);
		CHECK(all > 0);
		CHECK_EQ(all, unbound);
	}
}

/* --- rights --- */

/* Writes as root in a container does: this user owns the file, but has no capabilities. */
static int write_without_capabilities(const char *path)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 } };
	int status = -1;
	pid_t child = fork();

	if (!child) {
		int fd;

		if (syscall(SYS_capset, &header, none))
			_exit(200);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			_exit(201);
		_exit(write(fd, "1000", 4) < 0 ? errno : 0);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

KTAP_TEST(settings_take_a_capability)
{
	static const char *const paths[] = {
		SYSFS "max_age_ms", SYSFS "watch_interval_ms",
		SYSFS "heartbeat/pause_s",
		"/sys/module/vmguestlib/parameters/min_interval_ms",
	};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		CHECK_EQ(write_without_capabilities(paths[i]), EPERM);
}

static bool is_state(const char *wanted)
{
	FILE *file = fopen("/sys/module/vmguestlib/initstate", "r");
	char state[16] = "";

	if (!file)
		return false;
	fscanf(file, "%15s", state);
	fclose(file);
	return !strcmp(state, wanted);
}

/*
 * The host answers slowly, so that the module's files exist for some time before the module's
 * init function has ended. During this time, a write to the files must need a capability, too.
 */
KTAP_TEST(loading_the_module_gives_no_right)
{
	static const char path[] =
		"/sys/module/vmguestlib/parameters/min_interval_ms";
	int i;

	CHECK_EQ(system("rmmod vmguestlib"), 0);
	CHECK(steer("fault match=GuestAppMonitor.Cmd.IsEnabled delay 1500"));
	CHECK_EQ(system("modprobe vmguestlib transport=vsock &"), 0);
	for (i = 0; i < 5000 && access(path, F_OK); i++)
		usleep(1000);
	CHECK_EQ(write_without_capabilities(path), EPERM);
	CHECK(is_state("coming"));
	for (i = 0; i < 5000 && !is_state("live"); i++)
		usleep(1000);
	CHECK(is_state("live"));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(event_wakes_a_sleeper),
	KTAP_ENTRY(file_for_writing_is_ready_for_a_beat),
	KTAP_ENTRY(work_is_unbound),
	KTAP_ENTRY(settings_take_a_capability),
	KTAP_ENTRY(open_files_cost_a_change_nothing),
	KTAP_ENTRY(loading_the_module_gives_no_right),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
