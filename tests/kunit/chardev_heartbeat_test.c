// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the requests of /dev/vmguestlib for heartbeats and application monitoring. */
#include <kunit/test.h>

#include "cases.h"
#include "chardev.h"
#include "chardev_kit.h"
#include "fake_below.h"
#include "fake_time.h"
#include "file.h"
#include "heartbeat_kit.h"

static long arm(struct file *file, const char *name, u32 flags)
{
	struct vmguestlib_heartbeat_arm *arm = kit_argument(sizeof(*arm));

	arm->flags = flags;
	arm->deadline_ms = 5000;
	memcpy(arm->name, name, min(strlen(name), sizeof(arm->name)));
	return kit_ioctl(file, VMGUESTLIB_IOC_HEARTBEAT_ARM);
}

/* Makes one of the three requests whose argument is a struct vmguestlib_heartbeat. */
static long beat(struct file *file, unsigned int cmd,
		 struct vmguestlib_heartbeat *result)
{
	long ret;

	kit_argument(sizeof(*result));
	ret = kit_ioctl(file, cmd);
	memcpy(result, fake_user, sizeof(*result));
	return ret;
}

/* Calls write() with bytes at the beginning of user memory. */
static ssize_t write_bytes(struct file *file, const char *bytes, size_t len)
{
	loff_t pos = 0;

	fake_user_reset();
	memcpy(fake_user, bytes, min_t(size_t, len, FAKE_USER_SIZE));
	return vmgl_fops.write(file, fake_user_at(0), len, &pos);
}

static u32 clients(struct kunit *test)
{
	return vmgl_heartbeat_list(kit_heartbeat(test), NULL, 0);
}

/* Results of requests on a file that was opened read-only */
static const struct right_case {
	const char *name;
	unsigned int cmd;
	u32 size;
	long error;
} rights[] = {
	{ "ARM", VMGUESTLIB_IOC_HEARTBEAT_ARM, 48, -EPERM },
	{ "BEAT", VMGUESTLIB_IOC_HEARTBEAT_BEAT, 16, -EPERM },
	{ "DISARM", VMGUESTLIB_IOC_HEARTBEAT_DISARM, 16, -EPERM },
	{ "QUERY", VMGUESTLIB_IOC_HEARTBEAT_QUERY, 16, 0 },
	{ "LIST", VMGUESTLIB_IOC_HEARTBEAT_LIST, 24, 0 },
	{ "CLEAR", VMGUESTLIB_IOC_HEARTBEAT_CLEAR, 40, -EPERM },
	{ "APPMON", VMGUESTLIB_IOC_APPMON, 80, -EPERM },
};

CASES(rights);

static void unprivileged_reader(struct kunit *test)
{
	const struct right_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_READ);

	fake_below.is_admin = false;
	kit_argument(one->size);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, one->cmd), one->error);
	kit_close(file);
}

static const struct arm_case {
	const char *name;
	u32 flags;
	long error;
} arms[] = {
	{ "program", 0, 0 },
	{ "exclusive", VMGUESTLIB_HEARTBEAT_EXCLUSIVE, 0 },
	{ "watchdog", 0, -EINVAL },
	{ "watchdog2", 0, 0 },
	{ "api", 0, -EINVAL },
	{ "flag", 2, -EOPNOTSUPP },
	{ "name.without.a.NUL.at.its.end.32", 0, -EINVAL },
};

CASES(arms);

static void arming(struct kunit *test)
{
	const struct arm_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_WRITE);

	KUNIT_EXPECT_EQ(test, arm(file, one->name, one->flags), one->error);
	KUNIT_EXPECT_EQ(test, clients(test), one->error ? 0u : 1u);
	kit_close(file);
}

static void life_of_a_client(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);
	struct vmguestlib_heartbeat result;

	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_QUERY,
				   &result), 0L);
	KUNIT_EXPECT_EQ(test, result.out_state,
			(u32)VMGUESTLIB_HEARTBEAT_UNARMED);
	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_QUERY,
				   &result), 0L);
	KUNIT_EXPECT_EQ(test, result.out_remaining_ms, 1000u);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_BEAT,
				   &result), 0L);
	KUNIT_EXPECT_EQ(test, result.out_state,
			(u32)VMGUESTLIB_HEARTBEAT_ARMED);
	KUNIT_EXPECT_EQ(test, result.out_remaining_ms, 5000u);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_DISARM,
				   &result), 0L);
	KUNIT_EXPECT_EQ(test, result.out_state,
			(u32)VMGUESTLIB_HEARTBEAT_UNARMED);
	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	fake_time_run_ms(5100);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_BEAT,
				   &result), (long)-ETIME);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_DISARM,
				   &result), 0L);
	kit_close(file);
}

static const struct write_case {
	const char *name;
	const char *bytes;
	size_t len;
	ssize_t result;
	bool disarms;
} writes[] = {
	{ "a byte", "1", 1, 1, false },
	{ "nothing", "", 0, 0, false },
	{ "a V", "V", 1, 1, true },
	{ "a V among others", "aVb", 3, 3, true },
	{ "a small v", "v", 1, 1, false },
	{ "too much", "V", 4097, -EINVAL, false },
};

CASES(writes);

/* The last write() decides whether close() disarms. */
static void write_and_close(struct kunit *test)
{
	const struct write_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_WRITE);
	char *bytes = kunit_kzalloc(test, 8192, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	memcpy(bytes, one->bytes, min_t(size_t, one->len, strlen(one->bytes)));
	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_EQ(test, write_bytes(file, bytes, one->len), one->result);
	kit_close(file);
	KUNIT_EXPECT_EQ(test, clients(test), one->disarms ? 0u : 1u);
	KUNIT_EXPECT_EQ(test, kit_missed(test), one->disarms ? 0ULL : 1ULL);
}

static void write_is_a_beat(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_WRITE);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, write_bytes(file, "1", 1), (ssize_t)-ENOTCONN);
	/* A write of no bytes is no beat. */
	KUNIT_EXPECT_EQ(test, write_bytes(file, "", 0), (ssize_t)0);
	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_EQ(test, write_bytes(file, "1", 1), (ssize_t)1);
	fake_time_run_ms(4000);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 0ULL);
	KUNIT_EXPECT_EQ(test, vmgl_fops.write(file, (void __user *)8, 1, &pos),
			(ssize_t)-EFAULT);
	/* Only the last write() counts. */
	KUNIT_EXPECT_EQ(test, write_bytes(file, "V", 1), (ssize_t)1);
	KUNIT_EXPECT_EQ(test, write_bytes(file, "1", 1), (ssize_t)1);
	fake_time_run_ms(5100);
	KUNIT_EXPECT_EQ(test, write_bytes(file, "1", 1), (ssize_t)-ETIME);
	/* A V that is written for an expired client counts, although the write fails. */
	KUNIT_EXPECT_EQ(test, write_bytes(file, "V", 1), (ssize_t)-ETIME);
	kit_close(file);
	KUNIT_EXPECT_EQ(test, clients(test), 0u);
}

/* A V counts only for the client for which it was written. */
static void arming_forgets_an_earlier_v(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_WRITE);
	struct vmguestlib_heartbeat result;

	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	KUNIT_EXPECT_EQ(test, write_bytes(file, "V", 1), (ssize_t)1);
	KUNIT_EXPECT_EQ(test, beat(file, VMGUESTLIB_IOC_HEARTBEAT_DISARM,
				   &result), 0L);
	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	kit_close(file);
	KUNIT_EXPECT_EQ(test, kit_missed(test), 1ULL);
}

static const struct list_case {
	const char *name;
	u64 address;	/* 1 stands for a valid address */
	u32 room;
	u32 written;
	long error;
} lists[] = {
	{ "to be counted", 0, 0, 0, 0 },
	{ "room without an address", 0, 8, 0, 0 },
	{ "room for one", 1, 1, 1, 0 },
	{ "room for more", 1, 8, 2, 0 },
	{ "all the room there is", 1, U32_MAX, 2, 0 },
	{ "bad address", 8, 1, 0, -EFAULT },
};

CASES(lists);

static void list(struct kunit *test)
{
	const struct list_case *one = test->param_value;
	struct file *a = kit_open(test, FMODE_WRITE);
	struct file *b = kit_open(test, FMODE_WRITE);
	struct vmguestlib_heartbeat_client *got = (void *)(fake_user + KIT_BUFFER);
	struct vmguestlib_heartbeat_list *list;

	KUNIT_EXPECT_EQ(test, arm(a, "a", 0), 0L);
	KUNIT_EXPECT_EQ(test, arm(b, "b", 0), 0L);
	list = kit_argument(sizeof(*list));
	list->clients = one->address == 1 ? kit_address(KIT_BUFFER) :
					    one->address;
	list->clients_len = one->room;
	KUNIT_EXPECT_EQ(test, kit_ioctl(a, VMGUESTLIB_IOC_HEARTBEAT_LIST),
			one->error);
	if (!one->error)
		KUNIT_EXPECT_EQ(test, list->clients_len, 2u);
	if (one->written > 0)
		KUNIT_EXPECT_STREQ(test, got[0].name, "a");
	if (one->written > 1)
		KUNIT_EXPECT_STREQ(test, got[1].name, "b");
	KUNIT_EXPECT_EQ(test, *(u8 *)&got[one->written], (u8)0xa5);
	kit_close(b);
	kit_close(a);
}

static void clearing(struct kunit *test)
{
	struct vmguestlib_heartbeat_clear *clear;
	struct file *file = kit_open(test, FMODE_WRITE);

	KUNIT_EXPECT_EQ(test, arm(file, "a", 0), 0L);
	kit_close(file);
	file = kit_open(test, FMODE_READ);
	clear = kit_argument(sizeof(*clear));
	memset(clear->name, 'a', sizeof(clear->name));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_HEARTBEAT_CLEAR),
			(long)-EINVAL);
	clear = kit_argument(sizeof(*clear));
	strscpy(clear->name, "a", sizeof(clear->name));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_HEARTBEAT_CLEAR),
			0L);
	KUNIT_EXPECT_EQ(test, clients(test), 0u);
	kit_close(file);
}

/* --- the calls of the SDK --- */

static struct vmguestlib_appmon *appmon_argument(u32 op, const char *text)
{
	struct vmguestlib_appmon *appmon = kit_argument(sizeof(*appmon));

	appmon->op = op;
	memcpy(appmon->text, text, min(strlen(text), sizeof(appmon->text)));
	return appmon;
}

static void questions_to_the_host(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_WRITE);
	struct fixture *fixture = test->priv;
	struct vmguestlib_appmon *appmon;

	fake_answer(&fixture->privileged, FIXTURE_MONITOR "IsEnabled", "1 true");
	appmon = appmon_argument(VMGUESTLIB_APPMON_IS_ENABLED, "");
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_APPMON), 0L);
	KUNIT_EXPECT_EQ(test, appmon->out_enabled, 1u);
	appmon = appmon_argument(VMGUESTLIB_APPMON_GET_STATUS, "");
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_APPMON), 0L);
	KUNIT_EXPECT_STREQ(test, appmon->text, "green");
	/* IS_ENABLED and GET_STATUS do not use the transport of the heartbeats. */
	KUNIT_EXPECT_EQ(test, fixture->beat.exchanges, 0u);
	KUNIT_EXPECT_EQ(test, fixture->privileged.exchanges, 2u);
	kit_close(file);
}

static const struct call_case {
	const char *name;
	u32 op;
	const char *text;
	long error;
	const char *said;
} calls[] = {
	{ "enable", VMGUESTLIB_APPMON_ENABLE, "", 0, "IsEnabled Enable" },
	{ "disable", VMGUESTLIB_APPMON_DISABLE, "", 0, "Disable" },
	{ "beat of an unarmed client", VMGUESTLIB_APPMON_MARK_ACTIVE, "",
	  -EACCES, "IsEnabled" },
	{ "state", VMGUESTLIB_APPMON_POST_STATE, "OK", 0, "PostAppState OK" },
	{ "word without an end", VMGUESTLIB_APPMON_POST_STATE,
	  "0123456789012345678901234567890123456789012345678901234567890123",
	  -EINVAL, "" },
	{ "unknown", 7, "", -EINVAL, "" },
};

CASES(calls);

static void calls_of_the_sdk(struct kunit *test)
{
	const struct call_case *one = test->param_value;
	struct file *file = kit_open(test, FMODE_WRITE);

	appmon_argument(one->op, one->text);
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_APPMON),
			one->error);
	kit_expect_said(test, one->said);
	kit_close(file);
}

/* A file cannot be both mapped and armed: see chardev_mmap.c. */
static void mapped_file_is_not_armed(struct kunit *test)
{
	struct file *file = kit_open(test, FMODE_READ | FMODE_WRITE);

	atomic_set(&vmgl_file_of(file)->mappings, 1);
	KUNIT_EXPECT_EQ(test, arm(file, "db", 0), (long)-EBUSY);
	atomic_set(&vmgl_file_of(file)->mappings, 0);
	KUNIT_EXPECT_EQ(test, arm(file, "db", 0), 0L);
	kit_argument(sizeof(struct vmguestlib_heartbeat));
	KUNIT_EXPECT_EQ(test, kit_ioctl(file, VMGUESTLIB_IOC_HEARTBEAT_DISARM),
			0L);
	kit_close(file);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mapped_file_is_not_armed),
	KUNIT_CASE_PARAM(unprivileged_reader, rights_gen_params),
	KUNIT_CASE_PARAM(arming, arms_gen_params),
	KUNIT_CASE(life_of_a_client),
	KUNIT_CASE_PARAM(write_and_close, writes_gen_params),
	KUNIT_CASE(write_is_a_beat),
	KUNIT_CASE(arming_forgets_an_earlier_v),
	KUNIT_CASE_PARAM(list, lists_gen_params),
	KUNIT_CASE(clearing),
	KUNIT_CASE(questions_to_the_host),
	KUNIT_CASE_PARAM(calls_of_the_sdk, calls_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_chardev_heartbeat",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
