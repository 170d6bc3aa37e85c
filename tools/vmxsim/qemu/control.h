/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The control socket: programs of this machine that steer the host while it runs. */
#ifndef VMXSIM_QEMU_CONTROL_H
#define VMXSIM_QEMU_CONTROL_H

#include <stdbool.h>

#include "host/request.h"

struct host;

/*
 * Listens at @path, which only the user may connect to.  Says what is wrong and
 * returns false.
 */
bool qemu_control_listen(const char *path, struct host *host, const struct host_ops *ops);

/* From now on requests are served; nothing without qemu_control_listen(). */
void qemu_control_start(void);

#endif
