// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Tests of the entry into the hypervisor: the registers before and after a hypercall, and the
 * machines on which the module makes hypercalls.
 */
#include <kunit/test.h>

#include "cases.h"
#include "fake_machine.h"
#include "hypercall.h"
#include "hypercall_entry.h"

#define HIGH_GARBAGE	0x5eed5eed00000000UL

/* Changes every register that carries data, including its upper 32 bits. */
static void change_all(struct fake_regs *regs)
{
	regs->ax = HIGH_GARBAGE | 0xa0a0a0a0;
	regs->bx = HIGH_GARBAGE | 0xb0b0b0b0;
	regs->cx = HIGH_GARBAGE | 0xc0c0c0c0;
	regs->dx = HIGH_GARBAGE | 0xd0d0d0d0;
	regs->si = HIGH_GARBAGE | 0x51515151;
	regs->di = HIGH_GARBAGE | 0xd1d1d1d1;
	if (regs->kind != FAKE_LB)
		regs->bp = HIGH_GARBAGE | 0xb9b9b9b9;
}

static const struct vmgl_regs filled = {
	.ebx = 0x11111111, .ecx = 0x0001001e, .edx = 0x00071234,
	.esi = 0x44444444, .edi = 0x55555555,
};

static const struct hypercall_entry *entry_of(struct kunit *test)
{
	return *(const struct hypercall_entry *const *)test->param_value;
}

static const struct hypercall_entry *const entries[] = {
	&hypercall_inlines, &hypercall_macros,
};

static void entry_name(const struct hypercall_entry *const *entry, char *name)
{
	strscpy(name, (*entry)->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(entries, entries, entry_name);

static void expect_sent(struct kunit *test, u32 edx, u32 esi, u32 edi)
{
	const struct fake_regs *last = &fake_machine.last;

	KUNIT_EXPECT_EQ(test, last->kind, (unsigned long)FAKE_LB);
	KUNIT_EXPECT_EQ(test, last->ax, (unsigned long)FAKE_MAGIC);
	KUNIT_EXPECT_EQ(test, last->bx, (unsigned long)filled.ebx);
	KUNIT_EXPECT_EQ(test, last->cx, (unsigned long)filled.ecx);
	KUNIT_EXPECT_EQ(test, last->dx, (unsigned long)edx);
	KUNIT_EXPECT_EQ(test, last->si, (unsigned long)esi);
	KUNIT_EXPECT_EQ(test, last->di, (unsigned long)edi);
}

static void command_gives_four_registers(struct kunit *test)
{
	struct vmgl_regs regs = { .ebx = filled.ebx, .ecx = filled.ecx };

	entry_of(test)->command(&regs);
	expect_sent(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, regs.eax, 0xa0a0a0a0u);
	KUNIT_EXPECT_EQ(test, regs.ebx, 0xb0b0b0b0u);
	KUNIT_EXPECT_EQ(test, regs.ecx, 0xc0c0c0c0u);
	KUNIT_EXPECT_EQ(test, regs.edx, 0xd0d0d0d0u);
}

static void open_gives_channel_and_cookies(struct kunit *test)
{
	struct vmgl_regs regs = { .ebx = filled.ebx, .ecx = filled.ecx };

	entry_of(test)->open(&regs);
	expect_sent(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, regs.ecx, 0xc0c0c0c0u);
	KUNIT_EXPECT_EQ(test, regs.edx, 0xd0d0d0d0u);
	KUNIT_EXPECT_EQ(test, regs.esi, 0x51515151u);
	KUNIT_EXPECT_EQ(test, regs.edi, 0xd1d1d1d1u);
}

/* The low half of EDX is not part of the status: the entry code uses it. */
static void step_gives_a_status(struct kunit *test)
{
	struct vmgl_regs regs = filled;

	entry_of(test)->step(&regs);
	expect_sent(test, 0x00070000, filled.esi, filled.edi);
	KUNIT_EXPECT_EQ(test, regs.ecx, 0xc0c0c0c0u);
}

static void receive_gives_value_and_kind(struct kunit *test)
{
	struct vmgl_regs regs = filled;

	entry_of(test)->receive(&regs);
	expect_sent(test, 0x00070000, filled.esi, filled.edi);
	KUNIT_EXPECT_EQ(test, regs.ebx, 0xb0b0b0b0u);
	KUNIT_EXPECT_EQ(test, regs.ecx, 0xc0c0c0c0u);
	KUNIT_EXPECT_EQ(test, regs.edx, 0xd0d0d0d0u);
}

static void high_bandwidth_out(struct kunit *test)
{
	const struct hypercall_entry *entry = entry_of(test);
	const struct fake_regs *last = &fake_machine.last;
	static const char data[] = "payload";
	u32 status;

	status = entry->hb_out(0x10000, FAKE_CHANNEL, FAKE_COOKIE_HIGH,
			       FAKE_COOKIE_LOW, data, sizeof(data));
	KUNIT_EXPECT_EQ(test, status, 0xb0b0b0b0u);
	KUNIT_EXPECT_EQ(test, last->kind, (unsigned long)FAKE_HB_OUT);
	KUNIT_EXPECT_EQ(test, last->ax, (unsigned long)FAKE_MAGIC);
	KUNIT_EXPECT_EQ(test, last->bx, 0x10000UL);
	KUNIT_EXPECT_EQ(test, last->cx, sizeof(data));
	KUNIT_EXPECT_EQ(test, last->dx,
			(unsigned long)FAKE_CHANNEL << 16 | entry->flags_out);
	KUNIT_EXPECT_EQ(test, last->si, (unsigned long)data);
	KUNIT_EXPECT_EQ(test, last->di, (unsigned long)FAKE_COOKIE_LOW);
	KUNIT_EXPECT_EQ(test, last->bp, (unsigned long)FAKE_COOKIE_HIGH);
}

/* RSI, RDI and RBP have other contents for a transfer from the host than for one to the host. */
static void high_bandwidth_in(struct kunit *test)
{
	const struct hypercall_entry *entry = entry_of(test);
	const struct fake_regs *last = &fake_machine.last;
	char data[16];
	u32 status;

	status = entry->hb_in(0x10000, FAKE_CHANNEL, FAKE_COOKIE_HIGH,
			      FAKE_COOKIE_LOW, data, sizeof(data));
	KUNIT_EXPECT_EQ(test, status, 0xb0b0b0b0u);
	KUNIT_EXPECT_EQ(test, last->kind, (unsigned long)FAKE_HB_IN);
	KUNIT_EXPECT_EQ(test, last->bx, 0x10000UL);
	KUNIT_EXPECT_EQ(test, last->cx, sizeof(data));
	KUNIT_EXPECT_EQ(test, last->dx,
			(unsigned long)FAKE_CHANNEL << 16 | entry->flags_in);
	KUNIT_EXPECT_EQ(test, last->si, (unsigned long)FAKE_COOKIE_HIGH);
	KUNIT_EXPECT_EQ(test, last->di, (unsigned long)data);
	KUNIT_EXPECT_EQ(test, last->bp, (unsigned long)FAKE_COOKIE_LOW);
}

static void answer_version(struct fake_regs *regs)
{
	regs->ax = 6;
	regs->bx = FAKE_MAGIC;
}

static void answer_no_version(struct fake_regs *regs)
{
	regs->ax = 0xffffffff;
	regs->bx = FAKE_MAGIC;
}

static void answer_without_magic(struct fake_regs *regs)
{
	regs->ax = 6;
}

static const struct machine_case {
	const char *name;
	bool is_known;
	bool has_hypervisor;
	const char *vendor;
	const char *serial;
	void (*serve)(struct fake_regs *regs);
	bool is_entered;
	bool is_available;
} machines[] = {
	{ "found by the kernel", true, true, "VMwareVMware", NULL,
	  answer_version, true, true },
	{ "nopv, found by CPUID", false, true, "VMwareVMware", NULL,
	  answer_version, true, true },
	{ "nopv, found by its serial number", false, false, "", "VMware-56 4d",
	  answer_version, true, true },
	{ "serial number that only contains the name", false, false, "",
	  "56 VMware", answer_version, true, true },
	{ "another hypervisor with VMware's serial number", false, true,
	  "KVMKVMKVM", "VMware-56 4d", answer_version, false, false },
	{ "bare metal", false, false, "", "1234567", answer_version, false,
	  false },
	{ "bare metal without a serial number", false, false, "", NULL,
	  answer_version, false, false },
	{ "no backdoor behind the name", true, true, "VMwareVMware", NULL,
	  answer_no_version, true, false },
	{ "a version without the magic", true, true, "VMwareVMware", NULL,
	  answer_without_magic, true, false },
};

CASES(machines);

static void is_found(struct kunit *test)
{
	const struct machine_case *one = test->param_value;

	fake_machine.is_known = one->is_known;
	fake_machine.has_hypervisor = one->has_hypervisor;
	strscpy(fake_machine.vendor, one->vendor, sizeof(fake_machine.vendor));
	fake_machine.serial = one->serial;
	fake_machine.serve = one->serve;

	KUNIT_EXPECT_EQ(test, vmgl_hypercall_available(), one->is_available);
	KUNIT_EXPECT_EQ(test, fake_machine.last.ax == FAKE_MAGIC,
			one->is_entered);
	/* If EBX held the magic number, a missing answer would look like one. */
	if (one->is_entered)
		KUNIT_EXPECT_EQ(test, (u32)fake_machine.last.bx,
				~(u32)FAKE_MAGIC);
}

static void encrypted_memory_has_no_high_bandwidth(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vmgl_hypercall_hb_usable());
	fake_machine.is_encrypted = true;
	KUNIT_EXPECT_FALSE(test, vmgl_hypercall_hb_usable());
}

static int init(struct kunit *test)
{
	fake_machine_reset();
	fake_machine.serve = change_all;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(command_gives_four_registers, entries_gen_params),
	KUNIT_CASE_PARAM(open_gives_channel_and_cookies, entries_gen_params),
	KUNIT_CASE_PARAM(step_gives_a_status, entries_gen_params),
	KUNIT_CASE_PARAM(receive_gives_value_and_kind, entries_gen_params),
	KUNIT_CASE_PARAM(high_bandwidth_out, entries_gen_params),
	KUNIT_CASE_PARAM(high_bandwidth_in, entries_gen_params),
	KUNIT_CASE_PARAM(is_found, machines_gen_params),
	KUNIT_CASE(encrypted_memory_has_no_high_bandwidth),
	{}
};

static struct kunit_suite suite = {
	.name = "vmguestlib_hypercall",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
