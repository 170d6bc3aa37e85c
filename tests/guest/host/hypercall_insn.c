// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Uses the backdoor from a program, with the instruction INSN: port, vmmcall or vmcall.
 *
 *	hypercall_insn version INSN		prints the version of the backdoor
 *	hypercall_insn command INSN NUMBER	prints the registers after a command
 *	hypercall_insn echo INSN SIZE		sets and gets a variable of SIZE bytes at high
 *						bandwidth, with buffers in pages that the
 *						program has not accessed before
 *	hypercall_insn readonly INSN		receives at high bandwidth into a read-only
 *						page
 *	hypercall_insn mix INSN THREADS COUNT	executes port I/O, INSN and CPUID in all
 *						threads
 *
 * If the program is built for 32 bits, it has no command mix.
 */
#include <cpuid.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC		0x564d5868u
#define PORT_LB		0x5658u
#define PORT_HB		0x5659u
#define HYPERCALL_HB	1u
#define HYPERCALL_OUT	2u

#define CMD_GETVERSION	10u
#define CMD_MESSAGE	30u
#define STATUS_SUCCESS	1u
#define STATUS_HB	0x80u
#define RPCI		(0x49435052u | 0x80000000u)

enum insn { PORT, VMMCALL, VMCALL };
enum step { OPEN, SENDSIZE, SENDPAYLOAD, RECVSIZE, RECVPAYLOAD, RECVSTATUS, CLOSE };

struct regs {
	unsigned long ax, bx, cx, dx, si, di, bp;
};

static enum insn insn;

#ifdef __i386__
/* Value for EBP or RBP. It is in memory, because no register is left for it. */
unsigned long call_bp;

#define CALL(text)							\
	call_bp = r->bp;						\
	__asm__ volatile("push %%ebp\n\tmov call_bp, %%ebp\n\t" text	\
			 "\n\tpop %%ebp"				\
			 : "+a"(r->ax), "+b"(r->bx), "+c"(r->cx),	\
			   "+d"(r->dx), "+S"(r->si), "+D"(r->di)	\
			 : : "memory", "cc")
#else
#define CALL(text)							\
	__asm__ volatile("push %%rbp\n\tmov %[bp], %%rbp\n\t" text	\
			 "\n\tpop %%rbp"				\
			 : "+a"(r->ax), "+b"(r->bx), "+c"(r->cx),	\
			   "+d"(r->dx), "+S"(r->si), "+D"(r->di)	\
			 : [bp] "r"(r->bp) : "memory", "cc")
#endif

static void lb(struct regs *r)
{
	r->ax = MAGIC;
	if (insn == PORT) {
		r->dx |= PORT_LB;
		CALL("inl %%dx, %%eax");
	} else if (insn == VMMCALL) {
		CALL("vmmcall");
	} else {
		CALL("vmcall");
	}
}

static void hb(struct regs *r, int out)
{
	r->ax = MAGIC;
	if (insn == PORT)
		r->dx |= PORT_HB;
	else
		r->dx |= HYPERCALL_HB | (out ? HYPERCALL_OUT : 0);
	if (insn == PORT && out) {
		CALL("rep outsb");
	} else if (insn == PORT) {
		CALL("rep insb");
	} else if (insn == VMMCALL) {
		CALL("vmmcall");
	} else {
		CALL("vmcall");
	}
}

static void fail(const char *what)
{
	printf("failed: %s\n", what);
	exit(1);
}

/* --- requests with a payload at high bandwidth ------------------------------------ */

struct channel {
	unsigned long id;	/* in the high half, as EDX needs it */
	unsigned long cookie_high, cookie_low;
};

static struct regs message(const struct channel *channel, enum step step, unsigned long bx)
{
	struct regs r = {
		.bx = bx, .cx = (unsigned long)step << 16 | CMD_MESSAGE,
		.dx = channel->id, .si = channel->cookie_high,
		.di = channel->cookie_low,
	};

	lb(&r);
	return r;
}

static struct regs step(const struct channel *channel, enum step type, unsigned long bx)
{
	struct regs r = message(channel, type, bx);

	if (!(r.cx >> 16 & STATUS_SUCCESS))
		fail("a step");
	return r;
}

static struct channel open_channel(void)
{
	struct channel channel = { 0 };
	struct regs r = step(&channel, OPEN, RPCI);

	channel.id = r.dx & 0xffff0000;
	channel.cookie_high = (uint32_t)r.si;
	channel.cookie_low = (uint32_t)r.di;
	return channel;
}

/* Makes a request. Returns the length of the reply. */
static size_t rpc(const struct channel *channel, const char *request, size_t len,
		  char *reply, size_t size)
{
	struct regs r = step(channel, SENDSIZE, len);
	size_t reply_len;

	if (!(r.cx >> 16 & STATUS_HB))
		fail("no high bandwidth for the request");
	r = (struct regs) {
		.bx = STATUS_SUCCESS << 16, .cx = len, .dx = channel->id,
		.si = (uintptr_t)request, .di = channel->cookie_low,
		.bp = channel->cookie_high,
	};
	hb(&r, 1);
	if (!(r.bx >> 16 & STATUS_SUCCESS) || r.cx || r.si != (uintptr_t)request + len)
		fail("sending");
	r = step(channel, RECVSIZE, 0);
	reply_len = (uint32_t)r.bx;
	if (!(r.cx >> 16 & STATUS_HB) || reply_len > size)
		fail("the size of the reply");
	r = (struct regs) {
		.bx = STATUS_SUCCESS << 16, .cx = reply_len, .dx = channel->id,
		.si = channel->cookie_high, .di = (uintptr_t)reply,
		.bp = channel->cookie_low,
	};
	hb(&r, 0);
	if (!(r.bx >> 16 & STATUS_SUCCESS) || r.cx ||
	    r.di != (uintptr_t)reply + reply_len)
		fail("receiving");
	step(channel, RECVSTATUS, STATUS_SUCCESS);
	return reply_len;
}

static char *untouched(size_t size, int protection)
{
	char *pages = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		fail("mmap");
	return pages;
}

static void echo(size_t size)
{
	static const char set[] = "info-set guestinfo.echo ", get[] = "info-get guestinfo.echo";
	struct channel channel = open_channel();
	size_t len = sizeof(set) - 1 + size, i, got;
	char *request = untouched(len, PROT_READ | PROT_WRITE);
	/* Neither the beginning nor the end of the buffer is at the border of a page. */
	char *reply = untouched(size + 8192, PROT_READ | PROT_WRITE) + 4096 - 13;

	memcpy(request, set, sizeof(set) - 1);
	for (i = 0; i < size; i++)
		request[sizeof(set) - 1 + i] = 'a' + (char)(i % 23);
	got = rpc(&channel, request, len, reply, size);
	if (got < 2 || memcmp(reply, "1 ", 2))
		fail("info-set");
	reply = untouched(size + 8192, PROT_READ | PROT_WRITE) + 4096 - 13;
	got = rpc(&channel, get, sizeof(get) - 1, reply, size + 8);
	step(&channel, CLOSE, 0);
	if (got != size + 2 || memcmp(reply + 2, request + sizeof(set) - 1, size))
		fail("the echo");
	printf("echo of %zu bytes\n", size);
}

/*
 * The page for the reply is read-only. The program gets SIGSEGV, and after that the host still
 * has the whole reply.
 */
static void readonly(void)
{
	static const char get[] = "info-get guestinfo.none";
	struct channel channel = open_channel();

	rpc(&channel, get, sizeof(get) - 1, untouched(4096, PROT_READ), 4096);
	fail("written to a page for reading");
}

/* --- many threads ----------------------------------------------------------------- */

static unsigned long count;

static void version(void)
{
	struct regs r = { .bx = ~MAGIC, .cx = CMD_GETVERSION };

	lb(&r);
	if ((uint32_t)r.ax != 6 || (uint32_t)r.bx != MAGIC)
		fail("the version");
}

static void version_by_port(void)
{
	uint32_t ax = MAGIC, bx = ~MAGIC, cx = CMD_GETVERSION, dx = PORT_LB;

	__asm__ volatile("inl %%dx, %%eax" : "+a"(ax), "+b"(bx), "+c"(cx), "+d"(dx));
	if (ax != 6 || bx != MAGIC)
		fail("the version by port");
}

static void vendor(void)
{
	unsigned int ax, bx, cx, dx;

	__cpuid(0x40000000, ax, bx, cx, dx);
	if (ax != 0x40000010 || bx != 0x61774d56 || cx != 0x4d566572 || dx != 0x65726177)
		fail("CPUID");
}

static void *mix(void *arg)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		version();
		version_by_port();
		vendor();
	}
	return arg;
}

static void mix_threads(int threads)
{
	pthread_t thread[64];
	int i;

	for (i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, mix, NULL))
			fail("a thread");
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	printf("%lu calls\n", threads * count * 2);
}

static void command(unsigned long number)
{
	struct regs r = { .cx = number };

	lb(&r);
	printf("%08x %08x %08x %08x\n", (uint32_t)r.ax, (uint32_t)r.bx, (uint32_t)r.cx,
	       (uint32_t)r.dx);
}

int main(int argc, char **argv)
{
	static const char * const names[] = { "port", "vmmcall", "vmcall" };
	unsigned int i;

	if (argc < 3)
		return 2;
	for (i = 0; i < 3; i++)
		if (!strcmp(argv[2], names[i]))
			insn = (enum insn)i;
	if (!strcmp(argv[1], "version")) {
		version();
		puts("version 6");
	} else if (!strcmp(argv[1], "command")) {
		command(strtoul(argv[3], NULL, 0));
	} else if (!strcmp(argv[1], "echo")) {
		echo(strtoul(argv[3], NULL, 0));
	} else if (!strcmp(argv[1], "readonly")) {
		readonly();
	} else if (!strcmp(argv[1], "mix")) {
		count = strtoul(argv[4], NULL, 0);
		mix_threads(atoi(argv[3]));
	}
	return 0;
}
