// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of events: which files report a change, and how many requests the watch makes. */
#include <kunit/test.h>
#include <linux/poll.h>

#include "cases.h"
#include "fake_below.h"
#include "fake_time.h"
#include "fixture.h"

#define OTHER_SESSION	0x99ULL

static struct vmgl_events *events_of(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return &fixture->device.events;
}

static unsigned int asked(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	unsigned int exchanges = fixture->reader.exchanges;

	fixture->reader.exchanges = 0;
	return exchanges;
}

static void no_watcher_no_traffic(struct kunit *test)
{
	struct vmgl_event_client client;

	vmgl_event_client_add(events_of(test), &client);
	fake_time_run_ms(86400000);
	KUNIT_EXPECT_EQ(test, asked(test), 0u);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events_of(test)->watch));
	vmgl_event_client_remove(events_of(test), &client);
}

static const struct watch_case {
	const char *name;
	u32 first_ms;
	u32 second_ms;
	u32 sysfs_ms;
	unsigned int least;
	unsigned int most;
} watches[] = {
	/* Numbers of requests in 60 s. Two requests are a jiffy further apart than the interval. */
	{ "one", 1000, 0, 0, 58, 61 },
	{ "the shorter interval of two", 10000, 1000, 0, 58, 61 },
	{ "sysfs alone", 0, 0, 10000, 6, 7 },
	{ "a longer interval in sysfs", 1000, 0, 10000, 58, 61 },
	{ "an hour", 3600000, 0, 0, 1, 1 },
	{ "none", 0, 0, 0, 0, 0 },
};

CASES(watches);

static void watch(struct kunit *test)
{
	const struct watch_case *one = test->param_value;
	struct vmgl_events *events = events_of(test);
	struct vmgl_event_client first, second;
	struct fixture *fixture = test->priv;
	unsigned int count;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	vmgl_event_client_add(events, &first);
	vmgl_event_client_add(events, &second);
	vmgl_event_client_watch(events, &first, one->first_ms);
	fake_time_run_ms(0);
	vmgl_event_client_watch(events, &second, one->second_ms);
	vmgl_events_set_interval(events, one->sysfs_ms);
	KUNIT_EXPECT_EQ(test, vmgl_events_interval(events), one->sysfs_ms);

	fake_time_run_ms(60000);
	count = asked(test);
	KUNIT_EXPECT_GE(test, count, one->least);
	KUNIT_EXPECT_LE(test, count, one->most);

	/* The watch ends when the files are removed. */
	vmgl_events_set_interval(events, 0);
	vmgl_event_client_remove(events, &second);
	vmgl_event_client_remove(events, &first);
	fake_time_run_ms(3600000);
	KUNIT_EXPECT_LE(test, asked(test), 0u);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->watch));
	KUNIT_EXPECT_NULL(test, timerqueue_getnext(&events->watchers));
}

/* A request of any caller postpones the next one of the watch. */
static void requests_of_others_count(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;
	int i;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 10000);
	fake_time_run_ms(0);
	KUNIT_EXPECT_EQ(test, asked(test), 1u);
	for (i = 0; i < 10; i++) {
		fake_time_run_ms(5000);
		vmgl_snapshot_put(vmgl_snapshot_get(&fixture->device.snapshots,
						    0));
	}
	KUNIT_EXPECT_EQ(test, asked(test), 10u);
	/* After another caller's request, the watch makes its next request 10 s later. */
	fake_time_run_ms(5000);
	vmgl_snapshot_put(vmgl_snapshot_get(&fixture->device.snapshots, 0));
	fake_time_run_ms(10200);
	KUNIT_EXPECT_EQ(test, asked(test), 2u);
	vmgl_event_client_remove(events, &client);
}

static void host_that_fails_is_asked_on(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;

	fake_fail(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 1000);
	fake_time_run_ms(10000);
	KUNIT_EXPECT_GE(test, asked(test), 5u);
	vmgl_event_client_remove(events, &client);
}

/*
 * After a failure the watch makes the next request after one second, and not after its interval
 * of one hour. The delay grows while requests fail.
 */
static void failure_is_no_reason_to_wait_an_hour(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	fake_fail_once(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 3600000);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_EQ(test, asked(test), 2u);
	fake_time_run_ms(3500000);
	KUNIT_EXPECT_EQ(test, asked(test), 0u);

	fake_fail(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	fake_time_run_ms(200000);
	KUNIT_EXPECT_GE(test, asked(test), 5u);
	fake_time_run_ms(10 * 3600000);
	KUNIT_EXPECT_LE(test, asked(test), 15u);

	/* After an answer, the delay begins with one second again. */
	fixture_serve_record(fixture, 3, RECORD_SESSION);
	fake_time_run_ms(2 * 3600000);
	KUNIT_EXPECT_GE(test, asked(test), 1u);
	fake_fail_once(&fixture->reader, "guestlib.info.get 3", -ETIMEDOUT);
	fake_time_run_ms(3600000 + 2000);
	KUNIT_EXPECT_EQ(test, asked(test), 2u);
	vmgl_event_client_remove(events, &client);
}

/* A task that sleeps in poll(), and the number of its wake-ups */
struct sleeper {
	wait_queue_entry_t entry;
	unsigned int woken;
};

static int count_wake(wait_queue_entry_t *entry, unsigned int mode, int flags,
		      void *key)
{
	struct sleeper *sleeper = container_of(entry, struct sleeper, entry);

	sleeper->woken++;
	return 0;
}

static void begin_sleep(struct vmgl_events *events,
			struct vmgl_event_client *client,
			struct sleeper *sleeper)
{
	*sleeper = (struct sleeper) {};
	init_waitqueue_func_entry(&sleeper->entry, count_wake);
	add_wait_queue(&client->changed, &sleeper->entry);
	vmgl_event_client_poll(events, client, NULL, NULL);
}

static void sleepers_are_woken(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct vmgl_event_client first, second;
	struct sleeper one, other;

	vmgl_event_client_add(events, &first);
	vmgl_event_client_add(events, &second);
	begin_sleep(events, &first, &one);
	begin_sleep(events, &second, &other);
	vmgl_events_status_changed(events);
	fake_time_run_ms(0);
	KUNIT_EXPECT_EQ(test, one.woken, 1u);
	KUNIT_EXPECT_EQ(test, other.woken, 1u);
	vmgl_events_session_changed(events);
	vmgl_events_session_changed(events);
	fake_time_run_ms(0);
	KUNIT_EXPECT_EQ(test, one.woken, 2u);

	/* The second task no longer sleeps. The first one is woken by the expiry of its client. */
	remove_wait_queue(&second.changed, &other.entry);
	vmgl_event_client_raise(events, &first, VMGUESTLIB_EVENT_EXPIRED);
	fake_time_run_ms(0);
	KUNIT_EXPECT_EQ(test, one.woken, 3u);
	KUNIT_EXPECT_EQ(test, other.woken, 2u);
	KUNIT_EXPECT_TRUE(test, list_empty(&events->due));
	remove_wait_queue(&first.changed, &one.entry);
	vmgl_event_client_remove(events, &second);
	vmgl_event_client_remove(events, &first);
	KUNIT_EXPECT_TRUE(test, list_empty(&events->sleepers));
}

/* A change does no work for files on which no task sleeps. */
static void open_files_cost_nothing(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct vmgl_event_client *files;
	unsigned int i, in_lists = 0;
	struct list_head *at;

	files = kunit_kzalloc(test, 1000 * sizeof(*files), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, files);
	for (i = 0; i < 1000; i++) {
		vmgl_event_client_add(events, &files[i]);
		vmgl_event_client_watch(events, &files[i], 3600000 - i);
		vmgl_event_client_poll(events, &files[i], NULL, NULL);
	}
	list_for_each(at, &events->sleepers)
		in_lists++;
	list_for_each(at, &events->due)
		in_lists++;
	KUNIT_EXPECT_EQ(test, in_lists, 0u);
	vmgl_events_session_changed(events);
	for (i = 0; i < 1000; i++) {
		KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &files[i]),
				(u32)VMGUESTLIB_EVENT_SESSION);
		vmgl_event_client_remove(events, &files[i]);
	}
}

static void change_session(struct kunit *test, u64 session)
{
	struct fixture *fixture = test->priv;
	struct vmgl_snapshot *snapshot;

	fixture_serve_record(fixture, 3, session);
	snapshot = vmgl_snapshot_get(&fixture->device.snapshots, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(snapshot));
	vmgl_snapshot_put(snapshot);
}

static void change_is_reported_to_all(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct vmgl_event_client first, second;

	vmgl_event_client_add(events, &first);
	change_session(test, RECORD_SESSION);
	KUNIT_EXPECT_EQ(test, (int)vmgl_event_client_poll(events, &first, NULL,
							  NULL), 0);
	vmgl_event_client_add(events, &second);
	change_session(test, OTHER_SESSION);
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &first),
			(u32)VMGUESTLIB_EVENT_SESSION);
	/* A fetch clears the events of its own file only. */
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &first), 0u);
	KUNIT_EXPECT_EQ(test, (int)vmgl_event_client_poll(events, &second, NULL,
							  NULL),
			(int)EPOLLPRI);
	vmgl_events_status_changed(events);
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &second),
			(u32)(VMGUESTLIB_EVENT_SESSION |
			      VMGUESTLIB_EVENT_STATUS));
	vmgl_event_client_raise(events, &second, VMGUESTLIB_EVENT_EXPIRED);
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &first),
			(u32)VMGUESTLIB_EVENT_STATUS);
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &second),
			(u32)VMGUESTLIB_EVENT_EXPIRED);
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &second), 0u);
	vmgl_event_client_remove(events, &second);
	vmgl_event_client_remove(events, &first);
}

static void change_before_there_is_a_device(struct kunit *test)
{
	change_session(test, RECORD_SESSION);
	change_session(test, OTHER_SESSION);
	vmgl_events_status_changed(events_of(test));
	fake_time_run_ms(1000);
	KUNIT_EXPECT_EQ(test, fake_below.uevents, 0u);
	KUNIT_EXPECT_STREQ(test, fake_below.notified, "");
}

static void change_is_announced(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	vmgl_events_start(events_of(test), &fixture->parent);
	change_session(test, RECORD_SESSION);
	change_session(test, OTHER_SESSION);
	fake_time_run_ms(0);
	KUNIT_EXPECT_EQ(test, fake_below.uevents, 1u);
	KUNIT_EXPECT_STREQ(test, fake_below.uevent, "GENERATION=1");
	KUNIT_EXPECT_STREQ(test, fake_below.notified, "generation");
	vmgl_events_status_changed(events_of(test));
	fake_time_run_ms(0);
	KUNIT_EXPECT_STREQ(test, fake_below.notified,
			   "generation heartbeat/status");
	KUNIT_EXPECT_EQ(test, fake_below.uevents, 1u);
}

/* The module sends at most one uevent per second. The last one has the latest generation. */
static void uevents_are_few(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	u64 session;

	vmgl_events_start(events_of(test), &fixture->parent);
	for (session = 1; session <= 100; session++) {
		change_session(test, session);
		fake_time_run_ms(50);
	}
	/* The changes took 5 s. */
	KUNIT_EXPECT_GE(test, fake_below.uevents, 5u);
	KUNIT_EXPECT_LE(test, fake_below.uevents, 6u);
	fake_time_run_ms(2000);
	KUNIT_EXPECT_LE(test, fake_below.uevents, 6u);
	KUNIT_EXPECT_STREQ(test, fake_below.uevent, "GENERATION=99");
}

/* No work item is bound to a processor, because the processor may be isolated. */
static void work_is_unbound(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;

	vmgl_events_start(events, &fixture->parent);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 1000);
	change_session(test, RECORD_SESSION);
	change_session(test, OTHER_SESSION);
	fake_time_run_ms(3000);
	/* The watch is queued once per second, and the two other work items once each. */
	KUNIT_EXPECT_GE(test, fake_below.queued, 5u);
	KUNIT_EXPECT_EQ(test, fake_below.bound, 0u);
	vmgl_event_client_remove(events, &client);
}

static void nothing_happens_after_the_end(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;

	vmgl_events_start(events, &fixture->parent);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 1000);
	change_session(test, RECORD_SESSION);
	fake_time_run_ms(3000);
	asked(test);

	vmgl_events_stop(events);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->watch));
	vmgl_event_client_watch(events, &client, 1);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->watch));
	vmgl_events_set_interval(events, 1);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->watch));
	fake_time_run_ms(3000);
	KUNIT_EXPECT_EQ(test, asked(test), 0u);

	change_session(test, OTHER_SESSION);
	vmgl_events_status_changed(events);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->notify));
	fake_time_run_ms(3000);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->announce));
	KUNIT_EXPECT_EQ(test, fake_below.uevents, 0u);
	KUNIT_EXPECT_STREQ(test, fake_below.notified, "");
	/* An open file still gets the event. */
	KUNIT_EXPECT_EQ(test, vmgl_event_client_fetch(events, &client),
			(u32)(VMGUESTLIB_EVENT_SESSION |
			      VMGUESTLIB_EVENT_STATUS));
	vmgl_event_client_remove(events, &client);
}

/* A work item that runs during vmgl_events_stop() queues no other work item. */
static void work_in_flight_at_the_end(struct kunit *test)
{
	struct vmgl_events *events = events_of(test);
	struct fixture *fixture = test->priv;
	struct vmgl_event_client client;

	fixture_serve_record(fixture, 3, RECORD_SESSION);
	vmgl_events_start(events, &fixture->parent);
	vmgl_event_client_add(events, &client);
	vmgl_event_client_watch(events, &client, 1000);
	vmgl_events_session_changed(events);
	events->stopped = true;
	events->watch.work.func(&events->watch.work);
	fake_time_run_ms(0);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->announce));
	KUNIT_EXPECT_EQ(test, fake_below.uevents, 0u);
	fake_time_run_ms(10000);
	KUNIT_EXPECT_FALSE(test, fake_work_is_queued(&events->watch));
	KUNIT_EXPECT_LE(test, asked(test), 1u);
	vmgl_event_client_remove(events, &client);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_watcher_no_traffic),
	KUNIT_CASE_PARAM(watch, watches_gen_params),
	KUNIT_CASE(requests_of_others_count),
	KUNIT_CASE(host_that_fails_is_asked_on),
	KUNIT_CASE(failure_is_no_reason_to_wait_an_hour),
	KUNIT_CASE(sleepers_are_woken),
	KUNIT_CASE(open_files_cost_nothing),
	KUNIT_CASE(change_is_reported_to_all),
	KUNIT_CASE(change_before_there_is_a_device),
	KUNIT_CASE(change_is_announced),
	KUNIT_CASE(uevents_are_few),
	KUNIT_CASE(work_is_unbound),
	KUNIT_CASE(nothing_happens_after_the_end),
	KUNIT_CASE(work_in_flight_at_the_end),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_events",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
