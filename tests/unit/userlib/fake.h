/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Replacements of the system calls and allocations that the libraries use. Tests are linked
 * with --wrap for open, close, ioctl, malloc, calloc and realloc.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/vmguestlib.h>

struct fake {
	int access;		/* O_RDONLY, or O_RDWR as libappmonitor opens */
	int device_errno;	/* error of open() for the device; 0: success */
	const char *vendor;	/* vendor in DMI; NULL: the file is missing */
	int request_errno;	/* error of ioctl(); 0: success */
	unsigned int host_ms;	/* duration of a request; a signal interrupts it */

	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	unsigned int values_len;	/* number of values that the module knows */
	unsigned long long session_id;
	const char *path;
	size_t path_len;		/* including the NUL; 0: there is no path */

	enum vmguestlib_reply reply;
	const char *text;
	size_t text_len;

	bool enabled;
	char status[VMGUESTLIB_APPMON_TEXT_SIZE];	/* may lack a NUL */
	/* Called for each request of application monitoring that is served, or NULL */
	void (*on_appmon)(const struct vmguestlib_appmon *request);

	bool malloc_fails;
	bool calloc_fails;
	bool realloc_fails;
};

/* A test changes this only while no other thread is in a function of the library. */
extern struct fake fake;

struct fake_seen {
	atomic_int open_files;
	atomic_uint requests;
	atomic_uint bad_calls;	/* calls with a wrong path, flag, descriptor or argument */
	struct vmguestlib_stat_get stat_get;
	char encoding[256];
	char stat[256];
};
extern struct fake_seen seen;

/* The last request of this thread for application monitoring */
extern _Thread_local struct vmguestlib_appmon seen_appmon;

/* Sets up a VMware machine with the module and all statistics, and clears the counts. */
void fake_reset(void);

/* Returns the value that fake_reset() gives to the statistic @id. */
unsigned long long fake_number(unsigned int id);

/* Makes a signal with a handler arrive every @ms. 0 stops the signals. */
void fake_timer(unsigned int ms);

void fake_set_path(const char *path, size_t len);

/* Returns whether CPUID names VMware. The tests cannot replace CPUID. */
bool processor_is_vmware(void);

#endif
