/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Both ways in which kernels let a module enter the hypervisor. The tests compile both of them
 * on every kernel.
 */
#ifndef VMGL_KUNIT_HYPERCALL_ENTRY_H
#define VMGL_KUNIT_HYPERCALL_ENTRY_H

#include "hypercall.h"

/**
 * struct hypercall_entry - one of these ways
 * @name: name of this way in the results
 * @command: vmgl_compat_command()
 * @open: vmgl_compat_open()
 * @step: vmgl_compat_step()
 * @receive: vmgl_compat_receive()
 * @hb_out: vmgl_compat_hb_out()
 * @hb_in: vmgl_compat_hb_in()
 * @flags_out: low half of EDX at @hb_out; with inline functions, the kernel sets it
 * @flags_in: low half of EDX at @hb_in
 */
struct hypercall_entry {
	const char *name;
	void (*command)(struct vmgl_regs *regs);
	void (*open)(struct vmgl_regs *regs);
	void (*step)(struct vmgl_regs *regs);
	void (*receive)(struct vmgl_regs *regs);
	u32 (*hb_out)(u32 command, u16 channel, u32 cookie_high, u32 cookie_low,
		      const void *data, size_t len);
	u32 (*hb_in)(u32 command, u16 channel, u32 cookie_high, u32 cookie_low,
		     void *data, size_t len);
	u32 flags_out;
	u32 flags_in;
};

extern const struct hypercall_entry hypercall_inlines;
extern const struct hypercall_entry hypercall_macros;

/* For a file that includes one of the two headers compat/hypercall_*.h */
#define HYPERCALL_ENTRY(_name, _flags_out, _flags_in)			\
const struct hypercall_entry hypercall_##_name = {			\
	.name = #_name,							\
	.command = vmgl_compat_command,					\
	.open = vmgl_compat_open,					\
	.step = vmgl_compat_step,					\
	.receive = vmgl_compat_receive,					\
	.hb_out = vmgl_compat_hb_out,					\
	.hb_in = vmgl_compat_hb_in,					\
	.flags_out = _flags_out,					\
	.flags_in = _flags_in,						\
}

#endif
