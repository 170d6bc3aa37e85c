// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The changes of the virtual host to the answers of CPUID.
 *
 * Links: tools/vmxsim/backdoor
 */
#include <string.h>

#include "backdoor/cpuid.h"
#include "ktap.h"

static const struct cpuid_host vmware = {
	.named = true, .hypercall = HYPERCALL_VMCALL,
	.tsc_khz = 2100123, .bus_khz = 1000000,
};
static const struct cpuid_host unnamed = { .tsc_khz = 1, .bus_khz = 1 };

/* Returns the answer of the host, if the processor answers ~0 in all registers of each leaf. */
static struct cpuid_regs answer(const struct cpuid_host *host, uint32_t leaf)
{
	struct cpuid_regs regs = { ~0u, ~0u, ~0u, ~0u };

	cpuid_answer(host, leaf, &regs);
	return regs;
}

static void check_zero(struct cpuid_regs regs)
{
	CHECK_EQ(regs.eax | regs.ebx | regs.ecx | regs.edx, 0);
}

KTAP_TEST(vendor)
{
	struct cpuid_regs regs = answer(&vmware, 0x40000000);
	char vendor[13] = "";

	memcpy(vendor, &regs.ebx, 4);
	memcpy(vendor + 4, &regs.ecx, 4);
	memcpy(vendor + 8, &regs.edx, 4);
	CHECK_STR(vendor, "VMwareVMware");
	CHECK_EQ(regs.eax, 0x40000010);
	check_zero(answer(&vmware, 0x40000001));
	check_zero(answer(&vmware, 0x400000ff));
}

KTAP_TEST(timing_and_hypercall)
{
	struct cpuid_regs regs = answer(&vmware, 0x40000010);

	CHECK_EQ(regs.eax, 2100123);
	CHECK_EQ(regs.ebx, 1000000);
	CHECK_EQ(regs.ecx, 2);
	CHECK_EQ(regs.edx, 0);
}

KTAP_TEST(hypervisor_bit)
{
	struct cpuid_regs regs = { 1, 2, 3, 4 };

	cpuid_answer(&vmware, 1, &regs);
	CHECK_EQ(regs.ecx, 0x80000003);
	CHECK_EQ(regs.eax, 1);
	regs.ecx = 3;
	cpuid_answer(&unnamed, 1, &regs);
	CHECK_EQ(regs.ecx, 3);
}

KTAP_TEST(no_leaf_without_a_name)
{
	check_zero(answer(&unnamed, 0x40000000));
	check_zero(answer(&unnamed, 0x40000010));
}

KTAP_TEST(svm_is_hidden)
{
	CHECK_EQ(answer(&vmware, 0x80000001).ecx, ~4u);
	CHECK_EQ(answer(&unnamed, 0x80000001).ecx, ~4u);
	check_zero(answer(&vmware, 0x8000000a));
}

KTAP_TEST(all_else_is_the_processor_s)
{
	static const uint32_t leaves[] = {
		0, 2, 7, 0x3fffffff, 0x40000100, 0x80000000, 0x80000008
	};
	size_t i;

	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		CHECK_EQ(answer(&vmware, leaves[i]).ecx, ~0u);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(vendor),
	KTAP_ENTRY(timing_and_hypercall),
	KTAP_ENTRY(hypervisor_bit),
	KTAP_ENTRY(no_leaf_without_a_name),
	KTAP_ENTRY(svm_is_hidden),
	KTAP_ENTRY(all_else_is_the_processor_s),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
