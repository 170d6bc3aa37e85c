// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of loading, configuring and unloading the module. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/moduleparam.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "cases.h"
#include "device.h"
#include "fake_below.h"
#include "fake_machine.h"
#include "fake_main.h"
#include "fake_time.h"
#include "fake_vsock.h"
#include "heartbeat_private.h"

static void open_all(void)
{
	struct vmgl_device *device = fake_main.device;

	vmgl_rpc_open(&device->rpc, VMGL_PRIORITY_ROOT);
	vmgl_rpc_open(&device->privileged_rpc, VMGL_PRIORITY_ROOT);
	vmgl_rpc_open(&device->heartbeat_rpc, VMGL_PRIORITY_KERNEL);
}

/* Clears the device, as the kernel clears the data of a module that is loaded again. */
static void forget_device(void)
{
	memset(fake_main.device, 0, offsetof(struct vmgl_device, misc));
}

static void loaded_and_unloaded(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	KUNIT_EXPECT_STREQ(test, fake_main.log,
			   "lifecycle vmci sysfs misc watchdog");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fake_main.device);
	KUNIT_EXPECT_EQ(test, (int)fake_main.device->misc.mode, 0664);
	KUNIT_EXPECT_PTR_EQ(test, fake_main.device->events.device,
			    fake_main.device->misc.this_device);
	open_all();
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 3);

	fake_main.log[0] = '\0';
	fake_module_exit();
	KUNIT_EXPECT_STREQ(test, fake_main.log,
			   "-watchdog -misc -lifecycle -vmci");
	/* When the sysfs files are removed, their readers start no work and wait for no request. */
	KUNIT_EXPECT_STREQ(test, fake_main.state,
			   "watchdog misc:events:readers lifecycle:events:readers vmci:events:heartbeat:readers:rpc:sockets");
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	forget_device();
}

static struct task_struct *arbiter;
static bool arbiter_lives;

/* Stands for a request for statistics that goes on after its caller was killed. */
static void end_late(struct work_struct *work)
{
	msleep(300);
	arbiter_lives = !(READ_ONCE(arbiter->flags) & PF_EXITING);
}

/* The end of a request calls the arbiter, which must still exist. */
static void request_that_ends_late(struct kunit *test)
{
	struct vmgl_device *device;

	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	device = fake_main.device;
	arbiter = get_task_struct(device->heartbeat->worker->task);
	arbiter_lives = false;
	device->snapshots.work.func = end_late;
	queue_work(device->wq, &device->snapshots.work);
	fake_module_exit();
	KUNIT_EXPECT_TRUE(test, arbiter_lives);
	put_task_struct(arbiter);
	forget_device();
}

/* Privilege, waits and timeouts of each transport. The heartbeats have real-time threads. */
static void transports_of_the_device(struct kunit *test)
{
	struct vmgl_device *device;

	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	device = fake_main.device;
	KUNIT_EXPECT_FALSE(test, device->transports.vsock.transport.is_privileged);
	KUNIT_EXPECT_TRUE(test, device->privileged_transports.vsock.transport.is_privileged);
	KUNIT_EXPECT_TRUE(test, device->heartbeat_transports.vsock.transport.is_privileged);
	KUNIT_EXPECT_EQ(test, device->transports.vsock.wait_ms, 250u);
	KUNIT_EXPECT_EQ(test, device->privileged_transports.vsock.wait_ms, 1000u);
	KUNIT_EXPECT_EQ(test, device->heartbeat_transports.vsock.wait_ms, 250u);
	KUNIT_EXPECT_EQ(test, device->transports.vsock.timeout_ms, 1000u);
	KUNIT_EXPECT_EQ(test, device->heartbeat_transports.vsock.timeout_ms, 2000u);
	/* For the heartbeats: the threads of their connection, of the worker, and of the clock */
	KUNIT_EXPECT_EQ(test, fake_below.urgent_threads, 3u);
	fake_module_exit();
	forget_device();
}

static const struct refusal_case {
	const char *name;
	const char *log;
} refusals[] = {
	{ "lifecycle", "" },
	{ "vmci", "lifecycle -lifecycle" },
	{ "misc", "lifecycle vmci sysfs -lifecycle -vmci" },
};

CASES(refusals);

/* If one step of loading fails, the earlier steps are undone. */
static void kernel_that_refuses(struct kunit *test)
{
	const struct refusal_case *one = test->param_value;

	fake_main.refuses = one->name;
	KUNIT_EXPECT_EQ(test, fake_module_init(), -EEXIST);
	KUNIT_EXPECT_STREQ(test, fake_main.log, one->log);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	KUNIT_EXPECT_FALSE(test, fake_machine.is_open);
	/* After that the module can be loaded again. */
	fake_main_reset();
	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	fake_module_exit();
	forget_device();
}

static void foreign_machine(struct kunit *test)
{
	fake_main.is_vmware = false;
	KUNIT_EXPECT_EQ(test, fake_module_init(), -ENODEV);
	KUNIT_EXPECT_STREQ(test, fake_main.log, "");
	KUNIT_EXPECT_STREQ(test, fake_machine.log, "");
}

static void crash_kernel(struct kunit *test)
{
	fake_main.is_crash_kernel = true;
	KUNIT_EXPECT_EQ(test, fake_module_init(), 0);
	KUNIT_EXPECT_STREQ(test, fake_main.log, "");
	fake_module_exit();
	KUNIT_EXPECT_STREQ(test, fake_main.log, "");
}

/* Texts that are written to the parameter, and the texts that are read back */
static const struct choice_case {
	const char *name;
	bool is_admin;
	int error;
	const char *text;
} choices[] = {
	{ "auto", true, 0, "auto\n" },
	{ "vsock", true, 0, "vsock\n" },
	{ "backdoor\n", true, 0, "backdoor\n" },
	{ "vmci", true, -EINVAL, "auto\n" },
	{ "backdoor", false, -EPERM, "auto\n" },
};

CASES(choices);

static void choice_of_the_transport(struct kunit *test)
{
	const struct choice_case *one = test->param_value;
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	fake_below.is_admin = one->is_admin;
	KUNIT_EXPECT_EQ(test, fake_param_transport->set(one->name, NULL),
			one->error);
	KUNIT_EXPECT_EQ(test, fake_param_transport->get(page, NULL),
			(int)strlen(one->text));
	KUNIT_EXPECT_STREQ(test, page, one->text);
	free_page((unsigned long)page);
}

/* When a transport is forbidden, its open connections are closed at once. */
static void choice_closes_all(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	open_all();
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 3);
	KUNIT_EXPECT_EQ(test, fake_param_transport->set("backdoor", NULL), 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);

	fake_vsock.connects = true;
	KUNIT_EXPECT_EQ(test, fake_param_transport->set("auto", NULL), 0);
	open_all();
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 3);
	/* An unknown word closes nothing, nor does a caller without CAP_SYS_ADMIN. */
	fake_param_transport->set("none", NULL);
	fake_below.is_admin = false;
	fake_param_transport->set("backdoor", NULL);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 3);
	fake_below.is_admin = true;
	fake_module_exit();
	forget_device();

	/* After unloading there is nothing to close, and writing must not crash. */
	KUNIT_EXPECT_EQ(test, fake_param_transport->set("backdoor", NULL), 0);
}

static void choose_when_it_is_open(const char *what)
{
	if (strcmp(what, "watchdog"))
		return;
	open_all();
	fake_param_transport->set("backdoor", NULL);
}

/* The parameter can be written and the device opened before loading has ended. */
static void choice_while_it_is_loaded(struct kunit *test)
{
	fake_main.on_begin = choose_when_it_is_open;
	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	KUNIT_EXPECT_EQ(test, fake_vsock.sockets, 0);
	fake_module_exit();
	forget_device();
}

/* A session change is reported to the open files and to the arbiter of heartbeats. */
static void session_changes(struct kunit *test)
{
	struct vmgl_snapshots *snapshots;
	struct vmgl_device *device;

	KUNIT_ASSERT_EQ(test, fake_module_init(), 0);
	device = fake_main.device;
	snapshots = &device->snapshots;
	device->heartbeat->recheck = false;
	snapshots->session_changed(snapshots->session_changed_data);
	KUNIT_EXPECT_TRUE(test, device->heartbeat->recheck);
	KUNIT_EXPECT_EQ(test, device->events.changes[VMGL_CHANGE_SESSION], 1u);
	fake_module_exit();
	forget_device();
}

static int init(struct kunit *test)
{
	fake_below_reset();
	fake_time_reset();
	fake_machine_reset();
	fake_vsock_reset();
	fake_vsock.connects = true;
	fake_main_reset();
	return fake_param_transport->set("auto", NULL);
}

static void leave(struct kunit *test)
{
	fake_below.is_admin = true;
	fake_param_transport->set("auto", NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(loaded_and_unloaded),
	KUNIT_CASE(request_that_ends_late),
	KUNIT_CASE(transports_of_the_device),
	KUNIT_CASE_PARAM(kernel_that_refuses, refusals_gen_params),
	KUNIT_CASE(foreign_machine),
	KUNIT_CASE(crash_kernel),
	KUNIT_CASE_PARAM(choice_of_the_transport, choices_gen_params),
	KUNIT_CASE(choice_closes_all),
	KUNIT_CASE(choice_while_it_is_loaded),
	KUNIT_CASE(session_changes),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_main",
	.init = init,
	.exit = leave,
	.test_cases = cases,
};

kunit_test_suite(suite);
