/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Counters of requests to the host since the module was loaded.
 */
#ifndef VMGL_COUNTERS_H
#define VMGL_COUNTERS_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * enum vmgl_counter - what is counted; each counter is a file of rpc/ in sysfs
 * @VMGL_COUNT_REQUESTS: requests with a reply that begins with "1 " or "0 "
 * @VMGL_COUNT_REFUSED: requests with a reply that begins with "0 "
 * @VMGL_COUNT_FAILED: requests without a well-formed reply
 * @VMGL_COUNT_REOPENED: channels and connections replaced because the host had
 *	dropped them
 * @VMGL_COUNT_FAILOVERS: changes to the backdoor because a request failed over a connection;
 *	another one counts only after VMCI sockets have served a request, or after the module
 *	parameter ``transport`` was written
 * @VMGL_COUNT_CHECKPOINTS: checkpoints that interrupted a message
 * @VMGL_COUNT_HYPERCALLS: hypercalls of messages; one instruction with REP counts as one
 * @VMGL_COUNT_BYTES_SENT: bytes of requests that got a well-formed reply; a request that
 *	was sent more than once counts once
 * @VMGL_COUNT_BYTES_RECEIVED: bytes of well-formed replies, the prefix included
 * @VMGL_COUNTERS: number of counters
 */
enum vmgl_counter {
	VMGL_COUNT_REQUESTS,
	VMGL_COUNT_REFUSED,
	VMGL_COUNT_FAILED,
	VMGL_COUNT_REOPENED,
	VMGL_COUNT_FAILOVERS,
	VMGL_COUNT_CHECKPOINTS,
	VMGL_COUNT_HYPERCALLS,
	VMGL_COUNT_BYTES_SENT,
	VMGL_COUNT_BYTES_RECEIVED,
	VMGL_COUNTERS
};

/**
 * struct vmgl_counters - counters, which may be read without a lock
 * @value: the counters, indexed by enum vmgl_counter
 */
struct vmgl_counters {
	atomic64_t value[VMGL_COUNTERS];
};

static inline void vmgl_count(struct vmgl_counters *counters,
			      enum vmgl_counter which, u64 amount)
{
	atomic64_add(amount, &counters->value[which]);
}

static inline u64 vmgl_counted(struct vmgl_counters *counters,
			       enum vmgl_counter which)
{
	return atomic64_read(&counters->value[which]);
}

#endif
