// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * "DOC: heartbeats and application monitoring" of uapi/linux/vmguestlib.h, seen
 * from a program: right and wrong arguments of every request and of write().
 * Built for 64 and 32 bits. Runs as root, with an agent that only writes its log.
 */
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "heartbeat.h"
#include "ktap.h"

#define MEMBER		1001	/* in group vmguestlib */
#define STRANGER	1000
#define GROUP		990	/* vmguestlib */
#define BAD_ADDRESS	1

static uint64_t channels_before;

/* What every test leaves behind: nobody, here and at the host. */
static void check_clean(void)
{
	CHECK_EQ(sysfs_number("heartbeat/clients"), 0);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(channels(), channels_before);
}

/* Readers keep their channel, and not more. */
static void count_channels(void)
{
	int fd = open_device(O_RDWR);

	file_text("heartbeat/status");
	appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL);
	close(fd);
	channels_before = channels();
}

static int become(unsigned int uid)
{
	return seteuid(0) || setegid(uid == MEMBER ? GROUP : uid) || seteuid(uid);
}

static int armed(const char *name, uint32_t deadline_ms, uint32_t action)
{
	int fd = open_device(O_RDWR);

	CHECK_EQ(arm(fd, name, deadline_ms, action), 0);
	return fd;
}

/* An orphan of that name, left by a crash. */
static void orphan(const char *name, uint32_t action)
{
	close(armed(name, 60000, action));
}

static const struct {
	const char *name;
	unsigned long number;
	uint32_t size;
} requests[] = {
	{ "ARM", VMGUESTLIB_IOC_HEARTBEAT_ARM,
	  sizeof(struct vmguestlib_heartbeat_arm) },
	{ "BEAT", VMGUESTLIB_IOC_HEARTBEAT_BEAT,
	  sizeof(struct vmguestlib_heartbeat) },
	{ "DISARM", VMGUESTLIB_IOC_HEARTBEAT_DISARM,
	  sizeof(struct vmguestlib_heartbeat) },
	{ "QUERY", VMGUESTLIB_IOC_HEARTBEAT_QUERY,
	  sizeof(struct vmguestlib_heartbeat) },
	{ "LIST", VMGUESTLIB_IOC_HEARTBEAT_LIST,
	  sizeof(struct vmguestlib_heartbeat_list) },
	{ "CLEAR", VMGUESTLIB_IOC_HEARTBEAT_CLEAR,
	  sizeof(struct vmguestlib_heartbeat_clear) },
	{ "APPMON", VMGUESTLIB_IOC_APPMON, sizeof(struct vmguestlib_appmon) },
};

KTAP_TEST(sizes_and_flags_of_every_request)
{
	uint32_t page[2048];
	int fd = open_device(O_RDWR);
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		printf("# %s\n", requests[i].name);
		memset(page, 0, sizeof(page));
		CHECK_EQ(request(fd, requests[i].number, NULL), EFAULT);
		CHECK_EQ(request(fd, requests[i].number, page), EINVAL);
		page[0] = requests[i].size - 1;
		CHECK_EQ(request(fd, requests[i].number, page), EINVAL);
		page[0] = 4097;
		CHECK_EQ(request(fd, requests[i].number, page), E2BIG);
		page[0] = requests[i].size + 4;
		page[requests[i].size / 4] = 1;
		CHECK_EQ(request(fd, requests[i].number, page), E2BIG);
		page[0] = requests[i].size;
		page[1] = 0x80000000;
		CHECK_EQ(request(fd, requests[i].number, page), EOPNOTSUPP);
		page[1] = 2;
		CHECK_EQ(request(fd, requests[i].number, page), EOPNOTSUPP);
	}
	close(fd);
	check_clean();
}

KTAP_TEST(a_longer_argument_with_an_empty_tail_is_taken)
{
	uint32_t page[1024] = { 4096 };
	struct vmguestlib_heartbeat_arm *arg = (void *)page;
	struct vmguestlib_heartbeat *heartbeat = (void *)page;
	int fd = open_device(O_RDWR);

	strcpy(arg->name, "long");
	arg->deadline_ms = 5000;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, page), 0);
	CHECK_EQ(page[0], 4096);
	memset(page, 0, sizeof(page));
	page[0] = 4096;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_QUERY, page), 0);
	CHECK_EQ(heartbeat->out_state, VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK(heartbeat->out_remaining_ms > 4000);
	CHECK(heartbeat->out_remaining_ms <= 5000);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

static int try_name(const char *name)
{
	int fd = open_device(O_RDWR), error = arm(fd, name, 5000, STOP);

	CHECK_EQ(state(fd), error ? VMGUESTLIB_HEARTBEAT_UNARMED :
				    VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(fd), error ? ENOTCONN : 0);
	close(fd);
	return error;
}

KTAP_TEST(names)
{
	static const char *const good[] = {
		"a", "0", "._@:-", "Api", "api2", "ap", "watchdog0", "WATCHDOG",
		"abcdefghijklmnopqrstuvwxyz01234", "ABCDEFGHIJKLMNOPQRSTUVWXYZ56789",
	};
	static const char *const bad[] = {
		"", "api", "watchdog", " ", "a b", "a/b", "a\n", "a\x7f", "a\xc3\xa4",
		"\x80", "a,b", "a+b", "a%b", "a\tb", "a\x01",
		"abcdefghijklmnopqrstuvwxyz012345",
		"abcdefghijklmnopqrstuvwxyz0123456789",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!CHECK_EQ(try_name(good[i]), 0))
			printf("# \"%s\"\n", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK_EQ(try_name(bad[i]), EINVAL))
			printf("# \"%s\"\n", bad[i]);
	check_clean();
}

KTAP_TEST(every_byte_in_a_name)
{
	char name[] = "x?";
	int c;

	for (c = 1; c < 256; c++) {
		name[1] = (char)c;
		if (!CHECK_EQ(try_name(name),
			      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			      (c >= 'A' && c <= 'Z') || strchr("._@:-", c) ?
			      0 : EINVAL))
			printf("# byte 0x%02x\n", c);
	}
	check_clean();
}

KTAP_TEST(deadlines_and_actions)
{
	static const struct {
		uint32_t deadline_ms, action;
		int error;
	} cases[] = {
		{ 0, STOP, EINVAL }, { 1, STOP, EINVAL }, { 999, STOP, EINVAL },
		{ 1000, STOP, 0 }, { 3600000, NEED_RESET, 0 },
		{ 3600001, STOP, EINVAL }, { UINT32_MAX, STOP, EINVAL },
		{ 5000, 2, EINVAL }, { 5000, UINT32_MAX, EINVAL },
	};
	int fd = open_device(O_RDWR);
	uint32_t remaining;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQ(arm(fd, "limits", cases[i].deadline_ms,
			     cases[i].action), cases[i].error);
		if (cases[i].error)
			continue;
		CHECK_EQ(query(fd, &remaining), VMGUESTLIB_HEARTBEAT_ARMED);
		CHECK(remaining <= cases[i].deadline_ms);
		CHECK(remaining + 500 > cases[i].deadline_ms);
		CHECK_EQ(disarm(fd), 0);
	}
	close(fd);
	check_clean();
}

KTAP_TEST(a_file_opened_for_reading)
{
	int fd = open_device(O_RDONLY);
	uint32_t op;

	CHECK_EQ(arm(fd, "reader", 5000, STOP), EPERM);
	CHECK_EQ(beat(fd), EPERM);
	CHECK_EQ(disarm(fd), EPERM);
	for (op = VMGUESTLIB_APPMON_ENABLE;
	     op <= VMGUESTLIB_APPMON_POST_STATE; op++)
		CHECK_EQ(appmon(fd, op, NULL), EPERM);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_EQ(list_clients(fd, NULL, 0), 0);
	CHECK(write(fd, "x", 1) < 0 && errno == EBADF);
	/* Clearing is about the caller, not about the file. */
	CHECK_EQ(clear(fd, "reader"), ENOENT);
	close(fd);
	check_clean();
}

KTAP_TEST(no_client)
{
	int fd = open_device(O_RDWR);

	CHECK_EQ(beat(fd), ENOTCONN);
	CHECK_EQ(disarm(fd), ENOTCONN);
	CHECK(write(fd, "x", 1) < 0 && errno == ENOTCONN);
	CHECK_EQ(write(fd, "x", 0), 0);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_MARK_ACTIVE, NULL), EACCES);
	close(fd);
	check_clean();
}

KTAP_TEST(a_file_is_one_client_and_a_name_is_one_client)
{
	int first = armed("first", 5000, STOP), second = open_device(O_RDWR);

	CHECK_EQ(arm(first, "other", 5000, STOP), EALREADY);
	CHECK_EQ(arm(first, "first", 5000, STOP), EALREADY);
	CHECK_EQ(arm(second, "first", 5000, STOP), EEXIST);
	CHECK_EQ(arm(second, "second", 5000, STOP), 0);
	CHECK_EQ(sysfs_number("heartbeat/clients"), 2);
	CHECK_EQ(disarm(first), 0);
	CHECK_STR(ha_word("enabled"), "true");
	CHECK_EQ(disarm(second), 0);
	CHECK_EQ(disarm(second), ENOTCONN);
	close(first);
	close(second);
	check_clean();
}

KTAP_TEST(expired)
{
	int fd = armed("late", 1000, STOP);
	uint32_t remaining;

	sleep_ms(500);
	CHECK_EQ(beat(fd), 0);
	sleep_ms(900);
	CHECK_EQ(write(fd, "ab", 2), 2);
	sleep_ms(900);
	CHECK_EQ(query(fd, &remaining), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK(remaining && remaining <= 100);
	sleep_ms(200);
	CHECK_EQ(query(fd, &remaining), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(remaining, 0);
	CHECK_EQ(beat(fd), ETIME);
	CHECK(write(fd, "x", 1) < 0 && errno == ETIME);
	CHECK_EQ(arm(fd, "other", 5000, STOP), EALREADY);
	CHECK_STR(file_text("heartbeat/last_missed"), "late");
	/* The own one as well is taken over by its name. */
	CHECK_EQ(arm(fd, "late", 5000, STOP), 0);
	CHECK_EQ(beat(fd), 0);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

KTAP_TEST(takeover)
{
	int fd = open_device(O_RDWR), old;

	orphan("root", STOP);
	CHECK_EQ(become(MEMBER), 0);
	CHECK_EQ(arm(fd, "root", 5000, STOP), EPERM);
	orphan("member", STOP);
	CHECK_EQ(arm(fd, "member", 5000, STOP), 0);
	CHECK_EQ(arm(fd, "root", 5000, STOP), EALREADY);
	CHECK_EQ(beat(fd), 0);
	CHECK_EQ(disarm(fd), 0);
	orphan("member", STOP);
	CHECK_EQ(become(0), 0);
	CHECK_EQ(arm(fd, "member", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(arm(fd, "root", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);

	/* Its file need not be closed. */
	old = armed("held", 1000, STOP);
	sleep_ms(1200);
	CHECK_EQ(arm(fd, "held", 5000, STOP), 0);
	CHECK_EQ(beat(old), ENOTCONN);
	CHECK_EQ(disarm(old), ENOTCONN);
	CHECK_EQ(state(old), VMGUESTLIB_HEARTBEAT_UNARMED);
	close(old);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

KTAP_TEST(clearing)
{
	int fd = open_device(O_RDWR), live = armed("live", 60000, STOP);

	orphan("dead", STOP);
	CHECK_EQ(become(MEMBER), 0);
	CHECK_EQ(clear(fd, "dead"), EPERM);
	CHECK_EQ(clear(fd, "none"), EPERM);
	CHECK_EQ(become(0), 0);
	CHECK_EQ(clear(fd, "none"), ENOENT);
	CHECK_EQ(clear(fd, ""), ENOENT);
	CHECK_EQ(clear(fd, "api"), ENOENT);
	CHECK_EQ(clear(fd, "abcdefghijklmnopqrstuvwxyz0123456789"), EINVAL);
	CHECK_EQ(clear(fd, "live"), EBUSY);
	CHECK_EQ(clear(fd, "dead"), 0);
	CHECK_EQ(clear(fd, "dead"), ENOENT);
	CHECK_EQ(disarm(live), 0);
	close(live);
	close(fd);
	check_clean();
}

KTAP_TEST(list)
{
	struct vmguestlib_heartbeat_client clients[4] = {};
	struct vmguestlib_heartbeat_list arg = { .size = sizeof(arg) };
	int fd, other;

	CHECK_EQ(become(MEMBER), 0);
	fd = armed("abcdefghijklmnopqrstuvwxyz01234", 5000, NEED_RESET);
	CHECK_EQ(become(0), 0);
	other = armed("second", 1000, STOP);
	sleep_ms(1200);

	CHECK_EQ(list_clients(fd, NULL, 0), 2);
	CHECK_EQ(list_clients(fd, NULL, 100), 2);
	CHECK_EQ(list_clients(fd, clients, 0), 2);
	CHECK_STR(clients[0].name, "");
	CHECK_EQ(list_clients(fd, clients, 1), 2);
	CHECK_STR(clients[0].name, "abcdefghijklmnopqrstuvwxyz01234");
	CHECK_STR(clients[1].name, "");
	CHECK_EQ(list_clients(fd, clients, 4), 2);
	CHECK_EQ(clients[0].kind, VMGUESTLIB_HEARTBEAT_KIND_FILE);
	CHECK_EQ(clients[0].state, VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(clients[0].action, NEED_RESET);
	CHECK_EQ(clients[0].uid, MEMBER);
	CHECK_EQ(clients[0].deadline_ms, 5000);
	CHECK(clients[0].remaining_ms <= 3800 && clients[0].remaining_ms > 3000);
	CHECK_STR(clients[1].name, "second");
	CHECK_EQ(clients[1].state, VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(clients[1].action, STOP);
	CHECK_EQ(clients[1].uid, 0);
	CHECK_EQ(clients[1].remaining_ms, 0);
	CHECK_STR(clients[2].name, "");

	arg.clients = BAD_ADDRESS;
	arg.clients_len = 2;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg), EFAULT);
	arg.clients_len = 0;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg), 0);
	arg.clients = UINT64_MAX - 4;
	arg.clients_len = UINT32_MAX;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg), EFAULT);
	arg.__reserved = 1;
	CHECK_EQ(request(fd, VMGUESTLIB_IOC_HEARTBEAT_LIST, &arg), EINVAL);

	CHECK_EQ(disarm(fd), 0);
	CHECK_EQ(disarm(other), 0);
	close(fd);
	close(other);
	check_clean();
}

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
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(post(fd, bad[i]), EINVAL);
	CHECK_STR(file_text("heartbeat/app_state"), "none");
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
	/* A Disable releases the channel. */
	CHECK_EQ(appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL), 0);
	close(fd);
	check_clean();
}

/* Which of the two spellings a host takes is not known. */
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

/* A good word of the SDK does not speak for a client that is dead. */
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

	/* The status is told to all: red, seen within a window. */
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

KTAP_TEST(a_v_of_an_earlier_life_does_not_count)
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

	/* On one that has expired it does. */
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
	/* No beat and no V: nothing was written. */
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
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_ARMED);

	/* Who comes meanwhile is welcome. */
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

	/* 0 ends it at once. */
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

/* Maintenance stops applications, and the machine must not be reset for that. */
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
	CHECK_EQ(arm(fd, "nobody", 5000, STOP), EOPNOTSUPP);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_EQ(sysfs_number("heartbeat/clients"), 0);
	for (op = VMGUESTLIB_APPMON_ENABLE;
	     op <= VMGUESTLIB_APPMON_POST_STATE; op++)
		CHECK_EQ(appmon(fd, op, text),
			 op == VMGUESTLIB_APPMON_MARK_ACTIVE ? EACCES :
							       EOPNOTSUPP);
	CHECK_STR(file_text("heartbeat/enabled"), strerror(EOPNOTSUPP));
	CHECK_STR(file_text("heartbeat/status"), strerror(EOPNOTSUPP));
	CHECK(host_set("vmxsim.ha.known", "TRUE"));
	CHECK_EQ(arm(fd, "somebody", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

/* The module asks for nothing as a privileged sender. */
KTAP_TEST(a_host_that_trusts_nobody)
{
	char text[VMGUESTLIB_APPMON_TEXT_SIZE] = "OK";
	int fd = open_device(O_RDWR);
	uint32_t op;

	CHECK(host_set("guest_rpc.rpci.auth.app.APP_MONITOR", "TRUE"));
	CHECK_EQ(arm(fd, "nobody", 5000, STOP), EPERM);
	CHECK_EQ(state(fd), VMGUESTLIB_HEARTBEAT_UNARMED);
	for (op = VMGUESTLIB_APPMON_ENABLE;
	     op <= VMGUESTLIB_APPMON_POST_STATE; op++)
		CHECK_EQ(appmon(fd, op, text),
			 op == VMGUESTLIB_APPMON_MARK_ACTIVE ? EACCES : EPERM);
	CHECK(host_set("guest_rpc.rpci.auth.app.APP_MONITOR", "FALSE"));
	CHECK_EQ(arm(fd, "somebody", 5000, STOP), 0);
	CHECK_EQ(disarm(fd), 0);
	close(fd);
	check_clean();
}

/* What the next host knows is learned there. */
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

/* A host that does not take the state must still be told to disable. */
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

static const struct ktap_test tests[] = {
	KTAP_ENTRY(sizes_and_flags_of_every_request),
	KTAP_ENTRY(a_longer_argument_with_an_empty_tail_is_taken),
	KTAP_ENTRY(names),
	KTAP_ENTRY(every_byte_in_a_name),
	KTAP_ENTRY(deadlines_and_actions),
	KTAP_ENTRY(a_file_opened_for_reading),
	KTAP_ENTRY(no_client),
	KTAP_ENTRY(a_file_is_one_client_and_a_name_is_one_client),
	KTAP_ENTRY(expired),
	KTAP_ENTRY(takeover),
	KTAP_ENTRY(clearing),
	KTAP_ENTRY(list),
	KTAP_ENTRY(the_client_of_the_sdk),
	KTAP_ENTRY(words_of_the_state),
	KTAP_ENTRY(words_of_the_state_for_every_host),
	KTAP_ENTRY(the_worst_state_is_posted),
	KTAP_ENTRY(exclusive),
	KTAP_ENTRY(events),
	KTAP_ENTRY(a_v_before_closing_disarms),
	KTAP_ENTRY(a_v_of_an_earlier_life_does_not_count),
	KTAP_ENTRY(bad_writes),
	KTAP_ENTRY(sysfs),
	KTAP_ENTRY(a_pause),
	KTAP_ENTRY(nothing_is_posted_during_a_pause),
	KTAP_ENTRY(clients_pin_the_module),
	KTAP_ENTRY(a_host_that_knows_no_monitoring),
	KTAP_ENTRY(a_host_that_trusts_nobody),
	KTAP_ENTRY(the_next_host_takes_states),
	KTAP_ENTRY(a_refused_state_does_not_hold_up_disable),
};

int main(void)
{
	count_channels();
	if (channels_before > 1) {
		printf("Bail out! %d channels for a reader\n",
		       (int)channels_before);
		return 1;
	}
	return KTAP_MAIN(tests);
}
