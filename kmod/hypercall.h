/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Entry into the hypervisor.  No other layer uses the instructions that enter it.
 */
#ifndef VMGL_HYPERCALL_H
#define VMGL_HYPERCALL_H

#include <linux/types.h>

#define VMGL_BDOOR_MAGIC		0x564d5868

/* Commands, low half of ECX */
#define VMGL_BDOOR_CMD_GETMHZ		1
#define VMGL_BDOOR_CMD_GETVERSION	10
#define VMGL_BDOOR_CMD_GETTIME		23
#define VMGL_BDOOR_CMD_MESSAGE		30

/**
 * struct vmgl_regs - registers that carry data through a low-bandwidth call
 * @eax: result of a command; ignored as input, because EAX has to be VMGL_BDOOR_MAGIC
 * @ebx: argument and result
 * @ecx: command in the low half; message type (in) or status (out) in the high half
 * @edx: channel id in the high half; the low half is ignored as input, because the
 *	instruction that enters the hypervisor determines it
 * @esi: high half of the cookie
 * @edi: low half of the cookie
 *
 * The kernel-doc of each function names the registers that it reads and sets.
 */
struct vmgl_regs {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
	u32 esi;
	u32 edi;
};

bool vmgl_hypercall_available(void);
void vmgl_hypercall_command(struct vmgl_regs *regs);
void vmgl_hypercall_open(struct vmgl_regs *regs);
void vmgl_hypercall_step(struct vmgl_regs *regs);
void vmgl_hypercall_receive(struct vmgl_regs *regs);

bool vmgl_hypercall_hb_usable(void);
u32 vmgl_hypercall_hb_out(u16 channel, u32 cookie_high, u32 cookie_low,
			  const void *data, size_t len);
u32 vmgl_hypercall_hb_in(u16 channel, u32 cookie_high, u32 cookie_low,
			 void *data, size_t len);

#endif
