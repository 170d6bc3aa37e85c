/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * A fake VMware machine: how it is known, and its message channel, one at a time.
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
 * enum fake_kind - how the hypervisor was entered
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
 * struct fake_regs - registers at the entry, changed for the return
 * @ax: RAX
 * @bx: RBX
 * @cx: RCX
 * @dx: RDX
 * @si: RSI
 * @di: RDI
 * @bp: RBP
 * @kind: the entry, an enum fake_kind
 *
 * Laid out as fake_machine.c pushes them.
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
 * struct fake_fault - some steps of a kind get another status
 * @step: letter of the step, see struct fake_machine.log; 0 ends a list
 * @skip: so many of them go well before
 * @times: so many do not; 0: all
 * @status: what they get
 * @sending: if not 0, EDX of the step's answer instead of another status
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
 * struct fake_machine - the only one
 * @is_known: the kernel has found VMware
 * @has_hypervisor: CPUID bit
 * @vendor: twelve bytes of CPUID
 * @serial: of DMI, or NULL
 * @is_encrypted: its memory
 * @serve: serves all instead, or NULL
 * @refuses_cookies: OPEN with a cookie is an error
 * @offers_hb: for payloads
 * @echo: the reply is the request
 * @reply: what any other request is answered with; NULL: no reply is ready
 * @reply_len: its length
 * @announced: length that is announced, if not 0
 * @faults: what goes wrong
 * @log: what was done, a letter each: O open, S size, p payload, P payload at once,
 *	R size of reply, q reply, Q reply at once, T status, C close, ? something that
 *	does not fit the channel's state
 * @last: registers at the last entry
 * @request: received last
 * @request_len: its length
 *
 * The rest is the channel's state.
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
