/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The registers of a vCPU that the backdoor uses */
#ifndef VMXSIM_QEMU_REGS_H
#define VMXSIM_QEMU_REGS_H

#include <stdint.h>

#include "backdoor/channel.h"
#include "qemu/symbols.h"

/* The numbers of the registers in gdb's protocol */
enum {
	REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
	GUEST_REGS,
	REG_RIP = 16,
	REG_CS = 18,
};

struct cpu_regs {
	uint64_t full[GUEST_REGS];
	struct guest_regs guest;
};

/* Returns a register of a vCPU that is in a helper, or runs no translated code. */
uint64_t cpu_reg(struct qemu_cpu *cpu, int number);
void cpu_set_reg(struct qemu_cpu *cpu, int number, uint64_t value);

void cpu_regs_read(struct qemu_cpu *cpu, struct cpu_regs *regs);

/*
 * Writes the registers from @first on that have changed in @regs->guest.  Their upper halves
 * keep their values.
 */
void cpu_regs_write(struct qemu_cpu *cpu, const struct cpu_regs *regs, int first);

#endif
