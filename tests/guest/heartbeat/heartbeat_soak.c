// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Four monitored applications run for a long time, on a virtual clock that skips idle time.
 * This program is all four applications. Each of them has an open file, which is a client of
 * the module.
 *
 *	heartbeat_soak moves SECONDS SEED	no application dies, while the machine is
 *						moved and stunned, statistics are read
 *						often, and connections are lost or refused
 *	heartbeat_soak deaths COUNT SEED	an application dies and starts again, COUNT
 *						times
 *	heartbeat_soak slow COUNT SEED		an application hangs and starts again, COUNT
 *						times, while the host takes 0 to 3 s for an
 *						answer and a process posts states in a loop
 *
 * When the HA agent would reset the guest, it only writes loggedReset to its log. SEED
 * determines all random choices.
 */
#include <signal.h>
#include <sys/wait.h>

#include "heartbeat.h"
#include "ktap.h"

#define CLIENTS		4
#define WINDOW_NS	(30 * SECOND)
#define NOTICE_NS	(100 * MS)	/* time in which the module has to notice a death */

/* The applications and their clients */
static struct client {
	const char *name;
	uint32_t deadline_ms;
	uint32_t action;
	int fd;
	uint64_t next_ns;	/* time of the next beat */
	bool silent;		/* sends no beats */
} clients[CLIENTS] = {
	{ .name = "web", .deadline_ms = 5000, .action = STOP },
	{ .name = "db", .deadline_ms = 8000, .action = NEED_RESET },
	{ .name = "batch", .deadline_ms = 20000, .action = STOP },
	{ .name = "mail", .deadline_ms = 60000, .action = NEED_RESET },
};

static uint64_t seed, amount;

/* Returns a random number below @below from the generator xorshift64. */
static uint64_t chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void start(struct client *client)
{
	client->fd = open_device(O_RDWR);
	CHECK_EQ(arm(client->fd, client->name, client->deadline_ms,
		     client->action), 0);
	client->silent = false;
	client->next_ns = now_ns();
}

/* Beats, and plans the next beat after 40 to 80 % of the deadline. */
static void beat_and_plan(struct client *client)
{
	CHECK_EQ(beat(client->fd), 0);
	client->next_ns = now_ns() + client->deadline_ms *
			  (MS * 2 / 5 + chance(MS * 2 / 5));
}

static void beat_all(void)
{
	struct client *client;

	for (client = clients; client < clients + CLIENTS; client++)
		if (!client->silent)
			beat_and_plan(client);
}

/* Sleeps until @end_ns, and lets each client that is not silent beat before its deadline. */
static void live_until(uint64_t end_ns)
{
	struct client *next, *client;
	struct timespec until;
	uint64_t at;

	do {
		next = NULL;
		at = end_ns;
		for (client = clients; client < clients + CLIENTS; client++)
			if (!client->silent && client->next_ns < at) {
				next = client;
				at = client->next_ns;
			}
		until.tv_sec = at / SECOND;
		until.tv_nsec = at % SECOND;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
				       NULL) == EINTR)
			;
		if (next)
			beat_and_plan(next);
	} while (next);
}

static void start_all(void)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		start(&clients[i]);
}

static void stop_all(void)
{
	int i;

	for (i = 0; i < CLIENTS; i++) {
		CHECK_EQ(disarm(clients[i].fd), 0);
		close(clients[i].fd);
	}
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(sysfs_number("heartbeat/clients"), 0);
}

/* --- no client dies --------------------------------------------------------------- */

static void storm(void)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	int i;

	for (i = 0; i < 50; i++)
		CHECK_EQ(request(clients[0].fd, VMGUESTLIB_IOC_GET_INFO, &info),
			 0);
}

/* Totals of the run; @gap_ns and @gray_ns are the longest times of their kind */
static struct {
	uint64_t moves, stuns, flaps, floods, beats, refused, gap_ns, gray_ns;
} total;

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Returns @ns minus @stun_ns, or 0 if the difference is negative. */
static uint64_t without(uint64_t ns, uint64_t stun_ns)
{
	return ns > stun_ns ? ns - stun_ns : 0;
}

/*
 * Checks the agent's counts since the last call, and adds them to the totals. @stun_ns is the
 * time by which a stun or a slow host may have delayed a heartbeat. The module sends a heartbeat
 * every third of the window. A gap between two heartbeats that is longer than the sum of this
 * third, 1 s and @stun_ns shows that the module has omitted a heartbeat. No other check shows
 * this.
 */
static void settle(uint64_t stun_ns)
{
	uint64_t gap_ns = ha("longest_gap_ns"), gray_ns = said("longest_gray_ns");

	CHECK_EQ(said("logged_resets"), 0);
	CHECK(gap_ns <= WINDOW_NS / 3 + SECOND + stun_ns);
	CHECK(gray_ns <= WINDOW_NS + stun_ns);
	total.beats += said("beats");
	total.refused += said("refused");
	total.gap_ns = max(total.gap_ns, without(gap_ns, stun_ns));
	total.gray_ns = max(total.gray_ns, without(gray_ns, stun_ns));
	CHECK(host("ha clear"));
}

/* Stuns the machine for 1 to 60 s. During a stun no client can beat. */
static void stun(void)
{
	uint64_t ms = 1000 + chance(59001), before = now_ns();
	char text[32];

	settle(0);
	snprintf(text, sizeof(text), "stun %" PRIu64, ms);
	CHECK(host(text));
	CHECK(now_ns() - before >= ms * MS);
	live_until(now_ns() + WINDOW_NS + SECOND);
	CHECK_STR(ha_word("status"), "green");
	settle(ms * MS);
	total.stuns++;
}

/* The module's timeout for the answer to a heartbeat over VMCI sockets */
#define TIMEOUT_NS	(2 * SECOND)

/* Whether flap() has made the host refuse connections */
static bool is_refused;

static void set_transport(const char *transport)
{
	int fd = open("/sys/module/vmguestlib/parameters/transport", O_WRONLY);
	ssize_t len = strlen(transport);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, transport, len), len);
	close(fd);
}

/* Makes the host delay all answers about heartbeats by one random time up to @up_to_ms. */
static void slow_down(uint64_t up_to_ms)
{
	char text[96];

	snprintf(text, sizeof(text),
		 "fault match=GuestAppMonitor times=1000000 delay %" PRIu64,
		 chance(up_to_ms + 1));
	CHECK(host("fault clear"));
	CHECK(host(text));
}

/* Starts a process that posts states in a loop. */
static pid_t begin_flood(void)
{
	pid_t pid = fork();

	if (!pid) {
		int fd = open_device(O_RDWR);

		for (;;)
			post(fd, "OK");
	}
	return pid;
}

/* The process ends after the host has answered its last request, up to 2 s later. */
static void end_flood(pid_t pid)
{
	kill(pid, SIGKILL);
	while (!waitpid(pid, NULL, WNOHANG))
		live_until(now_ns() + 100 * MS);
	CHECK(host("fault clear"));
}

/*
 * Longest delay of an answer in flood(). It is shorter than the module's timeout. flood() uses
 * VMCI sockets only: over the backdoor each delay would be a stall, and the time of the ninth
 * and later stalls after a beat counts towards the deadline of the client. A heartbeat waits for
 * the answer to the request in flight and then for its own answer, which takes up to twice the
 * delay.
 */
#define FLOOD_MS	1900

static void flood(void)
{
	pid_t pid;
	int i;

	if (is_refused)
		return;
	settle(0);
	set_transport("vsock");
	pid = begin_flood();
	for (i = 0; i < 8; i++) {
		slow_down(FLOOD_MS);
		live_until(now_ns() + 5 * SECOND);
	}
	end_flood(pid);
	/* No client beats while set_transport() waits for the request in flight. */
	beat_all();
	set_transport("auto");
	live_until(now_ns() + WINDOW_NS / 3 + SECOND);
	settle(2 * FLOOD_MS * MS);
	total.floods++;
}

/*
 * Causes one of three failures of VMCI sockets: a heartbeat gets no answer; the host drops all
 * connections; or the host drops all connections, and refuses new ones until this event occurs
 * again.
 */
static void flap(void)
{
	uint64_t kind = chance(3);

	total.flaps++;
	if (kind == 0) {
		settle(0);
		CHECK(host("fault match=GuestAppMonitor.Cmd.MarkActive noreply"));
		live_until(now_ns() + WINDOW_NS / 3 + TIMEOUT_NS + SECOND);
		settle(TIMEOUT_NS);
		CHECK(host("fault clear"));
		return;
	}
	if (kind == 1) {
		is_refused = !is_refused;
		CHECK(host(is_refused ? "set guest_rpc.rpci.usevsocket FALSE" :
					"set guest_rpc.rpci.usevsocket"));
	}
	CHECK(host("fault dropsockets"));
}

static void move(void)
{
	static const char *const ways[] = { "vmotion", "suspend", "revert" };

	CHECK(host(ways[chance(3)]));
	total.moves++;
}

/* Random events. Each one occurs again after @every_s seconds plus up to @up_to_s seconds. */
static struct plague {
	void (*strike)(void);
	unsigned int every_s, up_to_s;
	uint64_t next_ns;	/* time of the next event */
} plagues[] = {
	{ storm, 20, 200, 0 },
	{ move, 40, 600, 0 },
	{ stun, 100, 1000, 0 },
	{ flap, 30, 400, 0 },
	{ flood, 200, 2000, 0 },
};

#define PLAGUES	(sizeof(plagues) / sizeof(plagues[0]))

static void delay(struct plague *plague)
{
	plague->next_ns = now_ns() +
			  (plague->every_s + chance(plague->up_to_s)) * SECOND;
}

static struct plague *next_plague(void)
{
	struct plague *next = plagues, *plague;

	for (plague = plagues; plague < plagues + PLAGUES; plague++)
		if (plague->next_ns < next->next_ns)
			next = plague;
	return next;
}

KTAP_TEST(no_reset_while_clients_live)
{
	uint64_t start_ns = now_ns(), end_ns = start_ns + amount * SECOND;
	struct plague *plague;

	CHECK(host("ha clear"));
	start_all();
	for (plague = plagues; plague < plagues + PLAGUES; plague++)
		delay(plague);
	while ((plague = next_plague())->next_ns < end_ns && !ktap_failures) {
		live_until(plague->next_ns);
		plague->strike();
		delay(plague);
	}
	live_until(now_ns() + WINDOW_NS + SECOND);
	settle(0);
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(sysfs_number("heartbeat/missed"), 0);
	CHECK(total.moves && total.stuns && total.flaps);
	printf("# %" PRIu64 " s, %" PRIu64 " moves, %" PRIu64 " stuns, %" PRIu64
	       " flaps, %" PRIu64 " floods, %" PRIu64 " beats accepted, %" PRIu64 " refused, outside of stuns: longest gap %"
	       PRIu64 " ms, longest gray %" PRIu64 " ms\n",
	       (now_ns() - start_ns) / SECOND, total.moves, total.stuns, total.flaps,
	       total.floods, total.beats, total.refused, total.gap_ns / MS, total.gray_ns / MS);
	stop_all();
}

/* --- one client after the other dies ----------------------------------------------- */

/*
 * Ways in which an application dies: its process is killed, it hangs, it closes its file without
 * V, or it posts needReset
 */
enum death { CRASH, HANG, CLOSE, POST, DEATHS };

/* Arms the client of the victim in another process, which can be killed. */
static pid_t move_to_child(struct client *victim)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	CHECK_EQ(disarm(victim->fd), 0);
	close(victim->fd);
	pid = fork();
	if (!pid) {
		victim->fd = open_device(O_RDWR);
		arm(victim->fd, victim->name, victim->deadline_ms,
		    victim->action);
		write(ready[1], "x", 1);
		for (;;)
			sleep_ms(1000000);
	}
	CHECK_EQ(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Checks that the victim's client is in the state @wanted, and that all others are armed. */
static void check_states(const struct client *victim, uint32_t wanted)
{
	struct vmguestlib_heartbeat_client list[CLIENTS + 1];
	uint32_t count = list_clients(clients[victim == clients].fd, list,
				      CLIENTS + 1);
	uint32_t i;

	CHECK_EQ(count, CLIENTS);
	for (i = 0; i < count && i < CLIENTS; i++) {
		bool is_victim = !strcmp(list[i].name, victim->name);

		if (!CHECK_EQ(list[i].state, is_victim ? wanted :
			      VMGUESTLIB_HEARTBEAT_ARMED))
			printf("# %s, while %s is the victim\n", list[i].name,
			       victim->name);
	}
}

/*
 * Checks what the host gets after a death that the module has to notice at @due, a time of the
 * host. If the victim's action is need-reset, the host gets needReset within 100 ms. After these
 * 100 ms the host gets no heartbeat.
 */
static void check_host(const struct client *victim, uint64_t due)
{
	uint64_t posted = 0;

	if (victim->action == NEED_RESET) {
		/* The deadline began shortly before die() read the time of the host. */
		CHECK_EQ(ha_events("needReset", due - 10 * MS, &posted), 1);
		CHECK(posted <= due + NOTICE_NS);
	} else {
		CHECK_EQ(ha_events("needReset", due - SECOND, NULL), 0);
	}
	live_until(now_ns() + WINDOW_NS / 3 + SECOND);
	CHECK(ha("last_beat_ns") <= due + NOTICE_NS);
}

static void revive(struct client *victim, enum death death)
{
	if (death == HANG) {
		CHECK_EQ(beat(victim->fd), ETIME);
		close(victim->fd);
	}
	start(victim);
	beat_and_plan(victim);
	sleep_ms(20);
	check_states(victim, VMGUESTLIB_HEARTBEAT_ARMED);
	if (victim->action == NEED_RESET)
		CHECK_STR(ha_word("state"), "ok");
	CHECK_STR(ha_word("status"), "green");
}

static void die(struct client *victim, enum death death)
{
	uint64_t missed = sysfs_number("heartbeat/missed");
	uint64_t start_ns, due, wait_ns = 0;
	pid_t pid = 0;

	if (death == CRASH)
		pid = move_to_child(victim);
	else
		CHECK_EQ(beat(victim->fd), 0);
	start_ns = now_ns();
	due = host_now();
	victim->silent = true;
	if (death == CRASH) {
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	} else if (death == CLOSE) {
		close(victim->fd);
	} else {
		wait_ns = victim->deadline_ms * MS;
		live_until(start_ns + wait_ns - 20 * MS);
		check_states(victim, VMGUESTLIB_HEARTBEAT_ARMED);
	}
	live_until(start_ns + wait_ns + NOTICE_NS);
	check_states(victim, VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(sysfs_number("heartbeat/missed"), missed + 1);
	CHECK_STR(file_text("heartbeat/last_missed"), victim->name);
	check_host(victim, due + wait_ns);
	revive(victim, death);
}

/* The victim posts needReset, and 2 s later OK. Its client stays armed. */
static void die_of_word(struct client *victim)
{
	uint64_t from = host_now(), missed = sysfs_number("heartbeat/missed");

	CHECK_EQ(post(victim->fd, "needReset"), 0);
	CHECK_EQ(ha_events("needReset", from, NULL), 1);
	live_until(now_ns() + 2 * SECOND);
	CHECK_EQ(ha_events("loggedReset", from, NULL), 1);
	check_states(victim, VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(sysfs_number("heartbeat/missed"), missed);
	CHECK_EQ(post(victim->fd, "OK"), 0);
	CHECK_STR(ha_word("state"), "ok");
}

KTAP_TEST(every_death_is_noticed)
{
	static const char *const names[DEATHS] = {
		"crash", "hang", "close", "needReset",
	};
	uint64_t counts[DEATHS] = {}, i;
	struct client *victim;
	enum death death;

	start_all();
	for (i = 0; i < amount && !ktap_failures; i++) {
		CHECK(host("ha clear"));
		live_until(now_ns() + chance(12 * SECOND));
		victim = &clients[chance(CLIENTS)];
		death = chance(DEATHS);
		counts[death]++;
		if (death == POST)
			die_of_word(victim);
		else
			die(victim, death);
		if (ktap_failures)
			printf("# number %" PRIu64 ": %s of %s\n", i,
			       names[death], victim->name);
	}
	printf("# %" PRIu64 " crashes, %" PRIu64 " hangs, %" PRIu64
	       " closed, %" PRIu64 " needReset\n", counts[CRASH], counts[HANG],
	       counts[CLOSE], counts[POST]);
	stop_all();
}

/* --- the same while the host is slow ------------------------------------------------ */

#define SLOW_MS		3000
#define STALLS		8

/*
 * The victim hangs while the host is slow. Over VMCI sockets the machine runs while the host
 * prepares an answer, so the module notices the death as fast as usual. Over the backdoor each
 * answer is a stall. The time of eight stalls does not count towards the deadline, and after
 * each of these stalls the client has at least one second left. Over the backdoor only the
 * victim's client is armed, because other clients would beat too late, and the host would answer
 * too late when they are armed.
 */
static void die_slowly(struct client *victim, bool is_backdoor)
{
	uint64_t deadline_ns = victim->deadline_ms * MS, start_ns, noticed_ns;
	uint64_t late_ns = NOTICE_NS;

	if (is_backdoor)
		late_ns += STALLS * (SLOW_MS * MS + SECOND);
	if (is_backdoor)
		start(victim);
	else
		CHECK_EQ(beat(victim->fd), 0);
	start_ns = now_ns();
	victim->silent = true;
	while (state(victim->fd) == VMGUESTLIB_HEARTBEAT_ARMED &&
	       now_ns() - start_ns <= deadline_ns + late_ns) {
		slow_down(SLOW_MS);
		live_until(now_ns() + 5 * MS);
	}
	noticed_ns = now_ns() - start_ns;
	if (!CHECK_EQ(state(victim->fd), VMGUESTLIB_HEARTBEAT_EXPIRED) ||
	    !CHECK(noticed_ns >= deadline_ns))
		printf("# %s after %" PRIu64 " ms\n", victim->name,
		       noticed_ns / MS);
	total.gap_ns = max(total.gap_ns, without(noticed_ns, deadline_ns));
	CHECK(host("fault clear"));
	/* No client beats while disarm() waits for an answer, which may take 2 s. */
	beat_all();
	disarm(victim->fd);
	close(victim->fd);
	if (is_backdoor)
		return;
	start(victim);
	beat_and_plan(victim);
}

KTAP_TEST(every_death_is_noticed_while_the_host_is_slow)
{
	bool is_backdoor;
	pid_t pid;
	uint64_t i;

	file_text("session_id");
	is_backdoor = strcmp(file_text("transport"), "vsock");
	for (i = 0; i < CLIENTS; i++)
		clients[i].silent = true;
	if (!is_backdoor)
		start_all();
	pid = begin_flood();
	for (i = 0; i < amount && !ktap_failures; i++)
		die_slowly(&clients[chance(CLIENTS)], is_backdoor);
	end_flood(pid);
	printf("# %" PRIu64 " deaths over %s, noticed at most %" PRIu64
	       " ms after the deadline\n", i, file_text("transport"),
	       total.gap_ns / MS);
	if (!is_backdoor)
		stop_all();
}

static const struct ktap_test moves[] = {
	KTAP_ENTRY(no_reset_while_clients_live),
};

static const struct ktap_test deaths[] = {
	KTAP_ENTRY(every_death_is_noticed),
};

static const struct ktap_test slow[] = {
	KTAP_ENTRY(every_death_is_noticed_while_the_host_is_slow),
};

int main(int argc, char **argv)
{
	if (argc != 4)
		return 1;
	amount = strtoull(argv[2], NULL, 10);
	seed = strtoull(argv[3], NULL, 10);
	if (!seed)
		seed = 1;
	if (!strcmp(argv[1], "slow"))
		return KTAP_MAIN(slow);
	return strcmp(argv[1], "moves") ? KTAP_MAIN(deaths) : KTAP_MAIN(moves);
}
