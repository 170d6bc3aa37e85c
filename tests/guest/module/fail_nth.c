// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Operations of the module whose allocations, or accesses to the memory of the caller, fail.
 * This program repeats each operation. In the first run the first allocation or access fails,
 * in the second run the second one, and so on until no allocation or access of a run fails. The
 * operation has to fail with a documented error, or to succeed in spite of the failure. It must
 * leave nothing behind when it fails, and the module must serve all requests afterwards.
 *
 * If N is written to the file fail-nth of a task in /proc, the kernel makes the Nth allocation
 * or access of this task fail. The threads that the module uses for an operation have such
 * files, too, so their allocations can fail in the same way.
 *
 *	fail_nth [FIRST [COUNT]]	tries COUNT operations, beginning with number FIRST
 */
#include <dirent.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "ktap.h"
#include "operations.h"

#define MODULE		"vmguestlib"
/* No operation makes as many allocations and accesses. */
#define NTH_MAX		20000
#define VICTIMS_MAX	64
/* In place of an error number: the operation allocates nothing, so nothing can fail. */
#define NOTHING		(-1)
#define LEAKS		"/sys/kernel/debug/kmemleak"

/* The statistics of the frozen host, to which those of a later snapshot must be equal */
static struct snapshot right;
/* Whether the session has changed since @right was taken */
static bool right_is_old;
/* Transport of the present operation */
static const char *transport;

/* --- the tasks whose allocations fail ---------------------------------------------- */

/* The open files fail-nth of these tasks */
struct victims {
	int files[VICTIMS_MAX];
	unsigned int count;
};

static void add_victim(struct victims *victims, const char *task)
{
	char path[300];
	int file;

	snprintf(path, sizeof(path), "/proc/%s/fail-nth", task);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file >= 0 && victims->count < VICTIMS_MAX)
		victims->files[victims->count++] = file;
}

static bool is_called(const char *task, const char *name)
{
	char path[300], comm[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", task);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(comm, sizeof(comm), file))
		comm[0] = '\0';
	fclose(file);
	return !strncmp(comm, name, strlen(name));
}

/* Finds the tasks whose names begin with @name, or the calling thread if @name is NULL. */
static struct victims find_victims(const char *name)
{
	struct victims victims = { .count = 0 };
	struct dirent *entry;
	DIR *tasks;

	if (!name) {
		add_victim(&victims, "thread-self");
		return victims;
	}
	tasks = opendir("/proc");
	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
		    is_called(entry->d_name, name))
			add_victim(&victims, entry->d_name);
	if (tasks)
		closedir(tasks);
	return victims;
}

/*
 * Makes the @nth allocation or access of each task fail, counted from now on. If @nth is 0, none
 * fails.
 */
static void refuse_nth(const struct victims *victims, unsigned int nth)
{
	char text[16];
	unsigned int i;
	int len = snprintf(text, sizeof(text), "%u", nth);

	for (i = 0; i < victims->count; i++)
		if (pwrite(victims->files[i], text, len, 0) != len)
			CHECK(!nth);
}

/*
 * Returns whether an allocation or access of a task has failed during the operation. In this
 * case fail-nth is 0. If the read of fail-nth fails instead, the operation had no failure.
 */
static bool was_refused(const struct victims *victims)
{
	bool refused = false;
	char text[16];
	unsigned int i;

	for (i = 0; i < victims->count; i++) {
		ssize_t len = pread(victims->files[i], text, sizeof(text) - 1, 0);

		if (len <= 0)
			continue;
		text[len] = '\0';
		refused |= !strtoul(text, NULL, 10);
	}
	/* A failure that has not occurred yet may hit the first write. */
	refuse_nth(victims, 0);
	refuse_nth(victims, 0);
	return refused;
}

static void release_victims(struct victims *victims)
{
	while (victims->count)
		close(victims->files[--victims->count]);
}

/* --- operations: each returns 0 or an error number -------------------------------- */

static char module_file[256];

static int load_with(const char *parameters)
{
	int file = open(module_file, O_RDONLY | O_CLOEXEC);
	int error;

	if (file < 0)
		return errno;
	error = syscall(SYS_finit_module, file, parameters, 0) ? errno : 0;
	close(file);
	return error;
}

static int load_file(void)
{
	return load_with("");
}

/* The module may be in use for a short time after the last close(), so retry. */
static int unload(void)
{
	int error, i;

	for (i = 0; i < 100; i++) {
		error = syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? errno : 0;
		if (error != EAGAIN)
			break;
		sleep_ms(10);
	}
	return error;
}

static bool is_loaded(void)
{
	return !access("/sys/module/" MODULE "/refcnt", F_OK);
}

static void close_device(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

static void be_unloaded(void)
{
	close_device();
	if (is_loaded())
		CHECK_EQ(unload(), 0);
}

static void be_open(void)
{
	if (!is_loaded())
		CHECK_EQ(load_file(), 0);
	if (fd < 0)
		fd = open_device(O_RDWR);
}

static int open_it(void)
{
	int file = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (file < 0)
		return errno;
	return close(file) ? errno : 0;
}

static int abi_info(void)
{
	struct vmguestlib_abi_info arg = { .size = sizeof(arg) };

	return request(fd, VMGUESTLIB_IOC_ABI_INFO, &arg);
}

/* Makes a raw request that is so long that its buffer needs whole pages. */
static int raw_rpc(void)
{
	static const char words[20000] = "info-get guestinfo.none";

	return send_rpc(words, sizeof(words));
}

static int host_clock(void)
{
	struct vmguestlib_host_time time = { .size = sizeof(time) };
	struct vmguestlib_cpu_speed speed = { .size = sizeof(speed) };
	int error = request(fd, VMGUESTLIB_IOC_HOST_TIME, &time);

	return error ? error : request(fd, VMGUESTLIB_IOC_CPU_SPEED, &speed);
}

static int watch(uint32_t interval_ms)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = interval_ms,
	};

	return request(fd, VMGUESTLIB_IOC_WATCH, &arg);
}

static int events(void)
{
	struct vmguestlib_events arg = { .size = sizeof(arg) };
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	if (poll(&pollfd, 1, 0) < 0)
		return errno;
	return request(fd, VMGUESTLIB_IOC_EVENTS, &arg);
}

/* Begins a watch, and gives it 2 s to find the new session that change_session() began. */
static int watch_a_change(void)
{
	int error = watch(100);

	sleep_ms(2000);
	return error;
}

static int end_watch(void)
{
	return watch(0);
}

static void change_session(void)
{
	CHECK_EQ(get_info(), 0);
	CHECK(host("hotplug"));
	right_is_old = true;
}

static int beat_client(void)
{
	return beat(fd);
}

static int query_client(void)
{
	struct vmguestlib_heartbeat arg = { .size = sizeof(arg) };

	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_QUERY, &arg);
}

static int list(void)
{
	static struct vmguestlib_heartbeat_client clients[258];
	struct vmguestlib_heartbeat_list arg = {
		.size = sizeof(arg),
		.clients = (uintptr_t)clients,
		.clients_len = 258,
	};

	return request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg);
}

static int clear_client(void)
{
	return clear(fd, "app");
}

static int write_v(void)
{
	return write(fd, "V", 1) == 1 ? 0 : errno;
}

static int close_armed(void)
{
	close_device();
	return 0;
}

static int open_watchdog(void)
{
	int dog = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC);
	int error = dog < 0 ? errno : 0;

	if (dog < 0)
		return error;
	if (write(dog, "x", 1) < 0)
		error = errno;
	/* The failure may hit this write. Without V, close() does not disarm the watchdog. */
	while (write(dog, "V", 1) < 0)
		;
	close(dog);
	return error;
}

static int expire(void)
{
	sleep_ms(1500);
	return 0;
}

static int read_path(void)
{
	return read_file("resource_pool_path");
}

static int read_generation(void)
{
	return read_file("generation");
}

static int read_status(void)
{
	return read_file("heartbeat/status");
}

static int write_age(void)
{
	return file_write("max_age_ms", "0");
}

static int write_interval(void)
{
	int error = file_write("watch_interval_ms", "100");

	file_write("watch_interval_ms", "0");
	return error;
}

static int write_pause(void)
{
	int error = file_write("heartbeat/pause_s", "1");

	file_write("heartbeat/pause_s", "0");
	return error;
}

static int write_parameter(const char *value)
{
	int file = open("/sys/module/" MODULE "/parameters/transport",
			O_WRONLY | O_CLOEXEC);
	int error;

	if (file < 0)
		return errno;
	error = write(file, value, strlen(value)) < 0 ? errno : 0;
	close(file);
	return error;
}

static int write_transport(void)
{
	return write_parameter("auto");
}

/* --- functions that prepare an operation ------------------------------------------ */

/*
 * Closes all transports. With "auto", VMCI sockets first serve one request on each of the
 * module's three connections, which ends the delay after an earlier failure.
 */
static void hang_up(void)
{
	be_open();
	if (!strcmp(transport, "auto")) {
		CHECK_EQ(write_parameter("vsock"), 0);
		CHECK_EQ(get_info(), 0);
		CHECK_EQ(raw_rpc(), 0);
		CHECK_EQ(disable(), 0);
	}
	CHECK_EQ(write_parameter("backdoor"), 0);
	CHECK_EQ(write_parameter(transport), 0);
	/* Wait for the threads that close the connections. */
	sleep_ms(20);
}

static void be_armed(void)
{
	hang_up();
	CHECK_EQ(arm_client(), 0);
}

static void be_about_to_expire(void)
{
	hang_up();
	CHECK_EQ(arm(fd, "app", 1000, NEED_RESET), 0);
}

static void be_expired(void)
{
	be_about_to_expire();
	close_device();
	be_open();
}

static void be_enabled(void)
{
	hang_up();
	CHECK_EQ(enable(), 0);
}

/* Makes VMCI sockets serve a request now, and fail during the next reply. */
static void be_about_to_fail_over(void)
{
	hang_up();
	CHECK_EQ(write_parameter("vsock"), 0);
	CHECK_EQ(get_info(), 0);
	CHECK_EQ(write_parameter("auto"), 0);
	CHECK_EQ(get_info(), 0);
	CHECK(host("fault half"));
}

static void be_changed(void)
{
	hang_up();
	change_session();
}

static const struct operation {
	const char *name;
	const char *victim;
	const char *transport;
	void (*prepare)(void);
	int (*run)(void);
	/* Error numbers that the operation may return, in addition to ENOMEM and EFAULT */
	int errors[3];
} operations[] = {
	{ "finit_module", NULL, "auto", be_unloaded, load_file, { } },
	{ "finit_module", "kthreadd", "auto", be_unloaded, load_file,
	  { EAGAIN } },
	{ "delete_module", NULL, "auto", close_device, unload, { } },
	{ "open", NULL, "backdoor", be_open, open_it, { ENFILE } },
	{ "ABI_INFO", NULL, "backdoor", be_open, abi_info, { } },
	{ "GET_INFO", "kworker/u", "backdoor", hang_up, get_info, { } },
	{ "GET_INFO", "kworker/u", "vsock", hang_up, get_info,
	  { EIO, ETIMEDOUT } },
	{ "GET_INFO", "vmguestlib_rpc", "vsock", hang_up, get_info,
	  { EIO, ETIMEDOUT } },
	{ "GET_INFO", "vmguestlib_rpc", "auto", hang_up, get_info, { } },
	{ "failover", "kworker/u", "auto", be_about_to_fail_over, get_info, { } },
	{ "failover", "vmguestlib_rpc", "auto", be_about_to_fail_over, get_info,
	  { } },
	{ "STAT_GET", NULL, "backdoor", hang_up, stat_get, { } },
	{ "STAT_GET", "vmguestlib_rpc", "auto", hang_up, stat_get, { } },
	{ "RPC", NULL, "backdoor", hang_up, raw_rpc, { } },
	{ "RPC", "vmguestlib_prv", "vsock", hang_up, raw_rpc,
	  { EIO, ETIMEDOUT } },
	{ "HOST_TIME and CPU_SPEED", NULL, "backdoor", be_open, host_clock, { } },
	{ "WATCH", NULL, "backdoor", be_changed, watch_a_change, { EINTR } },
	{ "WATCH", "kworker/", "backdoor", be_changed, watch_a_change, { } },
	{ "end of a watch", NULL, "backdoor", be_open, end_watch, { } },
	{ "change of session", "kworker/u", "backdoor", be_changed, get_info, { } },
	{ "poll and EVENTS", NULL, "backdoor", be_open, events, { } },
	{ "ARM", NULL, "backdoor", hang_up, arm_client, { } },
	{ "ARM", "vmguestlib_hb", "backdoor", hang_up, arm_client, { NOTHING } },
	{ "ARM", "vmguestlib_beat", "vsock", hang_up, arm_client,
	  { EIO, ETIMEDOUT } },
	{ "ARM", "vmguestlib_beat", "auto", hang_up, arm_client, { } },
	{ "BEAT", NULL, "backdoor", be_armed, beat_client, { } },
	{ "write", NULL, "backdoor", be_armed, write_v, { NOTHING } },
	{ "QUERY", NULL, "backdoor", be_armed, query_client, { } },
	{ "LIST", NULL, "backdoor", be_armed, list, { } },
	{ "DISARM", NULL, "backdoor", be_armed, disarm_client, { } },
	{ "DISARM", "vmguestlib_beat", "vsock", be_armed, disarm_client, { } },
	{ "close", NULL, "backdoor", be_armed, close_armed, { NOTHING } },
	{ "expiry", "vmguestlib_hb", "backdoor", be_about_to_expire, expire,
	  { NOTHING } },
	{ "expiry", "vmguestlib_beat", "auto", be_about_to_expire, expire, { } },
	{ "CLEAR", NULL, "backdoor", be_expired, clear_client, { } },
	{ "ENABLE", NULL, "backdoor", hang_up, enable, { } },
	{ "ENABLE", "vmguestlib_hb", "backdoor", hang_up, enable, { NOTHING } },
	{ "ENABLE", "vmguestlib_beat", "vsock", hang_up, enable,
	  { EIO, ETIMEDOUT } },
	{ "DISABLE", NULL, "backdoor", be_enabled, disable, { } },
	{ "IS_ENABLED", NULL, "backdoor", hang_up, ask_enabled, { } },
	{ "MARK_ACTIVE", NULL, "backdoor", be_enabled, mark_active, { } },
	{ "GET_STATUS", NULL, "backdoor", be_enabled, ask_status, { } },
	{ "POST_STATE", NULL, "backdoor", be_enabled, post_ok, { } },
	{ "watchdog", NULL, "backdoor", hang_up, open_watchdog, { ENFILE } },
	{ "resource_pool_path", NULL, "backdoor", hang_up, read_path, { ENFILE } },
	{ "generation", NULL, "backdoor", hang_up, read_generation, { ENFILE } },
	{ "transport", NULL, "auto", hang_up, read_transport, { ENFILE } },
	{ "heartbeat/status", NULL, "backdoor", be_enabled, read_status,
	  { ENFILE } },
	{ "max_age_ms", NULL, "backdoor", be_open, write_age, { ENFILE } },
	{ "watch_interval_ms", NULL, "backdoor", be_open, write_interval,
	  { ENFILE } },
	{ "heartbeat/pause_s", NULL, "backdoor", be_armed, write_pause,
	  { ENFILE } },
	{ "parameter transport", NULL, "auto", hang_up, write_transport,
	  { ENFILE } },
};

#define OPERATIONS	(sizeof(operations) / sizeof(operations[0]))

/* --- the sweep -------------------------------------------------------------------- */

static bool is_documented(const struct operation *operation, int error)
{
	size_t i;

	if (!error || error == ENOMEM || error == EFAULT)
		return true;
	for (i = 0; i < sizeof(operation->errors) / sizeof(int); i++)
		if (error == operation->errors[i])
			return true;
	return false;
}

/* Removes clients, the watch and faults, and checks that all requests are served. */
static void check_works(void)
{
	struct snapshot snapshot;

	be_open();
	CHECK(host("fault clear"));
	if (state(fd) != VMGUESTLIB_HEARTBEAT_UNARMED)
		CHECK_EQ(disarm(fd), 0);
	clear(fd, "app");
	clear(fd, "watchdog");
	CHECK_EQ(watch(0), 0);
	CHECK_EQ(disable(), 0);
	CHECK(host_is_disabled());
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	if (right_is_old)
		CHECK_EQ(snapshot_take(fd, &right), 0);
	right_is_old = false;
	CHECK_EQ(snapshot_take(fd, &snapshot), 0);
	CHECK(!memcmp(snapshot.values, right.values, sizeof(right.values)));
	CHECK_EQ(raw_rpc(), 0);
	CHECK(channels() <= 3);
	CHECK(host("ha clear"));
}

/* Checks that the module has one reference, that of the file which this program has open. */
static void check_references(void)
{
	FILE *file = fopen("/sys/module/" MODULE "/refcnt", "r");
	int count = -1;

	if (file && fscanf(file, "%d", &count) != 1)
		count = -1;
	if (file)
		fclose(file);
	CHECK_EQ(count, 1);
}

/*
 * Runs the operation, and makes its @nth allocation or access fail. Returns whether one has
 * failed.
 */
static bool refuse(const struct operation *operation, unsigned int nth)
{
	unsigned int failures = ktap_failures;
	struct victims victims;
	bool refused;
	int error;

	operation->prepare();
	victims = find_victims(operation->victim);
	CHECK(victims.count);
	refuse_nth(&victims, nth);
	error = operation->run();
	refused = was_refused(&victims);
	release_victims(&victims);
	CHECK(is_documented(operation, error));
	CHECK(refused || !error);
	if (operation->prepare == be_unloaded)
		CHECK_EQ(is_loaded(), !error);
	check_works();
	if (ktap_failures > failures)
		printf("# %s, failure %u: %s\n", operation->name, nth,
		       strerror(error));
	return refused;
}

/* Tries to load the module. Returns the number of allocations and accesses of the attempt. */
static unsigned int needs_of_load(const char *parameters, int error)
{
	const unsigned int many = 1000000;
	struct victims victims;
	char words[16] = "";

	be_unloaded();
	victims = find_victims(NULL);
	refuse_nth(&victims, many);
	CHECK_EQ(load_with(parameters), error);
	CHECK(pread(victims.files[0], words, sizeof(words) - 1, 0) > 0);
	refuse_nth(&victims, 0);
	release_victims(&victims);
	return many - strtoul(words, NULL, 10);
}

/*
 * Returns the number of the first allocation of finit_module() that the test makes fail. Until
 * the kernel has read the parameters, no allocation may fail, because the kernel's tracing warns
 * if it gets no memory. An attempt with a wrong parameter shows the number of these allocations,
 * which varies by less than @margin, because the slab allocator needs pages at different times.
 * About 300 allocations for the module's files in sysfs follow. The last @inits allocations
 * contain all those of the module's init function.
 */
static unsigned int first_of_init(void)
{
	const unsigned int inits = 480, margin = 10;
	unsigned int prepared = needs_of_load("transport=none", EINVAL) + margin;
	unsigned int all = needs_of_load("", 0);

	be_open();
	CHECK(all > prepared);
	return all > prepared + inits ? all - inits : prepared;
}

static size_t next;

static void sweep_next_operation(void)
{
	const struct operation *operation = &operations[next++];
	unsigned int first = 1, nth;

	transport = operation->transport;
	be_open();
	CHECK_EQ(write_parameter(transport), 0);
	check_works();
	if (operation->run == load_file && !operation->victim)
		first = first_of_init();
	nth = first;
	while (nth < NTH_MAX && refuse(operation, nth))
		nth++;
	CHECK(nth < NTH_MAX);
	CHECK((nth == first) == (operation->errors[0] == NOTHING));
	check_references();
	printf("# %s: %u failures\n", operation->name, nth - first);
}

static bool write_text(const char *path, const char *words)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool written = file >= 0 && write(file, words, strlen(words)) > 0;

	if (file >= 0)
		close(file);
	return written;
}

/* Checks that kmemleak reports no leak of the module. Leaks of other code do not count. */
static void nothing_is_leaked(void)
{
	static char report[65536];
	bool is_ours = false;
	FILE *file;

	if (access(LEAKS, W_OK)) {
		printf("# this kernel has no kmemleak\n");
		return;
	}
	be_unloaded();
	be_open();
	/* kmemleak reports only memory that was allocated some seconds ago. */
	sleep_ms(10000);
	CHECK(write_text(LEAKS, "scan"));
	sleep_ms(10000);
	CHECK(write_text(LEAKS, "scan"));
	file = fopen(LEAKS, "r");
	while (file && fgets(report, sizeof(report), file)) {
		printf("# %s", report);
		is_ours |= strstr(report, MODULE) || strstr(report, "vmgl_");
	}
	if (file)
		fclose(file);
	CHECK(!is_ours);
}

/*
 * Lets each kind of allocation fail. By default, fault injection spares allocations that may
 * sleep, single pages, and pages of high memory.
 */
static bool refuse_everything(void)
{
	static const char *const settings[][2] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
		{ "/sys/kernel/debug/fail_usercopy/verbose", "0" },
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!write_text(settings[i][0], settings[i][1])) {
			printf("Bail out! %s: %s\n", settings[i][0], strerror(errno));
			return false;
		}
	return true;
}

static void name_module(void)
{
	struct utsname uts;

	uname(&uts);
	snprintf(module_file, sizeof(module_file),
		 "/lib/modules/%s/updates/" MODULE ".ko", uts.release);
}

/* Allocates all memory that this program needs, so that no failure hits the program. */
static bool begin(void)
{
	name_module();
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return false;
	be_open();
	return host("freeze") && !snapshot_take(fd, &right);
}

static size_t number(const char *words, size_t most)
{
	size_t value = words ? strtoul(words, NULL, 10) : most;

	return value < most ? value : most;
}

int main(int argc, char **argv)
{
	struct ktap_test tests[OPERATIONS + 1];
	char names[OPERATIONS][64];
	size_t count, i;

	if (access("/proc/self/fail-nth", W_OK)) {
		printf("KTAP version 1\n1..0 # SKIP this kernel was built without CONFIG_FAULT_INJECTION\n");
		return 0;
	}
	if (!refuse_everything())
		return 1;
	if (!begin()) {
		printf("Bail out! cannot lock the memory or freeze the host: %s\n", strerror(errno));
		return 1;
	}
	next = argc > 1 ? number(argv[1], OPERATIONS) : 0;
	count = number(argc > 2 ? argv[2] : NULL, OPERATIONS - next);
	for (i = 0; i < count; i++) {
		const struct operation *operation = &operations[next + i];

		snprintf(names[i], sizeof(names[i]), "%s, %s, %s", operation->name,
			 operation->victim ? operation->victim : "caller",
			 operation->transport);
		tests[i] = (struct ktap_test) { names[i], sweep_next_operation };
	}
	tests[i] = (struct ktap_test) KTAP_ENTRY(nothing_is_leaked);
	return ktap_main(tests, count + 1);
}
