/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every door does with a whole request: count it, let the host answer, and
 * apply the faults that are ordered for its reply.
 */
#ifndef VMXSIM_SERVE_H
#define VMXSIM_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"

struct served {
	struct reply reply;	/* data is malloc'ed, the caller frees it */
	bool waiting;		/* false: the guest is told of no reply */
	uint32_t announced;	/* length the guest is told */
	unsigned int delay_ms;	/* for a door that can wait; others have waited */
};

void serve_request(struct host *host, const struct host_ops *ops,
		   const struct request *request, struct served *served);

#endif
