// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Tasks that wait in the module are interrupted by a signal, by SIGKILL, or by the end of their
 * process. If a wait can be interrupted in this way, it has to end at once. Any other wait has to
 * end within the documented time. An interrupted ARM must leave no armed client, and the calls
 * after it must be served. Other tests set the wall clock while deadlines and a watch run.
 *
 * The tests use a virtual clock that skips idle time, so that the load of the machine does not
 * change the times. Most tasks wait because the host does not answer over VMCI sockets.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap.h"
#include "operations.h"

/* Delay before the signal, in ms */
#define SIGNAL_MS	250
/* Longest time from the signal to the end of a wait that can be interrupted by it, in ms */
#define AT_ONCE_MS	500
/* Longest time of one request, in ms. A wait that is not interrupted may last for two requests. */
#define PROMISED_MS	2200

/* If this key is TRUE, the host serves the Guest SDK to privileged senders only. */
#define RESTRICTION	"guest_rpc.rpci.auth.app.APP_MONITOR"

#define SILENT(request)	"fault match=" request " noreply"
#define COMMAND		"GuestAppMonitor.Cmd."

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

/* --- calls that wait: each returns 0 or an error number ------------------------------- */

static int read_session(void)
{
	return read_file("session_id");
}

static int read_enabled(void)
{
	return read_file("heartbeat/enabled");
}

static int raw_rpc(void)
{
	static const char words[] = "info-get guestinfo.none";

	return send_rpc(words, strlen(words));
}

static int arm_another(void)
{
	int another = open_device(O_RDWR);
	int error = arm(another, "another", 3600000, STOP);

	if (!error)
		disarm(another);
	close(another);
	return error;
}

/* Writes V and closes the file. No other process has a descriptor, so the file is released. */
static int write_v_and_close(int file)
{
	int error = write(file, "V", 1) == 1 ? 0 : errno;

	close(file);
	return error;
}

static int open_watchdog(void)
{
	int dog = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC);

	return dog < 0 ? errno : write_v_and_close(dog);
}

static int stop_watchdog(void)
{
	int dog = open("/dev/watchdog0", O_WRONLY | O_CLOEXEC);

	if (dog < 0)
		return errno;
	return host(SILENT(COMMAND "Disable")) ? write_v_and_close(dog) : EIO;
}

static int clear_client(void)
{
	return clear(fd, "dead");
}

static int close_with_v(void)
{
	int own = open_device(O_RDWR);
	int error = arm(own, "closer", 3600000, STOP);

	if (error)
		return error;
	return host(SILENT(COMMAND "Disable")) ? write_v_and_close(own) : EIO;
}

static int pause_heartbeats(void)
{
	return file_write("heartbeat/pause_s", "1");
}

/* Writing the parameter closes all connections, even if the transport stays the same. */
static int write_transport(void)
{
	return choose_transport("auto") ? 0 : EIO;
}

/* The module may be in use for a short time after the last close(), so retry. */
static int remove_module(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (!syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK))
			return 0;
		if (errno != EAGAIN)
			return errno;
		sleep_ms(1);
	}
	return EAGAIN;
}

static int poll_without_timeout(void)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	return poll(&pollfd, 1, -1) < 0 ? errno : 0;
}

static void prepare_quiet(void)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	CHECK_EQ(request(fd, VMGUESTLIB_IOC_EVENTS, &events), 0);
}

static void prepare_armed(void)
{
	CHECK_EQ(arm_client(), 0);
	sleep_ms(100);
}

static void prepare_enabled(void)
{
	CHECK_EQ(enable(), 0);
}

static void prepare_expired(void)
{
	int own = open_device(O_RDWR);

	CHECK_EQ(arm(own, "dead", 3600000, STOP), 0);
	close(own);
	sleep_ms(100);
}

/* Closes all connections and channels. */
static void prepare_unconnected(void)
{
	CHECK(choose_transport("vsock"));
}

static void prepare_restricted(void)
{
	CHECK(host_set(RESTRICTION, "TRUE"));
}

static void prepare_unused(void)
{
	close(fd);
	fd = -1;
}

enum signals { NO_SIGNAL, FATAL_SIGNALS, ALL_SIGNALS };

/*
 * A wait in the module, to which a task comes when it calls @block. Before this call, the
 * steering request @silence makes the host leave requests without an answer, and another task
 * calls @occupy. Each of the two may be NULL. If both are NULL, @block itself causes the wait.
 * @ended_by are the signals that end the wait before the call has been served.
 *
 * A task also waits in the module during a reboot, a suspend, and the unbinding of the VMCI
 * device. The suites heartbeat_life, hibernate, stress and vmci_gone go through these waits.
 */
static const struct point {
	const char *name;
	void (*prepare)(void);
	const char *silence;
	int (*occupy)(void);
	int (*block)(void);
	enum signals ended_by;
} points[] = {
	{ "GET_INFO", NULL, SILENT("guestlib.info"), NULL, get_info, FATAL_SIGNALS },
	{ "GET_INFO behind another", NULL, SILENT("guestlib.info"), get_info,
	  get_info, FATAL_SIGNALS },
	{ "session_id behind GET_INFO", NULL, SILENT("guestlib.info"), get_info,
	  read_session, FATAL_SIGNALS },
	{ "STAT_GET behind GET_INFO", NULL, SILENT("guestlib.info"), get_info,
	  stat_get, NO_SIGNAL },
	{ "transport behind GET_INFO", NULL, SILENT("guestlib.info"), get_info,
	  read_transport, NO_SIGNAL },
	{ "transport while connecting", prepare_unconnected, "fault connsilent 1000",
	  NULL, read_transport, NO_SIGNAL },
	{ "parameter transport behind GET_INFO", NULL, SILENT("guestlib.info"),
	  get_info, write_transport, NO_SIGNAL },
	{ "STAT_GET", NULL, SILENT("guestlib.stat"), NULL, stat_get, NO_SIGNAL },
	{ "STAT_GET as a privileged sender, behind RPC", prepare_restricted,
	  SILENT("info-get"), raw_rpc, stat_get, FATAL_SIGNALS },
	{ "RPC", NULL, SILENT("info-get"), NULL, raw_rpc, NO_SIGNAL },
	{ "RPC behind another", NULL, SILENT("info-get"), raw_rpc, raw_rpc,
	  FATAL_SIGNALS },
	{ "IS_ENABLED behind RPC", NULL, SILENT("info-get"), raw_rpc, ask_enabled,
	  FATAL_SIGNALS },
	{ "heartbeat/enabled behind RPC", NULL, SILENT("info-get"), raw_rpc,
	  read_enabled, FATAL_SIGNALS },
	{ "IS_ENABLED", NULL, SILENT(COMMAND "IsEnabled"), NULL, ask_enabled, NO_SIGNAL },
	{ "GET_STATUS", NULL, SILENT(COMMAND "GetAppStatus"), NULL, ask_status,
	  NO_SIGNAL },
	{ "GET_STATUS behind RPC", NULL, SILENT("info-get"), raw_rpc, ask_status,
	  FATAL_SIGNALS },
	{ "ENABLE", NULL, SILENT(COMMAND "IsEnabled"), NULL, enable, NO_SIGNAL },
	{ "ENABLE behind another", NULL, SILENT(COMMAND "Enable"), enable, enable,
	  FATAL_SIGNALS },
	{ "DISABLE", prepare_enabled, SILENT(COMMAND "Disable"), NULL, disable, NO_SIGNAL },
	{ "MARK_ACTIVE", prepare_enabled, SILENT(COMMAND "MarkActive"), NULL,
	  mark_active, NO_SIGNAL },
	{ "POST_STATE", prepare_enabled, SILENT(COMMAND "PostAppState"), NULL,
	  post_ok, NO_SIGNAL },
	{ "ARM", NULL, SILENT(COMMAND "Enable"), NULL, arm_client, ALL_SIGNALS },
	{ "ARM behind ARM of the same file", NULL, SILENT(COMMAND "Enable"),
	  arm_client, arm_client, ALL_SIGNALS },
	{ "ARM behind ARM of another file", NULL, SILENT(COMMAND "Enable"),
	  arm_client, arm_another, ALL_SIGNALS },
	{ "watchdog", NULL, SILENT(COMMAND "Enable"), NULL, open_watchdog, ALL_SIGNALS },
	{ "watchdog, close with V", NULL, NULL, NULL, stop_watchdog, NO_SIGNAL },
	{ "CLEAR", prepare_expired, SILENT(COMMAND "Disable"), NULL, clear_client,
	  NO_SIGNAL },
	{ "DISARM behind ARM of the same file", NULL, SILENT(COMMAND "Enable"),
	  arm_client, disarm_client, ALL_SIGNALS },
	{ "DISARM", prepare_armed, SILENT(COMMAND "Disable"), NULL, disarm_client,
	  NO_SIGNAL },
	{ "close with V", NULL, NULL, NULL, close_with_v, NO_SIGNAL },
	{ "pause", prepare_armed, SILENT(COMMAND "Disable"), NULL, pause_heartbeats,
	  NO_SIGNAL },
	{ "poll", prepare_quiet, NULL, NULL, poll_without_timeout, ALL_SIGNALS },
	{ "rmmod behind session_id", prepare_unused, SILENT("guestlib.info"),
	  read_session, remove_module, NO_SIGNAL },
};

/* --- ways to be interrupted ----------------------------------------------------------- */

enum way { SIGNAL, RESTART, KILL, EXIT, WAYS };

static const char *const ways[WAYS] = {
	[SIGNAL] = "a signal",
	[RESTART] = "a signal that restarts",
	[KILL] = "SIGKILL",
	[EXIT] = "exit of the process",
};

/* For EXIT, another thread of the process waits for this signal and then ends the process. */
#define EXIT_SIGNAL	SIGUSR2

static const int numbers[WAYS] = {
	[SIGNAL] = SIGUSR1,
	[RESTART] = SIGUSR1,
	[KILL] = SIGKILL,
	[EXIT] = EXIT_SIGNAL,
};

static void on_signal(int number)
{
	(void)number;
}

static sigset_t only_exit_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, EXIT_SIGNAL);
	return set;
}

static void *exit_at_signal(void *unused)
{
	sigset_t set = only_exit_signal();
	int number;

	(void)unused;
	sigwait(&set, &number);
	_exit(77);
}

/* Runs in a child process. The exit status of the process is the error number of the call. */
static void block_in(const struct point *point, enum way way)
{
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = way == RESTART ? SA_RESTART : 0,
	};
	sigset_t set = only_exit_signal();
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (way == EXIT)
		pthread_create(&thread, NULL, exit_at_signal, NULL);
	_exit(point->block());
}

/* Returns the state of a process, as in proc(5): R runs, S and D wait, Z has ended. */
static char state_of(pid_t pid)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return state;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	fclose(file);
	return state;
}

/* Returns whether the task has begun to wait. On a slow kernel this takes some time. */
static bool has_come_to_wait(pid_t pid)
{
	char state;
	int i;

	sleep_ms(SIGNAL_MS);
	for (i = 0; i < 20; i++) {
		state = state_of(pid);
		if (state != 'R')
			break;
		sleep_ms(10);
	}
	return state == 'S' || state == 'D';
}

static pid_t start_occupier(const struct point *point)
{
	pid_t pid = point->occupy ? fork() : 0;

	if (point->occupy && !pid)
		_exit(point->occupy());
	if (pid)
		sleep_ms(50);
	return pid;
}

static void begin_to_use(void)
{
	fd = open_device(O_RDWR);
	CHECK_EQ(file_write("max_age_ms", "0"), 0);
}

/* Restores the state before a test: module loaded, no client armed, host without faults. */
static void be_neutral(void)
{
	int i;

	if (fd < 0) {
		CHECK_EQ(system("modprobe vmguestlib"), 0);
		begin_to_use();
	}
	CHECK(host_set(RESTRICTION, NULL));
	CHECK_EQ(file_write("heartbeat/pause_s", "0"), 0);
	if (state(fd) != VMGUESTLIB_HEARTBEAT_UNARMED)
		CHECK_EQ(disarm(fd), 0);
	/* The module's worker may still wait for an answer that does not come. */
	for (i = 0; i < 3 && disable() == ETIMEDOUT; i++)
		;
	for (i = 0; i < 100 && strcmp(ha_word("enabled"), "false"); i++)
		sleep_ms(100);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	CHECK(host("ha clear"));
}

/*
 * Makes a request on each of the module's three connections, so that all of them use VMCI
 * sockets. A request over the backdoor would have no timeout.
 */
static void be_on_vsock(void)
{
	CHECK(choose_transport("vsock"));
	CHECK_EQ(get_info(), 0);
	CHECK_EQ(raw_rpc(), 0);
	CHECK_EQ(disable(), 0);
	CHECK(choose_transport("auto"));
	/* The change closes all connections. A first request would have only half the timeout. */
	CHECK_EQ(get_info(), 0);
	CHECK_EQ(raw_rpc(), 0);
}

/* Returns whether @way ends the wait before the call has been served. */
static bool ends_early(const struct point *point, enum way way)
{
	return point->ended_by >= (way == KILL || way == EXIT ? FATAL_SIGNALS :
				   ALL_SIGNALS);
}

/*
 * Returns whether an interrupted ARM has left no armed client. With @occupy, the other task may
 * have armed it. An interrupted ENABLE is served, and leaves the client "api", which be_neutral()
 * disarms.
 */
static bool left_as_found(const struct point *point)
{
	return point->block != arm_client ||
	       state(fd) == VMGUESTLIB_HEARTBEAT_UNARMED || point->occupy;
}

static bool ended_as_it_should(const struct point *point, enum way way,
			       int status)
{
	switch (way) {
	case SIGNAL:
		return WIFEXITED(status) &&
		       WEXITSTATUS(status) == (ends_early(point, way) ? EINTR : 0);
	case RESTART:
		if (!ends_early(point, way))
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		/*
		 * The kernel has restarted the call. Meanwhile the task that has called
		 * @occupy may have armed or disarmed the client, or may make the call wait
		 * for too long. These errors are therefore right.
		 */
		return WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
					     WEXITSTATUS(status) == ETIMEDOUT ||
					     WEXITSTATUS(status) == EALREADY ||
					     WEXITSTATUS(status) == ENOTCONN);
	case KILL:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	default:
		return WIFEXITED(status) && WEXITSTATUS(status) == 77;
	}
}

/* Returns whether @way applies. The kernel never restarts poll() after a signal (signal(7)). */
static bool makes_sense(const struct point *point, enum way way)
{
	return way != RESTART || point->block != poll_without_timeout;
}

static void interrupt(const struct point *point, enum way way)
{
	unsigned int failures = ktap_failures;
	pid_t occupier, pid;
	uint64_t sent, took;
	int status;

	if (point->prepare)
		point->prepare();
	if (point->silence)
		CHECK(host(point->silence));
	occupier = start_occupier(point);
	pid = fork();
	if (!pid)
		block_in(point, way);
	CHECK(has_come_to_wait(pid));
	sent = now_ms();
	CHECK_EQ(kill(pid, numbers[way]), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	took = now_ms() - sent;
	/* After RESTART the call waits again. */
	CHECK(took <= (ends_early(point, way) && way != RESTART ? AT_ONCE_MS :
		       2 * PROMISED_MS));
	CHECK(ended_as_it_should(point, way, status));
	if (way != RESTART)
		CHECK(left_as_found(point));
	if (occupier)
		CHECK_EQ(waitpid(occupier, NULL, 0), occupier);
	CHECK(host("fault clear"));
	be_neutral();
	be_on_vsock();
	if (ktap_failures > failures)
		printf("# %s, %s: status %#x, %llu ms later\n", point->name,
		       ways[way], status, (unsigned long long)took);
}

static void try_next_point(void)
{
	static size_t next;
	const struct point *point = &points[next++];
	enum way way;

	for (way = 0; way < WAYS; way++)
		if (makes_sense(point, way))
			interrupt(point, way);
}

/* --- the clock ------------------------------------------------------------------------ */

static bool set_clock(time_t seconds_more)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += seconds_more;
	return !clock_settime(CLOCK_REALTIME, &now);
}

/* A jump of the wall clock does not change the end of a deadline. */
static void clock_jumps_do_not_move_deadlines(void)
{
	static const time_t jumps[] = { 86400, -86400, 40000000, -40000000 };
	uint32_t left;
	size_t i;

	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		CHECK_EQ(arm(fd, "app", 3000, STOP), 0);
		sleep_ms(1000);
		CHECK(set_clock(jumps[i]));
		CHECK_EQ(query(fd, &left), VMGUESTLIB_HEARTBEAT_ARMED);
		CHECK(left > 1800 && left <= 2000);
		sleep_ms(1800);
		CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
		sleep_ms(400);
		CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_EXPIRED);
		CHECK_EQ(disarm(fd), 0);
	}
	be_neutral();
}

static struct vmguestlib_get_info info_of_age(uint32_t max_age_ms)
{
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.max_age_ms = max_age_ms,
	};

	CHECK_EQ(request(fd, VMGUESTLIB_IOC_GET_INFO, &info), 0);
	return info;
}

static void clock_jumps_do_not_age(void)
{
	uint64_t first = info_of_age(0).out_time_ns;

	CHECK(set_clock(86400));
	CHECK_EQ(info_of_age(5000).out_time_ns, first);
	CHECK(set_clock(-2 * 86400));
	CHECK_EQ(info_of_age(5000).out_time_ns, first);
	sleep_ms(1000);
	CHECK(info_of_age(500).out_time_ns > first);
	CHECK(set_clock(86400));
}

/* A jump of the wall clock does not change the interval of a watch. */
static void clock_jumps_do_not_stop_a_watch(void)
{
	struct vmguestlib_watch watch = { .size = sizeof(watch), .interval_ms = 500 };
	struct vmguestlib_events events = { .size = sizeof(events) };
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
	uint64_t before;

	/* Clear the events of the earlier tests. */
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_EVENTS, &events), 0);
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_WATCH, &watch), 0);
	CHECK(set_clock(-86400));
	sleep_ms(600);
	before = sysfs_number("rpc/requests");
	sleep_ms(5000);
	CHECK(sysfs_number("rpc/requests") - before >= 8);
	CHECK(sysfs_number("rpc/requests") - before <= 12);
	CHECK(host("hotplug"));
	CHECK(set_clock(2 * 86400));
	CHECK_EQ(poll(&pollfd, 1, 1000), 1);
	watch.interval_ms = 0;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_WATCH, &watch), 0);
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_EVENTS, &events), 0);
	CHECK(set_clock(-86400));
}

static const struct ktap_test clock_tests[] = {
	KTAP_ENTRY(clock_jumps_do_not_move_deadlines),
	KTAP_ENTRY(clock_jumps_do_not_age),
	KTAP_ENTRY(clock_jumps_do_not_stop_a_watch),
};

#define POINTS		(sizeof(points) / sizeof(points[0]))
#define CLOCK_TESTS	(sizeof(clock_tests) / sizeof(clock_tests[0]))

int main(void)
{
	struct ktap_test tests[POINTS + CLOCK_TESTS];
	size_t i;

	begin_to_use();
	be_on_vsock();
	for (i = 0; i < POINTS; i++)
		tests[i] = (struct ktap_test) { points[i].name, try_next_point };
	memcpy(tests + POINTS, clock_tests, sizeof(clock_tests));
	return KTAP_MAIN(tests);
}
