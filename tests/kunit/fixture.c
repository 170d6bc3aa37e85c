// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Creates and destroys the device that the tests use. */
#include <kunit/test.h>

#include "compat/workqueue.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_time.h"
#include "fake_user.h"
#include "fixture.h"
#include "heartbeat_private.h"

static void session_changed(void *data)
{
	struct fixture *fixture = data;

	fixture->session_changes++;
	vmgl_events_session_changed(&fixture->device.events);
}

/* Sets up a host that refuses no request. Application monitoring is not enabled yet. */
static void answer_monitoring(struct fake_transport *fake)
{
	fake_answer(fake, FIXTURE_MONITOR "IsEnabled", "1 false");
	fake_answer(fake, FIXTURE_MONITOR "Enable", "1 0");
	fake_answer(fake, FIXTURE_MONITOR "Disable", "1 0");
	fake_answer(fake, FIXTURE_MONITOR "MarkActive", "1 0");
	fake_answer(fake, FIXTURE_MONITOR "PostAppState", "1 0");
	fake_answer(fake, FIXTURE_MONITOR "GetAppStatus", "1 green");
}

/* Sets the answer to the following requests for statistics. */
void fixture_serve_record(struct fixture *fixture, u32 version, u64 session)
{
	record_make(&fixture->record, version, session);
	fake_answer_bytes(&fixture->reader,
			  version == 2 ? "guestlib.info.get 2" :
					 "guestlib.info.get 3",
			  fixture->record.bytes, fixture->record.len);
}

/* Returns the requests about heartbeats since the last call. */
const char *fixture_said(struct fixture *fixture)
{
	return fake_talk(&fixture->beat, FIXTURE_MONITOR);
}

static void reset_fakes(void)
{
	fake_below_reset();
	fake_time_reset();
	fake_machine_reset();
	fake_user_reset();
}

int fixture_init(struct kunit *test)
{
	struct fixture *fixture = kunit_kzalloc(test, sizeof(*fixture),
						GFP_KERNEL);
	struct vmgl_device *device;

	if (!fixture)
		return -ENOMEM;
	reset_fakes();
	device = &fixture->device;
	fake_transport_init(&fixture->reader);
	fake_transport_init(&fixture->privileged);
	fake_transport_init(&fixture->beat);
	answer_monitoring(&fixture->reader);
	answer_monitoring(&fixture->privileged);
	answer_monitoring(&fixture->beat);
	vmgl_rpc_init(&device->rpc, &fixture->reader.transport,
		      &device->counters, system_dfl_wq);
	vmgl_rpc_init(&device->privileged_rpc, &fixture->privileged.transport,
		      &device->counters, system_dfl_wq);
	vmgl_rpc_init(&device->heartbeat_rpc, &fixture->beat.transport,
		      &device->counters, system_dfl_wq);
	if (vmgl_page_init(&device->page))
		return -ENOMEM;
	vmgl_snapshots_init(&device->snapshots, &device->rpc,
			    &device->privileged_rpc, &device->page, system_dfl_wq,
			    session_changed, fixture);
	vmgl_events_init(&device->events, &device->snapshots);
	device->max_age_ms = 1000;
	dev_set_drvdata(&fixture->parent, &device->misc);
	device->heartbeat = vmgl_heartbeat_create(&device->heartbeat_rpc,
						  &device->events);
	if (IS_ERR(device->heartbeat))
		return PTR_ERR(device->heartbeat);
	test->priv = fixture;
	return 0;
}

/* The owners were on the stack of a test case that has ended, so they are detached. */
static void detach_all(struct vmgl_heartbeat *hb)
{
	struct vmgl_heartbeat_client *client, *next;

	vmgl_hb_lock(hb);
	list_for_each_entry_safe(client, next, &hb->clients, entry) {
		client->owner = NULL;
		vmgl_hb_detach(hb, client);
	}
	vmgl_hb_unlock(hb);
}

/* Removes the remaining clients without a Disable. Nothing may pin the module then. */
void fixture_exit(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	if (!fixture)
		return;
	fake_time.stuck = NULL;
	fake_time.has_signal = false;
	vmgl_events_stop(&fixture->device.events);
	detach_all(fixture->device.heartbeat);
	KUNIT_EXPECT_EQ(test, fake_below.pins, 0);
	vmgl_heartbeat_stop(fixture->device.heartbeat);
	vmgl_snapshots_destroy(&fixture->device.snapshots);
	vmgl_heartbeat_destroy(fixture->device.heartbeat);
	vmgl_page_destroy(&fixture->device.page);
	vmgl_rpc_close(&fixture->device.heartbeat_rpc);
	vmgl_rpc_close(&fixture->device.privileged_rpc);
	vmgl_rpc_close(&fixture->device.rpc);
	vmgl_rpc_destroy(&fixture->device.heartbeat_rpc);
	vmgl_rpc_destroy(&fixture->device.privileged_rpc);
	vmgl_rpc_destroy(&fixture->device.rpc);
}
