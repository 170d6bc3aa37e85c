// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Many callers, in real time: 64 threads make all kinds of calls.
 *
 *	stress			without other events, while processors are removed and added,
 *				and while a program tries to unload the module; two other
 *				tests open ten thousand files, and unload the module
 *	stress suspend		while the machine is suspended to memory, and while the
 *				kernel rehearses a suspend
 *	stress transports	while an unprivileged user makes a flood of requests, the
 *				transport changes, and the VMCI device is unbound and bound;
 *				some of the threads are real-time threads
 *	stress shutdown		like "transports", until the machine restarts
 *
 * A test with 64 threads ends when they have made SWEEP_CALLS (default 2500) calls and
 * SWEEP_MINUTES (default 0) minutes have passed. "shutdown" restarts the machine after 500
 * calls. SWEEP_SEED (default 1) is the seed of the random calls.
 */
#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "heartbeat.h"
#include "ktap.h"
#include "snapshot.h"

#define THREADS		64
#define FILES		10000
#define FLOODERS	200
#define NOBODY		65534

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

/* Returns a random number below @below. */
static unsigned int chance(unsigned int *seed, unsigned int below)
{
	return rand_r(seed) / 16 % below;
}

/* --- 64 threads ------------------------------------------------------------------------ */

static atomic_bool over;
static atomic_ulong calls, unexpected;
static unsigned long calls_wanted;

/*
 * Whether transports change during the test. In this case some threads are real-time threads,
 * and a call may fail with EIO, because VMCI sockets may be the only transport.
 */
static bool is_rough;

#define ROUNDS_MIN	3	/* least number of calls of @meanwhile in stress() */

struct member {
	pthread_t thread;
	unsigned int seed;
	int fd;
	bool is_urgent;
	char name[16];
};

static int read_random_file(unsigned int *seed)
{
	static const char *const names[] = {
		"session_id", "mem/mapped_mb", "generation", "rpc/requests",
		"heartbeat/status", "heartbeat/clients", "transport", "max_age_ms",
		"resource_pool_path", "heartbeat/pause_s",
	};
	char path[256], text[4096];
	int file, error;

	snprintf(path, sizeof(path), SYSFS "%s",
		 names[chance(seed, sizeof(names) / sizeof(names[0]))]);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno;
	error = read(file, text, sizeof(text)) < 0 ? errno : 0;
	close(file);
	return error == ENODATA ? 0 : error;
}

static int ask_text(int fd, unsigned int *seed)
{
	char reply[4096];
	struct vmguestlib_stat_get get = {
		.size = sizeof(get),
		.encoding = (uintptr_t)"json",
		.encoding_len = chance(seed, 2) ? 4 : 0,
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	return request(fd, VMGUESTLIB_IOC_STAT_GET, &get);
}

static int ask_raw(int fd, const char *text)
{
	char reply[64];
	struct vmguestlib_rpc rpc = {
		.size = sizeof(rpc),
		.request = (uintptr_t)text,
		.request_len = strlen(text),
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	return request(fd, VMGUESTLIB_IOC_RPC, &rpc);
}

static int watch(int fd, uint32_t interval_ms)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = interval_ms,
	};

	return request(fd, VMGUESTLIB_IOC_WATCH, &arg);
}

static uint32_t fetch_events(int fd)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	return request(fd, VMGUESTLIB_IOC_EVENTS, &events) ? 0 :
	       events.out_events;
}

static int look_for_events(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	poll(&pollfd, 1, 1);
	fetch_events(fd);
	return 0;
}

/*
 * Arms the client of the thread, or beats if the client is armed. Each thread has its own name
 * for its client, so arming never fails with EEXIST.
 */
static int be_alive(struct member *member)
{
	struct vmguestlib_heartbeat_client list[THREADS];

	if (list_clients(member->fd, list, THREADS) > THREADS + 1)
		return ERANGE;
	return state(member->fd) == VMGUESTLIB_HEARTBEAT_UNARMED ?
	       arm(member->fd, member->name, 3600000, STOP) : beat(member->fd);
}

/* Closes the file and opens the device again. The V disarms the client of the file. */
static int come_back(struct member *member)
{
	if (write(member->fd, "V", 1) < 0 && errno != ENOTCONN)
		return errno;
	close(member->fd);
	member->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return member->fd < 0 ? errno : 0;
}

static int do_something(struct member *member)
{
	struct snapshot snapshot;

	switch (chance(&member->seed, 12)) {
	case 0:
	case 1:
		return snapshot_take(member->fd, &snapshot);
	case 2:
	case 3:
		return read_random_file(&member->seed);
	case 4:
		return ask_text(member->fd, &member->seed);
	case 5:
		return ask_raw(member->fd, "info-get guestinfo.none");
	case 6:
		return watch(member->fd, chance(&member->seed, 3) * 250);
	case 7:
		return look_for_events(member->fd);
	case 8:
	case 9:
		return be_alive(member);
	case 10:
		return appmon(member->fd, VMGUESTLIB_APPMON_IS_ENABLED, NULL);
	default:
		return come_back(member);
	}
}

/*
 * Returns whether a call may end with @error. No call may be refused. ETIMEDOUT is allowed,
 * because the host may answer too late on a slow machine, and the module makes no requests
 * while the machine is suspended. EINTR is not allowed, because no thread gets a signal.
 */
static bool is_right(int error)
{
	return !error || error == ETIMEDOUT || (is_rough && error == EIO);
}

/*
 * Makes the calling thread a real-time thread. Such a thread sleeps after each call, because
 * otherwise it would use a whole processor.
 */
static void become_urgent(struct member *member)
{
	struct sched_param param = { .sched_priority = 10 };

	CHECK(!sched_setscheduler(0, SCHED_FIFO, &param));
	member->is_urgent = true;
}

static void *live(void *arg)
{
	struct member *member = arg;

	if (is_rough && chance(&member->seed, 4) == 0)
		become_urgent(member);

	while (!atomic_load(&over)) {
		int error = do_something(member);

		if (!is_right(error) && atomic_fetch_add(&unexpected, 1) < 10)
			printf("# %s: %s\n", member->name, strerror(error));
		atomic_fetch_add(&calls, 1);
		if (member->is_urgent)
			usleep(1000);
	}
	if (state(member->fd) != VMGUESTLIB_HEARTBEAT_UNARMED)
		disarm(member->fd);
	close(member->fd);
	return NULL;
}

static void gather(struct member *members)
{
	unsigned int i;

	atomic_store(&over, false);
	atomic_store(&calls, 0);
	atomic_store(&unexpected, 0);
	calls_wanted = setting("SWEEP_CALLS", 2500);
	for (i = 0; i < THREADS; i++) {
		members[i] = (struct member) {
			.seed = setting("SWEEP_SEED", 1) * THREADS + i,
			.fd = open_device(O_RDWR),
		};
		snprintf(members[i].name, sizeof(members[i].name), "member%u", i);
		CHECK(!pthread_create(&members[i].thread, NULL, live, &members[i]));
	}
}

static void part(struct member *members)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_join(members[i].thread, NULL);
}

/*
 * Checks that no client is armed, that vSphere HA application monitoring is disabled at the host,
 * and that requests are served.
 */
static void check_idle_host(void)
{
	int fd = open_device(O_RDWR), i;
	struct snapshot snapshot;

	for (i = 0; i < 100 && strcmp(ha_word("enabled"), "false"); i++)
		sleep_ms(100);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	CHECK(channels() <= 3);
	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	CHECK_EQ(ask_raw(fd, "info-get guestinfo.none"), 0);
	close(fd);
}

/* Runs the threads, and calls @meanwhile repeatedly until they have made enough calls. */
static void stress(void (*meanwhile)(void))
{
	time_t end = time(NULL) + 60 * setting("SWEEP_MINUTES", 0);
	struct member members[THREADS];
	unsigned int rounds = 0;

	gather(members);
	while (rounds++ < ROUNDS_MIN || atomic_load(&calls) < calls_wanted ||
	       time(NULL) < end)
		meanwhile();
	atomic_store(&over, true);
	part(members);
	CHECK_EQ(unexpected, 0);
	printf("# %lu calls\n", (unsigned long)calls);
	check_idle_host();
}

/* --- functions called while the threads run ---------------------------------------------- */

static void nothing_else(void)
{
	sleep_ms(10);
}

KTAP_TEST(sixty_four_threads)
{
	stress(nothing_else);
}

static bool write_to(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool written = file >= 0 && write(file, text, strlen(text)) > 0;

	if (file >= 0)
		close(file);
	return written;
}

static void plug_a_processor(void)
{
	CHECK(write_to("/sys/devices/system/cpu/cpu1/online", "0"));
	sleep_ms(50);
	CHECK(write_to("/sys/devices/system/cpu/cpu1/online", "1"));
	sleep_ms(50);
}

KTAP_TEST(processors_come_and_go)
{
	stress(plug_a_processor);
}

static void try_to_unload(void)
{
	CHECK_EQ(syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK), -1);
	CHECK_EQ(errno, EWOULDBLOCK);
	sleep_ms(5);
}

KTAP_TEST(no_unload_under_load)
{
	stress(try_to_unload);
}

KTAP_TEST(unload_when_all_have_left)
{
	char path[256];
	struct utsname uts;
	int file;

	CHECK_EQ(unload_module(), 0);
	CHECK_EQ(channels(), 0);
	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/vmguestlib.ko",
		 uts.release);
	file = open(path, O_RDONLY | O_CLOEXEC);
	CHECK_EQ(syscall(SYS_finit_module, file, "", 0), 0);
	close(file);
	check_idle_host();
}

/*
 * Suspends the machine to memory. The alarm of the real-time clock wakes the machine five
 * seconds later, and the suspend must be complete before this alarm. An earlier alarm has to be
 * cleared before a new one can be set.
 */
static void sleep_a_little(void)
{
	CHECK(write_to("/sys/class/rtc/rtc0/wakealarm", "0"));
	CHECK(write_to("/sys/class/rtc/rtc0/wakealarm", "+5"));
	CHECK(write_to("/sys/power/state", "mem"));
	sleep_ms(500);
}

KTAP_TEST(suspend_to_memory)
{
	stress(sleep_a_little);
}

static bool can_be(const char *state)
{
	char states[64] = "";
	int fd = open("/sys/power/state", O_RDONLY | O_CLOEXEC);

	CHECK(read(fd, states, sizeof(states) - 1) > 0);
	close(fd);
	return strstr(states, state);
}

static void rehearse(const char *level)
{
	static const char *const states[] = { "freeze", "mem", "disk" };
	size_t i;

	CHECK(write_to("/sys/power/pm_test", level));
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (can_be(states[i]))
			CHECK(write_to("/sys/power/state", states[i]));
	CHECK(write_to("/sys/power/pm_test", "none"));
}

static void rehearse_all(void)
{
	rehearse("freezer");
	rehearse("devices");
}

/*
 * A kernel with PM_DEBUG can rehearse a suspend: it freezes the tasks, or also suspends the
 * devices, and resumes after five seconds. No device has to wake the machine.
 */
KTAP_TEST(suspend_rehearsed)
{
	if (access("/sys/power/pm_test", W_OK)) {
		ktap_skipped = "this kernel was built without PM_DEBUG";
		return;
	}
	stress(rehearse_all);
}

/* --- a flood, and transports that change ------------------------------------------------ */

static void *keep_asking(void *arg)
{
	unsigned int seed = (uintptr_t)arg;
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct snapshot snapshot;

	for (;;)
		switch (chance(&seed, 4)) {
		case 0:
			snapshot_take(fd, &snapshot);
			break;
		case 1:
			read_random_file(&seed);
			break;
		default:
			ask_text(fd, &seed);
		}
	return NULL;
}

/* Starts a process without privileges, whose threads make requests in a loop. */
static pid_t begin_flood(void)
{
	pthread_t thread;
	uintptr_t i;
	pid_t child = fork();

	if (child)
		return child;
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	for (i = 0; i < FLOODERS; i++)
		if (pthread_create(&thread, NULL, keep_asking, (void *)(i + 1)))
			_exit(1);
	for (;;)
		pause();
}

#define VMCI_DRIVER	"/sys/bus/pci/drivers/vmw_vmci/"

/* Unbinds the driver of the VMCI device, and binds it again after @away_ms. */
static void rebind(unsigned int away_ms)
{
	const char *name;
	glob_t found;

	if (!CHECK(!glob(VMCI_DRIVER "0000:*", 0, NULL, &found)))
		return;
	name = strrchr(found.gl_pathv[0], '/') + 1;
	CHECK(write_to(VMCI_DRIVER "unbind", name));
	sleep_ms(away_ms);
	CHECK(write_to(VMCI_DRIVER "bind", name));
	globfree(&found);
}

/* Seed of the random changes of transports */
static unsigned int shaking;

/*
 * Makes the host reset, ignore or drop connections. The module sends the request for this, and
 * not vmware-rpctool: the kernel crashes if a program other than the module has a VMCI socket
 * when the driver of the VMCI device is unbound (kmod/docs/architecture.md, Failover).
 */
static void spoil_connections(void)
{
	static const char *const faults[] = {
		"vmxsim.fault connreset 1", "vmxsim.fault connsilent 1",
		"vmxsim.fault dropsockets",
	};
	int fd = open_device(O_RDWR);
	int error = ask_raw(fd, faults[chance(&shaking, 3)]);

	CHECK(is_right(error));
	close(fd);
}

static void shake(void)
{
	static const char *const choices[] = { "auto", "auto", "vsock", "backdoor" };

	switch (chance(&shaking, 3)) {
	case 0:
		CHECK(choose_transport(choices[chance(&shaking, 4)]));
		break;
	case 1:
		spoil_connections();
		break;
	default:
		rebind(chance(&shaking, 100));
	}
	sleep_ms(chance(&shaking, 300));
}

KTAP_TEST(transports_change_in_a_flood)
{
	pid_t flooder = begin_flood();

	shaking = setting("SWEEP_SEED", 1);
	is_rough = true;
	stress(shake);
	CHECK(choose_transport("auto"));
	CHECK_EQ(waitpid(flooder, NULL, WNOHANG), 0);
	CHECK(!kill(flooder, SIGKILL));
	CHECK_EQ(waitpid(flooder, NULL, 0), flooder);
}

/* Restarts the machine during a flood. In the second boot, the program does nothing. */
static int restart_in_a_flood(void)
{
	struct member members[THREADS];

	if (strcmp(getenv("VMXSIM_BOOT"), "1"))
		return 0;
	begin_flood();
	is_rough = true;
	gather(members);
	while (atomic_load(&calls) < 500)
		shake();
	reboot(RB_AUTOBOOT);
	return 1;
}

/* --- ten thousand files ------------------------------------------------------------------- */

static bool open_all(struct pollfd *files)
{
	struct rlimit limit = { FILES + 64, FILES + 64 };
	unsigned int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return false;
	for (i = 0; i < FILES; i++) {
		files[i].fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
		files[i].events = POLLPRI;
		if (files[i].fd < 0) {
			printf("# file %u: %s\n", i, strerror(errno));
			return false;
		}
	}
	return true;
}

/*
 * All files report a change of the session. The watches share their requests, so ten thousand
 * watches cause only a few requests.
 */
KTAP_TEST(ten_thousand_files)
{
	static struct pollfd files[FILES];
	unsigned long long before;
	unsigned int i, notified = 0, waited;
	struct snapshot snapshot;

	if (!CHECK(open_all(files)))
		return;
	CHECK_EQ(snapshot_take(files[0].fd, &snapshot), 0);
	before = sysfs_number("rpc/requests");
	for (i = 0; i < FILES; i++)
		if (watch(files[i].fd, 3600000))
			break;
	CHECK_EQ(i, FILES);
	CHECK(sysfs_number("rpc/requests") - before < 10);
	CHECK_EQ(poll(files, FILES, 0), 0);

	CHECK(host("hotplug"));
	CHECK_EQ(snapshot_take(files[0].fd, &snapshot), 0);
	for (waited = 0; waited < 1000 && poll(files, FILES, 1000) < FILES; waited++)
		;
	for (i = 0; i < FILES; i++)
		notified += fetch_events(files[i].fd) == VMGUESTLIB_EVENT_SESSION;
	CHECK_EQ(notified, FILES);
	CHECK_EQ(poll(files, FILES, 0), 0);
	for (i = 0; i < FILES; i++)
		close(files[i].fd);
	check_idle_host();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(ten_thousand_files),
	KTAP_ENTRY(sixty_four_threads),
	KTAP_ENTRY(processors_come_and_go),
	KTAP_ENTRY(no_unload_under_load),
	KTAP_ENTRY(unload_when_all_have_left),
};

static const struct ktap_test suspend_tests[] = {
	KTAP_ENTRY(suspend_to_memory),
	KTAP_ENTRY(suspend_rehearsed),
};

static const struct ktap_test transport_tests[] = {
	KTAP_ENTRY(transports_change_in_a_flood),
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "suspend"))
		return KTAP_MAIN(suspend_tests);
	if (argc > 1 && !strcmp(argv[1], "transports"))
		return KTAP_MAIN(transport_tests);
	if (argc > 1 && !strcmp(argv[1], "shutdown"))
		return restart_in_a_flood();
	return KTAP_MAIN(tests);
}
