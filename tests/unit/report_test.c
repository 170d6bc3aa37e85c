// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The scan of a guest's console log for reports of its kernel.
 *
 * Links: tools/vmxsim/launcher
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap.h"
#include "launcher/report.h"

static const char * const reports[] = {
	"[    3.141592] ------------[ cut here ]------------",
	"[    3.141592] WARNING: CPU: 0 PID: 123 at kmod/main.c:12 probe+0x1/0x2 [vmguestlib]",
	"[    3.141592][  T123] WARNING: CPU: 1 PID: 123 at lib/x.c:1 f+0x0/0x1",
	"[    3.141592] BUG: kernel NULL pointer dereference, address: 0000000000000000",
	"[    3.141592] BUG: sleeping function called from invalid context at mm/slab.h:1",
	"[    3.141592] BUG: KASAN: slab-out-of-bounds in decode+0x1/0x2 [vmguestlib]",
	"[    3.141592] kernel BUG at lib/list_debug.c:53!",
	"[    3.141592] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI",
	"[    3.141592] general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP",
	"[    3.141592] Oops: 0002 [#1] PREEMPT SMP NOPTI",
	"[    3.141592] Oops: general protection fault, maybe for address 0x1: 0000 [#1] SMP",
	"[    3.141592] Kernel panic - not syncing: Fatal exception",
	"[    3.141592] WARNING: possible circular locking dependency detected",
	"[    3.141592] WARNING: possible recursive locking detected",
	"[    3.141592] WARNING: suspicious RCU usage",
	"[    3.141592] WARNING: inconsistent lock state",
	"[    3.141592] WARNING: bad unlock balance detected!",
	"[    3.141592] INFO: task cat:77 blocked for more than 120 seconds.",
	"[    3.141592] INFO: trying to register non-static key.",
	"[    3.141592] rcu: INFO: rcu_preempt self-detected stall on CPU",
	"[    3.141592] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [cat:77]",
	"[    3.141592] refcount_t: underflow; use-after-free.",
	"[    3.141592] UBSAN: array-index-out-of-bounds in kmod/info.c:1:2",
	"[    3.141592] sysfs: cannot create duplicate filename '/class/misc/vmguestlib'",
	"[    3.141592] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
	"[    3.141592] kmemleak: Cannot allocate a kmemleak_object structure",
	"[    3.141592] kmemleak: Cannot insert 0xffff888001234500 into the object search tree (overlaps existing)",
	"[    3.141592] INFO: lockdep is turned off.",
	"[    3.141592] turning off the locking correctness validator.",
	"------------[ cut here ]------------",
	"text of a program[    3.141592] Kernel panic - not syncing: Fatal exception",
	"50% [#####     ][    3.141592][  T123] BUG: KASAN: use-after-free in f+0x1/0x2",
};

static const char * const harmless[] = {
	"[    0.000000] Linux version 6.1.0 (gcc) #1 SMP",
	"[    0.000000] Kernel command line: console=ttyS0 panic=-1 oops=panic",
	"[    0.000000] x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'",
	"[    0.100000] Warning: unable to open an initial console.",
	"[    0.200000] rcu: Hierarchical RCU implementation.",
	"[    0.300000] vmguestlib: BUG: is a word of the host's reply",
	"[    0.300000] vmguestlib: WARNING: CPU: 0 PID: 1 at the host's",
	"[    0.400000] traps: a.out[99] general protection fault ip:401000 sp:7ffc error:0 in a.out",
	"[    0.500000] a.out[99]: segfault at 0 ip 0000000000401000 sp 00007ffc error 4",
	"[    0.600000] kmemleak: Kernel memory leak detector disabled",
	"[    0.700000] process 'sh' launched '/bin/x' with NULL argv: empty string added",
	"[    0.800000] clocksource: Long readout interval, skipping watchdog check",
	"text of a program: Kernel panic - not syncing",
	"text of a program[    0.300000] vmguestlib: BUG: is a word of the host's reply",
	"[    0.300000] vmguestlib: the host says [    1.000000] BUG: is a word",
};

static bool found(const char *text, char *line, size_t size)
{
	char path[] = "/tmp/vmxsim-report-XXXXXX";
	int fd = mkstemp(path);
	bool result;

	dprintf(fd, "[    0.000000] before\r\n%s\r\n[    9.000000] after\r\n", text);
	close(fd);
	result = report_found(path, line, size);
	unlink(path);
	return result;
}

KTAP_TEST(every_kind_of_report_is_found)
{
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		line[0] = '\0';
		if (!found(reports[i], line, sizeof(line)))
			printf("# not found: %s\n", reports[i]);
		CHECK_EQ(strcmp(line, reports[i]), 0);
	}
}

KTAP_TEST(other_messages_are_none)
{
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (found(harmless[i], line, sizeof(line)))
			printf("# found: %s\n", line);
		CHECK(!found(harmless[i], line, sizeof(line)));
	}
}

KTAP_TEST(a_log_that_is_missing_holds_none)
{
	char line[256];

	CHECK(!report_found("/nonexistent/log", line, sizeof(line)));
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(every_kind_of_report_is_found),
	KTAP_ENTRY(other_messages_are_none),
	KTAP_ENTRY(a_log_that_is_missing_holds_none),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
