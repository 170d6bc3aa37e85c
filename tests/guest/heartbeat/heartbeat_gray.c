// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * When the machine is moved by vMotion, suspended, or reverted to a snapshot, the host forgets
 * that vSphere HA application monitoring is enabled, and the host's status turns gray. The module
 * has to send Enable again within a window. Expired clients have to stay expired. Below, each of
 * the three events is called a move.
 *
 * heartbeat_gray.sh runs this program with a virtual clock that skips idle time. When the HA
 * agent would reset the guest, it only writes loggedReset to its log.
 */
#include "heartbeat.h"
#include "ktap.h"

#define MINUTE_MS	60000
#define WINDOW_NS	(30 * SECOND)
#define MOVE_MS		40000
#define MOVES		30	/* take 20 minutes of the virtual clock */

static const char *const ways[] = { "vmotion", "suspend", "revert" };
static const char *const statuses[] = { "capitalized", "lower", "upper", "long" };

/* Beats every 2 s for @ms. */
static void alive(int fd, unsigned int ms)
{
	unsigned int step;

	for (; ms; ms -= step) {
		step = ms < 2000 ? ms : 2000;
		sleep_ms(step);
		CHECK_EQ(beat(fd), 0);
	}
}

/*
 * Checks the agent's log since "ha clear": the status was gray at times, but not longer than
 * a window, and never red.
 */
static void check_account(void)
{
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(said("logged_resets"), 0);
	CHECK(said("longest_gray_ns") > 0);
	CHECK(said("longest_gray_ns") <= WINDOW_NS);
	CHECK_EQ(ha_events("red", 0, NULL), 0);
}

static void move(const char *way, unsigned int times, int fd)
{
	unsigned int i;

	for (i = 0; i < times; i++) {
		CHECK(host(way));
		alive(fd, MOVE_MS);
		CHECK_STR(ha_word("status"), "green");
	}
}

KTAP_TEST(moved_every_40_seconds)
{
	int fd = open_device(O_RDWR);

	CHECK(host("ha clear"));
	CHECK_EQ(arm(fd, "mover", 5000, STOP), 0);
	move("vmotion", MOVES, fd);
	check_account();
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

KTAP_TEST(every_move_and_every_kind_of_host)
{
	static const char *const beats[] = { "refused", "accepted" };
	int fd = open_device(O_RDWR);
	size_t way, status, kind;

	CHECK(host("ha clear"));
	CHECK_EQ(arm(fd, "mover", 5000, NEED_RESET), 0);
	for (kind = 0; kind < 2; kind++) {
		CHECK(host_set("vmxsim.quirk.grayBeat", beats[kind]));
		for (status = 0; status < 4; status++) {
			CHECK(host_set("vmxsim.quirk.statusWords",
				       statuses[status]));
			for (way = 0; way < 3; way++)
				move(ways[way], 1, fd);
		}
	}
	check_account();
	CHECK_EQ(ha_events("needReset", 0, NULL), 0);
	CHECK(host_set("vmxsim.quirk.statusWords", NULL));
	CHECK(host_set("vmxsim.quirk.grayBeat", NULL));
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

/* Sends a heartbeat every 10 s for @ms, as a program of the SDK does. */
static void mark_active(int fd, unsigned int ms)
{
	unsigned int at;

	for (at = 0; at < ms; at += 10000) {
		CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL), 0);
		sleep_ms(10000);
	}
}

/*
 * A program of the SDK is the only client, so its calls of MarkActive are the only heartbeats.
 * The module sends Enable after a move. The program does not.
 */
KTAP_TEST(client_of_the_sdk)
{
	static const char *const beats[] = { "refused", "accepted" };
	int fd = open_device(O_RDWR);
	unsigned int i, kind;

	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL), 0);
	for (kind = 0; kind < 2; kind++) {
		CHECK(host("ha clear"));
		CHECK(host_set("vmxsim.quirk.grayBeat", beats[kind]));
		mark_active(fd, 10000);
		for (i = 0; i < MOVES / 3; i++) {
			CHECK(host(ways[i % 3]));
			mark_active(fd, MOVE_MS);
		}
		CHECK_STR(ha_word("enabled"), "true");
		CHECK_EQ(said("logged_resets"), 0);
		CHECK_EQ(ha_events("red", 0, NULL), 0);
		/*
		 * The status turns green at the next beat of the program, which comes up to
		 * 10 s after the module's Enable.
		 */
		CHECK(said("longest_gray_ns") > 0);
		CHECK(said("longest_gray_ns") <= WINDOW_NS + 10 * SECOND);
	}
	CHECK(host_set("vmxsim.quirk.grayBeat", NULL));
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
}

/*
 * A client with @action expires, and then the machine is moved. The move may delay the reset
 * by one window, but must not prevent it.
 */
static void die_and_move(const char *way, uint32_t action)
{
	int fd = open_device(O_RDWR), other = open_device(O_RDWR);
	uint64_t from, first = 0;

	CHECK_EQ(arm(fd, "dead", MINUTE_MS, action), 0);
	CHECK_EQ(arm(other, "alive", 3600000, STOP), 0);
	sleep_ms(15000);
	from = host_now();
	close(fd);
	sleep_ms(5000);
	CHECK(host(way));
	sleep_ms(3 * MINUTE_MS);
	CHECK(ha_events("loggedReset", from, &first) >= 1);
	/* 5 s, two windows of 30 s, the failure interval of 30 s, and 29 s of sampling */
	CHECK(first < from + 125 * SECOND);
	CHECK_EQ(clear(other, "dead"), 0);
	CHECK_EQ(disarm(other), 0);
	close(other);
}

KTAP_TEST(expired_clients_stay_expired)
{
	static const char *const beats[] = { "refused", "accepted" };
	size_t way, kind;

	for (kind = 0; kind < 2; kind++) {
		CHECK(host_set("vmxsim.quirk.grayBeat", beats[kind]));
		for (way = 0; way < 3; way++) {
			die_and_move(ways[way], STOP);
			die_and_move(ways[way], NEED_RESET);
		}
	}
	CHECK(host_set("vmxsim.quirk.grayBeat", NULL));
}

/*
 * Some hosts begin their window with the first beat after Enable, and stay gray until this
 * beat. The module therefore sends one beat after the Enable that follows a move, although a
 * client has expired.
 */
KTAP_TEST(expired_clients_stay_expired_where_a_beat_opens_the_window)
{
	size_t way;

	CHECK(host_set("vmxsim.quirk.noFirstBeat", "gray"));
	for (way = 0; way < 3; way++) {
		die_and_move(ways[way], STOP);
		die_and_move(ways[way], NEED_RESET);
	}
	CHECK(host_set("vmxsim.quirk.noFirstBeat", NULL));
}

static void die_in_a_pause(uint32_t action)
{
	int fd = open_device(O_RDWR), other = open_device(O_RDWR);
	uint64_t from, first = 0;

	CHECK_EQ(arm(fd, "dead", MINUTE_MS, action), 0);
	CHECK_EQ(arm(other, "alive", 3600000, STOP), 0);
	CHECK_EQ(file_write("heartbeat/pause_s", "100"), 0);
	close(fd);
	from = host_now();
	sleep_ms(100000);
	CHECK_EQ(ha_events("loggedReset", from, &first), 0);
	CHECK_EQ(ha_events("needReset", from, &first), 0);
	/*
	 * The client expires one window (30 s) after the pause. The agent acts after another
	 * window, the failure interval (30 s), and up to 29 s of sampling.
	 */
	sleep_ms(2 * MINUTE_MS + 12000);
	CHECK_EQ(ha_events("needReset", from, &first), action == NEED_RESET);
	CHECK(ha_events("loggedReset", from, &first) >= 1);
	CHECK_EQ(clear(other, "dead"), 0);
	CHECK_EQ(disarm(other), 0);
	close(other);
}

KTAP_TEST(client_closed_in_a_pause_expires_after_it)
{
	static const char *const statuses_without_beat[] = { "red", "gray" };
	size_t i;

	for (i = 0; i < 2; i++) {
		CHECK(host_set("vmxsim.quirk.noFirstBeat",
			       statuses_without_beat[i]));
		die_in_a_pause(STOP);
		die_in_a_pause(NEED_RESET);
	}
	CHECK(host_set("vmxsim.quirk.noFirstBeat", NULL));
}

/*
 * A reply of the host must not restart a deadline. If it did, a client that hangs might never
 * expire on a machine that moves often.
 */
KTAP_TEST(a_move_restarts_no_deadline)
{
	int fd = open_device(O_RDWR);
	uint32_t before, after;

	CHECK_EQ(arm(fd, "slow", MINUTE_MS, STOP), 0);
	sleep_ms(45000);
	CHECK_EQ(query(fd, &before), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK(before <= 15000);
	CHECK(host("vmotion"));
	sleep_ms(11000);
	CHECK_EQ(query(fd, &after), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK(after < 5000);
	sleep_ms(5000);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

/*
 * A reader of statistics finds a new session, which is a sign that the machine was moved. The
 * module therefore checks the status at once, and sends Enable. The status turns green.
 */
KTAP_TEST(a_reader_that_sees_a_new_session_says_so)
{
	struct vmguestlib_get_info info = { .size = sizeof(info) };
	int fd = open_device(O_RDWR);

	CHECK_EQ(request(fd, VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_EQ(arm(fd, "read", MINUTE_MS, STOP), 0);
	sleep_ms(1000);
	CHECK(host("vmotion"));
	CHECK_STR(ha_word("status"), "gray");
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_GET_INFO, &info), 0);
	sleep_ms(100);
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(disarm(fd), 0);
	close(fd);
}

/* The host closes the channels. The request of a reader is the first one that finds this. */
KTAP_TEST(a_channel_that_a_reader_has_lost_is_noticed)
{
	int fd = open_device(O_RDWR);

	CHECK(choose_transport("backdoor"));
	CHECK_EQ(ask_session(fd), 0);
	CHECK_EQ(arm(fd, "read", MINUTE_MS, STOP), 0);
	sleep_ms(1500);
	CHECK(host("suspend"));
	CHECK_STR(ha_word("status"), "gray");
	CHECK_EQ(ask_session(fd), 0);
	/* The module checks the status before the next beat, which is up to 10 s later. */
	sleep_ms(2000);
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(disarm(fd), 0);
	CHECK(choose_transport("auto"));
	close(fd);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(moved_every_40_seconds),
	KTAP_ENTRY(every_move_and_every_kind_of_host),
	KTAP_ENTRY(client_of_the_sdk),
	KTAP_ENTRY(expired_clients_stay_expired),
	KTAP_ENTRY(expired_clients_stay_expired_where_a_beat_opens_the_window),
	KTAP_ENTRY(client_closed_in_a_pause_expires_after_it),
	KTAP_ENTRY(a_move_restarts_no_deadline),
	KTAP_ENTRY(a_reader_that_sees_a_new_session_says_so),
	KTAP_ENTRY(a_channel_that_a_reader_has_lost_is_noticed),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
