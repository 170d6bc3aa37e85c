/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The system calls and allocations of the libraries, served by the test: link
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
	int device_errno;	/* of opening the device; 0: it opens */
	const char *vendor;	/* of the firmware; NULL: the file is missing */
	int request_errno;	/* of the ioctl; 0: it succeeds */
	unsigned int host_ms;	/* so long does a request take; a signal cancels it */

	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	unsigned int values_len;	/* what this kernel knows */
	unsigned long long session_id;
	const char *path;
	size_t path_len;		/* with its NUL; 0: none given */

	enum vmguestlib_reply reply;
	const char *text;
	size_t text_len;

	bool enabled;
	char status[VMGUESTLIB_APPMON_TEXT_SIZE];	/* not always a string */
	/* Sees each served request of application monitoring; may be NULL */
	void (*on_appmon)(const struct vmguestlib_appmon *request);

	bool malloc_fails;
	bool calloc_fails;
	bool realloc_fails;
};

/* Changed only while no other thread is inside the library. */
extern struct fake fake;

struct fake_seen {
	atomic_int open_files;
	atomic_uint requests;
	atomic_uint bad_calls;	/* wrong flags, size, request, descriptor */
	struct vmguestlib_stat_get stat_get;
	char encoding[256];
	char stat[256];
};
extern struct fake_seen seen;

/* The last request of this thread. */
extern _Thread_local struct vmguestlib_appmon seen_appmon;

/* A VMware machine with the module, every statistic given, nothing seen. */
void fake_reset(void);

/* The number that fake_reset() gives to a statistic. */
unsigned long long fake_number(unsigned int id);

/* From now on, or with 0 no longer, a signal that is caught comes every MS. */
void fake_timer(unsigned int ms);

void fake_set_path(const char *path, size_t len);

/* The processor is the one thing here that cannot be faked. */
bool processor_is_vmware(void);

#endif
