// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/state.h"

#include <inttypes.h>

#include "host/trace.h"

uint64_t host_now_ns(const struct host *host)
{
	return host->ops.now_ns(host->ops.opaque);
}

void host_change_session(struct host *host, const char *reason)
{
	model_advance(&host->model, host_now_ns(host));
	model_new_session(&host->model);
	host->session_reason = reason;
	host->session_changes++;
	trace_event("session", "%s id=0x%016" PRIx64, reason,
		    host->model.session);
}
