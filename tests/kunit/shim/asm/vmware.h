/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Replaces the kernel's header of the same name, in both of its shapes, by an entry
 * into a fake hypervisor.
 *
 * The instruction of the old shape is replaced by a call that sees the registers as
 * the hypervisor would.  The call must not touch the red zone, which the compiler
 * may use below the stack pointer.
 */
#ifndef _ASM_X86_VMWARE_H
#define _ASM_X86_VMWARE_H

#include <linux/bits.h>
#include <linux/types.h>

#include "../../fake_machine.h"

#define VMWARE_HYPERVISOR_PORT		0x5658
#define VMWARE_HYPERVISOR_PORT_HB	0x5659
#define VMWARE_HYPERVISOR_HB		BIT(0)
#define VMWARE_HYPERVISOR_OUT		BIT(1)

#define FAKE_TRAP(name)				\
	"lea -128(%%rsp), %%rsp\n\t"		\
	"call " name "\n\t"			\
	"lea 128(%%rsp), %%rsp"

#define VMWARE_HYPERCALL		FAKE_TRAP("fake_trap_lb")
#define VMWARE_HYPERCALL_HB_OUT		FAKE_TRAP("fake_trap_hb_out")
#define VMWARE_HYPERCALL_HB_IN		FAKE_TRAP("fake_trap_hb_in")

static inline unsigned long
vmware_hypercall4(unsigned long cmd, unsigned long in1, u32 *out1, u32 *out2,
		  u32 *out3)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = in1, .cx = cmd, .kind = FAKE_LB,
	};

	fake_hypercall(&regs);
	*out1 = regs.bx;
	*out2 = regs.cx;
	*out3 = regs.dx;
	return regs.ax;
}

static inline unsigned long
vmware_hypercall5(unsigned long cmd, unsigned long in1, unsigned long in3,
		  unsigned long in4, unsigned long in5, u32 *out2)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = in1, .cx = cmd, .dx = in3, .si = in4,
		.di = in5, .kind = FAKE_LB,
	};

	fake_hypercall(&regs);
	*out2 = regs.cx;
	return regs.ax;
}

static inline unsigned long
vmware_hypercall6(unsigned long cmd, unsigned long in1, unsigned long in3,
		  u32 *out2, u32 *out3, u32 *out4, u32 *out5)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = in1, .cx = cmd, .dx = in3, .kind = FAKE_LB,
	};

	fake_hypercall(&regs);
	*out2 = regs.cx;
	*out3 = regs.dx;
	*out4 = regs.si;
	*out5 = regs.di;
	return regs.ax;
}

static inline unsigned long
vmware_hypercall7(unsigned long cmd, unsigned long in1, unsigned long in3,
		  unsigned long in4, unsigned long in5, u32 *out1, u32 *out2,
		  u32 *out3)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = in1, .cx = cmd, .dx = in3, .si = in4,
		.di = in5, .kind = FAKE_LB,
	};

	fake_hypercall(&regs);
	*out1 = regs.bx;
	*out2 = regs.cx;
	*out3 = regs.dx;
	return regs.ax;
}

static inline unsigned long
vmware_hypercall_hb_out(unsigned long cmd, unsigned long in2, unsigned long in3,
			unsigned long in4, unsigned long in5, unsigned long in6,
			u32 *out1)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = cmd, .cx = in2, .dx = in3, .si = in4,
		.di = in5, .bp = in6, .kind = FAKE_HB_OUT,
	};

	fake_hypercall(&regs);
	*out1 = regs.bx;
	return regs.ax;
}

static inline unsigned long
vmware_hypercall_hb_in(unsigned long cmd, unsigned long in2, unsigned long in3,
		       unsigned long in4, unsigned long in5, unsigned long in6,
		       u32 *out1)
{
	struct fake_regs regs = {
		.ax = FAKE_MAGIC, .bx = cmd, .cx = in2, .dx = in3, .si = in4,
		.di = in5, .bp = in6, .kind = FAKE_HB_IN,
	};

	fake_hypercall(&regs);
	*out1 = regs.bx;
	return regs.ax;
}

#endif
