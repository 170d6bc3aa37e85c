// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The rules for heartbeat clients, which kmod/docs/heartbeats.md describes: calls of the SDK,
 * application states, events, write(), pauses, files in sysfs, unloading, and hosts that refuse
 * requests or give malformed answers. heartbeat_abi.sh runs this program as root in a guest.
 * When the HA agent would reset the guest, it only writes loggedReset to its log.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include "heartbeat_rules.h"

#define BAD_ADDRESS	1

KTAP_TEST(the_client_of_the_sdk)
{
	struct vmguestlib_heartbeat_client client;
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = "";
	struct vmguestlib_appmon arg = { .size = sizeof(arg) };
	int fd = open_device(O_RDWR), other;

	arg.op = 0;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_APPMON, &arg), EINVAL);
	arg.op = 7;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_APPMON, &arg), EINVAL);
	arg.op = VMGUESTLIB_APPMON_IS_ENABLED;
	arg.out_enabled = 9;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_APPMON, &arg), 0);
	CHECK_EQ(arg.out_enabled, 0);
	memset(arg.text, 'x', sizeof(arg.text));
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_APPMON, &arg), EINVAL);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_GET_STATUS, text), 0);
	CHECK_STR(text, "Gray");

	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL), 0);
	CHECK_EQ(list_clients(fd, &client, 1), 1);
	CHECK_STR(client.name, "api");
	CHECK_EQ(client.kind, VMGUESTLIB_HEARTBEAT_KIND_API);
	CHECK_EQ(client.deadline_ms, 0);
	CHECK_EQ(client.remaining_ms, 0);
	CHECK_EQ(clear(fd, "api"), EBUSY);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_GET_STATUS, text), 0);
	CHECK_STR(text, "Green");

	other = armed("beside", 3600000, STOP);
	CHECK_EQ(list_clients(fd, &client, 1), 2);
	CHECK_EQ(client.deadline_ms, 30000);
	CHECK(client.remaining_ms > 29000);
	sleep_ms(30200);
	CHECK_EQ(list_clients(fd, &client, 1), 2);
	CHECK_EQ(client.state, VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_STR(file_text("heartbeat/last_missed"), "api");
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL), 0);
	CHECK_EQ(list_clients(fd, &client, 1), 2);
	CHECK_EQ(client.state, VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(other), 0);
	CHECK_STR(ha_word("enabled"), "true");
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL), EACCES);
	close(other);
	close(fd);
	check_clean();
}

KTAP_TEST(words_of_the_state)
{
	static const char *const bad[] = {
		"", "ok", "needreset", "appStateOK", "(null)", "OK ",
	};
	int fd = open_device(O_RDWR);
	char before[64];
	size_t i;

	snprintf(before, sizeof(before), "%s", file_text("heartbeat/app_state"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(post(fd, bad[i]), EINVAL);
	/* The state was "ok" or "none" before, because an earlier test may have posted OK. */
	CHECK_STR(file_text("heartbeat/app_state"), before);
	CHECK_EQ(post(fd, "needReset"), 0);
	CHECK_STR(ha_word("state"), "needReset");
	CHECK_STR(file_text("heartbeat/app_state"), "need-reset");
	CHECK_EQ(post(fd, "OK"), 0);
	CHECK_STR(ha_word("state"), "ok");
	CHECK_EQ(post(fd, "appStateNeedReset"), 0);
	CHECK_STR(ha_word("state"), "needReset");
	CHECK_EQ(post(fd, "appStateOk"), 0);
	CHECK_STR(ha_word("state"), "ok");
	CHECK_STR(file_text("heartbeat/app_state"), "ok");
	/* Disable also closes the channel of the heartbeats, as check_clean() expects. */
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	check_clean();
}

/*
 * A state has two spellings, such as OK and appStateOk, and no public source says which of them
 * a host accepts. The module has to post a state to each host, whichever spelling the program
 * uses.
 */
KTAP_TEST(words_of_the_state_for_every_host)
{
	static const char *const hosts[] = { "short", "long", "both" };
	int fd = open_device(O_RDWR);
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		CHECK(host_set("vmxsim.quirk.appState", hosts[i]));
		CHECK_EQ(post(fd, "needReset"), 0);
		CHECK_STR(ha_word("state"), "needReset");
		CHECK_EQ(post(fd, "appStateOk"), 0);
		CHECK_STR(ha_word("state"), "ok");
		CHECK_EQ(post(fd, "appStateNeedReset"), 0);
		CHECK_STR(ha_word("state"), "needReset");
		CHECK_EQ(post(fd, "OK"), 0);
		CHECK_STR(ha_word("state"), "ok");
	}
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	check_clean();
}

/* While a client with the action need-reset is expired, the SDK's call cannot post OK. */
KTAP_TEST(the_worst_state_is_posted)
{
	int fd = open_device(O_RDWR);

	orphan("dead", NEED_RESET);
	CHECK_EQ(post(fd, "needReset"), 0);
	CHECK_STR(ha_word("state"), "needReset");
	CHECK_EQ(post(fd, "OK"), 0);
	CHECK_STR(ha_word("state"), "needReset");
	CHECK_EQ(clear(fd, "dead"), 0);
	CHECK_STR(ha_word("state"), "ok");
	close(fd);
	check_clean();
}

KTAP_TEST(exclusive)
{
	char text[64];
	int fd = open_device(O_RDWR), other;

	CHECK_STR(file_text("heartbeat/found_enabled"), "0");
	CHECK(rpc_ask("GuestAppMonitor.Cmd.Enable", text, sizeof(text)));
	CHECK_EQ(arm_flags(fd, "mine", 5000, STOP,
			   VMGUESTLIB_HEARTBEAT_EXCLUSIVE), EBUSY);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_STR(ha_word("enabled"), "true");
	CHECK_EQ(arm(fd, "mine", 5000, STOP), 0);
	CHECK_STR(file_text("heartbeat/found_enabled"), "1");
	other = open_device(O_RDWR);
	CHECK_EQ(arm_flags(other, "too", 5000, STOP,
			   VMGUESTLIB_HEARTBEAT_EXCLUSIVE), EBUSY);
	CHECK_EQ(disarm(fd), 0);
	CHECK_STR(file_text("heartbeat/found_enabled"), "0");
	check_clean();

	CHECK_EQ(arm_flags(fd, "mine", 5000, STOP,
			   VMGUESTLIB_HEARTBEAT_EXCLUSIVE), 0);
	CHECK_STR(file_text("heartbeat/found_enabled"), "0");
	CHECK_EQ(arm_flags(other, "too", 5000, STOP,
			   VMGUESTLIB_HEARTBEAT_EXCLUSIVE), 0);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(disarm(other), 0);
	close(fd);
	close(other);
	check_clean();
}

static void set_priority(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &param)) {
		perror("Bail out! sched_setscheduler");
		exit(1);
	}
}

static int exclusive_error;

static void *arm_exclusive(void *arg)
{
	set_priority(98);
	exclusive_error = arm_flags(*(int *)arg, "mine", 5000, STOP,
				    VMGUESTLIB_HEARTBEAT_EXCLUSIVE);
	return NULL;
}

/*
 * A program of the SDK enables monitoring, and another program arms an exclusive client. The
 * callers have a higher priority than the module's worker, and the guest has one processor.
 * When the worker runs, it therefore finds both calls.
 */
KTAP_TEST(exclusive_at_the_same_moment_as_the_sdk)
{
	char text[64];
	int fd = open_device(O_RDWR), other = open_device(O_RDWR);
	pthread_t thread;

	CHECK(rpc_ask("GuestAppMonitor.Cmd.Enable", text, sizeof(text)));
	set_priority(99);
	CHECK(!pthread_create(&thread, NULL, arm_exclusive, &other));
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL), 0);
	set_priority(0);
	pthread_join(thread, NULL);
	CHECK_EQ(exclusive_error, EBUSY);
	CHECK_EQ(state(other), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_STR(file_text("heartbeat/found_enabled"), "1");
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	CHECK_STR(file_text("heartbeat/found_enabled"), "0");
	close(fd);
	close(other);
	check_clean();
}

static short pending(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	return poll(&pollfd, 1, 0) == 1 ? pollfd.revents : 0;
}

static uint32_t fetch(int fd)
{
	struct vmguestlib_events events = { .size = sizeof(events) };

	CHECK_EQ(request(fd, VMGUESTLIB_IOC_EVENTS, &events), 0);
	return events.out_events;
}

KTAP_TEST(events)
{
	int fd, watcher = open_device(O_RDONLY), other;
	struct pollfd pollfd = { .fd = watcher, .events = POLLPRI };

	fd = armed("mine", 2000, STOP);
	other = armed("other", 3600000, STOP);
	fetch(fd);
	fetch(other);
	pollfd.fd = fd;
	CHECK_EQ(poll(&pollfd, 1, 5000), 1);
	CHECK_EQ(pollfd.revents, POLLPRI);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK(!(fetch(other) & VMGUESTLIB_EVENT_EXPIRED));
	CHECK_EQ(fetch(fd) & VMGUESTLIB_EVENT_EXPIRED, VMGUESTLIB_EVENT_EXPIRED);
	CHECK_EQ(pending(fd), 0);
	CHECK_EQ(fetch(fd), 0);
	CHECK(!(fetch(watcher) & VMGUESTLIB_EVENT_EXPIRED));

	/* The status turns red one window after the last heartbeat. All files get this event. */
	pollfd.fd = watcher;
	CHECK_EQ(poll(&pollfd, 1, 70000), 1);
	CHECK_EQ(fetch(watcher), VMGUESTLIB_EVENT_STATUS);
	CHECK_EQ(fetch(other), VMGUESTLIB_EVENT_STATUS);
	CHECK_EQ(fetch(fd), VMGUESTLIB_EVENT_STATUS);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(disarm(other), 0);
	close(fd);
	close(other);
	close(watcher);
	check_clean();
}

static unsigned long long missed(void)
{
	return sysfs_number("heartbeat/missed");
}

KTAP_TEST(a_v_before_closing_disarms)
{
	static const struct {
		const char *writes[3];
		bool disarms;
	} cases[] = {
		{ { "V" }, true }, { { "abVcd" }, true }, { { "x", "V" }, true },
		{ { "V", "x" }, false }, { { "v" }, false }, { { "x" }, false },
		{ { NULL }, false },
	};
	unsigned long long before;
	size_t i, n;
	int fd;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = armed("magic", 60000, STOP);
		before = missed();
		for (n = 0; n < 3 && cases[i].writes[n]; n++)
			CHECK(write(fd, cases[i].writes[n],
				    strlen(cases[i].writes[n])) > 0);
		close(fd);
		CHECK_EQ(missed() - before, cases[i].disarms ? 0 : 1);
		CHECK_EQ(sysfs_number("heartbeat/clients"), !cases[i].disarms);
		if (!cases[i].disarms) {
			fd = open_device(O_RDWR);
			CHECK_EQ(clear(fd, "magic"), 0);
			close(fd);
		}
		check_clean();
	}
}

KTAP_TEST(a_v_of_an_earlier_client_does_not_count)
{
	unsigned long long before;
	int fd = open_device(O_RDWR);

	CHECK(write(fd, "V", 1) < 0 && errno == ENOTCONN);
	CHECK_EQ(arm(fd, "magic", 60000, STOP), 0);
	CHECK_EQ(write(fd, "V", 1), 1);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(arm(fd, "magic", 60000, STOP), 0);
	before = missed();
	close(fd);
	CHECK_EQ(missed() - before, 1);

	/*
	 * If a client has expired, the write of a V fails. The V has an effect nevertheless:
	 * close() disarms the client.
	 */
	fd = armed("magic", 1000, STOP);
	sleep_ms(1200);
	before = missed();
	CHECK(write(fd, "V", 1) < 0 && errno == ETIME);
	close(fd);
	CHECK_EQ(missed(), before);
	check_clean();
}

KTAP_TEST(bad_writes)
{
	void *volatile bad_address = (void *)BAD_ADDRESS;
	static char much[4097];
	int fd = armed("writer", 60000, STOP);

	CHECK(write(fd, bad_address, 1) < 0 && errno == EFAULT);
	CHECK_EQ(write(fd, much, 4096), 4096);
	CHECK(write(fd, much, 4097) < 0 && errno == EINVAL);
	CHECK_EQ(write(fd, "V", 1), 1);
	/* A write of 0 bytes is ignored, so the V is still in the last write. */
	CHECK_EQ(write(fd, "x", 0), 0);
	close(fd);
	check_clean();
}

KTAP_TEST(sysfs)
{
	int fd;

	CHECK_STR(file_text("heartbeat/enabled"), "0");
	CHECK_STR(file_text("heartbeat/status"), "Gray");
	CHECK_STR(file_text("heartbeat/interval_ms"), "10000");
	CHECK_STR(file_text("heartbeat/last_beat_age_ms"),
		  strerror(ENODATA));
	fd = armed("sysfs", 60000, STOP);
	CHECK_STR(file_text("heartbeat/enabled"), "1");
	CHECK_STR(file_text("heartbeat/status"), "Green");
	CHECK_STR(file_text("heartbeat/clients"), "1");
	sleep_ms(5000);
	CHECK(sysfs_number("heartbeat/last_beat_age_ms") >= 5000);
	CHECK(sysfs_number("heartbeat/last_beat_age_ms") < 5500);
	sleep_ms(5500);
	CHECK(sysfs_number("heartbeat/last_beat_age_ms") < 1500);
	CHECK_EQ(become(STRANGER), 0);
	CHECK_STR(file_text("heartbeat/status"), "Green");
	CHECK_EQ(file_write("heartbeat/pause_s", "1"), EACCES);
	CHECK_EQ(become(0), 0);
	CHECK_EQ(disarm(fd), 0);
	CHECK_STR(file_text("heartbeat/last_beat_age_ms"),
		  strerror(ENODATA));
	close(fd);
	check_clean();
}

KTAP_TEST(a_pause)
{
	static const char *const bad[] = { "x", "-1", "1 2", "0x10", "" "\n" };
	int fd, other;
	uint32_t left;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(file_write("heartbeat/pause_s", bad[i]), EINVAL);
	CHECK_EQ(file_write("heartbeat/pause_s", "86401"), ERANGE);
	CHECK_EQ(file_write("heartbeat/pause_s", "4294967296"), ERANGE);
	CHECK_EQ(sysfs_number("heartbeat/pause_s"), 0);

	fd = armed("worker", 5000, NEED_RESET);
	CHECK_EQ(file_write("heartbeat/pause_s", "86400"), 0);
	CHECK_EQ(sysfs_number("heartbeat/pause_s"), 86400);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_STR(file_text("heartbeat/enabled"), "0");
	sleep_ms(100000);
	CHECK_EQ(sysfs_number("heartbeat/pause_s"), 86300);
	CHECK_EQ(query(fd, &left), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(left, 5000);

	/* A client may be armed during a pause, unless it is exclusive. */
	other = open_device(O_RDWR);
	CHECK_EQ(arm_flags(other, "new", 5000, STOP,
			   VMGUESTLIB_HEARTBEAT_EXCLUSIVE), EBUSY);
	close(other);
	other = armed("new", 5000, STOP);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(file_write("heartbeat/pause_s", "10"), 0);
	sleep_ms(9000);
	CHECK_STR(ha_word("enabled"), "false");
	sleep_ms(1500);
	CHECK_EQ(sysfs_number("heartbeat/pause_s"), 0);
	CHECK_STR(ha_word("enabled"), "true");
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(state(other), VMGUESTLIB_HEARTBEAT_ARMED);

	/* Writing 0 ends the pause at once. */
	CHECK_EQ(file_write("heartbeat/pause_s", "100"), 0);
	sleep_ms(50000);
	CHECK_EQ(file_write("heartbeat/pause_s", "0"), 0);
	CHECK_EQ(sysfs_number("heartbeat/pause_s"), 0);
	CHECK_STR(ha_word("enabled"), "true");
	sleep_ms(4000);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(disarm(other), 0);
	close(fd);
	close(other);
	check_clean();
}

/* An application that is upgraded during a pause is stopped without V, and started again. */
KTAP_TEST(nothing_is_posted_during_a_pause)
{
	int fd = armed("upgraded", 5000, NEED_RESET);
	uint64_t from = host_now(), first;

	CHECK_EQ(file_write("heartbeat/pause_s", "100"), 0);
	close(fd);
	sleep_ms(50000);
	CHECK_EQ(ha_events("needReset", from, &first), 0);
	CHECK_EQ(ha_events("loggedReset", from, &first), 0);
	fd = armed("upgraded", 5000, NEED_RESET);
	CHECK_EQ(file_write("heartbeat/pause_s", "0"), 0);
	sleep_ms(4000);
	CHECK_EQ(ha_events("needReset", from, &first), 0);
	CHECK_STR(ha_word("status"), "green");
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

static int remove_module(void)
{
	return syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK) ? errno : 0;
}

KTAP_TEST(clients_pin_the_module)
{
	int fd = open_device(O_RDWR);

	orphan("pin", STOP);
	close(fd);
	CHECK_EQ(remove_module(), EAGAIN);
	fd = open_device(O_RDWR);
	CHECK_EQ(clear(fd, "pin"), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_ENABLE, NULL), 0);
	close(fd);
	CHECK_EQ(remove_module(), EAGAIN);
	fd = open_device(O_RDWR);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(remove_module(), 0);
	CHECK_EQ(channels(), 0);
	CHECK_EQ(system("modprobe vmguestlib"), 0);
	CHECK_EQ(channels(), 0);
	count_channels();
}

KTAP_TEST(a_host_that_knows_no_monitoring)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = "OK";
	int fd = open_device(O_RDWR);
	uint32_t op;

	CHECK(host_set("vmxsim.ha.known", "FALSE"));
	CHECK_EQ(arm(fd, "refused", 5000, STOP), EOPNOTSUPP);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_EQ(sysfs_number("heartbeat/clients"), 0);
	for (op = VMGUESTLIB_APPMON_ENABLE;
	     op <= VMGUESTLIB_APPMON_POST_STATE; op++)
		CHECK_EQ(appmon(fd, op, text),
			 EOPNOTSUPP);
	CHECK_STR(file_text("heartbeat/enabled"), strerror(EOPNOTSUPP));
	CHECK_STR(file_text("heartbeat/status"), strerror(EOPNOTSUPP));
	CHECK(host_set("vmxsim.ha.known", "TRUE"));
	CHECK_EQ(arm(fd, "accepted", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	CHECK(choose_transport("auto"));
	close(fd);
	check_clean();
}

/* The host refuses unprivileged senders, and over the backdoor no sender is privileged. */
KTAP_TEST(a_host_without_privileged_senders)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = "OK";
	int fd = open_device(O_RDWR);
	uint32_t op;

	CHECK(choose_transport("backdoor"));
	CHECK(host_set("guest_rpc.rpci.auth.app.APP_MONITOR", "TRUE"));
	CHECK_EQ(arm(fd, "refused", 5000, STOP), EPERM);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	for (op = VMGUESTLIB_APPMON_ENABLE;
	     op <= VMGUESTLIB_APPMON_POST_STATE; op++)
		CHECK_EQ(appmon(fd, op, text),
			 op == VMGUESTLIB_APPMON_MARK_ACTIVE ? EACCES : EPERM);
	CHECK(choose_transport("auto"));
	CHECK_EQ(arm(fd, "trusted", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	CHECK(choose_transport("backdoor"));
	CHECK(host_set("guest_rpc.rpci.auth.app.APP_MONITOR", "FALSE"));
	CHECK_EQ(arm(fd, "accepted", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

/* ESXi 4.1 does not know PostAppState. After a vMotion the module tries PostAppState again. */
KTAP_TEST(the_next_host_takes_states)
{
	int fd;

	CHECK(host_set("vmxsim.host", "4.1"));
	orphan("dead", NEED_RESET);
	sleep_ms(2000);
	CHECK(strcmp(ha_word("state"), "needReset"));
	CHECK(host_set("vmxsim.host", "8.0"));
	CHECK(host("vmotion"));
	sleep_ms(32000);
	CHECK_STR(ha_word("state"), "needReset");
	fd = open_device(O_RDWR);
	CHECK_EQ(clear(fd, "dead"), 0);
	CHECK_STR(ha_word("state"), "ok");
	close(fd);
	check_clean();
}

/* The module sends Disable even if the host has not answered PostAppState OK before. */
KTAP_TEST(a_refused_state_does_not_hold_up_disable)
{
	int fd = open_device(O_RDWR);

	orphan("dead", NEED_RESET);
	sleep_ms(1000);
	CHECK_STR(ha_word("state"), "needReset");
	CHECK(host("fault match=GuestAppMonitor.Cmd.Post times=1000 noreply"));
	CHECK_EQ(clear(fd, "dead"), 0);
	sleep_ms(5000);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK(host("fault clear"));
	sleep_ms(5000);
	CHECK_EQ(post(fd, "OK"), 0);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	check_clean();
}

/* The module repeats Disable at intervals that grow to 60 s, and sends no Enable meanwhile. */
KTAP_TEST(a_host_that_answers_nonsense_to_disable)
{
	static const char *const faults[] = {
		"fault match=GuestAppMonitor.Cmd.Disable times=1000 random 7",
		"fault match=GuestAppMonitor.Cmd.IsEnabled times=1000 truncate 1",
	};
	unsigned long long before;
	uint64_t from, first;
	int fd = armed("last", 5000, STOP);

	CHECK(host(faults[0]));
	CHECK(host(faults[1]));
	before = sysfs_number("rpc/requests");
	from = host_now();
	CHECK_EQ(disarm(fd), 0);
	sleep_ms(600000);
	CHECK(sysfs_number("rpc/requests") - before >= 12);
	CHECK(sysfs_number("rpc/requests") - before <= 20);
	CHECK_EQ(ha_events("enabled", from, &first), 0);
	CHECK_EQ(ha_events("loggedReset", from, &first), 0);

	/* While the answers are malformed, no client can be armed. */
	CHECK_EQ(arm(fd, "next", 5000, STOP), EPROTO);
	CHECK_EQ(ha_events("enabled", from, &first), 0);
	CHECK(host("fault clear"));
	CHECK_EQ(arm(fd, "next", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(the_client_of_the_sdk),
	KTAP_ENTRY(words_of_the_state),
	KTAP_ENTRY(words_of_the_state_for_every_host),
	KTAP_ENTRY(the_worst_state_is_posted),
	KTAP_ENTRY(exclusive),
	KTAP_ENTRY(exclusive_at_the_same_moment_as_the_sdk),
	KTAP_ENTRY(events),
	KTAP_ENTRY(a_v_before_closing_disarms),
	KTAP_ENTRY(a_v_of_an_earlier_client_does_not_count),
	KTAP_ENTRY(bad_writes),
	KTAP_ENTRY(sysfs),
	KTAP_ENTRY(a_pause),
	KTAP_ENTRY(nothing_is_posted_during_a_pause),
	KTAP_ENTRY(clients_pin_the_module),
	KTAP_ENTRY(a_host_that_knows_no_monitoring),
	KTAP_ENTRY(a_host_without_privileged_senders),
	KTAP_ENTRY(the_next_host_takes_states),
	KTAP_ENTRY(a_refused_state_does_not_hold_up_disable),
	KTAP_ENTRY(a_host_that_answers_nonsense_to_disable),
};

int main(void)
{
	count_channels();
	return KTAP_MAIN(tests);
}
