/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef USERLIB_DEVICE_H
#define USERLIB_DEVICE_H

#include <stdbool.h>

#include <linux/vmguestlib.h>

#define VMGUESTLIB_DEVICE	"/dev/vmguestlib"

/* Returns 0 when the device can be opened for reading, else a negative errno. */
int vmguestlib_device_probe(void);

/*
 * One request on a device freshly opened for reading, undisturbed.  Returns 0 or a
 * negative errno.
 *
 * Between requests nothing stays open: a descriptor kept in a handle would be
 * closed by a program that turns itself into a daemon, and its number would
 * then belong to another file; and it would pin the module as long as any program
 * holds a handle.
 */
int vmguestlib_device_request(unsigned long request, void *argument);

/*
 * A request that no signal interrupts, on an open device.  A signal would cancel it: with
 * a timer faster than the host, repeating it would never end, and the kernel repeats by
 * itself for a handler with SA_RESTART.  The kernel bounds the time that a request takes.
 * Returns 0 or a negative errno.
 */
int vmguestlib_device_undisturbed(int fd, unsigned long request, void *argument);

/*
 * A request for an extended statistic, whose reply has room for VMGUESTLIB_REPLY_MAX bytes. The
 * texts are used until it was sent.
 */
struct vmguestlib_stat_get vmguestlib_stat_request(const char *encoding, const char *stat,
						   char *reply);

/* Opens for O_RDONLY or O_RDWR.  Returns a descriptor or a negative errno. */
int vmguestlib_device_open(int access);

/* Returns whether this negative errno of opening means that the module is not loaded. */
bool vmguestlib_device_is_absent(int err);

/* Returns whether this is a VMware virtual machine, with or without the module. */
bool vmguestlib_machine_is_vmware(void);

#endif
