/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* Which function serves which request. */
#ifndef VMXSIM_DISPATCH_H
#define VMXSIM_DISPATCH_H

#include "host/request.h"

struct host;

/* Serves one request.  The reply is empty only if memory is short. */
void host_request(struct host *host, const struct request *request,
		  struct reply *reply);

#endif
