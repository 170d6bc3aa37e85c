/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* GuestAppMonitor.Cmd.*: the requests of the guest to the HA agent. */
#ifndef VMXSIM_APPMON_H
#define VMXSIM_APPMON_H

#include "host/reply.h"

/* Serves "GuestAppMonitor.Cmd.@name", like the functions in the table of dispatch.c. */
#define APPMON_PREFIX	"GuestAppMonitor.Cmd."
bool appmon(struct host *host, const struct request *request, const char *name,
	    size_t name_len, const struct arguments *arguments, FILE *out);

#endif
