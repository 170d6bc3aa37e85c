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
 * Opens the device for reading, makes one request as vmguestlib_device_undisturbed() does,
 * and closes the device.  Returns 0 or a negative errno.
 *
 * The library keeps no descriptor open between two requests.  A program that turns itself
 * into a daemon would close such a descriptor, and its number would then belong to another
 * file.  An open descriptor would also keep the module loaded as long as any program has a
 * handle.
 */
int vmguestlib_device_request(unsigned long request, void *argument);

/*
 * Makes a request on the open device FD with all signals blocked.  Returns 0 or a negative
 * errno.
 *
 * A signal would cancel the request, and the caller would repeat the request; for a handler
 * with SA_RESTART the kernel would repeat it.  With a timer whose interval is shorter than the
 * host's answer, no request would succeed.  Blocking signals is acceptable because the module
 * limits the time of a request.
 */
int vmguestlib_device_undisturbed(int fd, unsigned long request, void *argument);

/*
 * Returns a request for the extended statistic STAT.  REPLY has room for VMGUESTLIB_REPLY_MAX
 * bytes.  The request points to the three arguments, which must exist until the request ends.
 */
struct vmguestlib_stat_get vmguestlib_stat_request(const char *encoding, const char *stat,
						   char *reply);

/* Opens the device; ACCESS is O_RDONLY or O_RDWR.  Returns a descriptor or a negative errno. */
int vmguestlib_device_open(int access);

/* Returns whether ERR, a negative errno of opening the device, means "module not loaded". */
bool vmguestlib_device_is_absent(int err);

/* Returns whether this is a VMware virtual machine, with or without the module. */
bool vmguestlib_machine_is_vmware(void);

#endif
