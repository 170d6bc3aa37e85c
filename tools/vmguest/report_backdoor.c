// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: the answers of the backdoor to a program, register by register. If a
 * program may not use the port, it is killed by a signal, so each attempt runs in a child.
 */
#include "report_probes.h"
#include "names.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAGIC		0x564d5868
#define PORT		0x5658
#define COMMAND_MESSAGE	30
#define PROTOCOL	0xc9435052	/* RPCI, with cookies */

#define STATUS_SUCCESS	0x0001
#define STATUS_DORECV	0x0002

enum step {
	STEP_OPEN,
	STEP_SENDSIZE,
	STEP_SENDPAYLOAD,
	STEP_RECVSIZE,
	STEP_RECVPAYLOAD,
	STEP_RECVSTATUS,
	STEP_CLOSE,
};

struct registers {
	uint32_t eax, ebx, ecx, edx, esi, edi;
};

/* The result of a child, in memory that the child and its parent share */
struct record {
	struct { const char *name; struct registers in, out; int64_t us; } calls[64];
	unsigned int count;
};

static struct record *record;

static struct registers enter(const char *name, struct registers in)
{
	struct registers out = in;
	int64_t begin = report_now_us();

	__asm__ volatile("inl %%dx, %%eax"
			 : "+a"(out.eax), "+b"(out.ebx), "+c"(out.ecx), "+d"(out.edx),
			   "+S"(out.esi), "+D"(out.edi) : : "memory", "cc");
	if (record->count < sizeof(record->calls) / sizeof(record->calls[0])) {
		record->calls[record->count].name = name;
		record->calls[record->count].in = in;
		record->calls[record->count].out = out;
		record->calls[record->count++].us = report_now_us() - begin;
	}
	return out;
}

static void run_commands(void)
{
	static const struct { const char *name; uint32_t command; } commands[] = {
		{ "version", 10 }, { "hardware version", 17 }, { "mhz", 1 },
		{ "time", 23 }, { "hz", 45 }, { "time in full", 46 },
		{ "vcpu info", 68 }, { "steal clock", 91 },
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		enter(commands[i].name, (struct registers) {
			.eax = MAGIC, .ebx = ~MAGIC, .ecx = commands[i].command,
			.edx = PORT, .esi = 0x5a5a5a5a, .edi = 0xa5a5a5a5,
		});
}

struct channel {
	uint32_t id, high, low;
};

/* The low half of EBX is the argument of the step; the caller reads what the step leaves. */
static struct registers take_step(const struct channel *channel, const char *name,
				  enum step step, uint32_t ebx)
{
	return enter(name, (struct registers) {
		.eax = MAGIC, .ebx = ebx, .ecx = (uint32_t)step << 16 | COMMAND_MESSAGE,
		.edx = channel->id << 16 | PORT, .esi = channel->high,
		.edi = channel->low,
	});
}

static bool open_channel(struct channel *channel)
{
	struct registers out = enter("open", (struct registers) {
		.eax = MAGIC, .ebx = PROTOCOL, .ecx = COMMAND_MESSAGE, .edx = PORT,
	});

	*channel = (struct channel) { out.edx >> 16, out.esi, out.edi };
	return out.ecx >> 16 & STATUS_SUCCESS;
}

static void run_message(void)
{
	static const char request[] = "guestlib.stat.get text session";
	const uint32_t len = sizeof(request) - 1;
	struct registers out;
	struct channel channel;
	uint32_t word, i;

	if (!open_channel(&channel))
		return;
	take_step(&channel, "send size", STEP_SENDSIZE, len);
	for (i = 0; i < len; i += 4) {
		word = 0;
		memcpy(&word, request + i, len - i < 4 ? len - i : 4);
		take_step(&channel, "send payload", STEP_SENDPAYLOAD, word);
	}
	out = take_step(&channel, "receive size", STEP_RECVSIZE, 0);
	if (out.ecx >> 16 & STATUS_DORECV) {
		/* The reply is not stored here, because other probes have it. */
		for (i = out.ebx; i; i -= i < 4 ? i : 4)
			take_step(&channel, "receive payload", STEP_RECVPAYLOAD, 1);
		take_step(&channel, "receive status", STEP_RECVSTATUS, 1);
	}
	take_step(&channel, "close", STEP_CLOSE, 0);
}

/* Takes a step on a channel that does not exist, and a step with a wrong cookie. */
static void run_wrong(void)
{
	struct channel channel, other;

	if (!open_channel(&channel))
		return;
	other = (struct channel) { 0x7f7f, channel.high, channel.low };
	take_step(&other, "wrong channel", STEP_SENDSIZE, 4);
	other = (struct channel) { channel.id, ~channel.high, channel.low };
	take_step(&other, "wrong cookie", STEP_SENDSIZE, 4);
	take_step(&channel, "close", STEP_CLOSE, 0);
}

static void add_registers(cJSON *calls, const char *name, const struct registers *in,
			  const struct registers *out, int64_t us)
{
	cJSON *call = cJSON_CreateObject();
	char text[64];

	report_text(call, "step", name);
	snprintf(text, sizeof(text), "%08x %08x %08x %08x %08x %08x", in->eax, in->ebx,
		 in->ecx, in->edx, in->esi, in->edi);
	report_text(call, "in", text);
	snprintf(text, sizeof(text), "%08x %08x %08x %08x %08x %08x", out->eax, out->ebx,
		 out->ecx, out->edx, out->esi, out->edi);
	report_text(call, "out", text);
	report_number(call, "us", (double)us);
	cJSON_AddItemToArray(calls, call);
}

static void run_child(struct report *report, const char *title, void (*run)(void))
{
	cJSON *probe = report_probe(report, title), *calls;
	int64_t begin = report_now_us();
	char name[SIGNAL_NAME_SIZE];
	int status = 0;
	unsigned int i;
	pid_t child;

	record->count = 0;
	child = fork();
	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGALRM, SIG_DFL);
		alarm(10);
		run();
		_exit(0);
	}
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	report_outcome(probe, child < 0 ? -errno : WIFSIGNALED(status) ? -EPERM : 0, begin);
	if (WIFSIGNALED(status))
		report_text(probe, "signal", signal_name(WTERMSIG(status), name));
	calls = cJSON_AddArrayToObject(probe, "calls");
	for (i = 0; i < record->count; i++)
		add_registers(calls, record->calls[i].name, &record->calls[i].in,
			      &record->calls[i].out, record->calls[i].us);
}

void report_backdoor(struct report *report)
{
	record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (record == MAP_FAILED) {
		report_outcome(report_probe(report, "backdoor"), -errno, report_now_us());
		return;
	}
	/* While SIGCHLD is ignored, the kernel keeps no status of a child. */
	signal(SIGCHLD, SIG_DFL);
	run_child(report, "backdoor: commands", run_commands);
	run_child(report, "backdoor: message", run_message);
	run_child(report, "backdoor: wrong channel", run_wrong);
	munmap(record, sizeof(*record));
}
