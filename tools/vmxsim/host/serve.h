/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Serves one whole request, for every transport: the host answers the request, the faults
 * that are ordered for the reply are applied, and the request is counted.
 */
#ifndef VMXSIM_SERVE_H
#define VMXSIM_SERVE_H

#include "host/request.h"

struct host;

void serve_request(struct host *host, const struct host_ops *ops,
		   const struct request *request, struct served *served);

#endif
