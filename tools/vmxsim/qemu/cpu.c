// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The plugin replaces three of QEMU's helpers, which are the functions that translated code
 * calls.  The threads of the vCPUs call the helpers without QEMU's big lock.
 *
 * A helper cannot serve a hypercall, because the model of the host needs the big lock.
 * raise_exception() below only queues a call of serve_hypercall() for the thread of the vCPU,
 * and leaves the translated code.  serve_hypercall() checks the instruction again: if an
 * interrupt has come first, the guest executes the instruction later.  After a part of a
 * high-bandwidth transfer, the guest executes the instruction again for the rest, which the
 * registers count as for REP.
 */
#include "qemu/cpu.h"

#include <stdio.h>
#include <string.h>

#include "qemu/helpers.h"
#include "qemu/regs.h"

#define EXCEPTION_UD		6

#define INSN_LEN		3

/* Bits of EDX for VMCALL and VMMCALL */
#define HYPERCALL_HB		0x1u
#define HYPERCALL_OUT		0x2u

#define LEAF_FEATURES		1
#define FEATURE_X2APIC		(1u << 21)	/* ECX */

#define GUEST_PAGE		4096u
#define PORT_LB			0x5658
#define STRING(x)		#x
#define VALUE(x)		STRING(x)

/* MMUAccessType */
#define ACCESS_LOAD		0
#define ACCESS_STORE		1

/* CPUX86State: it begins with the registers, in the order of their encoding. */
struct qemu_env {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
};

static const struct qemu_cpu_ops *ops;

/* QEMU's function that checks the permission for a port; see check_io(). */
static void *original_check_io __attribute__((used));

static void answer_cpuid(struct qemu_env *env)
{
	uint32_t leaf = (uint32_t)env->rax;
	struct cpuid_regs regs;

	qemu.cpu_x86_cpuid(env, leaf, (uint32_t)env->rcx, &regs.eax, &regs.ebx,
			   &regs.ecx, &regs.edx);
	if (leaf == LEAF_FEATURES)
		ops->bdoor->x2apic = regs.ecx & FEATURE_X2APIC;
	cpuid_answer(&ops->cpuid, leaf, &regs);
	env->rax = regs.eax;
	env->rbx = regs.ebx;
	env->rcx = regs.ecx;
	env->rdx = regs.edx;
}

/* --- VMCALL and VMMCALL ------------------------------------------------------- */

static unsigned int privilege(struct qemu_cpu *cpu)
{
	return cpu_reg(cpu, REG_CS) & 3;
}

static bool at_hypercall(struct qemu_cpu *cpu)
{
	static const uint8_t insns[][INSN_LEN] = {
		[HYPERCALL_VMMCALL] = { 0x0f, 0x01, 0xd9 },
		[HYPERCALL_VMCALL] = { 0x0f, 0x01, 0xc1 },
	};
	uint8_t insn[INSN_LEN];

	return (uint32_t)cpu_reg(cpu, REG_RAX) == BDOOR_MAGIC &&
	       (ops->ring3 || privilege(cpu) < 3) &&
	       !qemu.cpu_memory_rw_debug(cpu, cpu_reg(cpu, REG_RIP), insn,
					 sizeof(insn), false) &&
	       !memcmp(insn, insns[ops->cpuid.hypercall], sizeof(insn));
}

static void serve_lb(struct qemu_cpu *cpu, struct cpu_regs *regs)
{
	bdoor_in(ops->bdoor, &regs->guest);
	cpu_regs_write(cpu, regs, REG_RAX);
}

/* One part of a transfer is in one page, because the next page may not be mapped. */
static uint64_t transfer_len(uint64_t address, uint64_t left)
{
	uint64_t in_page = GUEST_PAGE - address % GUEST_PAGE;

	return left < in_page ? left : in_page;
}

/*
 * Returns true at the end of the transfer.  If it returns false, the guest executes the
 * instruction again for the rest.
 */
static bool serve_hb(struct qemu_cpu *cpu, struct cpu_regs *regs)
{
	bool out = regs->guest.edx & HYPERCALL_OUT;
	uint64_t *address = &regs->full[out ? REG_RSI : REG_RDI];
	uint64_t left = regs->full[REG_RCX], len, i;
	struct channels *channels = ops->bdoor->channels;
	uint8_t bytes[GUEST_PAGE];

	len = transfer_len(*address, left);
	/* The host must not send bytes of a reply that cannot be stored, so check first. */
	if (qemu.cpu_memory_rw_debug(cpu, *address, bytes, len, false))
		return false;
	for (i = 0; i < len; i++, left--) {
		regs->guest.ecx = (uint32_t)left;
		if (out)
			channels_hb_out(channels, &regs->guest, bytes[i]);
		else
			bytes[i] = channels_hb_in(channels, &regs->guest);
	}
	if (!out && len)
		qemu.cpu_memory_rw_debug(cpu, *address, bytes, len, true);
	cpu_set_reg(cpu, REG_RCX, left);
	cpu_set_reg(cpu, out ? REG_RSI : REG_RDI, *address + len);
	cpu_set_reg(cpu, REG_RBX,
		    (regs->full[REG_RBX] & ~(uint64_t)UINT32_MAX) | regs->guest.ebx);
	return !left;
}

static void serve_hypercall(struct qemu_cpu *cpu, uint64_t data)
{
	struct cpu_regs regs;
	bool done = true;

	(void)data;
	if (!at_hypercall(cpu))
		return;
	cpu_regs_read(cpu, &regs);
	*ops->spoken_to = true;
	if (regs.guest.edx & HYPERCALL_HB)
		done = serve_hb(cpu, &regs);
	else
		serve_lb(cpu, &regs);
	if (done)
		cpu_set_reg(cpu, REG_RIP, cpu_reg(cpu, REG_RIP) + INSN_LEN);
}

/*
 * If the page is not mapped, or a reply cannot be written to it, this function does not
 * return, and the guest gets a page fault.  The guest's kernel maps the page, and the guest
 * executes the instruction again.
 */
static void fault_in(struct qemu_cpu *cpu, struct qemu_env *env)
{
	bool out = env->rdx & HYPERCALL_OUT;
	uint64_t address = cpu_reg(cpu, out ? REG_RSI : REG_RDI);
	uint32_t byte;

	if (!(env->rdx & HYPERCALL_HB) || !cpu_reg(cpu, REG_RCX))
		return;
	if (qemu.x86_mmu_index_pl) {
		qemu.probe_access(env, address, 1, out ? ACCESS_LOAD : ACCESS_STORE,
				  qemu.x86_mmu_index_pl(env, privilege(cpu)), 0);
		return;
	}
	byte = qemu.cpu_ldub_data_ra(env, address, 0);
	/* Writing the same byte does no harm: the host's reply will overwrite it. */
	if (!out)
		qemu.cpu_stb_data_ra(env, address, byte, 0);
}

static void raise_exception(struct qemu_env *env, int exception)
{
	struct qemu_cpu *cpu = qemu_current_cpu();

	if (exception == EXCEPTION_UD && at_hypercall(cpu)) {
		fault_in(cpu, env);
		qemu.async_run_on_cpu(cpu, serve_hypercall, 0);
		qemu.cpu_loop_exit_noexc(cpu);
	}
	qemu.raise_exception(env, exception);
}

/* --- ring 3 -------------------------------------------------------------------- */

/*
 * check_io(env, port, size): if the port is one of the backdoor, and EAX is the magic number,
 * permits the access, which means that it returns.  Otherwise QEMU's function decides.
 * check_io() jumps to this function and does not call it, because QEMU's function finds the
 * place in the translated code by the return address on the stack.
 */
__attribute__((naked)) static void check_io(void)
{
	__asm__("cmpl	$0x564d5868, (%rdi)\n\t"
		"jne	1f\n\t"
		"leal	-" VALUE(PORT_LB) "(%rsi), %eax\n\t"
		"cmpl	$1, %eax\n\t"
		"ja	1f\n\t"
		"ret\n"
		"1:	jmp	*original_check_io(%rip)");
}

static bool refuse(const char *helper, const char *feature, const char *cure)
{
	fprintf(stderr, "vmxsim: this QEMU has no helper %s in a known form: no %s; %s\n",
		helper, feature, cure);
	return false;
}

bool qemu_cpu_install(const struct qemu_cpu_ops *cpu_ops)
{
	bool calls = cpu_ops->cpuid.hypercall != HYPERCALL_PORT;

	ops = cpu_ops;
	if ((ops->cpuid.named || calls) &&
	    !qemu_replace_helper("cpuid", answer_cpuid, NULL))
		return refuse("cpuid", "leaves of VMware in CPUID",
			      "set hypervisor.cpuid.v0=FALSE, vmxsim.cpuid.hypercall=0");
	if (calls && !qemu_replace_helper("raise_exception", raise_exception, NULL))
		return refuse("raise_exception", "VMCALL and VMMCALL",
			      "set vmxsim.cpuid.hypercall=0");
	if (ops->ring3 &&
	    !qemu_replace_helper("check_io", check_io, &original_check_io))
		return refuse("check_io", "backdoor in ring 3",
			      "give --no-ring3");
	return true;
}
