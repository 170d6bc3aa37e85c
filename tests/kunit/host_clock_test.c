// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Tests of the backdoor's commands for the time and the processor speed. */
#include <kunit/test.h>

#include "cases.h"
#include "fake_machine.h"
#include "host_clock.h"

static u32 eax, ebx;

static void serve(struct fake_regs *regs)
{
	regs->ax = eax;
	regs->bx = ebx;
}

static const struct time_case {
	const char *name;
	u32 eax;
	u32 ebx;
	int error;
} times[] = {
	{ "a time", 1700000000, 654321, 0 },
	{ "after 2038", 0xf0000000, 999999, 0 },
	{ "more than a second of microseconds", 1700000000, 1000000, -EPROTO },
	{ "command not known: all ones", 0xffffffff, 0, -EOPNOTSUPP },
	{ "command not known: the magic is still there", FAKE_MAGIC, 0,
	  -EOPNOTSUPP },
};

CASES(times);

static void host_time(struct kunit *test)
{
	const struct time_case *one = test->param_value;
	u64 sec = 1;
	u32 usec = 2;

	eax = one->eax;
	ebx = one->ebx;
	KUNIT_EXPECT_EQ(test, vmgl_host_time(&sec, &usec), one->error);
	KUNIT_EXPECT_EQ(test, fake_machine.last.cx, 23UL);
	KUNIT_EXPECT_EQ(test, sec, one->error ? 1 : (u64)one->eax);
	KUNIT_EXPECT_EQ(test, usec, one->error ? 2 : one->ebx);
}

static const struct speed_case {
	const char *name;
	u32 eax;
	int error;
} speeds[] = {
	{ "a speed", 2345, 0 },
	{ "none", 0, -EOPNOTSUPP },
	{ "command not known", 0xffffffff, -EOPNOTSUPP },
};

CASES(speeds);

static void cpu_speed(struct kunit *test)
{
	const struct speed_case *one = test->param_value;
	u32 mhz = 1;

	eax = one->eax;
	KUNIT_EXPECT_EQ(test, vmgl_cpu_speed(&mhz), one->error);
	KUNIT_EXPECT_EQ(test, fake_machine.last.cx, 1UL);
	KUNIT_EXPECT_EQ(test, mhz, one->error ? 1 : one->eax);
}

static int init(struct kunit *test)
{
	fake_machine_reset();
	fake_machine.serve = serve;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(host_time, times_gen_params),
	KUNIT_CASE_PARAM(cpu_speed, speeds_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_host_clock",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
