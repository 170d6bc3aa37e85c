// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake machine: the host's side of wire-protocol chapters 1 and 2. */
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include "fake_machine.h"

#define COMMAND_MESSAGE		30
#define PROTOCOL_RPCI		0x49435052
#define PROTOCOL_COOKIE		0x80000000

#ifndef ASM_RET
#define ASM_RET	"ret\n\t"
#endif

struct fake_machine fake_machine;

/*
 * A function that replaces the hypercall instruction: it pushes a struct fake_regs, calls
 * fake_hypercall(), and pops the struct. Registers that a C function may change, but a
 * hypercall does not, are saved around the call.
 */
#define TRAP(name, kind)						\
	".type " name ", @function\n"					\
	name ":\n\t"							\
	"push $" __stringify(kind) "\n\t"				\
	"push %rbp\n\t"							\
	"push %rdi\n\t"							\
	"push %rsi\n\t"							\
	"push %rdx\n\t"							\
	"push %rcx\n\t"							\
	"push %rbx\n\t"							\
	"push %rax\n\t"							\
	"mov %rsp, %rdi\n\t"						\
	"push %r8\n\t"							\
	"push %r9\n\t"							\
	"push %r10\n\t"							\
	"push %r11\n\t"							\
	"call fake_hypercall\n\t"					\
	"pop %r11\n\t"							\
	"pop %r10\n\t"							\
	"pop %r9\n\t"							\
	"pop %r8\n\t"							\
	"pop %rax\n\t"							\
	"pop %rbx\n\t"							\
	"pop %rcx\n\t"							\
	"pop %rdx\n\t"							\
	"pop %rsi\n\t"							\
	"pop %rdi\n\t"							\
	"pop %rbp\n\t"							\
	"lea 8(%rsp), %rsp\n\t"						\
	ASM_RET								\
	".size " name ", . - " name "\n"				\
	".globl " name "\n"

asm(".pushsection .text\n"
    TRAP("fake_trap_lb", 0)
    TRAP("fake_trap_hb_out", 1)
    TRAP("fake_trap_hb_in", 2)
    ".popsection\n");

/* Sets up a VMware machine that has only low bandwidth, and no reply to a request yet. */
void fake_machine_reset(void)
{
	fake_machine = (struct fake_machine) {
		.is_known = true,
		.has_hypervisor = true,
		.vendor = "VMwareVMware",
	};
}

void fake_machine_answer(const char *reply)
{
	fake_machine.reply = reply;
	fake_machine.reply_len = strlen(reply);
}

void fake_cpuid(u32 leaf, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	*eax = 0x40000010;
	memcpy(ebx, fake_machine.vendor, sizeof(u32));
	memcpy(ecx, fake_machine.vendor + 4, sizeof(u32));
	memcpy(edx, fake_machine.vendor + 8, sizeof(u32));
}

static void note(char step)
{
	size_t len = strlen(fake_machine.log);

	if (len < FAKE_LOG_MAX - 1)
		fake_machine.log[len] = step;
	fake_machine.steps[(unsigned char)step]++;
}

static const struct fake_fault *find_fault(char step)
{
	unsigned int nr = fake_machine.steps[(unsigned char)step];
	const struct fake_fault *fault;

	for (fault = fake_machine.faults;
	     fault < fake_machine.faults + FAKE_FAULTS_MAX && fault->step; fault++)
		if (fault->step == step && nr > fault->skip &&
		    (!fault->times || nr <= fault->skip + fault->times))
			return fault;
	return NULL;
}

/* Begins a step. Returns whether the step succeeds. If it fails, sets @status. */
static bool begin(char step, u16 *status)
{
	const struct fake_fault *fault;

	note(step);
	fault = find_fault(step);
	if (!fault || fault->sending)
		return true;
	*status = fault->status;
	return false;
}

static u16 sending(char step, u16 normally)
{
	const struct fake_fault *fault = find_fault(step);

	return fault && fault->sending ? fault->sending : normally;
}

static bool is_ours(const struct fake_regs *regs)
{
	if (!fake_machine.is_open)
		return false;
	if (!fake_machine.has_cookies)
		return !regs->si && !regs->di;
	return regs->si == FAKE_COOKIE_HIGH && regs->di == FAKE_COOKIE_LOW;
}

static const u8 *reply_bytes(void)
{
	return fake_machine.echo ? fake_machine.request :
				   (const u8 *)fake_machine.reply;
}

static size_t reply_len(void)
{
	return fake_machine.echo ? fake_machine.request_len :
				   fake_machine.reply_len;
}

static u16 step_open(struct fake_regs *regs)
{
	bool wants_cookies = regs->bx == (PROTOCOL_RPCI | PROTOCOL_COOKIE);
	u16 status;

	if (!begin('O', &status))
		return status;
	if (!wants_cookies && regs->bx != PROTOCOL_RPCI)
		return 0;
	if (wants_cookies && fake_machine.refuses_cookies)
		return 0;
	fake_machine.is_open = true;
	fake_machine.has_cookies = wants_cookies;
	regs->dx = FAKE_CHANNEL << 16;
	/* Without the cookie flag the registers contain garbage. */
	regs->si = wants_cookies ? FAKE_COOKIE_HIGH : 0xdead;
	regs->di = wants_cookies ? FAKE_COOKIE_LOW : 0xbeef;
	return FAKE_SUCCESS;
}

static u16 step_size(struct fake_regs *regs)
{
	u16 status;

	if (!begin('S', &status))
		return status;
	if (regs->bx > FAKE_MESSAGE_MAX)
		return 0;
	fake_machine.request_len = regs->bx;
	fake_machine.received = 0;
	fake_machine.sent = 0;
	return FAKE_SUCCESS | (fake_machine.offers_hb ? FAKE_HB : 0);
}

static u16 step_payload(struct fake_regs *regs)
{
	size_t take = min_t(size_t, sizeof(u32),
			    fake_machine.request_len - fake_machine.received);
	u32 word = regs->bx;
	u16 status;

	if (!begin('p', &status))
		return status;
	if (!take || (u64)word >> (8 * take))
		return 0;
	memcpy(fake_machine.request + fake_machine.received, &word, take);
	fake_machine.received += take;
	return FAKE_SUCCESS;
}

static u16 step_reply_size(struct fake_regs *regs)
{
	u16 status;

	if (!begin('R', &status))
		return status;
	fake_machine.sent = 0;
	if (fake_machine.received != fake_machine.request_len)
		return 0;
	if (!reply_bytes())
		return FAKE_SUCCESS;
	regs->bx = fake_machine.announced ? fake_machine.announced : reply_len();
	regs->dx = sending('R', 1) << 16;
	return FAKE_SUCCESS | FAKE_DORECV |
	       (fake_machine.offers_hb ? FAKE_HB : 0);
}

static u16 step_reply(struct fake_regs *regs)
{
	size_t left = reply_len() - fake_machine.sent;
	u32 word = 0;
	u16 status;

	if (!begin('q', &status))
		return status;
	if (!left || regs->bx != 1)
		return 0;
	memcpy(&word, reply_bytes() + fake_machine.sent,
	       min_t(size_t, left, sizeof(word)));
	fake_machine.sent += min_t(size_t, left, sizeof(word));
	regs->bx = word;
	regs->dx = sending('q', 2) << 16;
	return FAKE_SUCCESS;
}

static u16 step_status(struct fake_regs *regs)
{
	u16 status;

	if (!begin('T', &status))
		return status;
	return regs->bx == 1 && fake_machine.sent == reply_len() ? FAKE_SUCCESS : 0;
}

static u16 step_close(struct fake_regs *regs)
{
	u16 status;

	if (!begin('C', &status))
		return status;
	fake_machine.is_open = false;
	return FAKE_SUCCESS;
}

static void serve_message(struct fake_regs *regs)
{
	static u16 (*const steps[])(struct fake_regs *regs) = {
		step_open, step_size, step_payload, step_reply_size, step_reply,
		step_status, step_close,
	};
	unsigned int type = regs->cx >> 16;
	u16 status = 0;

	if (type >= ARRAY_SIZE(steps) ||
	    (type && (!is_ours(regs) || regs->dx >> 16 != FAKE_CHANNEL)))
		note('?');
	else
		status = steps[type](regs);
	regs->cx = (unsigned long)status << 16 | COMMAND_MESSAGE;
}

/* Serves a high-bandwidth step, which moves a whole payload. */
static u16 serve_hb(struct fake_regs *regs)
{
	u16 status;

	if (!begin(regs->kind == FAKE_HB_OUT ? 'P' : 'Q', &status))
		return status;
	if (regs->bx != 0x10000 || regs->dx >> 16 != FAKE_CHANNEL)
		return 0;
	if (regs->kind == FAKE_HB_OUT) {
		if (regs->cx != fake_machine.request_len)
			return 0;
		memcpy(fake_machine.request, (void *)regs->si, regs->cx);
		fake_machine.received = regs->cx;
	} else {
		if (regs->cx != reply_len())
			return 0;
		if (!fake_machine.omits_payload)
			memcpy((void *)regs->di, reply_bytes(), regs->cx);
		fake_machine.sent = regs->cx;
	}
	return FAKE_SUCCESS;
}

asmlinkage void fake_hypercall(struct fake_regs *regs)
{
	fake_machine.last = *regs;

	if (fake_machine.serve)
		fake_machine.serve(regs);
	else if (regs->kind != FAKE_LB)
		regs->bx = (unsigned long)serve_hb(regs) << 16;
	else if ((u16)regs->cx == COMMAND_MESSAGE)
		serve_message(regs);
	else
		regs->ax = 0xffffffff;
}
