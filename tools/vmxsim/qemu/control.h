/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The control socket, at which programs of this machine steer the host of a running guest. */
#ifndef VMXSIM_QEMU_CONTROL_H
#define VMXSIM_QEMU_CONTROL_H

#include <stdbool.h>

#include "host/request.h"

struct host;

/*
 * Listens at @path.  Only the user of this process may connect.  Prints an error and returns
 * false if that fails.
 */
bool qemu_control_listen(const char *path, struct host *host, const struct host_ops *ops);

/* Begins to serve requests.  Does nothing without qemu_control_listen(). */
void qemu_control_start(void);

#endif
