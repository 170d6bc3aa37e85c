// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the sysfs files: their content, and that there are no other files. */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/gfp.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "heartbeat_kit.h"
#include "sysfs.h"

static char *page;

/* Finds the attribute of "file" or "dir/file". */
static struct device_attribute *find(const char *path)
{
	const struct attribute_group **group;
	struct attribute **attr;
	char name[64];

	for (group = vmgl_sysfs_groups; *group; group++) {
		for (attr = (*group)->attrs; *attr; attr++) {
			snprintf(name, sizeof(name), "%s%s%s",
				 (*group)->name ? (*group)->name : "",
				 (*group)->name ? "/" : "", (*attr)->name);
			if (!strcmp(name, path))
				return container_of(*attr,
						    struct device_attribute,
						    attr);
		}
	}
	return NULL;
}

/* Returns the content of a file, or the error number as a text. */
static const char *show(struct kunit *test, const char *path)
{
	struct device_attribute *attr = find(path);
	struct fixture *fixture = test->priv;
	ssize_t len;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attr);
	len = attr->show(&fixture->parent, attr, page);
	if (len < 0)
		snprintf(page, PAGE_SIZE, "%zd", len);
	else
		KUNIT_EXPECT_EQ(test, strlen(page), (size_t)len);
	return page;
}

static ssize_t store(struct kunit *test, const char *path, const char *text)
{
	struct device_attribute *attr = find(path);
	struct fixture *fixture = test->priv;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attr);
	return attr->store(&fixture->parent, attr, text, strlen(text));
}

/* The files and their expected contents. record_value() sets the values of the statistics. */
static const struct file_case {
	const char *name;
	const char *content;
} files[] = {
	{ "cpu/reservation_mhz", "1001\n" },
	{ "cpu/limit_mhz", "1002\n" },
	{ "cpu/shares", "1003\n" },
	{ "cpu/used_ms", "17179869188\n" },
	{ "cpu/stolen_ms", "81604378643\n" },
	{ "mem/reservation_mb", "1006\n" },
	{ "mem/limit_mb", "1007\n" },
	{ "mem/shares", "163208757286\n" },
	{ "mem/mapped_mb", "1009\n" },
	{ "mem/active_mb", "1010\n" },
	{ "mem/overhead_mb", "1011\n" },
	{ "mem/ballooned_mb", "1012\n" },
	{ "mem/swapped_mb", "1013\n" },
	{ "mem/shared_mb", "1014\n" },
	{ "mem/shared_saved_mb", "1015\n" },
	{ "mem/used_mb", "1016\n" },
	{ "mem/target_size_mb", "85899345940\n" },
	{ "mem/zipped_mb", "1031\n" },
	{ "mem/zip_saved_mb", "1032\n" },
	{ "mem/ll_swapped_mb", "1033\n" },
	{ "mem/swap_target_mb", "1034\n" },
	{ "mem/balloon_target_mb", "1035\n" },
	{ "mem/balloon_max_mb", "1036\n" },
	{ "host/processor_mhz", "1005\n" },
	{ "host/num_cpu_cores", "1021\n" },
	{ "host/cpu_used_ms", "94489280534\n" },
	{ "host/mem_swapped_mb", "98784247831\n" },
	{ "host/mem_shared_mb", "103079215128\n" },
	{ "host/mem_used_mb", "107374182425\n" },
	{ "host/mem_phys_mb", "111669149722\n" },
	{ "host/mem_phys_free_mb", "115964117019\n" },
	{ "host/mem_kern_ovhd_mb", "120259084316\n" },
	{ "host/mem_mapped_mb", "124554051613\n" },
	{ "host/mem_unmapped_mb", "128849018910\n" },
	{ "elapsed_ms", "73014444049\n" },
	{ "resource_pool_path", "host/user/pool\n" },
	{ "session_id", "0x1122334455667788\n" },
	{ "generation", "0\n" },
	{ "transport", "fake\n" },
	{ "max_age_ms", "1000\n" },
	{ "watch_interval_ms", "0\n" },
	{ "heartbeat/enabled", "0\n" },
	{ "heartbeat/found_enabled", "0\n" },
	{ "heartbeat/status", "green\n" },
	{ "heartbeat/app_state", "none\n" },
	{ "heartbeat/interval_ms", "10000\n" },
	{ "heartbeat/clients", "0\n" },
	{ "heartbeat/last_beat_age_ms", "-61" },
	{ "heartbeat/missed", "0\n" },
	{ "heartbeat/last_missed", "-61" },
	{ "heartbeat/pause_s", "0\n" },
	{ "rpc/requests", "1\n" },
	{ "rpc/refused", "2\n" },
	{ "rpc/failed", "3\n" },
	{ "rpc/reopened", "4\n" },
	{ "rpc/failovers", "5\n" },
	{ "rpc/checkpoints", "6\n" },
	{ "rpc/hypercalls", "7\n" },
	{ "rpc/bytes_sent", "8\n" },
	{ "rpc/bytes_received", "9\n" },
};

CASES(files);

static void content(struct kunit *test)
{
	const struct file_case *one = test->param_value;
	struct fixture *fixture = test->priv;
	int i;

	for (i = 0; i < VMGL_COUNTERS; i++)
		vmgl_count(&fixture->device.counters, i, i + 1);
	KUNIT_EXPECT_STREQ(test, show(test, one->name), one->content);
}

static void there_are_no_other_files(struct kunit *test)
{
	const struct attribute_group **group;
	struct attribute **attr;
	unsigned int count = 0;

	for (group = vmgl_sysfs_groups; *group; group++) {
		for (attr = (*group)->attrs; *attr; attr++) {
			umode_t mode = (*attr)->mode;

			KUNIT_EXPECT_TRUE(test, mode == 0444 || mode == 0644);
			count++;
		}
	}
	KUNIT_EXPECT_EQ(test, count, (unsigned int)ARRAY_SIZE(files));
}

static void statistics_that_are_not_given(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	record_begin(&fixture->record, 3, RECORD_SESSION);
	record_element(&fixture->record, 1, false);
	record_finish(&fixture->record, 1);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
	/* An unknown value is an error, never 0. */
	KUNIT_EXPECT_STREQ(test, show(test, "cpu/reservation_mhz"), "-61");
	KUNIT_EXPECT_STREQ(test, show(test, "cpu/limit_mhz"), "-61");
	KUNIT_EXPECT_STREQ(test, show(test, "mem/shares"), "-61");
	KUNIT_EXPECT_STREQ(test, show(test, "resource_pool_path"), "-61");
	KUNIT_EXPECT_STREQ(test, show(test, "session_id"),
			   "0x1122334455667788\n");
}

/* If the host does not have a 64-bit value, the file shows the 32-bit value. */
static void older_host(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, "guestlib.info.get 3", "0 no");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_STREQ(test, show(test, "mem/shares"), "1008\n");
	KUNIT_EXPECT_STREQ(test, show(test, "mem/zipped_mb"), "-61");
}

static void put_value(struct record *record, u32 id, u32 value)
{
	record_be32(record, id);
	record_be32(record, 1);
	record_be32(record, value);
}

static const struct limit_case {
	const char *name;
	u32 value;
	const char *reservation;
	const char *limit;
} limits[] = {
	{ "none", 0xffffffff, "4294967295\n", "max\n" },
	{ "nearly none", 0xfffffffe, "4294967294\n", "4294967294\n" },
	{ "zero", 0, "0\n", "0\n" },
};

CASES(limits);

static void limit(struct kunit *test)
{
	const struct limit_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	record_begin(&fixture->record, 3, RECORD_SESSION);
	put_value(&fixture->record, 1, one->value);
	put_value(&fixture->record, 2, one->value);
	record_finish(&fixture->record, 2);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
	KUNIT_EXPECT_STREQ(test, show(test, "cpu/reservation_mhz"),
			   one->reservation);
	KUNIT_EXPECT_STREQ(test, show(test, "cpu/limit_mhz"), one->limit);
}

/* The path has to fit a page together with a newline and a NUL. */
static const struct path_case {
	const char *name;
	size_t len;
	bool fits;
} paths[] = {
	{ "longest", PAGE_SIZE - 2, true },
	{ "too long", PAGE_SIZE - 1, false },
};

CASES(paths);

static void long_path(struct kunit *test)
{
	const struct path_case *one = test->param_value;
	struct fixture *fixture = test->priv;
	struct record *record = &fixture->record;
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int id;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, 'x', PAGE_SIZE - 1);
	record_begin(record, 3, RECORD_SESSION);
	for (id = 1; id < VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG; id++)
		record_element(record, id,
			       id != VMGUESTLIB_STAT_RESOURCE_POOL_PATH);
	record_text(record, id, true, text, one->len);
	record_finish(record, id);
	fake_answer_bytes(&fixture->reader, "guestlib.info.get 3",
			  record->bytes, record->len);
	text[one->len] = '\0';
	show(test, "resource_pool_path");
	if (!one->fits)
		KUNIT_EXPECT_STREQ(test, page, "-75");
	else
		KUNIT_EXPECT_EQ(test, memcmp(page, text, one->len), 0);
}

static void host_does_not_answer(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_fail(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	KUNIT_EXPECT_STREQ(test, show(test, "cpu/used_ms"), "-110");
	KUNIT_EXPECT_STREQ(test, show(test, "session_id"), "-110");
	/* All files together needed one request. The files below need no request. */
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 1u);
	KUNIT_EXPECT_STREQ(test, show(test, "generation"), "0\n");
	KUNIT_EXPECT_STREQ(test, show(test, "transport"), "fake\n");
}

static const struct number_case {
	const char *name;
	const char *file;
	const char *text;
	int error;
	const char *content;
} numbers[] = {
	{ "no age", "max_age_ms", "0", 0, "0\n" },
	{ "age with a newline", "max_age_ms", "5000\n", 0, "5000\n" },
	{ "greatest age", "max_age_ms", "3600000", 0, "3600000\n" },
	{ "age too great", "max_age_ms", "3600001", -ERANGE, "1000\n" },
	{ "age below 0", "max_age_ms", "-1", -EINVAL, "1000\n" },
	{ "age in words", "max_age_ms", "old", -EINVAL, "1000\n" },
	{ "age beyond 32 bits", "max_age_ms", "4294967296", -ERANGE,
	  "1000\n" },
	{ "longest interval", "watch_interval_ms", "3600000", 0,
	  "3600000\n" },
	{ "interval too long", "watch_interval_ms", "3600001", -ERANGE,
	  "0\n" },
	{ "interval in words", "watch_interval_ms", "x", -EINVAL, "0\n" },
	{ "longest pause", "heartbeat/pause_s", "86400", 0, "86400\n" },
	{ "pause too long", "heartbeat/pause_s", "86401", -ERANGE, "0\n" },
	{ "pause in words", "heartbeat/pause_s", "", -EINVAL, "0\n" },
};

CASES(numbers);

static void number(struct kunit *test)
{
	const struct number_case *one = test->param_value;

	KUNIT_EXPECT_EQ(test, store(test, one->file, one->text),
			one->error ? (ssize_t)one->error :
				     (ssize_t)strlen(one->text));
	KUNIT_EXPECT_STREQ(test, show(test, one->file), one->content);
}

static const struct setting_case {
	const char *name;
	const char *content;
} settings[] = {
	{ "max_age_ms", "1000\n" },
	{ "watch_interval_ms", "0\n" },
	{ "heartbeat/pause_s", "0\n" },
};

CASES(settings);

/* Writing needs CAP_SYS_ADMIN. The mode of the file is not enough. */
static void setting_takes_a_right(struct kunit *test)
{
	const struct setting_case *one = test->param_value;

	fake_below.is_admin = false;
	KUNIT_EXPECT_EQ(test, store(test, one->name, "10"), (ssize_t)-EPERM);
	KUNIT_EXPECT_STREQ(test, show(test, one->name), one->content);
}

/* Reading needs no capability and may be frequent, so the audit log gets no denial. */
static void reading_is_not_logged(struct kunit *test)
{
	const struct file_case *one = test->param_value;

	fake_below.is_admin = false;
	show(test, one->name);
	KUNIT_EXPECT_EQ(test, fake_below.denials, 0u);
}

static bool forbid(const struct vmgl_heartbeat_owner *owner)
{
	return true;
}

static void pause_is_forbidden(struct kunit *test)
{
	struct vmgl_heartbeat_owner dog = {};
	struct vmgl_heartbeat_terms watchdog = {
		.name = "watchdog",
		.kind = VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG,
		.deadline_ms = 60000,
		.forbids_pause = forbid,
	};

	KUNIT_EXPECT_EQ(test, vmgl_heartbeat_arm(kit_heartbeat(test), &dog,
						 &watchdog), 0);
	KUNIT_EXPECT_EQ(test, store(test, "heartbeat/pause_s", "10"),
			(ssize_t)-EBUSY);
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &dog), 0);
}

static void heartbeats_in_use(struct kunit *test)
{
	struct vmgl_heartbeat_owner a = {};

	kit_answer(test, "IsEnabled", "1 true");
	KUNIT_EXPECT_EQ(test, kit_arm_for_reset(test, &a, "a", 5000), 0);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/clients"), "1\n");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/found_enabled"), "1\n");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/last_beat_age_ms"),
			   "2000\n");
	fake_time_run_ms(3100);
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/missed"), "1\n");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/last_missed"), "a\n");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/app_state"),
			   "need-reset\n");
	KUNIT_EXPECT_EQ(test, kit_disarm(test, &a), 0);
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/app_state"), "ok\n");
}

/* The module asks as a privileged sender only for a reader with CAP_SYS_ADMIN. */
static void heartbeat_requests_by_privilege(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, FIXTURE_MONITOR "IsEnabled", "0 no");
	fake_answer(&fixture->reader, FIXTURE_MONITOR "GetAppStatus", "0 no");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/enabled"), "0\n");
	fake_below.is_admin = false;
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/enabled"), "-1");
	KUNIT_EXPECT_STREQ(test, show(test, "heartbeat/status"), "-1");
	/* Reads do not use the transport of the heartbeats. */
	KUNIT_EXPECT_EQ(test, fixture->beat.exchanges, 0u);
}

static int init(struct kunit *test)
{
	int ret = fixture_init(test);

	if (ret)
		return ret;
	fixture_serve_record(test->priv, 3, RECORD_SESSION);
	/* sysfs_emit() needs a buffer that is a page. */
	page = (char *)get_zeroed_page(GFP_KERNEL);
	return page ? 0 : -ENOMEM;
}

static void leave(struct kunit *test)
{
	free_page((unsigned long)page);
	page = NULL;
	fixture_exit(test);
}

/* The files are created once for the suite. */
static int init_suite(struct kunit_suite *suite)
{
	if (!find("cpu/shares"))
		vmgl_sysfs_init();
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(content, files_gen_params),
	KUNIT_CASE(there_are_no_other_files),
	KUNIT_CASE(statistics_that_are_not_given),
	KUNIT_CASE(older_host),
	KUNIT_CASE_PARAM(limit, limits_gen_params),
	KUNIT_CASE_PARAM(long_path, paths_gen_params),
	KUNIT_CASE(host_does_not_answer),
	KUNIT_CASE_PARAM(number, numbers_gen_params),
	KUNIT_CASE_PARAM(setting_takes_a_right, settings_gen_params),
	KUNIT_CASE_PARAM(reading_is_not_logged, files_gen_params),
	KUNIT_CASE(pause_is_forbidden),
	KUNIT_CASE(heartbeats_in_use),
	KUNIT_CASE(heartbeat_requests_by_privilege),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_sysfs",
	.suite_init = init_suite,
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
