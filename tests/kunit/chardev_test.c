// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the requests of /dev/vmguestlib: their arguments, and what they return. */
#include <kunit/test.h>
#include <linux/poll.h>

#include "cases.h"
#include "chardev.h"
#include "chardev_kit.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_time.h"
#include "file.h"

/* --- rules for all requests --- */

static const struct request_case {
	const char *name;
	unsigned int cmd;
	u32 size;	/* size of the first version of the argument */
	int error;	/* expected error for an argument of zeros, or 0 */
	u32 grown;	/* bytes added since the first version */
} requests[] = {
	{ "ABI_INFO", VMGUESTLIB_IOC_ABI_INFO, 32, 0, 8 },
	{ "GET_INFO", VMGUESTLIB_IOC_GET_INFO, 80, 0 },
	{ "STAT_GET", VMGUESTLIB_IOC_STAT_GET, 48, -ENOSPC },
	{ "HOST_TIME", VMGUESTLIB_IOC_HOST_TIME, 24, -EOPNOTSUPP },
	{ "CPU_SPEED", VMGUESTLIB_IOC_CPU_SPEED, 16, -EOPNOTSUPP },
	{ "WATCH", VMGUESTLIB_IOC_WATCH, 16, 0 },
	{ "EVENTS", VMGUESTLIB_IOC_EVENTS, 24, 0 },
	{ "HEARTBEAT_ARM", VMGUESTLIB_IOC_HEARTBEAT_ARM, 48, -EINVAL },
	{ "HEARTBEAT_BEAT", VMGUESTLIB_IOC_HEARTBEAT_BEAT, 16, -ENOTCONN },
	{ "HEARTBEAT_DISARM", VMGUESTLIB_IOC_HEARTBEAT_DISARM, 16, -ENOTCONN },
	{ "HEARTBEAT_QUERY", VMGUESTLIB_IOC_HEARTBEAT_QUERY, 16, 0 },
	{ "HEARTBEAT_LIST", VMGUESTLIB_IOC_HEARTBEAT_LIST, 24, 0 },
	{ "HEARTBEAT_CLEAR", VMGUESTLIB_IOC_HEARTBEAT_CLEAR, 40, -ENOENT },
	{ "APPMON", VMGUESTLIB_IOC_APPMON, 80, -EINVAL },
	{ "RPC", VMGUESTLIB_IOC_RPC, 40, -EINVAL },
};

CASES(requests);

static void sizes_and_flags(struct kunit *test)
{
	const struct request_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	u32 *flags = (u32 *)fake_user + 1;
	u32 known = one->size + one->grown;

	kit_argument(one->size);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)one->error);
	kit_argument(one->size - 1);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-EINVAL);
	kit_argument(0);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-EINVAL);

	/* A newer program has a longer argument. The tail that is not known is zero. */
	kit_argument(known + 8);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)one->error);
	kit_argument(known + 8);
	fake_user[known] = 1;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-E2BIG);
	kit_argument(PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-E2BIG);

	kit_argument(one->size);
	*flags = 0x80000000;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-EOPNOTSUPP);
	kit_close(file);
}

/* Nothing is written after an argument, and nothing at all if the request fails. */
static void argument_is_kept(struct kunit *test)
{
	const struct request_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	u8 *before = kunit_kzalloc(test, FAKE_USER_SIZE, GFP_KERNEL);
	bool fails = one->error && one->error != -ENOSPC;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, before);
	kit_argument(one->size);
	memcpy(before, fake_user, FAKE_USER_SIZE);
	kit_ioctl(file, one->cmd);
	KUNIT_EXPECT_EQ(test, memcmp(before + one->size, fake_user + one->size,
				     FAKE_USER_SIZE - one->size), 0);
	KUNIT_EXPECT_EQ(test, memcmp(before, fake_user,
				     fails ? one->size : sizeof(u32)), 0);
	kit_close(file);
}

static void bad_address(struct kunit *test)
{
	const struct request_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);

	KUNIT_EXPECT_EQ(test, vmgl_fops.unlocked_ioctl(file, one->cmd, 8),
			(long)-EFAULT);
	/* Only the size of the argument can be read. */
	memcpy(fake_user + FAKE_USER_SIZE - 4, &one->size, 4);
	KUNIT_EXPECT_EQ(test, vmgl_fops.unlocked_ioctl(file, one->cmd,
						       kit_address(FAKE_USER_SIZE - 4)),
			(long)-EFAULT);
	kit_close(file);
}

static const struct number_case {
	const char *name;
	unsigned int cmd;
} numbers[] = {
	{ "behind the last", _IO(VMGUESTLIB_IOC_MAGIC, 15) },
	{ "the highest", _IO(VMGUESTLIB_IOC_MAGIC, 255) },
	{ "another letter", _IO(0xEC, 0) },
	{ "with a size", _IOWR(VMGUESTLIB_IOC_MAGIC, 0, u64) },
	{ "of a terminal", 0x5401 },
};

CASES(numbers);

static void unknown_number(struct kunit *test)
{
	const struct number_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ);

	kit_argument(64);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-ENOTTY);
	kit_close(file);
}

/* Each member that must be 0 is set, one at a time. */
static const struct reserved_case {
	const char *name;
	unsigned int cmd;
	u32 size;
	u32 offset;
} reserved[] = {
	{ "HOST_TIME", VMGUESTLIB_IOC_HOST_TIME, 24, 20 },
	{ "CPU_SPEED", VMGUESTLIB_IOC_CPU_SPEED, 16, 12 },
	{ "WATCH", VMGUESTLIB_IOC_WATCH, 16, 12 },
	{ "EVENTS", VMGUESTLIB_IOC_EVENTS, 24, 12 },
	{ "HEARTBEAT_LIST", VMGUESTLIB_IOC_HEARTBEAT_LIST, 24, 20 },
	{ "RPC", VMGUESTLIB_IOC_RPC, 40, 36 },
};

CASES(reserved);

static void reserved_is_zero(struct kunit *test)
{
	const struct reserved_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	struct vmguestlib_rpc *rpc = kit_argument(one->size);

	/* The request would be served if the member were 0. */
	if (one->cmd == VMGUESTLIB_IOC_RPC) {
		rpc->request = kit_address(KIT_BUFFER);
		rpc->request_len = 1;
	}
	fake_user[one->offset] = 1;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), (long)-EINVAL);
	kit_close(file);
}

/* --- single requests --- */

static void abi_info(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_abi_info *info = kit_argument(sizeof(*info));

	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_ABI_INFO), 0L);
	KUNIT_EXPECT_EQ(test, info->out_abi_version,
			(u32)VMGUESTLIB_ABI_VERSION);
	KUNIT_EXPECT_EQ(test, info->out_num_stats, 38u);
	KUNIT_EXPECT_EQ(test, info->out_requests, 0x7fffULL);
	KUNIT_EXPECT_EQ(test, info->out_reply_max, (u32)VMGUESTLIB_REPLY_MAX);
	KUNIT_EXPECT_EQ(test, info->out_min_interval_ms, 100u);
	KUNIT_EXPECT_EQ(test, info->out_boottime_offset_ns, 0ULL);
	fake_below.boottime_offset_ns = 5;
	info = kit_argument(sizeof(*info));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_ABI_INFO), 0L);
	KUNIT_EXPECT_EQ(test, info->out_boottime_offset_ns, 5ULL);
	kit_close(file);
}

static void get_info(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_get_info *info = kit_argument(sizeof(*info));
	struct vmguestlib_value *values = (void *)(fake_user + KIT_BUFFER);

	info->values = kit_address(KIT_BUFFER);
	info->values_len = 2;
	info->path = kit_address(KIT_BUFFER + 256);
	info->path_len = 15;
	info->long_path = kit_address(KIT_BUFFER + 512);
	info->long_path_len = 4;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO), 0L);
	KUNIT_EXPECT_EQ(test, info->values_len, (u32)VMGUESTLIB_STAT_END);
	KUNIT_EXPECT_EQ(test, values[1].value, record_value(1));
	KUNIT_EXPECT_EQ(test, values[1].state, (u32)VMGUESTLIB_VALUE_GIVEN);
	/* Only elements with room in the array are written. */
	KUNIT_EXPECT_EQ(test, fake_user[KIT_BUFFER + 2 * sizeof(*values)],
			(u8)0xa5);
	KUNIT_EXPECT_STREQ(test, (char *)fake_user + KIT_BUFFER + 256,
			   "host/user/pool");
	KUNIT_EXPECT_EQ(test, info->path_len, 15u);
	/* The text is cut at the end of the room, and its length is returned. */
	KUNIT_EXPECT_EQ(test, memcmp(fake_user + KIT_BUFFER + 512, "host\xa5",
				     5), 0);
	KUNIT_EXPECT_EQ(test, info->long_path_len, 15u);
	KUNIT_EXPECT_EQ(test, info->out_session_id, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, info->out_info_version, 3u);
	KUNIT_EXPECT_EQ(test, info->out_count, 38u);
	KUNIT_EXPECT_NE(test, info->out_time_ns, 0ULL);

	/* A text without room for its NUL is not terminated. */
	info = kit_argument(sizeof(*info));
	info->path = kit_address(KIT_BUFFER);
	info->path_len = 14;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO), 0L);
	KUNIT_EXPECT_EQ(test, memcmp(fake_user + KIT_BUFFER,
				     "host/user/pool\xa5", 15), 0);
	kit_close(file);
}

static const struct fault_case {
	const char *name;
	size_t offset;	/* offset of the address in the argument */
} faults[] = {
	{ "values", offsetof(struct vmguestlib_get_info, values) },
	{ "path", offsetof(struct vmguestlib_get_info, path) },
	{ "long path", offsetof(struct vmguestlib_get_info, long_path) },
};

CASES(faults);

static void get_info_to_a_bad_address(struct kunit *test)
{
	const struct fault_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_get_info *info = kit_argument(sizeof(*info));
	u64 address = 8;

	info->values_len = 39;
	info->path_len = 512;
	info->long_path_len = 512;
	memcpy(fake_user + one->offset, &address, sizeof(address));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO),
			(long)-EFAULT);
	/* The text fits, but its NUL does not. */
	if (one->offset == offsetof(struct vmguestlib_get_info, path)) {
		info->path = kit_address(FAKE_USER_SIZE - 14);
		info->path_len = 15;
		KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO),
				(long)-EFAULT);
	}
	kit_close(file);
}

static void get_info_without_a_path(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_get_info *info = kit_argument(sizeof(*info));
	struct fixture *fixture = test->priv;

	record_begin(&fixture->record, 3, RECORD_SESSION);
	record_finish(&fixture->record, 0);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
	info->path_len = 512;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO), 0L);
	KUNIT_EXPECT_EQ(test, info->path_len, 0u);
	KUNIT_EXPECT_EQ(test, info->out_count, 0u);

	fake_fail(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	kit_argument(sizeof(*info));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO),
			(long)-ETIMEDOUT);
	kit_close(file);
}

static struct vmguestlib_stat_get *stat_argument(u32 room)
{
	struct vmguestlib_stat_get *get = kit_argument(sizeof(*get));

	memcpy(fake_user + KIT_BUFFER, "jsonsession", 11);
	get->encoding = kit_address(KIT_BUFFER);
	get->encoding_len = 4;
	get->stat = kit_address(KIT_BUFFER + 4);
	get->stat_len = 7;
	get->reply = kit_address(KIT_BUFFER + 64);
	get->reply_len = room;
	return get;
}

static void stat_get(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct fixture *fixture = test->priv;
	struct vmguestlib_stat_get *get;

	fake_answer(&fixture->reader, "guestlib.stat.get json session",
		    "1 {\"a\":1}");
	get = stat_argument(7);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET), 0L);
	KUNIT_EXPECT_EQ(test, get->reply_len, 7u);
	KUNIT_EXPECT_EQ(test, get->out_reply, (u32)VMGUESTLIB_REPLY_OK);
	KUNIT_EXPECT_EQ(test, memcmp(fake_user + KIT_BUFFER + 64,
				     "{\"a\":1}\xa5", 8), 0);

	get = stat_argument(6);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET),
			(long)-ENOSPC);
	KUNIT_EXPECT_EQ(test, get->reply_len, 7u);
	KUNIT_EXPECT_EQ(test, get->out_reply, (u32)VMGUESTLIB_REPLY_OK);
	KUNIT_EXPECT_EQ(test, fake_user[KIT_BUFFER + 64], (u8)0xa5);

	get = stat_argument(7);
	get->reply = 8;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET),
			(long)-EFAULT);
	get = stat_argument(7);
	get->stat = 8;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET),
			(long)-EFAULT);
	get = stat_argument(7);
	get->encoding_len = VMGUESTLIB_STAT_REQUEST_MAX + 1;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET),
			(long)-ENAMETOOLONG);
	/* A request that is too long is not copied. */
	get = stat_argument(7);
	get->stat_len = FAKE_USER_SIZE;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET),
			(long)-ENAMETOOLONG);
	kit_close(file);
}

/* For root, a refused request is repeated as a privileged sender. */
static void stat_get_for_root(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct fixture *fixture = test->priv;
	struct vmguestlib_stat_get *get;

	fake_answer(&fixture->reader, "guestlib.stat.get", "0 no");
	fake_answer(&fixture->privileged, "guestlib.stat.get", "1 text");
	get = stat_argument(64);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET), 0L);
	KUNIT_EXPECT_EQ(test, get->out_reply, (u32)VMGUESTLIB_REPLY_REFUSED);

	fixture->privileged.gives_privilege = true;
	get = stat_argument(64);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET), 0L);
	KUNIT_EXPECT_EQ(test, get->out_reply, (u32)VMGUESTLIB_REPLY_OK);

	fake_below.is_admin = false;
	get = stat_argument(64);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_STAT_GET), 0L);
	KUNIT_EXPECT_EQ(test, get->out_reply, (u32)VMGUESTLIB_REPLY_REFUSED);
	kit_close(file);
}

static void serve_time(struct fake_regs *regs)
{
	regs->ax = 1700000000;
	regs->bx = 654321;
}

static void host_clock(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_host_time *time = kit_argument(sizeof(*time));
	struct vmguestlib_cpu_speed *speed;

	fake_machine.serve = serve_time;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_HOST_TIME), 0L);
	KUNIT_EXPECT_EQ(test, time->out_sec, 1700000000ULL);
	KUNIT_EXPECT_EQ(test, time->out_usec, 654321u);
	speed = kit_argument(sizeof(*speed));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_CPU_SPEED), 0L);
	KUNIT_EXPECT_EQ(test, speed->out_mhz, 1700000000u);
	kit_close(file);
}

static const struct watch_case {
	const char *name;
	u32 interval_ms;
	bool may_write;
	bool is_admin;
	int error;
} watches[] = {
	{ "none", 0, false, false, 0 },
	{ "shortest of an unprivileged program", 100, false, false, 0 },
	{ "shorter", 99, false, false, -EPERM },
	{ "shorter, open for writing", 99, true, false, 0 },
	{ "shorter, with CAP_SYS_ADMIN", 1, false, true, 0 },
	{ "longest", 3600000, false, false, 0 },
	{ "too long", 3600001, true, true, -EINVAL },
};

CASES(watches);

static void watch(struct kunit *test)
{
	const struct watch_case *one = test->param_value;
	struct file *file = kit_open(test, one->may_write ? FMODE_WRITE :
							    FMODE_READ);
	struct vmguestlib_watch *watch = kit_argument(sizeof(*watch));

	fake_below.is_admin = one->is_admin;
	watch->interval_ms = one->interval_ms;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_WATCH),
			(long)one->error);
	KUNIT_EXPECT_EQ(test, vmgl_file_of(file)->events.interval_ms,
			one->error ? 0 : one->interval_ms);
	kit_close(file);
}

static void events_and_poll(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct fixture *fixture = test->priv;
	struct vmguestlib_events *events;

	KUNIT_EXPECT_EQ(test, (int)vmgl_fops.poll(file, NULL), 0);
	vmgl_events_status_changed(&fixture->device.events);
	KUNIT_EXPECT_EQ(test, (int)vmgl_fops.poll(file, NULL), (int)EPOLLPRI);
	events = kit_argument(sizeof(*events));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_EVENTS), 0L);
	KUNIT_EXPECT_EQ(test, events->out_events,
			(u32)VMGUESTLIB_EVENT_STATUS);
	KUNIT_EXPECT_EQ(test, events->out_generation, 0ULL);
	KUNIT_EXPECT_EQ(test, (int)vmgl_fops.poll(file, NULL), 0);
	kit_close(file);
}

/* A beat does not wait, so poll() always reports a file opened for writing as ready. */
static void poll_for_writing(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, (int)vmgl_fops.poll(file, NULL),
			(int)(EPOLLOUT | EPOLLWRNORM));
	vmgl_events_status_changed(&fixture->device.events);
	KUNIT_EXPECT_EQ(test, (int)vmgl_fops.poll(file, NULL),
			(int)(EPOLLOUT | EPOLLWRNORM | EPOLLPRI));
	kit_close(file);
}

/* The time is that of the caller's time namespace, in which the program reads its clocks. */
static void time_is_the_callers(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_get_info *info = kit_argument(sizeof(*info));

	fake_below.boottime_offset_ns = 86400 * NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_GET_INFO), 0L);
	KUNIT_EXPECT_EQ(test, info->out_time_ns,
			fake_boottime_ns() + 86400 * NSEC_PER_SEC);
	kit_close(file);
}

static const struct charge_case {
	const char *name;
	unsigned int cmd;
} charges[] = {
	{ "statistics", VMGUESTLIB_IOC_GET_INFO },
	{ "an extended statistic", VMGUESTLIB_IOC_STAT_GET },
	{ "clients", VMGUESTLIB_IOC_HEARTBEAT_LIST },
	{ "a raw request", VMGUESTLIB_IOC_RPC },
};

CASES(charges);

static void memory_is_charged_to_the_caller(struct kunit *test)
{
	const struct charge_case *one = test->param_value;
	struct vmguestlib_heartbeat_list *list;
	struct vmguestlib_rpc *rpc;
	struct file *file;

	fake_below.allocated = 0;
	fake_below.uncharged = 0;
	file = kit_open(test, FMODE_READ | FMODE_WRITE);
	KUNIT_EXPECT_EQ(test, fake_below.allocated, 1u);
	switch (one->cmd) {
	case VMGUESTLIB_IOC_STAT_GET:
		stat_argument(64);
		break;
	case VMGUESTLIB_IOC_RPC:
		rpc = kit_argument(sizeof(*rpc));
		rpc->request = kit_address(KIT_BUFFER);
		rpc->request_len = 1;
		break;
	case VMGUESTLIB_IOC_HEARTBEAT_LIST:
		list = kit_argument(sizeof(*list));
		list->clients = kit_address(KIT_BUFFER);
		list->clients_len = 8;
		break;
	default:
		kit_argument(80);
	}
	KUNIT_EXPECT_TRUE(test, !kit_ioctl(file, one->cmd) ||
			  one->cmd == VMGUESTLIB_IOC_RPC);
	KUNIT_EXPECT_GT(test, fake_below.allocated, 1u);
	/* All callers share the snapshot, so it is charged to none of them. */
	KUNIT_EXPECT_EQ(test, fake_below.uncharged,
			one->cmd == VMGUESTLIB_IOC_GET_INFO ? 1u : 0u);
	kit_close(file);
}

static const struct rpc_case {
	const char *name;
	bool is_admin;
	u32 request_len;
	u64 request;
	int error;
} rpcs[] = {
	{ "a request", true, 4, 1, 0 },
	{ "without the right", false, 4, 1, -EPERM },
	{ "no request", true, 0, 1, -EINVAL },
	{ "too long", true, VMGUESTLIB_RPC_REQUEST_MAX + 1, 1, -EMSGSIZE },
	{ "from nowhere", true, 4, 0, -EFAULT },
};

CASES(rpcs);

static void raw_request(struct kunit *test)
{
	const struct rpc_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ);
	struct vmguestlib_rpc *rpc = kit_argument(sizeof(*rpc));
	struct fixture *fixture = test->priv;

	fake_below.is_admin = one->is_admin;
	fake_answer(&fixture->privileged, "ping", "0 pong");
	memcpy(fake_user + KIT_BUFFER, "ping", 4);
	rpc->request = one->request ? kit_address(KIT_BUFFER) : 8;
	rpc->request_len = one->request_len;
	rpc->reply = kit_address(KIT_BUFFER + 64);
	rpc->reply_len = 64;
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_RPC),
			(long)one->error);
	KUNIT_EXPECT_EQ(test, fixture->privileged.exchanges, one->error ? 0u : 1u);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 0u);
	if (!one->error) {
		KUNIT_EXPECT_EQ(test, rpc->reply_len, 4u);
		KUNIT_EXPECT_EQ(test, rpc->out_reply,
				(u32)VMGUESTLIB_REPLY_REFUSED);
		KUNIT_EXPECT_EQ(test, memcmp(fake_user + KIT_BUFFER + 64,
					     "pong", 4), 0);
	}
	kit_close(file);
}

static void opening_makes_no_request(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	kit_close(kit_open(test, FMODE_READ | FMODE_WRITE));
	KUNIT_EXPECT_EQ(test, fixture->reader.opens + fixture->privileged.opens +
			fixture->beat.opens, 0u);
}

static int init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fixture = test->priv;

	if (ret)
		return ret;
	fixture_serve_record(fixture, 3, RECORD_SESSION);
	fake_answer(&fixture->reader, "guestlib.stat.get", "1 text");
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(sizes_and_flags, requests_gen_params),
	KUNIT_CASE_PARAM(argument_is_kept, requests_gen_params),
	KUNIT_CASE_PARAM(bad_address, requests_gen_params),
	KUNIT_CASE_PARAM(unknown_number, numbers_gen_params),
	KUNIT_CASE_PARAM(reserved_is_zero, reserved_gen_params),
	KUNIT_CASE(abi_info),
	KUNIT_CASE(get_info),
	KUNIT_CASE_PARAM(get_info_to_a_bad_address, faults_gen_params),
	KUNIT_CASE(get_info_without_a_path),
	KUNIT_CASE(stat_get),
	KUNIT_CASE(stat_get_for_root),
	KUNIT_CASE(host_clock),
	KUNIT_CASE_PARAM(watch, watches_gen_params),
	KUNIT_CASE(events_and_poll),
	KUNIT_CASE(poll_for_writing),
	KUNIT_CASE(time_is_the_callers),
	KUNIT_CASE_PARAM(memory_is_charged_to_the_caller, charges_gen_params),
	KUNIT_CASE_PARAM(raw_request, rpcs_gen_params),
	KUNIT_CASE(opening_makes_no_request),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_chardev",
	.init = init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
