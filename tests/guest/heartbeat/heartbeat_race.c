// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Heartbeats in real time, on two processors: random calls of many threads at once, stuns of
 * the machine, and a host that is slow or fails. The variable RACE_SEED (default 1) selects
 * the random calls. heartbeat_race.sh runs this program. When the HA agent would reset the
 * guest, it only writes to its log.
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "heartbeat.h"
#include "ktap.h"

#define THREADS		6
#define NAMES		5
#define RACE_MS		4000
#define CHANNELS_MAX	128	/* limit of the virtual host */

static atomic_bool over;
static unsigned long race_seed;

static unsigned int chance(unsigned int *seed, unsigned int below)
{
	return rand_r(seed) / 16 % below;
}

/*
 * Returns whether a call may end with @error. The threads make their calls at any time, so a
 * name may be in use, and a client may be missing or expired.
 */
static bool is_right(int error)
{
	return !error || error == EEXIST || error == EALREADY ||
	       error == ENOTCONN || error == ETIME || error == ENOENT ||
	       error == EBUSY;
}

/* Makes one random call with one of the two files @fds. */
static void play_once(int fds[2], unsigned int *seed)
{
	static const char *const names[NAMES] = { "a", "b", "c", "d", "e" };
	struct vmguestlib_heartbeat_client list[3];
	const char *name = names[chance(seed, NAMES)];
	int *fd = &fds[chance(seed, 2)];

	switch (chance(seed, 10)) {
	case 0:
	case 1:
		CHECK(is_right(arm(*fd, name, 1000 + chance(seed, 2000),
				   chance(seed, 2))));
		break;
	case 2:
	case 3:
		CHECK(is_right(beat(*fd)));
		break;
	case 4:
		CHECK(is_right(disarm(*fd)));
		break;
	case 5:
		/* There is at most one client for each name, plus the client of the SDK. */
		CHECK(list_clients(*fd, list, 3) <= NAMES + 1);
		break;
	case 6:
		CHECK(is_right(clear(*fd, name)));
		break;
	case 7:
		if (chance(seed, 2) && write(*fd, "V", 1) < 0)
			CHECK(is_right(errno));
		close(*fd);
		*fd = open_device(O_RDWR);
		break;
	case 8:
		file_write("heartbeat/pause_s", chance(seed, 2) ? "1" : "0");
		break;
	case 9:
		CHECK(state(*fd) <= VMGUESTLIB_HEARTBEAT_EXPIRED);
		break;
	}
}

static void *player(void *arg)
{
	unsigned int seed = race_seed * 1000 + (uintptr_t)arg;
	int fds[2] = { open_device(O_RDWR), open_device(O_RDWR) };

	while (!over)
		play_once(fds, &seed);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

static void *sdk_player(void *arg)
{
	unsigned int seed = race_seed * 1000 + (uintptr_t)arg;
	int fd = open_device(O_RDWR), error;
	uint32_t op;

	while (!over) {
		op = 1 + chance(&seed, 5);
		error = appmon(fd, op, NULL);
		CHECK(!error || error == EACCES);
	}
	appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL);
	close(fd);
	return NULL;
}

/* Starts processes that make random calls, and kills each one during its calls. */
static void *killer(void *arg)
{
	unsigned int seed = race_seed * 1000 + (uintptr_t)arg;
	unsigned int childs_seed;
	pid_t pid;

	while (!over) {
		childs_seed = chance(&seed, UINT_MAX);
		pid = fork();
		if (!pid) {
			int fds[2] = { open_device(O_RDWR), open_device(O_RDWR) };

			for (;;)
				play_once(fds, &childs_seed);
		}
		sleep_ms(chance(&seed, 50));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void clear_all(int fd)
{
	struct vmguestlib_heartbeat_client list[16];
	uint32_t count = list_clients(fd, list, 16), i;

	CHECK(count <= NAMES);
	/* The clients that are left have expired, or their files were closed in a pause. */
	for (i = 0; i < count && i < 16; i++)
		CHECK_EQ(clear(fd, list[i].name), 0);
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
}

KTAP_TEST(many_threads_make_random_calls)
{
	pthread_t threads[THREADS + 2];
	const char *text = getenv("RACE_SEED");
	uintptr_t i;
	int fd;

	race_seed = text ? strtoul(text, NULL, 10) : 1;
	printf("# RACE_SEED %lu\n", race_seed);
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, player, (void *)(i + 1)));
	CHECK(!pthread_create(&threads[i++], NULL, sdk_player, (void *)77));
	CHECK(!pthread_create(&threads[i++], NULL, killer, (void *)78));
	sleep_ms(RACE_MS);
	over = true;
	while (i)
		pthread_join(threads[--i], NULL);

	fd = open_device(O_RDWR);
	CHECK_EQ(file_write("heartbeat/pause_s", "0"), 0);
	clear_all(fd);
	close(fd);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(unload_module(), 0);
	CHECK_EQ(channels(), 0);
	CHECK_EQ(system("modprobe vmguestlib ha_window_s=6"), 0);
}

/* --- a client that beats before its deadline --------------------------------------- */

static int steady_fd;
static atomic_uint late;

static void *steady(void *arg)
{
	(void)arg;
	while (!over) {
		sleep_ms(500);
		if (beat(steady_fd))
			late++;
	}
	return NULL;
}

static pthread_t begin_steady(uint32_t deadline_ms)
{
	pthread_t thread;

	over = false;
	late = 0;
	CHECK(host("ha clear"));
	steady_fd = open_device(O_RDWR);
	CHECK_EQ(arm(steady_fd, "steady", deadline_ms, STOP), 0);
	pthread_create(&thread, NULL, steady, NULL);
	return thread;
}

static void end_steady(pthread_t thread)
{
	over = true;
	pthread_join(thread, NULL);
	CHECK_EQ(late, 0);
	CHECK_EQ(state(steady_fd), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(steady_fd), 0);
	close(steady_fd);
	CHECK_EQ(ha_events("red", 0, NULL), 0);
	CHECK_EQ(said("logged_resets"), 0);
	CHECK_STR(ha_word("enabled"), "false");
}

KTAP_TEST(stuns_do_not_kill)
{
	static const char *const stuns[] = {
		"stun 1000", "stun 6000", "stun 1600", "stun 2100",
	};
	pthread_t thread = begin_steady(2000);
	size_t i;

	for (i = 0; i < sizeof(stuns) / sizeof(stuns[0]); i++) {
		CHECK(host(stuns[i]));
		sleep_ms(700);
	}
	end_steady(thread);
}

/*
 * A stun begins shortly before a client beats, and ends after the client's deadline. The client
 * beats after the first tick that follows the stun. It must not have expired before.
 */
KTAP_TEST(a_stun_before_the_last_moment_does_not_kill)
{
	int fd = open_device(O_RDWR), i;

	for (i = 0; i < 2; i++) {
		CHECK_EQ(arm(fd, "brink", 3000, STOP), 0);
		sleep_ms(1500);
		CHECK(host("stun 2000"));
		sleep_ms(500);
		CHECK_EQ(beat(fd), 0);
		CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
		CHECK_EQ(disarm(fd), 0);
	}
	close(fd);
}

KTAP_TEST(slow_replies_do_not_kill)
{
	pthread_t thread = begin_steady(2000);

	CHECK(host("fault match=GuestAppMonitor delay 5000"));
	file_text("heartbeat/status");
	CHECK(host("fault times=2 delay 1500"));
	file_text("session_id");
	file_text("heartbeat/status");
	CHECK(host("fault clear"));
	end_steady(thread);
}

/*
 * The host takes 5 s to answer a heartbeat. Over the backdoor this may stop the client, but the
 * time does not count towards the client's deadline. The window is 6 s, so a heartbeat is due
 * during the test.
 */
KTAP_TEST(a_slow_beat_does_not_kill)
{
	int fd = open_device(O_RDWR);

	CHECK_EQ(arm(fd, "brink", 3000, STOP), 0);
	CHECK(host("fault match=GuestAppMonitor.Cmd.Mark delay 5000"));
	sleep_ms(2700);
	CHECK_EQ(beat(fd), 0);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(fd), 0);
	CHECK(host("fault clear"));
	close(fd);
}

/* --- a client that does not beat ------------------------------------------------------- */

static void *flood(void *arg)
{
	int fd = *(int *)arg;

	while (!over)
		post(fd, "OK");
	return NULL;
}

/*
 * A client that does not beat expires even if the host is slow and another program makes many
 * calls. Over the backdoor the vCPU stands still until the host answers, which is a stall. The
 * time of the first eight stalls after a beat does not count towards a deadline. The time of
 * later stalls counts.
 */
KTAP_TEST(slow_answers_and_a_flood_keep_no_silent_client)
{
	int fd = open_device(O_RDWR), other = open_device(O_RDWR), i;
	pthread_t thread;

	over = false;
	CHECK_EQ(arm(fd, "silent", 2000, STOP), 0);
	CHECK(host("fault match=GuestAppMonitor times=1000000 delay 150"));
	CHECK(!pthread_create(&thread, NULL, flood, &other));
	for (i = 0; i < 600 && state(fd) == VMGUESTLIB_HEARTBEAT_ARMED; i++)
		sleep_ms(100);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_EXPIRED);
	over = true;
	pthread_join(thread, NULL);
	CHECK(host("fault clear"));
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(appmon(other, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	close(other);
}

/* --- a host that fails, for less than its window ------------------------------------ */

/* Checks that the next heartbeat arrives within @timeout_ms. */
static void check_beats_go_on(unsigned int timeout_ms)
{
	uint64_t before = ha("beats");
	unsigned int waited;

	for (waited = 0; waited < timeout_ms; waited += 200) {
		if (ha("beats") > before)
			return;
		sleep_ms(200);
	}
	CHECK(!"a heartbeat came");
}

KTAP_TEST(a_failing_host_costs_no_window)
{
	static const char *const faults[] = {
		"fault match=GuestApp times=2 refuse 2",
		"fault match=GuestApp times=5 cpt 2",
		"fault match=GuestApp times=40 cpt 2",
		"fault match=GuestApp times=3 noreply",
		"fault match=GuestApp times=2 truncate 1",
		"fault match=GuestApp times=2 random 7",
		"fault match=GuestApp times=2 oversize 100000",
		"dropchannel",
	};
	unsigned long long before = sysfs_number("rpc/failed") +
				    sysfs_number("rpc/reopened") +
				    sysfs_number("rpc/checkpoints");
	pthread_t thread = begin_steady(2000);
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "%s%s",
			 strncmp(faults[i], "fault", 5) ? "fault " : "",
			 faults[i]);
		CHECK(host(text));
		/* The next heartbeat comes within the window of 6 s in spite of the fault. */
		check_beats_go_on(5500);
		CHECK_STR(ha_word("status"), "green");
	}
	CHECK(host("fault clear"));
	CHECK(sysfs_number("rpc/failed") + sysfs_number("rpc/reopened") +
	      sysfs_number("rpc/checkpoints") > before);
	end_steady(thread);
}

/* Heartbeats have their own channel. They go on when a program has opened all others. */
KTAP_TEST(no_channel_left)
{
	pthread_t thread = begin_steady(2000);
	static struct rpc_channel taken[CHANNELS_MAX];
	int count = 0, i;

	for (i = 0; i < CHANNELS_MAX; i++) {
		taken[count] = (struct rpc_channel) {};
		count += rpc_step(&taken[count], RPC_OPEN, 0xc9435052) & 1;
	}
	CHECK(count > 0);
	/* Without VMCI sockets, the heartbeats have one of the channels. */
	CHECK(count < CHANNELS_MAX || !access("/dev/vsock", F_OK));
	sleep_ms(5000);
	for (i = 0; i < count; i++)
		rpc_step(&taken[i], RPC_CLOSE, 0);
	CHECK(ha("longest_gap_ns") < 6 * SECOND);
	CHECK(said("beats") >= 2);

	/* The host drops the channel of the heartbeats, and refuses the next four channels. */
	CHECK(host("fault open 4"));
	CHECK(host("fault dropchannel"));
	check_beats_go_on(5500);
	end_steady(thread);
	CHECK(host("fault clear"));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(many_threads_make_random_calls),
	KTAP_ENTRY(stuns_do_not_kill),
	KTAP_ENTRY(a_stun_before_the_last_moment_does_not_kill),
	KTAP_ENTRY(slow_replies_do_not_kill),
	KTAP_ENTRY(a_slow_beat_does_not_kill),
	KTAP_ENTRY(slow_answers_and_a_flood_keep_no_silent_client),
	KTAP_ENTRY(a_failing_host_costs_no_window),
	KTAP_ENTRY(no_channel_left),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
