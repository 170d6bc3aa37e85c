// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of snapshots: the requests to the host, how long an answer is kept, and that many
 * callers share one request. The callers are real threads, and the test knows when they
 * wait.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "fixture.h"

#define ASK_3	"guestlib.info.get 3"
#define ASK_2	"guestlib.info.get 2"
#define OTHER_SESSION	0x99ULL

static struct vmgl_snapshots *snapshots_of(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return &fixture->device.snapshots;
}

/* Reads one snapshot and returns the error. */
static int get(struct kunit *test, u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot = vmgl_snapshot_get(snapshots_of(test),
							   max_age_ms);

	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);
	vmgl_snapshot_put(snapshot);
	return 0;
}

static void snapshot_has_all_of_a_reply(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_snapshot *snapshot;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	snapshot = vmgl_snapshot_get(snapshots_of(test), 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(snapshot));
	/* The snapshot has copies of the texts, so the reply may be overwritten. */
	memset(fixture->record.bytes, 0, sizeof(fixture->record.bytes));
	KUNIT_EXPECT_EQ(test, snapshot->time_ns, fake_boottime_ns());
	KUNIT_EXPECT_EQ(test, snapshot->generation, 0ULL);
	KUNIT_EXPECT_FALSE(test, snapshot->is_restricted);
	KUNIT_EXPECT_EQ(test, snapshot->info.session_id, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, snapshot->info.count, (u32)RECORD_ALL);
	KUNIT_EXPECT_EQ(test, memcmp(snapshot->info.path.bytes,
				     "host/user/pool", 14), 0);
	KUNIT_EXPECT_EQ(test, memcmp(snapshot->info.long_path.bytes,
				     "host/user/pool", 14), 0);
	vmgl_snapshot_put(snapshot);
}

static const struct age_case {
	const char *name;
	u32 max_age_ms;
	u32 later_ms;
	unsigned int exchanges;
} ages[] = {
	{ "0: always asked", 0, 0, 2 },
	{ "young enough", 1000, 999, 1 },
	{ "as old as may be", 1000, 1000, 1 },
	{ "too old", 1000, 1001, 2 },
	{ "any age, after a day", U32_MAX, 86400000, 1 },
};

CASES(ages);

static void age_of_an_answer(struct kunit *test)
{
	const struct age_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, one->max_age_ms), 0);
	fake_time_run_ms(one->later_ms);
	KUNIT_EXPECT_EQ(test, get(test, one->max_age_ms), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, one->exchanges);
}

static const struct failure_case {
	const char *name;
	u32 max_age_ms;
	u32 later_ms;
	unsigned int exchanges;
} failures[] = {
	{ "0: always asked", 0, 0, 2 },
	{ "young enough", 500, 500, 1 },
	{ "too old for this caller", 500, 501, 2 },
	{ "as old as a failure may be", 3600000, 1000, 1 },
	{ "too old for any accepted age", 3600000, 1001, 2 },
};

CASES(failures);

static void age_of_a_failure(struct kunit *test)
{
	const struct failure_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	fake_fail(&fixture->reader, ASK_3, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, one->max_age_ms), -ETIMEDOUT);
	fake_time_run_ms(one->later_ms);
	KUNIT_EXPECT_EQ(test, get(test, one->max_age_ms), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, one->exchanges);
}

static void answer_after_1200_ms(struct fake_transport *fake)
{
	fake_time_run_ms(1200);
}

/* The age of a failure counts from the end of its request, so other files do not wait again. */
static void slow_failure_is_shared(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_fail(&fixture->reader, ASK_3, -ETIMEDOUT);
	fixture->reader.during = answer_after_1200_ms;
	KUNIT_EXPECT_EQ(test, get(test, 1000), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, 1000), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 1u);
	fixture->reader.during = NULL;
}

static void failure_replaces_nothing(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct vmgl_snapshot *snapshot;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fake_time_run_ms(5000);
	fake_fail(&fixture->reader, ASK_3, -EPROTO);
	KUNIT_EXPECT_EQ(test, get(test, 1000), -EPROTO);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);

	/* The snapshot is young enough: it is returned despite the later failure. */
	snapshot = vmgl_snapshot_get(snapshots_of(test), 3600000);
	KUNIT_ASSERT_FALSE(test, IS_ERR(snapshot));
	KUNIT_EXPECT_EQ(test, snapshot->time_ns,
			fake_boottime_ns() - 5000 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, snapshot->info.session_id, RECORD_SESSION);
	vmgl_snapshot_put(snapshot);
	/* The snapshot is too old, and the failure is young enough to be returned. */
	KUNIT_EXPECT_EQ(test, get(test, 1000), -EPROTO);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

/* After a failure the module still knows the host's version of the record. */
static void failure_leaves_the_version(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, "0 bad argument");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fake_fail_once(&fixture->reader, ASK_2, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_3 " " ASK_2 " " ASK_2 " " ASK_2);
}

/*
 * A snapshot allocates one buffer, which is charged to no task, because all callers share
 * it. The buffer of the reply is allocated once and kept.
 */
static void snapshot_costs_one_buffer(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fake_below.allocated = 0;
	fake_below.uncharged = 0;
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fake_below.allocated, 2u);
	KUNIT_EXPECT_EQ(test, fake_below.uncharged, 2u);
}

static void use_time(struct fake_transport *fake)
{
	fake_time_run_ms(600);
}

/* The age counts from the request, not from the reply. */
static void slow_answer_is_old(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	fixture->reader.during = use_time;
	KUNIT_EXPECT_EQ(test, get(test, 1000), 0);
	fake_time_run_ms(500);
	KUNIT_EXPECT_EQ(test, get(test, 1000), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

static const struct refusal_case {
	const char *name;
	const char *to_3;
	const char *to_2;
	int error;
	const char *talk;
} refusals[] = {
	{ "host does not know the request", "0 Unknown command", NULL,
	  -EOPNOTSUPP, ASK_3 },
	{ "host refuses both versions", "0 no", "0 no", -EREMOTEIO,
	  ASK_3 " " ASK_2 },
	{ "garbage", "1 garbage", NULL, -EPROTO, ASK_3 },
	{ "garbage of version 2", "0 no", "1 garbage", -EPROTO,
	  ASK_3 " " ASK_2 },
};

CASES(refusals);

static void refusal(struct kunit *test)
{
	const struct refusal_case *one = test->param_value;
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, one->to_3);
	if (one->to_2)
		fake_answer(&fixture->reader, ASK_2, one->to_2);
	KUNIT_EXPECT_EQ(test, get(test, 0), one->error);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""), one->talk);
	/* The next snapshot begins with version 3 again. */
	KUNIT_EXPECT_EQ(test, get(test, 0), one->error);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""), one->talk);
}

/* The module asks for version 2 as long as the session is the same. */
static void older_host(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, "0 bad argument");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_3 " " ASK_2);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""), ASK_2);

	/* The machine has moved, perhaps to a newer host, so version 3 is tried. */
	fixture_serve_record(fixture, 2, OTHER_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_2 " " ASK_3);
}

/* If the reply of version 3 is malformed, version 2 is requested until the next session. */
static void newer_version_is_malformed(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, "0 bad argument");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fixture_serve_record(fixture, 2, OTHER_SESSION);
	fake_answer(&fixture->reader, ASK_3, "1 garbage");
	fake_talk(&fixture->reader, "");
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_2 " " ASK_3 " " ASK_2);
}

/* A snapshot of version 2 is not lost if the request of version 3 fails. */
static void older_snapshot_is_kept(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, "0 bad argument");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fixture_serve_record(fixture, 2, OTHER_SESSION);
	fake_fail_once(&fixture->reader, ASK_3, -ETIMEDOUT);
	fake_talk(&fixture->reader, "");
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->session_changes, 1u);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_2 " " ASK_3);
	/* Version 3 is requested again, because it was not refused. */
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_3 " " ASK_2);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""), ASK_2);
}

/* If the host refuses version 2 as well, the module asks for version 3 again. */
static void older_host_that_refuses(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fake_answer(&fixture->reader, ASK_3, "0 bad argument");
	fixture_serve_record(fixture, 2, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fake_answer(&fixture->reader, ASK_2, "0 no");
	KUNIT_EXPECT_EQ(test, get(test, 0), -EREMOTEIO);
	fake_talk(&fixture->reader, "");
	KUNIT_EXPECT_EQ(test, get(test, 0), -EREMOTEIO);
	KUNIT_EXPECT_STREQ(test, fake_talk(&fixture->reader, ""),
			   ASK_3 " " ASK_2);
}

static void session_changes_are_counted(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, vmgl_snapshots_generation(snapshots_of(test)),
			0ULL);
	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->session_changes, 0u);

	fixture_serve_record(fixture, 3, OTHER_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->session_changes, 1u);

	/* A session change is counted also if a request has failed in between. */
	fake_fail_once(&fixture->reader, ASK_3, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, 0), -ETIMEDOUT);
	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, vmgl_snapshots_generation(snapshots_of(test)),
			2ULL);
}

/* Statistics that the host gives to privileged senders only. */
static void serve_privileged(struct fixture *fixture, u64 session)
{
	fake_answer(&fixture->reader, "guestlib.info.get", "0 no");
	record_make(&fixture->record, 3, session);
	fake_answer_bytes(&fixture->privileged, ASK_3, fixture->record.bytes,
			  fixture->record.len);
	fixture->privileged.gives_privilege = true;
	fixture->privileged.transport.is_privileged = true;
}

static int get_permitted(struct kunit *test)
{
	struct vmgl_snapshot *snapshot;

	snapshot = vmgl_snapshot_get_permitted(snapshots_of(test), 1000);
	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);
	vmgl_snapshot_put(snapshot);
	return 0;
}

static void restricted_snapshot_is_for_root(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	serve_privileged(fixture, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get_permitted(test), 0);
	fake_below.is_admin = false;
	KUNIT_EXPECT_EQ(test, get_permitted(test), -EPERM);
	KUNIT_EXPECT_EQ(test, fake_below.denials, 0u);
	KUNIT_EXPECT_EQ(test, fixture->privileged.exchanges, 1u);
}

static void ordinary_snapshot_is_for_all(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	fake_below.is_admin = false;
	KUNIT_EXPECT_EQ(test, get_permitted(test), 0);
	KUNIT_EXPECT_EQ(test, fake_below.denials, 0u);
	fake_fail(&fixture->reader, ASK_3, -EIO);
	fake_time_run_ms(1001);
	KUNIT_EXPECT_EQ(test, get_permitted(test), -EIO);
}

/* In the same session the module asks as a privileged sender at once. */
static void restriction_holds_for_a_session(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	serve_privileged(fixture, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);

	serve_privileged(fixture, OTHER_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 4u);
}

static void restriction_ends_with_the_privilege(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	serve_privileged(fixture, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fixture->privileged.gives_privilege = false;
	KUNIT_EXPECT_EQ(test, get(test, 0), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, fixture->privileged.exchanges, 1u);
}

static void privileged_sender_is_refused_as_well(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	serve_privileged(fixture, RECORD_SESSION);
	fake_answer(&fixture->privileged, "guestlib.info.get 3", "0 no");
	fake_answer(&fixture->privileged, "guestlib.info.get 2", "0 no");
	KUNIT_EXPECT_EQ(test, get(test, 0), -EREMOTEIO);
	fake_fail(&fixture->privileged, ASK_3, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, get(test, 0), -ETIMEDOUT);
}

/* --- many callers --- */

#define READERS	64

struct crowd {
	struct vmgl_snapshots *snapshots;
	struct completion asked;	/* done when the first request was sent */
	struct completion go_on;	/* done when the first request may be answered */
	struct task_struct *tasks[1 + READERS];
	unsigned int count;
	atomic_t served;
	atomic_t failed;
	wait_queue_head_t changed;
};

static struct crowd crowd;

/* The first request lasts until the test wants it to end. */
static void hold_the_first(struct fake_transport *fake)
{
	if (fake->exchanges > 1)
		return;
	complete(&crowd.asked);
	wait_for_completion(&crowd.go_on);
}

static int read_aged(u32 max_age_ms)
{
	struct vmgl_snapshot *snapshot = vmgl_snapshot_get(crowd.snapshots,
							   max_age_ms);

	if (IS_ERR(snapshot))
		atomic_inc(&crowd.failed);
	else
		vmgl_snapshot_put(snapshot);
	atomic_inc(&crowd.served);
	wake_up_all(&crowd.changed);
	return 0;
}

static int read_one(void *data)
{
	return read_aged(0);
}

static int read_young(void *data)
{
	return read_aged(1000);
}

static void begin_crowd(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	crowd = (struct crowd) { .snapshots = snapshots_of(test) };
	init_completion(&crowd.asked);
	init_completion(&crowd.go_on);
	init_waitqueue_head(&crowd.changed);
	fixture->reader.during = hold_the_first;
	atomic_set(&fake_below.waiters, 0);
}

static void start_reader(struct kunit *test, int (*how)(void *data))
{
	struct task_struct *task = kthread_create(how, NULL, "vmguestlib_test");

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	crowd.tasks[crowd.count++] = task;
	wake_up_process(task);
}

static void wait_for_waiters(int waiters)
{
	wait_event(fake_below.came, atomic_read(&fake_below.waiters) >= waiters);
}

static void wait_for_served(int served)
{
	wait_event(crowd.changed, atomic_read(&crowd.served) == served);
}

static void end_crowd(void)
{
	complete(&crowd.go_on);
	wait_for_served(crowd.count);
	while (crowd.count--) {
		kthread_stop(crowd.tasks[crowd.count]);
		put_task_struct(crowd.tasks[crowd.count]);
	}
}

/* Callers that come while a request is in flight share the next request. */
static void many_callers_share_a_request(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	int i;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	for (i = 0; i < READERS; i++)
		start_reader(test, read_one);
	wait_for_waiters(1 + READERS);
	end_crowd();
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

static void many_callers_share_a_failure(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	int i;

	fake_fail(&fixture->reader, ASK_3, -ETIMEDOUT);
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	for (i = 0; i < READERS; i++)
		start_reader(test, read_one);
	wait_for_waiters(1 + READERS);
	end_crowd();
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 1 + READERS);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

/* A recent snapshot is returned at once, also while a request is in flight. */
static void young_answer_needs_no_waiting(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0);
	fixture->reader.exchanges = 0;
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	wait_for_waiters(1);
	KUNIT_EXPECT_EQ(test, get(test, 1000), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake_below.waiters), 1);
	end_crowd();
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 1u);
}

/* Callers that accept an older snapshot share the request in flight. */
static void young_callers_share_the_request_in_flight(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	int i;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	for (i = 0; i < READERS; i++)
		start_reader(test, read_young);
	wait_for_waiters(1 + READERS);
	end_crowd();
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 0);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 1u);
}

/* A caller that the scheduler does not run delays no other caller. */
static void caller_that_does_not_run_delays_no_other(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	start_reader(test, read_one);
	wait_for_waiters(2);
	fake_stall(crowd.tasks[1]);
	start_reader(test, read_one);
	wait_for_waiters(3);
	complete(&crowd.go_on);
	KUNIT_EXPECT_NE(test, 0L,
			wait_event_timeout(crowd.changed,
					   atomic_read(&crowd.served) == 2, HZ));
	fake_stall(NULL);
	end_crowd();
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

static int read_with_a_signal(void *data)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	return read_one(data);
}

/* A caller that is interrupted while it waits does not affect the other callers. */
static void signal_while_waiting(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	start_reader(test, read_one);
	wait_for_completion(&crowd.asked);
	start_reader(test, read_with_a_signal);
	wait_for_served(1);
	start_reader(test, read_one);
	wait_for_waiters(3);
	end_crowd();
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 1);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 2u);
}

/* A signal to the only caller does not end the request, whose answer is kept. */
static void signal_to_the_only_caller(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	start_reader(test, read_with_a_signal);
	wait_for_completion(&crowd.asked);
	wait_for_served(1);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 1);
	start_reader(test, read_young);
	wait_for_waiters(2);
	end_crowd();
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.failed), 1);
	KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, 1u);
}

static void take_real_time(struct fake_transport *fake)
{
	complete(&crowd.asked);
	msleep(20);
}

/* The only caller has left, and its request is still in flight. */
static void destroyed_during_a_request(struct kunit *test)
{
	struct vmgl_snapshots *snapshots = snapshots_of(test);
	struct fixture *fixture = test->priv;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	begin_crowd(test);
	fixture->reader.during = take_real_time;
	start_reader(test, read_with_a_signal);
	wait_for_completion(&crowd.asked);
	vmgl_snapshots_destroy(snapshots);
	KUNIT_EXPECT_EQ(test, snapshots->done, 1u);
	end_crowd();
}

/* A single caller causes one request with each call. */
static void next_call_costs_one_request(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	unsigned int i;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	for (i = 1; i <= 100; i++) {
		KUNIT_EXPECT_EQ(test, get(test, 0), 0);
		KUNIT_EXPECT_EQ(test, fixture->reader.exchanges, i);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(snapshot_has_all_of_a_reply),
	KUNIT_CASE_PARAM(age_of_an_answer, ages_gen_params),
	KUNIT_CASE_PARAM(age_of_a_failure, failures_gen_params),
	KUNIT_CASE(slow_failure_is_shared),
	KUNIT_CASE(failure_replaces_nothing),
	KUNIT_CASE(failure_leaves_the_version),
	KUNIT_CASE(snapshot_costs_one_buffer),
	KUNIT_CASE(slow_answer_is_old),
	KUNIT_CASE_PARAM(refusal, refusals_gen_params),
	KUNIT_CASE(older_host),
	KUNIT_CASE(older_snapshot_is_kept),
	KUNIT_CASE(newer_version_is_malformed),
	KUNIT_CASE(older_host_that_refuses),
	KUNIT_CASE(session_changes_are_counted),
	KUNIT_CASE(restricted_snapshot_is_for_root),
	KUNIT_CASE(ordinary_snapshot_is_for_all),
	KUNIT_CASE(restriction_holds_for_a_session),
	KUNIT_CASE(restriction_ends_with_the_privilege),
	KUNIT_CASE(privileged_sender_is_refused_as_well),
	KUNIT_CASE(many_callers_share_a_request),
	KUNIT_CASE(many_callers_share_a_failure),
	KUNIT_CASE(young_answer_needs_no_waiting),
	KUNIT_CASE(young_callers_share_the_request_in_flight),
	KUNIT_CASE(caller_that_does_not_run_delays_no_other),
	KUNIT_CASE(signal_while_waiting),
	KUNIT_CASE(signal_to_the_only_caller),
	KUNIT_CASE(destroyed_during_a_request),
	KUNIT_CASE(next_call_costs_one_request),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_snapshot",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
