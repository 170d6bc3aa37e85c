/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * One virtual machine on a VMware host, without the machine.
 *
 *   backdoor, vmci  whole requests in, whole replies out (serve.h); they ask for the
 *                   faults and keep the counters
 *   host            dispatch, steering, application monitoring
 *   model           the VM's figures and the HA agent, which know no request
 *
 * Nothing here knows QEMU, so all of it is tested as an ordinary program.  All calls
 * come from one thread at a time, under QEMU's big lock: there is no locking.
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

/* Returns NULL and fills err when the configuration cannot be modelled. */
struct host *host_new(const struct config *config, const struct host_ops *ops,
		      char *err, size_t err_size);
void host_free(struct host *host);

/* A guest reset (not a power cycle): new session, the transports forget their channels. */
void host_reset(struct host *host);

/* Called at the time of timer_at(). */
void host_timer(struct host *host);

/* For the backdoor's own commands. */
struct host_time {
	uint64_t sec;
	uint32_t usec;
};
void host_time(const struct host *host, struct host_time *time);

/* All variables of guestinfo as one JSON object, and a newline. */
void host_write_guestinfo(const struct host *host, FILE *out);

const struct config *host_config(const struct host *host);
struct faults *host_faults(struct host *host);
struct counters *host_counters(struct host *host);
struct tclo *host_tclo(struct host *host);

#endif
