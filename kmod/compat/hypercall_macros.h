/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * For kernels up to 6.10, whose asm/vmware.h has macros for the instruction.  The kernel
 * patches the instruction for the machine.  The user of a macro sets the registers.
 */
#ifndef VMGL_COMPAT_HYPERCALL_MACROS_H
#define VMGL_COMPAT_HYPERCALL_MACROS_H

#include <asm/asm.h>
#include <asm/vmware.h>
#include <linux/bits.h>
#include <linux/types.h>

#include "../hypercall.h"

/*
 * Executes a low-bandwidth call.  All six registers are outputs of each command, because a
 * host may fill any of them, and an emulator may change the upper halves of the 64-bit
 * registers.
 */
static __always_inline void vmgl_compat_lb(struct vmgl_regs *regs)
{
	unsigned long eax = VMGL_BDOOR_MAGIC, ebx = regs->ebx, ecx = regs->ecx;
	unsigned long edx = regs->edx & ~0xffffUL, esi = regs->esi;
	unsigned long edi = regs->edi;

	asm volatile(VMWARE_HYPERCALL
		     : "+a" (eax), "+b" (ebx), "+c" (ecx), "+d" (edx),
		       "+S" (esi), "+D" (edi)
		     : : "cc", "memory");

	*regs = (struct vmgl_regs) {
		.eax = eax, .ebx = ebx, .ecx = ecx,
		.edx = edx, .esi = esi, .edi = edi,
	};
}

static __always_inline void vmgl_compat_command(struct vmgl_regs *regs)
{
	vmgl_compat_lb(regs);
}

static __always_inline void vmgl_compat_open(struct vmgl_regs *regs)
{
	vmgl_compat_lb(regs);
}

static __always_inline void vmgl_compat_step(struct vmgl_regs *regs)
{
	vmgl_compat_lb(regs);
}

static __always_inline void vmgl_compat_receive(struct vmgl_regs *regs)
{
	vmgl_compat_lb(regs);
}

/*
 * An argument has to be in RBP, which may be the frame pointer.  RBP is therefore
 * exchanged, before and after the instruction, with a register that the compiler has
 * chosen.  The direction flag is clear in all kernel code, so CLD is not needed.
 */
#define VMGL_WITH_RBP(insn)				\
	"xchg %%" _ASM_BP ", %[ebp]\n\t"		\
	insn "\n\t"					\
	"xchg %%" _ASM_BP ", %[ebp]\n\t"

static __always_inline u32 vmgl_compat_hb_out(u32 command, u16 channel,
					      u32 cookie_high, u32 cookie_low,
					      const void *data, size_t len)
{
	unsigned long eax = VMGL_BDOOR_MAGIC, ebx = command, ecx = len;
	unsigned long esi = (unsigned long)data, edi = cookie_low;
	unsigned long ebp = cookie_high;
	unsigned long edx = (u32)channel << 16 | VMWARE_HYPERVISOR_HB |
			    VMWARE_HYPERVISOR_OUT;

	asm volatile(VMGL_WITH_RBP(VMWARE_HYPERCALL_HB_OUT)
		     : "+a" (eax), "+b" (ebx), "+c" (ecx), "+d" (edx),
		       "+S" (esi), "+D" (edi), [ebp] "+r" (ebp)
		     : : "cc", "memory");
	return ebx;
}

static __always_inline u32 vmgl_compat_hb_in(u32 command, u16 channel,
					     u32 cookie_high, u32 cookie_low,
					     void *data, size_t len)
{
	unsigned long eax = VMGL_BDOOR_MAGIC, ebx = command, ecx = len;
	unsigned long esi = cookie_high, edi = (unsigned long)data;
	unsigned long ebp = cookie_low;
	unsigned long edx = (u32)channel << 16 | VMWARE_HYPERVISOR_HB;

	asm volatile(VMGL_WITH_RBP(VMWARE_HYPERCALL_HB_IN)
		     : "+a" (eax), "+b" (ebx), "+c" (ecx), "+d" (edx),
		       "+S" (esi), "+D" (edi), [ebp] "+r" (ebp)
		     : : "cc", "memory");
	return ebx;
}

#undef VMGL_WITH_RBP

#endif
