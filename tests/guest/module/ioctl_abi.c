// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Valid and invalid arguments of the requests for statistics and events, with the results that
 * uapi/linux/vmguestlib.h documents. device.sh builds this program for 64 and 32 bits, and
 * runs it as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vmguestlib.h>

#include "ktap.h"

#define DEVICE		"/dev/vmguestlib"
#define NOBODY		65534
#define BAD_ADDRESS	1

static int fd;

static uint64_t address(void *pointer)
{
	return (uintptr_t)pointer;
}

/* Returns 0 or the error number. */
static int request(unsigned long number, void *arg)
{
	return ioctl(fd, number, arg) ? errno : 0;
}


static const struct {
	const char *name;
	unsigned long number;
	uint32_t size;
	/* Length of the first version of the argument, if that was shorter; else 0 */
	uint32_t first;
} requests[] = {
	{ "ABI_INFO", VMGUESTLIB_IOC_ABI_INFO,
	  sizeof(struct vmguestlib_abi_info), 32 },
	{ "GET_INFO", VMGUESTLIB_IOC_GET_INFO,
	  sizeof(struct vmguestlib_get_info) },
	{ "STAT_GET", VMGUESTLIB_IOC_STAT_GET,
	  sizeof(struct vmguestlib_stat_get) },
	{ "HOST_TIME", VMGUESTLIB_IOC_HOST_TIME,
	  sizeof(struct vmguestlib_host_time) },
	{ "CPU_SPEED", VMGUESTLIB_IOC_CPU_SPEED,
	  sizeof(struct vmguestlib_cpu_speed) },
	{ "WATCH", VMGUESTLIB_IOC_WATCH, sizeof(struct vmguestlib_watch) },
	{ "EVENTS", VMGUESTLIB_IOC_EVENTS, sizeof(struct vmguestlib_events) },
};

#define REQUESTS	(sizeof(requests) / sizeof(requests[0]))

/* Returns a page of zeroes that begins with the size: an argument for each request. */
static uint32_t *blank(uint32_t size)
{
	static uint32_t page[2048];

	memset(page, 0, sizeof(page));
	page[0] = size;
	return page;
}

/*
 * Returns whether the module accepted the size of the argument. STAT_GET without room for a
 * reply then returns ENOSPC.
 */
static bool accepted(int error)
{
	return error == 0 || error == ENOSPC;
}

KTAP_TEST(sizes)
{
	size_t i;

	for (i = 0; i < REQUESTS; i++) {
		unsigned long number = requests[i].number;
		uint32_t size = requests[i].size;
		uint32_t first = requests[i].first ? requests[i].first : size;

		CHECK_EQ(request(number, blank(0)), EINVAL);
		CHECK_EQ(request(number, blank(first - 1)), EINVAL);
		CHECK(accepted(request(number, blank(first))));
		CHECK(accepted(request(number, blank(size))));
		CHECK(accepted(request(number, blank(size + 8))));
		CHECK(accepted(request(number, blank(4096))));
		CHECK_EQ(request(number, blank(4097)), E2BIG);
		CHECK_EQ(request(number, blank(UINT32_MAX)), E2BIG);
	}
}

KTAP_TEST(unknown_tail_must_be_zero)
{
	size_t i;

	for (i = 0; i < REQUESTS; i++) {
		uint32_t *arg = blank(requests[i].size + 8);

		arg[requests[i].size / 4 + 1] = 1;
		CHECK_EQ(request(requests[i].number, arg), E2BIG);
	}
}

KTAP_TEST(tail_and_size_are_left_alone)
{
	uint32_t *arg = blank(sizeof(struct vmguestlib_abi_info) + 8);

	CHECK_EQ(request(VMGUESTLIB_IOC_ABI_INFO, arg), 0);
	CHECK_EQ(arg[0], sizeof(struct vmguestlib_abi_info) + 8);
	CHECK_EQ(arg[sizeof(struct vmguestlib_abi_info) / 4], 0);
}

KTAP_TEST(flags_must_be_known)
{
	size_t i;

	for (i = 0; i < REQUESTS; i++) {
		uint32_t *arg = blank(requests[i].size);

		arg[1] = 1;
		CHECK_EQ(request(requests[i].number, arg), EOPNOTSUPP);
	}
}

KTAP_TEST(unreadable_arguments)
{
	long page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (!CHECK(pages != MAP_FAILED))
		return;
	CHECK_EQ(mprotect(pages + page, page, PROT_NONE), 0);
	for (i = 0; i < REQUESTS; i++) {
		uint32_t *across = (uint32_t *)(pages + page - 8);

		across[0] = requests[i].size;
		across[1] = 0;
		CHECK_EQ(request(requests[i].number, NULL), EFAULT);
		CHECK_EQ(request(requests[i].number, across), EFAULT);
	}
	munmap(pages, 2 * page);
}

KTAP_TEST(unknown_numbers)
{
	CHECK_EQ(request(_IO(VMGUESTLIB_IOC_MAGIC, 127), blank(64)), ENOTTY);
	CHECK_EQ(request(_IO(VMGUESTLIB_IOC_MAGIC, 255), blank(64)), ENOTTY);
	CHECK_EQ(request(_IOR(VMGUESTLIB_IOC_MAGIC, 0, int), blank(64)),
		 ENOTTY);
	CHECK_EQ(request(_IO(VMGUESTLIB_IOC_MAGIC + 1, 0), blank(64)), ENOTTY);
}

KTAP_TEST(abi_info)
{
	struct vmguestlib_abi_info info = { .size = sizeof(info) };
	size_t i;

	CHECK_EQ(request(VMGUESTLIB_IOC_ABI_INFO, &info), 0);
	CHECK_EQ(info.out_abi_version, VMGUESTLIB_ABI_VERSION);
	CHECK_EQ(info.out_num_stats, VMGUESTLIB_STAT_END - 1);
	CHECK_EQ(info.out_reply_max, VMGUESTLIB_REPLY_MAX);
	CHECK_EQ(info.out_min_interval_ms, 100);
	for (i = 0; i < REQUESTS; i++)
		CHECK(info.out_requests & 1ull << _IOC_NR(requests[i].number));
}

KTAP_TEST(get_info_arrays)
{
	struct vmguestlib_value values[VMGUESTLIB_STAT_END + 2];
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.values = address(values),
		.values_len = 5,
	};

	memset(values, 0x5a, sizeof(values));
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_EQ(info.values_len, VMGUESTLIB_STAT_END);
	CHECK_EQ(values[0].state, VMGUESTLIB_VALUE_NOT_SENT);
	CHECK_EQ(values[4].state, VMGUESTLIB_VALUE_GIVEN);
	CHECK_EQ(values[4].__reserved, 0);
	CHECK_EQ(values[5].state, 0x5a5a5a5a);

	info.values_len = VMGUESTLIB_STAT_END + 2;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_EQ(info.values_len, VMGUESTLIB_STAT_END);
	CHECK_EQ(values[VMGUESTLIB_STAT_ELAPSED_MS].state,
		 VMGUESTLIB_VALUE_GIVEN);
	CHECK_EQ(values[VMGUESTLIB_STAT_END].state, 0x5a5a5a5a);
	CHECK(info.out_session_id);
	CHECK(info.out_time_ns);

	info.values = BAD_ADDRESS;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), EFAULT);
	info.values = 0;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
}

KTAP_TEST(get_info_path)
{
	char path[64] = "unchanged", whole[1024];
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.path = address(whole),
		.path_len = sizeof(whole),
	};
	uint32_t need;

	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	need = info.path_len;
	if (!CHECK(need > 5 && need <= sizeof(path)))
		return;
	CHECK_EQ(strlen(whole) + 1, need);

	info.path = address(path);
	info.path_len = 4;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_EQ(info.path_len, need);
	CHECK(!memcmp(path, whole, 4) && path[4] == 'a');

	info.path_len = need - 1;
	path[need - 1] = 'x';
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_EQ(path[need - 1], 'x');

	info.path_len = need;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), 0);
	CHECK_STR(path, whole);

	info.path = BAD_ADDRESS;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &info), EFAULT);
}

KTAP_TEST(get_info_age)
{
	struct vmguestlib_get_info first = { .size = sizeof(first) };
	struct vmguestlib_get_info second = {
		.size = sizeof(second),
		.max_age_ms = 3600000,
	};

	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &first), 0);
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &second), 0);
	CHECK_EQ(second.out_time_ns, first.out_time_ns);
	second.max_age_ms = 0;
	CHECK_EQ(request(VMGUESTLIB_IOC_GET_INFO, &second), 0);
	CHECK(second.out_time_ns > first.out_time_ns);
}

static int stat_get(const char *encoding, const char *stat,
		    struct vmguestlib_stat_get *get)
{
	get->size = sizeof(*get);
	get->encoding = address((void *)encoding);
	get->encoding_len = strlen(encoding);
	get->stat = address((void *)stat);
	get->stat_len = strlen(stat);
	return request(VMGUESTLIB_IOC_STAT_GET, get);
}

KTAP_TEST(stat_get_reply)
{
	char reply[4096] = "", part[8] = "unhurt";
	struct vmguestlib_stat_get get = {
		.reply = address(reply),
		.reply_len = sizeof(reply),
	};
	uint32_t len;

	CHECK_EQ(stat_get("text", "session", &get), 0);
	CHECK_EQ(get.out_reply, VMGUESTLIB_REPLY_OK);
	CHECK(!strncmp(reply, "session = ", 10));
	len = get.reply_len;

	get.reply = address(part);
	get.reply_len = sizeof(part);
	CHECK_EQ(stat_get("text", "session", &get), ENOSPC);
	CHECK_EQ(get.out_reply, VMGUESTLIB_REPLY_OK);
	CHECK(get.reply_len + 16 > len);
	CHECK_STR(part, "unhurt");

	get.reply = BAD_ADDRESS;
	get.reply_len = sizeof(reply);
	CHECK_EQ(stat_get("text", "session", &get), EFAULT);

	get.reply = address(reply);
	get.reply_len = sizeof(reply);
	CHECK_EQ(stat_get("text", "no such thing", &get), 0);
	CHECK_EQ(get.out_reply, VMGUESTLIB_REPLY_REFUSED);
	CHECK(get.reply_len > 0);
}

/* The request "guestlib.stat.get ENCODING STAT" may have 255 bytes, but not 256. */
KTAP_TEST(stat_get_request_length)
{
	const size_t room = VMGUESTLIB_STAT_REQUEST_MAX -
			    strlen("guestlib.stat.get text ");
	char name[512], reply[4096];
	struct vmguestlib_stat_get get = {
		.reply = address(reply),
		.reply_len = sizeof(reply),
	};

	memset(name, 'n', sizeof(name));
	name[room] = '\0';
	CHECK_EQ(stat_get("text", name, &get), 0);
	CHECK_EQ(get.out_reply, VMGUESTLIB_REPLY_REFUSED);
	name[room] = 'n';
	name[room + 1] = '\0';
	CHECK_EQ(stat_get("text", name, &get), ENAMETOOLONG);
	name[room + 1] = 'n';
	name[300] = '\0';
	CHECK_EQ(stat_get("text", name, &get), ENAMETOOLONG);
	CHECK_EQ(stat_get(name, "", &get), ENAMETOOLONG);

	get.stat = BAD_ADDRESS;
	get.encoding_len = 0;
	get.stat_len = 1;
	CHECK_EQ(request(VMGUESTLIB_IOC_STAT_GET, &get), EFAULT);
	get.encoding_len = UINT32_MAX;
	get.stat_len = UINT32_MAX;
	CHECK_EQ(request(VMGUESTLIB_IOC_STAT_GET, &get), ENAMETOOLONG);
}

static int raw_rpc(void *bytes, uint32_t len, struct vmguestlib_rpc *rpc)
{
	rpc->size = sizeof(*rpc);
	rpc->request = address(bytes);
	rpc->request_len = len;
	return request(VMGUESTLIB_IOC_RPC, rpc);
}

KTAP_TEST(raw_rpc_reply)
{
	char session[] = "guestlib.stat.get text session";
	char get_unknown[] = "info-get guestinfo.unknown", unknown[] = "vmx.unknown";
	char reply[4096] = "", part[8] = "unhurt";
	struct vmguestlib_rpc rpc = {
		.reply = address(reply),
		.reply_len = sizeof(reply),
	};

	CHECK_EQ(raw_rpc(session, strlen(session), &rpc), 0);
	CHECK_EQ(rpc.out_reply, VMGUESTLIB_REPLY_OK);
	CHECK(!strncmp(reply, "session = ", 10));

	rpc.reply = address(part);
	rpc.reply_len = sizeof(part);
	CHECK_EQ(raw_rpc(session, strlen(session), &rpc), ENOSPC);
	CHECK_EQ(rpc.out_reply, VMGUESTLIB_REPLY_OK);
	CHECK(rpc.reply_len > sizeof(part));
	CHECK_STR(part, "unhurt");

	rpc.reply = address(reply);
	rpc.reply_len = sizeof(reply);
	CHECK_EQ(raw_rpc(get_unknown, strlen(get_unknown), &rpc), 0);
	CHECK_EQ(rpc.out_reply, VMGUESTLIB_REPLY_REFUSED);
	rpc.reply_len = sizeof(reply);
	CHECK_EQ(raw_rpc(unknown, strlen(unknown), &rpc), 0);
	CHECK_EQ(rpc.out_reply, VMGUESTLIB_REPLY_UNKNOWN_COMMAND);
	CHECK_EQ(rpc.reply_len, strlen("Unknown command"));
}

KTAP_TEST(raw_rpc_arguments)
{
	static char longest[VMGUESTLIB_RPC_REQUEST_MAX + 1];
	char reply[64];
	struct vmguestlib_rpc rpc = {
		.reply = address(reply),
		.reply_len = sizeof(reply),
	};

	memset(longest, 'x', sizeof(longest));
	CHECK_EQ(raw_rpc(longest, 0, &rpc), EINVAL);
	CHECK_EQ(raw_rpc(longest, VMGUESTLIB_RPC_REQUEST_MAX, &rpc), 0);
	CHECK_EQ(rpc.out_reply, VMGUESTLIB_REPLY_UNKNOWN_COMMAND);
	CHECK_EQ(raw_rpc(longest, VMGUESTLIB_RPC_REQUEST_MAX + 1, &rpc), EMSGSIZE);
	CHECK_EQ(raw_rpc(longest, UINT32_MAX, &rpc), EMSGSIZE);
	rpc.request = BAD_ADDRESS;
	rpc.request_len = 1;
	CHECK_EQ(request(VMGUESTLIB_IOC_RPC, &rpc), EFAULT);
	rpc.reply = BAD_ADDRESS;
	rpc.reply_len = sizeof(reply);
	CHECK_EQ(raw_rpc(longest, 10, &rpc), EFAULT);
	rpc.__reserved = 1;
	CHECK_EQ(raw_rpc(longest, 10, &rpc), EINVAL);
	rpc.__reserved = 0;
	rpc.flags = 1;
	CHECK_EQ(raw_rpc(longest, 10, &rpc), EOPNOTSUPP);
	rpc.flags = 0;
	CHECK_EQ(seteuid(NOBODY), 0);
	CHECK_EQ(raw_rpc(longest, 10, &rpc), EPERM);
	CHECK_EQ(seteuid(0), 0);
}

KTAP_TEST(host_clock)
{
	struct vmguestlib_host_time time = { .size = sizeof(time) };
	struct vmguestlib_cpu_speed speed = { .size = sizeof(speed) };

	CHECK_EQ(request(VMGUESTLIB_IOC_HOST_TIME, &time), 0);
	CHECK(time.out_sec > 1000000000);
	CHECK(time.out_usec < 1000000);
	CHECK_EQ(request(VMGUESTLIB_IOC_CPU_SPEED, &speed), 0);
	CHECK(speed.out_mhz > 0);
	time.__reserved = 1;
	CHECK_EQ(request(VMGUESTLIB_IOC_HOST_TIME, &time), EINVAL);
	speed.__reserved = 1;
	CHECK_EQ(request(VMGUESTLIB_IOC_CPU_SPEED, &speed), EINVAL);
}

static int watch(uint32_t interval_ms)
{
	struct vmguestlib_watch arg = {
		.size = sizeof(arg),
		.interval_ms = interval_ms,
	};

	return request(VMGUESTLIB_IOC_WATCH, &arg);
}

KTAP_TEST(watch_range)
{
	struct vmguestlib_watch arg = { .size = sizeof(arg), .__reserved = 1 };

	CHECK_EQ(watch(VMGUESTLIB_WATCH_INTERVAL_MAX_MS), 0);
	CHECK_EQ(watch(VMGUESTLIB_WATCH_INTERVAL_MAX_MS + 1), EINVAL);
	CHECK_EQ(watch(1), 0);
	CHECK_EQ(watch(0), 0);
	CHECK_EQ(request(VMGUESTLIB_IOC_WATCH, &arg), EINVAL);
}

/* An interval below the minimum needs a file opened for writing, or CAP_SYS_ADMIN. */
KTAP_TEST(watch_rights)
{
	int whole = fd;

	CHECK_EQ(seteuid(NOBODY), 0);
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(watch(100), 0);
	CHECK_EQ(watch(99), EPERM);
	CHECK_EQ(watch(0), 0);
	CHECK(open(DEVICE, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
	CHECK_EQ(seteuid(0), 0);
	CHECK_EQ(watch(99), 0);
	close(fd);

	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(seteuid(NOBODY), 0);
	CHECK_EQ(watch(99), 0);
	CHECK_EQ(seteuid(0), 0);
	close(fd);
	fd = whole;
}

KTAP_TEST(no_events_without_a_change)
{
	struct vmguestlib_events events = { .size = sizeof(events) };
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI | POLLIN };

	CHECK_EQ(poll(&pollfd, 1, 0), 0);
	CHECK_EQ(request(VMGUESTLIB_IOC_EVENTS, &events), 0);
	CHECK_EQ(events.out_events, 0);
	events.__reserved = 1;
	CHECK_EQ(request(VMGUESTLIB_IOC_EVENTS, &events), EINVAL);
}

KTAP_TEST(other_file_operations)
{
	char byte = 0;

	CHECK(read(fd, &byte, 1) < 0 && errno == EINVAL);
	CHECK(lseek(fd, 0, SEEK_SET) < 0 && errno == ESPIPE);
	CHECK(mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(sizes),
	KTAP_ENTRY(unknown_tail_must_be_zero),
	KTAP_ENTRY(tail_and_size_are_left_alone),
	KTAP_ENTRY(flags_must_be_known),
	KTAP_ENTRY(unreadable_arguments),
	KTAP_ENTRY(unknown_numbers),
	KTAP_ENTRY(abi_info),
	KTAP_ENTRY(get_info_arrays),
	KTAP_ENTRY(get_info_path),
	KTAP_ENTRY(get_info_age),
	KTAP_ENTRY(stat_get_reply),
	KTAP_ENTRY(stat_get_request_length),
	KTAP_ENTRY(raw_rpc_reply),
	KTAP_ENTRY(raw_rpc_arguments),
	KTAP_ENTRY(host_clock),
	KTAP_ENTRY(watch_range),
	KTAP_ENTRY(watch_rights),
	KTAP_ENTRY(no_events_without_a_change),
	KTAP_ENTRY(other_file_operations),
};

int main(void)
{
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		printf("Bail out! cannot open " DEVICE ": %s\n",
		       strerror(errno));
		return 1;
	}
	return KTAP_MAIN(tests);
}
