// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "qemu/regs.h"

#include <string.h>

uint64_t cpu_reg(struct qemu_cpu *cpu, int number)
{
	/* Each thread has its own array, because helpers run without QEMU's big lock. */
	static __thread struct glib_byte_array *bytes;
	uint64_t value = 0;

	if (!bytes)
		bytes = qemu.g_byte_array_new();
	qemu.g_byte_array_set_size(bytes, 0);
	qemu.x86_cpu_gdb_read_register(cpu, bytes, number);
	memcpy(&value, bytes->data,
	       bytes->len < sizeof(value) ? bytes->len : sizeof(value));
	return value;
}

void cpu_set_reg(struct qemu_cpu *cpu, int number, uint64_t value)
{
	qemu.x86_cpu_gdb_write_register(cpu, (uint8_t *)&value, number);
}

static uint32_t *guest_reg(struct guest_regs *regs, int number)
{
	uint32_t *const in_gdb_order[GUEST_REGS] = {
		&regs->eax, &regs->ebx, &regs->ecx, &regs->edx,
		&regs->esi, &regs->edi, &regs->ebp,
	};

	return in_gdb_order[number];
}

void cpu_regs_read(struct qemu_cpu *cpu, struct cpu_regs *regs)
{
	int n;

	for (n = 0; n < GUEST_REGS; n++) {
		regs->full[n] = cpu_reg(cpu, n);
		*guest_reg(&regs->guest, n) = (uint32_t)regs->full[n];
	}
}

void cpu_regs_write(struct qemu_cpu *cpu, const struct cpu_regs *regs, int first)
{
	struct guest_regs guest = regs->guest;
	uint64_t full;
	int n;

	for (n = first; n < GUEST_REGS; n++) {
		full = (regs->full[n] & ~(uint64_t)UINT32_MAX) |
		       *guest_reg(&guest, n);
		if (full != regs->full[n])
			cpu_set_reg(cpu, n, full);
	}
}
