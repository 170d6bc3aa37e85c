/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The answers of CPUID about the hypervisor, as a function on register values.
 *
 * Source: the kernel's arch/x86/kernel/cpu/vmware.c and asm/vmware.h.
 */
#ifndef VMXSIM_CPUID_H
#define VMXSIM_CPUID_H

#include <stdbool.h>
#include <stdint.h>

/* The instruction that calls the host, by its number in ECX of CPUID leaf 0x40000010 */
enum hypercall {
	HYPERCALL_PORT,
	HYPERCALL_VMMCALL,
	HYPERCALL_VMCALL,
};

struct cpuid_host {
	bool named;		/* CPUID has the signature of VMware */
	enum hypercall hypercall;
	uint32_t tsc_khz;
	uint32_t bus_khz;	/* frequency of the local APIC */
};

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/*
 * @regs is the processor's own answer to @leaf.  Replaces the parts that the host answers
 * itself.  SVM is always hidden, because VMMCALL would not call the host in a guest that has
 * enabled SVM.
 */
void cpuid_answer(const struct cpuid_host *host, uint32_t leaf,
		  struct cpuid_regs *regs);

#endif
