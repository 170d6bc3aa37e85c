/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Every transport serves a whole request in this way: it is counted, the host answers it,
 * and the faults that are ordered for its reply are applied.
 */
#ifndef VMXSIM_SERVE_H
#define VMXSIM_SERVE_H

#include "host/request.h"

struct host;

void serve_request(struct host *host, const struct host_ops *ops,
		   const struct request *request, struct served *served);

#endif
