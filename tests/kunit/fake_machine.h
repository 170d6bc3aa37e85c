/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * A fake VMware machine: its identity, and one message channel.
 */
#ifndef VMGL_KUNIT_FAKE_MACHINE_H
#define VMGL_KUNIT_FAKE_MACHINE_H

#include <linux/types.h>

#define FAKE_MAGIC		0x564d5868
#define FAKE_CHANNEL		0x0007
#define FAKE_COOKIE_HIGH	0xaabbccdd
#define FAKE_COOKIE_LOW		0x11223344

/* Status bits, wire-protocol chapter 2.1 */
#define FAKE_SUCCESS		0x0001
#define FAKE_DORECV		0x0002
#define FAKE_CPT		0x0010
#define FAKE_HB			0x0080

/**
 * enum fake_kind - kind of the hypercall
 * @FAKE_LB: low bandwidth
 * @FAKE_HB_OUT: high bandwidth, to the host
 * @FAKE_HB_IN: high bandwidth, from the host
 */
enum fake_kind {
	FAKE_LB,
	FAKE_HB_OUT,
	FAKE_HB_IN,
};

/**
 * struct fake_regs - registers at the entry of a hypercall; the fake changes them for the return
 * @ax: RAX
 * @bx: RBX
 * @cx: RCX
 * @dx: RDX
 * @si: RSI
 * @di: RDI
 * @bp: RBP
 * @kind: kind of the hypercall, an enum fake_kind
 *
 * The order of the members is the reverse of the order in which fake_machine.c pushes them.
 */
struct fake_regs {
	unsigned long ax;
	unsigned long bx;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long bp;
	unsigned long kind;
};

/**
 * struct fake_fault - a fault: some steps of one kind get another status
 * @step: letter of the step, see struct fake_machine.log; 0 ends a list
 * @skip: number of such steps that succeed before the first fault
 * @times: number of steps that get the status; 0: all
 * @status: the status
 * @sending: if not 0, upper half of EDX in the answer; the step then succeeds
 */
struct fake_fault {
	char step;
	unsigned int skip;
	unsigned int times;
	u16 status;
	u16 sending;
};

#define FAKE_FAULTS_MAX		4
#define FAKE_LOG_MAX		256
#define FAKE_MESSAGE_MAX	4096

/**
 * struct fake_machine - the machine and the state of its channel
 * @is_known: whether the kernel has recognized VMware
 * @has_hypervisor: whether CPUID has the bit for a hypervisor
 * @vendor: vendor in CPUID, twelve bytes
 * @serial: serial number in DMI, or NULL
 * @is_encrypted: whether the memory is encrypted
 * @serve: function that serves all hypercalls in place of the channel, or NULL
 * @refuses_cookies: whether OPEN with a cookie fails
 * @offers_hb: whether high bandwidth is offered for payloads
 * @echo: whether the reply is equal to the request
 * @reply: reply to a request if not @echo; NULL: there is no reply
 * @reply_len: length of @reply
 * @announced: length of the reply that RECVSIZE returns; 0: the true length
 * @omits_payload: whether the host writes no bytes of a reply at once
 * @faults: faults of steps
 * @log: a letter for each step: O open, S size of request, p four bytes of request, P whole
 *	request, R size of reply, q four bytes of reply, Q whole reply, T status, C close, ? a
 *	step that does not fit the state of the channel
 * @last: registers at the last hypercall
 * @request: last request
 * @request_len: length of @request
 *
 * The other members are the state of the channel.
 */
struct fake_machine {
	bool is_known;
	bool has_hypervisor;
	char vendor[13];
	const char *serial;
	bool is_encrypted;
	void (*serve)(struct fake_regs *regs);

	bool refuses_cookies;
	bool offers_hb;
	bool echo;
	const char *reply;
	size_t reply_len;
	u32 announced;
	bool omits_payload;
	struct fake_fault faults[FAKE_FAULTS_MAX];

	char log[FAKE_LOG_MAX];
	struct fake_regs last;
	u8 request[FAKE_MESSAGE_MAX];
	size_t request_len;

	bool is_open;
	bool has_cookies;
	size_t received;
	size_t sent;
	unsigned int steps[128];
};

extern struct fake_machine fake_machine;

void fake_machine_reset(void);
void fake_machine_answer(const char *reply);
void fake_hypercall(struct fake_regs *regs);
void fake_cpuid(u32 leaf, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);

#endif
