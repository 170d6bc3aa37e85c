// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/host.h"
#include "host/serve.h"

#include <stdlib.h>
#include <string.h>

#include "host/counters.h"
#include "host/dispatch.h"
#include "host/fault.h"
#include "host/hostile.h"
#include "model/prng.h"

#define REPLY_PREFIX_LEN	2	/* "1 " or "0 " */
#define PRNG_SALT_REPLY		0x7265706c79ull

static void randomize(struct reply *reply, uint64_t seed)
{
	struct prng prng;
	size_t i;

	prng_seed(&prng, seed, PRNG_SALT_REPLY);
	for (i = REPLY_PREFIX_LEN; i < reply->len; i++)
		reply->data[i] = (uint8_t)prng_next(&prng);
}

static void mangle(struct faults *faults, struct served *served)
{
	struct reply *reply = &served->reply;
	uint64_t arg;

	if (faults_take(faults, FAULT_RANDOM, &arg))
		randomize(reply, arg);
	if (faults_take(faults, FAULT_TRUNCATE, &arg) && arg < reply->len)
		reply->len = arg;
	served->announced = (uint32_t)reply->len;
	if (faults_take(faults, FAULT_OVERSIZE, &arg))
		served->announced = (uint32_t)arg;
	served->waiting = !faults_take(faults, FAULT_NOREPLY, NULL);
	hostile_reply(faults, served);
}

static void count(struct counters *counters, const struct request *request,
		  const struct served *served)
{
	const struct fault_target target = {
		request->data, request->len, request->len
	};

	if (fault_target_steers(&target))
		return;
	counters->requests[request->transport]++;
	counters->request_bytes += request->len;
	counters->reply_bytes += served->reply.len;
}

void serve_request(struct host *host, const struct host_ops *ops,
		   const struct request *request, struct served *served)
{
	struct faults *faults = host_faults(host);
	uint64_t delay_ms;

	memset(served, 0, sizeof(*served));

	faults_serving(faults, request->data, request->len);
	if (faults_take(faults, FAULT_DELAY, &delay_ms)) {
		if (request->transport == TRANSPORT_VMCI)
			served->delay_ms = (unsigned int)delay_ms;
		else
			ops->stun_ms(ops->opaque, (unsigned int)delay_ms);
	}
	host_request(host, request, &served->reply);
	mangle(faults, served);
	faults_serving(faults, NULL, 0);

	count(host_counters(host), request, served);
}
