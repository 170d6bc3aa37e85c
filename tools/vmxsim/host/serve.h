/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What every transport does with a whole request: count it, have the host answer, and
 * apply the faults that are ordered for its reply.
 */
#ifndef VMXSIM_SERVE_H
#define VMXSIM_SERVE_H

#include "host/request.h"

struct host;

void serve_request(struct host *host, const struct host_ops *ops,
		   const struct request *request, struct served *served);

#endif
