// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Valid and invalid arguments of each request that "DOC: heartbeats and application
 * monitoring" in uapi/linux/vmguestlib.h documents. heartbeat_abi.sh runs this program as root
 * in a guest. When the HA agent would reset the guest, it only writes to its log.
 */
#include "heartbeat_rules.h"

#define BAD_ADDRESS	1

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
	/* Clearing a client needs a capability of the caller, but no file opened for writing. */
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
	/* Through the file of the expired client, only a client with the same name can be armed. */
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

	/* A new client replaces an expired client even if the old client's file is still open. */
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
};

int main(void)
{
	count_channels();
	return KTAP_MAIN(tests);
}
