// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "backdoor/cpuid.h"

#include <string.h>

#define LEAF_FEATURES		0x1u
#define LEAF_VENDOR		0x40000000u
#define LEAF_TIMING		0x40000010u
#define LEAF_HYPERVISOR_LAST	0x400000ffu
#define LEAF_AMD_FEATURES	0x80000001u
#define LEAF_SVM		0x8000000au

#define FEATURE_HYPERVISOR	(1u << 31)	/* ECX of leaf 1 */
#define FEATURE_SVM		(1u << 2)	/* ECX of leaf 0x80000001 */

static void answer_vendor(struct cpuid_regs *regs)
{
	regs->eax = LEAF_TIMING;
	memcpy(&regs->ebx, "VMwa", sizeof(regs->ebx));
	memcpy(&regs->ecx, "reVM", sizeof(regs->ecx));
	memcpy(&regs->edx, "ware", sizeof(regs->edx));
}

static void answer_hypervisor(const struct cpuid_host *host, uint32_t leaf,
			      struct cpuid_regs *regs)
{
	*regs = (struct cpuid_regs) { 0 };
	if (!host->named)
		return;
	if (leaf == LEAF_VENDOR)
		answer_vendor(regs);
	else if (leaf == LEAF_TIMING)
		*regs = (struct cpuid_regs) {
			.eax = host->tsc_khz, .ebx = host->bus_khz,
			.ecx = host->hypercall,
		};
}

void cpuid_answer(const struct cpuid_host *host, uint32_t leaf,
		  struct cpuid_regs *regs)
{
	if (leaf >= LEAF_VENDOR && leaf <= LEAF_HYPERVISOR_LAST)
		answer_hypervisor(host, leaf, regs);
	else if (leaf == LEAF_FEATURES && host->named)
		regs->ecx |= FEATURE_HYPERVISOR;
	else if (leaf == LEAF_AMD_FEATURES)
		regs->ecx &= ~FEATURE_SVM;
	else if (leaf == LEAF_SVM)
		*regs = (struct cpuid_regs) { 0 };
}
