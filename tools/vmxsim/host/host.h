/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The host of one virtual machine.  QEMU runs the machine, and these directories are the host:
 *
 *   backdoor, vmci  take requests from the guest and send replies (serve.h); apply the faults
 *                   of their transport, and count
 *   host            dispatch, steering, application monitoring
 *   model           the statistics of the VM, and the HA agent
 *
 * They do not use QEMU, so that they are tested as an ordinary program.  There are no locks,
 * because all calls are made under QEMU's big lock.
 */
#ifndef VMXSIM_HOST_H
#define VMXSIM_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/request.h"

struct config;
struct counters;
struct faults;
struct host;
struct tclo;

/* Returns NULL with a message in @err if config_check() fails or memory is short. */
struct host *host_new(const struct config *config, const struct host_ops *ops,
		      char *err, size_t err_size);
void host_free(struct host *host);

/* Called at a reset of the guest.  Begins a session.  The caller closes the channels. */
void host_reset(struct host *host);

/* Called at the time of timer_at(). */
void host_timer(struct host *host);

/* The host's time of day, for commands of the backdoor */
struct host_time {
	uint64_t sec;
	uint32_t usec;
};
void host_time(const struct host *host, struct host_time *time);

/* Writes all variables of guestinfo as one JSON object, and a newline. */
void host_write_guestinfo(const struct host *host, FILE *out);

const struct config *host_config(const struct host *host);
struct faults *host_faults(struct host *host);
struct counters *host_counters(struct host *host);
struct tclo *host_tclo(struct host *host);

#endif
