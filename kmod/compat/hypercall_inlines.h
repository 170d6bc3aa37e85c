/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * For kernels since 6.11, whose asm/vmware.h has one inline function for each set of
 * outputs.  The functions for low bandwidth also work in TDX guests.  The functions for high
 * bandwidth always use port I/O.
 */
#ifndef VMGL_COMPAT_HYPERCALL_INLINES_H
#define VMGL_COMPAT_HYPERCALL_INLINES_H

/* asm/vmware.h needs these two headers, but does not include them. */
#include <asm/processor.h>
#include <asm/unwind_hints.h>
#include <asm/vmware.h>
#include <linux/types.h>

#include "../hypercall.h"

static __always_inline void vmgl_compat_command(struct vmgl_regs *regs)
{
	regs->eax = vmware_hypercall4(regs->ecx, regs->ebx, &regs->ebx,
				      &regs->ecx, &regs->edx);
}

static __always_inline void vmgl_compat_open(struct vmgl_regs *regs)
{
	regs->eax = vmware_hypercall6(regs->ecx, regs->ebx, 0, &regs->ecx,
				      &regs->edx, &regs->esi, &regs->edi);
}

static __always_inline void vmgl_compat_step(struct vmgl_regs *regs)
{
	regs->eax = vmware_hypercall5(regs->ecx, regs->ebx,
				      regs->edx & 0xffff0000, regs->esi,
				      regs->edi, &regs->ecx);
}

static __always_inline void vmgl_compat_receive(struct vmgl_regs *regs)
{
	regs->eax = vmware_hypercall7(regs->ecx, regs->ebx,
				      regs->edx & 0xffff0000, regs->esi,
				      regs->edi, &regs->ebx, &regs->ecx,
				      &regs->edx);
}

static __always_inline u32 vmgl_compat_hb_out(u32 command, u16 channel,
					      u32 cookie_high, u32 cookie_low,
					      const void *data, size_t len)
{
	u32 status;

	vmware_hypercall_hb_out(command, len, (u32)channel << 16,
				(unsigned long)data, cookie_low, cookie_high,
				&status);
	return status;
}

static __always_inline u32 vmgl_compat_hb_in(u32 command, u16 channel,
					     u32 cookie_high, u32 cookie_low,
					     void *data, size_t len)
{
	u32 status;

	vmware_hypercall_hb_in(command, len, (u32)channel << 16, cookie_high,
			       (unsigned long)data, cookie_low, &status);
	return status;
}

#endif
